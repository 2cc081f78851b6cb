"""Whatever is to be done with a roster in the background, from wherever it stands; and finding those left behind."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from nuanxin.members.actions.rosters.checking import check_roster
from nuanxin.members.actions.rosters.committing import enroll_roster
from nuanxin.members.actions.rosters.telling import tell_enrolled
from nuanxin.members.actions.rosters.uploading import WORK
from nuanxin.members.models import Roster
from nuanxin.members.rules.rosters.limits import LANES, LEFT_AFTER
from nuanxin.members.states import RosterState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def work_off(roster_id: UUID, *, count: int = LANES) -> None:
    """Check, enroll or tell, as the roster stands, until it waits for somebody or has come to its end.

    Each chunk is its own transaction, with the progress in it: whoever is killed loses the chunk in hand, and whoever
    calls this again goes on. Several may call it at once; none does what another one does.

    :param count: threads; with one everything runs in the caller's own thread and transaction.
    """
    roster = _read(roster_id)
    if roster is not None and roster.state == RosterState.CHECKING:
        check_roster(roster, count=count)
    elif roster is not None and roster.state == RosterState.COMMITTING:
        enroll_roster(roster, count=count)
        roster = _read(roster_id)
    if roster is not None and roster.state == RosterState.DONE and not roster.told:
        tell_enrolled(roster)


def _read(roster_id: UUID) -> Roster | None:
    related = ("union", "enterprise", "uploaded_by", "committed_by")
    return Roster.objects.select_related(*related).filter(pk=roster_id).first()


_LEFT = """
UPDATE members_roster SET beat_at = %(now)s
WHERE (state IN ('checking', 'committing') OR (state = 'done' AND NOT told)) AND beat_at < %(left)s
RETURNING id
"""


def take_up_left(*, now: datetime) -> int:
    """Have the rosters worked off on which nobody has worked for a while: whoever did was killed. Return how many."""
    count = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LEFT, {"now": now, "left": now - LEFT_AFTER})
            left = [row[0] for row in cursor.fetchall()]
        for pk in left:
            with suppress(AlreadyEnqueued), transaction.atomic():
                app.configure_task(WORK, queueing_lock=f"roster:{pk}").defer(roster_id=str(pk))
                count += 1
    return count
