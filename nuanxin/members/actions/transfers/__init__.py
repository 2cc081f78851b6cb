"""Moving to another union: asked for, answered by both unions or done at once by rule, carried out, cancelled."""

from nuanxin.members.actions.transfers.answers import (
    cancel_transfer,
    decide_transfer,
    settle_silent,
)
from nuanxin.members.actions.transfers.moving import move_membership
from nuanxin.members.actions.transfers.requests import answer_transfer, ask_after_contest, request_transfer

__all__ = [
    "answer_transfer",
    "ask_after_contest",
    "cancel_transfer",
    "decide_transfer",
    "move_membership",
    "request_transfer",
    "settle_silent",
]
