"""Receipts: what a gateway says became of a text."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from nuanxin.messages.states import MOVES, TextState

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How old a signed call may be.
FRESH = timedelta(minutes=5)
#: Words of gateways → our states. `success` is Aliyun's field, the others are what most gateways write.
_WORDS = {
    "delivered": TextState.DELIVERED,
    "delivrd": TextState.DELIVERED,
    "success": TextState.DELIVERED,
    "true": TextState.DELIVERED,
    "read": TextState.READ,
    "failed": TextState.FAILED,
    "undeliv": TextState.FAILED,
    "fail": TextState.FAILED,
    "rejectd": TextState.FAILED,
    "expired": TextState.FAILED,
    "false": TextState.FAILED,
}
_IDS = ("id", "out_id", "session_context", "ext")
_STATES = ("state", "success", "report_status", "status")
_ERRORS = ("error", "err_msg", "description", "err_code", "errmsg")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one text, by its id."""

    text_id: UUID
    state: TextState
    error: str = ""


def read_receipt(told: Mapping[str, Any]) -> Receipt | None:
    """Read one receipt as a gateway writes it; None when it names no text of ours or says nothing known."""
    named = next((told[name] for name in _IDS if told.get(name)), None)
    word = next((told[name] for name in _STATES if told.get(name) is not None), None)
    state = _WORDS.get(str(word).lower())
    if not isinstance(named, str) or state is None:
        return None
    try:
        text_id = UUID(named)
    except ValueError:
        return None
    error = next((str(told[name]) for name in _ERRORS if told.get(name)), "") if state == TextState.FAILED else ""
    return Receipt(text_id, state, error[:200])


def states_before(state: TextState) -> list[TextState]:
    """Return the states from which a receipt moves a text on: one that comes late or again moves nothing."""
    return [before for before, after in MOVES.items() if state in after]


def signature(key: str, timestamp: str, body: bytes) -> str:
    """Return what signs a call: HMAC-SHA-256 over the timestamp, a dot and the body, in hexadecimal."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
