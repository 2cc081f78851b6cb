"""Telling, carrying away, and what people choose."""

from nuanxin.messages.actions.carrying import PAUSES, TRIES, claim, settle_failed, settle_sent
from nuanxin.messages.actions.telling import mark_read, notify, send_text

__all__ = ["PAUSES", "TRIES", "claim", "mark_read", "notify", "send_text", "settle_failed", "settle_sent"]
