"""What becomes of a row whose fields are right: pure, from what the registry knows of the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nuanxin.members.rules.terms import squeezed
from nuanxin.members.states import MembershipState, RosterOutcome

if TYPE_CHECKING:
    from uuid import UUID

    Problems = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the registry holds of one identity: the person, and the membership that has not ended."""

    worker_id: UUID
    name: str
    #: The person's own key, sealed.
    sealed_key: bytes = b""
    membership_id: UUID | None = None
    union_id: UUID | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a row, and what is in its way."""

    outcome: RosterOutcome
    problems: Problems = ()


NEW: Final = Verdict(RosterOutcome.NEW)
MEMBER: Final = Verdict(RosterOutcome.MEMBER)
TRANSFER: Final = Verdict(RosterOutcome.TRANSFER)
OTHER_NAME: Final = Verdict(RosterOutcome.CONFLICT, (("name", "other_name"),))
RESTS_ELSEWHERE: Final = Verdict(RosterOutcome.CONFLICT, (("id_number", "rests_elsewhere"),))
HAS_APPLIED: Final = Verdict(RosterOutcome.CONFLICT, (("id_number", "has_applied"),))
PHONE_HELD: Final = Verdict(RosterOutcome.CONFLICT, (("phone", "phone_held"),))


def decide(known: Known | None, *, name: str, union_id: UUID, phone_held: bool, has_applied: bool) -> Verdict:
    """Return what becomes of a row, by the same rules as a single application.

    Whoever is a member does not join again (membership rules of 2016, article 3: join once, move as the work does).

    :param union_id: the union to which the row leads.
    :param phone_held: another person holds the phone.
    :param has_applied: the person has an open application, which a union decides first.
    """
    if known is not None and squeezed(known.name) != squeezed(name):
        return OTHER_NAME
    if known is not None and known.membership_id is not None:
        if known.union_id == union_id:
            return MEMBER
        return RESTS_ELSEWHERE if known.state == MembershipState.SUSPENDED else TRANSFER
    if has_applied:
        return HAS_APPLIED
    return PHONE_HELD if phone_held else NEW
