"""Whatever is to be done with a roster in the background, from wherever it stands; and finding those left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from nuanxin.members.actions.rosters.checking import check_roster
from nuanxin.members.actions.rosters.committing import enroll_roster
from nuanxin.members.actions.rosters.sharing import have_gone_on
from nuanxin.members.actions.rosters.telling import tell_enrolled
from nuanxin.members.models import Roster
from nuanxin.members.rules.rosters.limits import LEFT_AFTER
from nuanxin.members.states import RosterState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def work_off(roster_id: UUID) -> None:
    """Check, enroll or tell, as the roster stands, until it waits for somebody or has come to its end.

    Each chunk is its own transaction, with the progress in it: whoever is killed loses the chunk in hand, and whoever
    calls this again goes on. Several may call it at once; none does what another one does.
    """
    roster = _read(roster_id)
    if roster is None:
        return
    if roster.state == RosterState.CHECKING:
        check_roster(roster)
    elif roster.state == RosterState.COMMITTING:
        enroll_roster(roster)
    elif roster.state == RosterState.DONE and not roster.told:
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
    """Have the rosters worked off on which nobody has worked for a while: whoever did has failed. Return how many."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LEFT, {"now": now, "left": now - LEFT_AFTER})
            left = [row[0] for row in cursor.fetchall()]
        return sum(have_gone_on(roster) for roster in Roster.objects.filter(pk__in=left))
