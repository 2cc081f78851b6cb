"""A person's document in words: its number masked, and which kind it is where that is not the usual one."""

from __future__ import annotations

from nuanxin.members.states import IdKind
from nuanxin.web.kit.masks import mask_id


def document_in_words(kind: str, number: str) -> str:
    """Return the masked number, followed by the kind unless it is a resident ID card."""
    masked = mask_id(number)
    return masked if kind == IdKind.RESIDENT_ID else f"{masked} · {IdKind(kind).label}"
