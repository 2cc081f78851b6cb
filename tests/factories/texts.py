"""What went out by text message."""

from __future__ import annotations

import re

from nuanxin.kernel.secrets import digest, unseal
from nuanxin.messages.models import TextMessage


def texts_to(phone: str) -> list[str]:
    """Return the texts sent to a phone, oldest first."""
    rows = TextMessage.objects.filter(address_digest=digest("phone", phone)).order_by("created_at", "pk")
    return [unseal(row.sealed_text) for row in rows]


def code_sent_to(phone: str) -> str:
    """Return the six digits in the newest code sent to a phone."""
    return next(found[1] for text in reversed(texts_to(phone)) if (found := re.match(r"(?:\D*)(\d{6})\b", text)))
