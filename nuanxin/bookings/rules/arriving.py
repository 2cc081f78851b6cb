"""When somebody may be checked in. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Conflict

if TYPE_CHECKING:
    from datetime import datetime

#: After a session's end: so long devices without network may tell of its people.
NO_SHOW_AFTER: Final = timedelta(hours=24)
#: By how much the clock of a device may be ahead.
_SKEW: Final = timedelta(seconds=90)


def check_window(
    *, came: datetime, now: datetime, starts_at: datetime | None, ends_at: datetime | None, early: timedelta
) -> None:
    """Refuse a check-in outside of the session's hours, or in the future.

    :param early: so long before the session begins people may come.
    :raises Conflict: too early, too late, or a clock that is wrong.
    """
    if came > now + _SKEW:
        raise Conflict("clock_ahead", _("The clock of this device is ahead. Please set it right and scan again."))
    if starts_at is not None and came < starts_at - early:
        when = f"{(starts_at - early).astimezone(ZONE):%Y-%m-%d %H:%M}"
        raise Conflict("too_early", _("Too early: people are let in from %(when)s.") % {"when": when})
    if ends_at is not None and came > ends_at:
        when = f"{ends_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
        raise Conflict("session_over", _("This session ended at %(when)s.") % {"when": when})
