"""What a member has of this floor at a counter: a check-up, outing or event that is booked for now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from nuanxin.activities.rules.recuperation import INSIDE, OUTSIDE
from nuanxin.activities.states.event import KIND as EVENT
from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import BookingState
from nuanxin.catalog.rules.applies import Applies, Reason
from nuanxin.kernel.clock import ZONE
from nuanxin.organizations.states import ScanKind

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.catalog.rules.applies import Here
    from nuanxin.members.models import Worker

#: Kind of offer → as counters call it.
BOOKED_KINDS: Final = {
    "check_up": ScanKind.CHECK_UP,
    INSIDE: ScanKind.RECUPERATION,
    OUTSIDE: ScanKind.RECUPERATION,
    EVENT: ScanKind.EVENT,
}


def booked_here(worker: Worker, here: Here, now: datetime) -> list[Applies]:
    """Return a member's bookings of today that may be checked in at this counter, and why the rest may not yet.

    Only those of the union that set the counter up, and of unions below and above it.
    """
    kinds = [kind for kind, counted in BOOKED_KINDS.items() if counted in here.kinds]
    if not kinds:
        return []
    day = timedelta(days=1)
    rows = Booking.objects.filter(
        worker=worker.pk,
        state__in=(BookingState.BOOKED, BookingState.CHECKED_IN),
        offer__kind__in=kinds,
        session__starts_at__lt=now + day,
        session__ends_at__gt=now - day,
    )
    found = rows.select_related("offer__union", "session").order_by("session__starts_at", "pk")
    return [_thing(booking, now) for booking in found if is_of(here, booking)]


def is_of(here: Here, booking: Booking) -> bool:
    """Answer whether a counter may check somebody in to a booking: its union and the offer's are of one line."""
    path = booking.offer.union.path
    return path.startswith(here.union_path) or here.union_path.startswith(path)


def _thing(booking: Booking, now: datetime) -> Applies:
    session = booking.session
    assert session is not None
    times = f"{session.starts_at.astimezone(ZONE):%m-%d %H:%M}–{session.ends_at.astimezone(ZONE):%H:%M}"
    reasons = []
    if booking.state == BookingState.CHECKED_IN:
        reasons.append(Reason("already_checked_in", _("Has come already."), ""))
    elif now < session.starts_at - timedelta(minutes=booking.offer.early_minutes):
        reasons.append(Reason("too_early", _("Too early."), _("Booked for later: please come then.")))
    elif now > session.ends_at:
        reasons.append(Reason("session_over", _("This time is over."), _("The member may book another one.")))
    return Applies(
        kind=str(BOOKED_KINDS[booking.offer.kind]),
        key=str(booking.pk),
        title=booking.offer.name,
        title_en=booking.offer.name_en,
        detail=f"{times} {session.place}",
        act="check_in",
        refused=tuple(reasons),
    )


def applies_here(worker: Worker, here: Here, now: datetime) -> list[Applies]:
    """Return everything of this floor that applies to a member at a counter now, and why the rest does not."""
    return [*booked_here(worker, here, now)]
