"""What somebody has typed so far, kept sealed for a day; and letting go of what was never confirmed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nuanxin.kernel.ids import secret_token
from nuanxin.kernel.rows import remove
from nuanxin.kernel.secrets import digest, seal, unseal
from nuanxin.members.models import Application, ApplicationDraft, Consent
from nuanxin.members.rules.limits import DRAFT_FOR
from nuanxin.members.states import ApplicationState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID


def save_draft(*, token: str | None, values: Mapping[str, Any], now: datetime) -> str:
    """Keep what was typed and return the secret under which it is found; an unknown secret gets a new one."""
    sealed = seal(json.dumps(dict(values), ensure_ascii=True))
    if token and ApplicationDraft.objects.filter(token_digest=_digest(token)).update(
        sealed_values=sealed, saved_at=now
    ):
        return token
    token = secret_token()
    ApplicationDraft(token_digest=_digest(token), sealed_values=sealed, saved_at=now).save(force_insert=True)
    return token


def read_draft(*, token: str | None, now: datetime) -> dict[str, Any]:
    """Return what was typed, or nothing when the secret is unknown or a day old."""
    if not token:
        return {}
    draft = ApplicationDraft.objects.filter(token_digest=_digest(token), saved_at__gt=now - DRAFT_FOR).first()
    return json.loads(unseal(draft.sealed_values)) if draft else {}


def drop_draft(*, token: str | None) -> None:
    """Forget what was typed: it was sent."""
    if token:
        ApplicationDraft.objects.filter(token_digest=_digest(token)).delete()


def drop_applications(keys: Iterable[UUID]) -> int:
    """Delete unconfirmed applications with their consents: nobody has acted upon them. Return how many."""
    rows = Application.objects.filter(pk__in=list(keys), state=ApplicationState.UNCONFIRMED)
    Consent.objects.filter(application__in=rows).delete()
    return remove(rows)


def _digest(token: str) -> bytes:
    return digest("draft", token)
