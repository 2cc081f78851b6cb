"""Several processes at one roster: how they are called, who leaves it to whom, and what if two wait for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import OperationalError, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from nuanxin.members.rules.rosters.limits import hands
from nuanxin.members.states import RosterState

if TYPE_CHECKING:
    from collections.abc import Callable

    from nuanxin.members.models import Roster

T = TypeVar("T")
#: Name of the task that works a roster off.
WORK = "members.work_off_roster"
_TELLING = "rosters:telling"
#: How often a chunk is tried again when two transactions waited for each other.
_TRIES = 8


class Left(Exception):
    """Somebody else has taken the roster over, or has taken it back: there is nothing more to do here."""


def have_worked_off(roster: Roster) -> None:
    """Have a roster checked or enrolled in the background."""
    for lock in hands(roster.file_size):
        app.configure_task(WORK, lock=lock).defer(roster_id=str(roster.pk))


def have_told(roster: Roster) -> None:
    """Have everybody of a roster told: one roster after the other; tasks that enroll begin before this one."""
    app.configure_task(WORK, lock=_TELLING, priority=-1).defer(roster_id=str(roster.pk))


def have_gone_on(roster: Roster) -> bool:
    """Have a roster taken up again, as it stands; answer whether that was not asked for already."""
    lock = _TELLING if roster.state == RosterState.DONE else hands(roster.file_size)[0]
    try:
        with transaction.atomic():
            app.configure_task(WORK, lock=lock, queueing_lock=f"roster:{roster.pk}").defer(roster_id=str(roster.pk))
    except AlreadyEnqueued:
        return False
    return True


def patiently(work: Callable[..., T], *arguments: object) -> T:
    """Do a transaction again when the database ended it because two waited for each other."""
    for _turn in range(_TRIES - 1):
        try:
            return work(*arguments)
        except OperationalError as error:
            if not _is_deadlock(error):
                raise
    return work(*arguments)


def _is_deadlock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") in {"40P01", "40001"}
