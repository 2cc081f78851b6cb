"""What an answer of the directory does to a claim: the one place where a cell decides whether it counts a person."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from nuanxin.members.rules.cells.directory import DONE, GRANTED, HELD, NOT_YOURS
from nuanxin.members.rules.cells.states import ClaimState


class Step(StrEnum):
    """What is done with a claim."""

    COUNT = "count"
    TAKE_OVER = "take over"
    OFFER = "offer"
    GIVE_BACK = "give back"
    CLOSE = "close"
    WAIT = "wait"


def after_ruling(state: str, outcome: str, *, is_ours: bool, has_package: bool, has_ended: bool) -> Step:
    """Return what follows from the directory's answer about one claim.

    Counting begins here and nowhere else: with the row granted, the membership not ended, and, for whoever comes from
    another cell, the package at hand.

    :param is_ours: the answer names this cell as the holder, though by another claim.
    """
    if state == ClaimState.LEAVING:
        return Step.CLOSE if outcome in {DONE, NOT_YOURS} else Step.WAIT
    if state == ClaimState.ELSEWHERE:
        return Step.TAKE_OVER if outcome == GRANTED and has_package else Step.WAIT
    if state != ClaimState.WAITING:
        return Step.WAIT
    if outcome == GRANTED:
        return Step.GIVE_BACK if has_ended else Step.COUNT
    if outcome == HELD and not is_ours:
        return Step.GIVE_BACK if has_ended else Step.OFFER
    return Step.WAIT


#: Steps that make this cell count a person.
COUNTING: Final = (Step.COUNT, Step.TAKE_OVER)
