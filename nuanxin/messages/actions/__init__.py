"""Telling, carrying away, and what people choose."""

from nuanxin.messages.actions.telling import (
    PAUSES,
    TRIES,
    claim,
    mark_read,
    notify,
    send_text,
    settle_failed,
    settle_sent,
)

__all__ = ["PAUSES", "TRIES", "claim", "mark_read", "notify", "send_text", "settle_failed", "settle_sent"]
