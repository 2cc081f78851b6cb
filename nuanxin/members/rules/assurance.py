"""How far it is proved who somebody is: the levels in order, what raises them, and when a proof is old."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from nuanxin.members.states import ASSURANCE_LEVELS, PROVED_LEVELS, Assurance, ProofAct

if TYPE_CHECKING:
    from datetime import datetime

#: Fewest and most characters of what a cadre writes about having seen somebody.
LEAST_REASON, MOST_EVIDENCE = 4, 200
#: Which words of a membership's search terms say that a level is reached; see `rules.terms`.
WORDS: Final = {
    Assurance.VERIFIED: ("a:verified",),
    Assurance.SEEN: ("a:verified", "a:seen"),
}
PHONE_OPEN: Final = "a:phone_open"


def reaches(level: str, wanted: str) -> bool:
    """Answer whether a level is as strong as another one, or stronger."""
    order = [each.value for each in ASSURANCE_LEVELS]
    return order.index(level) >= order.index(wanted)


def words_of_level(level: str, *, phone_proved: bool) -> set[str]:
    """Return the words by which a person of this level is found."""
    found = set(WORDS.get(Assurance(level), ()))
    return found if phone_proved else {*found, PHONE_OPEN}


def act_of(held: str, level: str) -> ProofAct:
    """Return what a proof of a level does to somebody who holds a level."""
    if held == level:
        return ProofAct.RENEWED
    return ProofAct.RAISED if reaches(level, held) else ProofAct.LOWERED


def is_old(level: str, assured_at: datetime | None, *, days: int, now: datetime) -> bool:
    """Answer whether a proof has to be given again: `members.reverify_days` after it was given; never for 0 days."""
    return bool(days and level in PROVED_LEVELS and assured_at and assured_at <= now - timedelta(days=days))
