"""What is told about booked, offered and lost places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

BOOKING: dict[str, _StrOrPromise] = {
    "booking.booked": _("You have a place: %(name)s. See or give it back: %(link)s"),
    "booking.booked_session": _(
        "You have a place: %(name)s, %(when)s, %(place)s. If you cannot come, give it back in time: %(link)s"
    ),
    "booking.offered": _(
        "A place has come free for you: %(name)s %(when)s. It is kept until %(until)s, then the next in line gets it. "
        "Take it: %(link)s"
    ),
    "booking.expired": _(
        "The place kept for you (%(name)s) was not confirmed in time and went to the next in line. See what else "
        "there is: %(link)s"
    ),
    "booking.cancelled": _("Your place was cancelled: %(name)s %(when)s. Why: %(reason)s. See: %(link)s"),
    "booking.off_list": _(
        "You no longer wait for %(name)s %(when)s. Why: %(reason)s. See what else there is: %(link)s"
    ),
    "booking.moved": _(
        "New time: %(name)s is at %(when)s, %(place)s. Why: %(reason)s. Your place is kept; if you cannot come then, "
        "give it back: %(link)s"
    ),
    "booking.reminder": _("Soon: %(name)s, %(when)s, %(place)s. If you cannot come, give the place back: %(link)s"),
    "booking.drawn_waiting": _(
        "%(name)s was drawn: ticket %(ticket)s came as number %(position)s of %(count)s and did not win a place. You "
        "wait in the drawn order and are told when a place comes free. Recheck the draw: %(link)s"
    ),
    "booking.not_drawn": _(
        "%(name)s was drawn: ticket %(ticket)s came as number %(position)s of %(count)s and did not win a place. "
        "Anybody can recheck the draw: %(link)s"
    ),
}
