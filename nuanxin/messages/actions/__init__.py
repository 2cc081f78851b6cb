"""Telling, carrying away, and what people choose."""

from nuanxin.messages.actions.carrying import PAUSES, TRIES, claim, settle_failed, settle_sent
from nuanxin.messages.actions.telling import Telling, mark_read, notify, send_text, send_texts

__all__ = [
    "PAUSES",
    "TRIES",
    "Telling",
    "claim",
    "mark_read",
    "notify",
    "send_text",
    "send_texts",
    "settle_failed",
    "settle_sent",
]
