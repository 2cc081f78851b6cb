"""What somebody is told who asks for a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from nuanxin.bookings.states import Answer, BookingState, WaitingState
from nuanxin.kernel.refusals import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.rules.eligibility import Failed
    from nuanxin.bookings.rules.terms import OwnBooking, OwnWaiting


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer; with `refused`, every reason and its remedy.

    :param until: until when a held place must be confirmed.
    """

    answer: Answer
    reasons: tuple[Failed, ...] = ()
    booking_id: UUID | None = None
    number: str = ""
    until: datetime | None = None
    waiting_id: UUID | None = None

    @property
    def booking(self) -> UUID:
        """Return the booking there is now: for answers that come with one."""
        assert self.booking_id is not None
        return self.booking_id


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for.

    :param seats: the member and companions.
    :param walk_in: the person stands at the counter.
    :param said: what the person states, such as {"employer_check_up": False}.
    :param request: digest of who asks with which Idempotency-Key; asked again, the first answer comes again.
    """

    seats: int = 1
    walk_in: bool = False
    said: Mapping[str, Any] | None = None
    request: bytes = b""


def refused(reasons: Iterable[Failed]) -> Outcome:
    """Say no, with every reason."""
    return Outcome(Answer.REFUSED, tuple(reasons))


def has_place(own: OwnBooking) -> Outcome:
    """Say which place somebody has already."""
    held = own.state == BookingState.HELD
    return Outcome(Answer.HELD if held else Answer.BOOKED, booking_id=own.id, number=own.number, until=own.hold_until)


def is_listed(own: OwnWaiting) -> Outcome:
    """Say where somebody is listed already."""
    applied = own.state == WaitingState.APPLIED
    return Outcome(Answer.ENTERED if applied else Answer.WAITING, waiting_id=own.id, until=own.offered_until)


def key_reused() -> Conflict:
    """Refuse an Idempotency-Key that came with another request before."""
    return Conflict(
        "idempotency_key_reused", _("This Idempotency-Key was used for a different request. Use a new key.")
    )
