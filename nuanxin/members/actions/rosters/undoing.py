"""Undoing a roster: everything it began ends in one transaction, while nobody in it has used a service."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import uuid_utils
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.states import move
from nuanxin.members.actions.events import MembersEnded, Where
from nuanxin.members.actions.rosters.copying import NULL, Target
from nuanxin.members.actions.rosters.uploading import require_roster
from nuanxin.members.models import MembershipEntry, Roster
from nuanxin.members.rules.terms import term
from nuanxin.members.states import ROSTER_MOVES, EndReason, MembershipAct, MembershipState, RosterState
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

_ENTRIES = Target(
    MembershipEntry,
    "id membership_id at effective_on union_id account_id post_id evidence",
    act=MembershipAct.ENDED,
)
#: Held against whoever would have a card checked in this very moment: that row would point at the membership.
_HELD = """
SELECT m.id, m.state, m.union_id, u.path, w.region_id, w.occupation_group_id, m.door_id
FROM members_membership m JOIN members_rosterrow r ON r.id = m.id JOIN members_worker w ON w.id = m.worker_id
JOIN organizations_union u ON u.id = m.union_id
WHERE r.roster_id = %s AND m.state <> 'ended' ORDER BY m.id FOR UPDATE OF m
"""
_USED = """
SELECT EXISTS (SELECT FROM members_cardcheck WHERE membership_id = ANY(%(ids)s))
    OR EXISTS (
        SELECT FROM members_credentialuse u JOIN members_credential k ON k.id = u.credential_id
        JOIN members_card c ON c.id = k.card_id WHERE c.membership_id = ANY(%(ids)s)
    )
    OR EXISTS (SELECT FROM members_membershipentry WHERE membership_id = ANY(%(ids)s) AND act <> 'admitted')
"""
_END = """
UPDATE members_membership SET state = 'ended', ended_on = greatest(began_on, %(day)s), end_reason = %(why)s,
    terms = terms || %(ended)s::bigint WHERE id = ANY(%(ids)s)
"""
_WITHDRAW = """
UPDATE members_credential k SET withdrawn = 'ended' FROM members_card c
WHERE c.id = k.card_id AND c.membership_id = ANY(%s) AND k.withdrawn <> 'ended'
"""


class RosterUsed(Conflict):
    """Somebody of the roster has used the membership: it cannot be as if it had never been."""

    def __init__(self) -> None:
        super().__init__(
            "roster_used",
            _(
                "Somebody on this roster has used the card already, or something else was done since, so the roster "
                "cannot be undone as a whole. End single memberships instead."
            ),
        )


@transaction.atomic
def undo_roster(*, actor: Actor, roster: Roster, reason: str = "", now: datetime) -> Roster:
    """End every membership that a roster began, as if it had not been enrolled; the same file may be enrolled again.

    A roster that was not enrolled yet is only put aside. Transfers that a roster asked for go on by their own rules.

    :param roster: fetched by what the actor may see.
    :raises RosterUsed: a card of it was checked, or an act was done upon a membership since.
    :raises Moved: it is just being enrolled, or is undone already.
    """
    require_roster(actor, roster)
    was_done = roster.state == RosterState.DONE
    move(roster, ROSTER_MOVES, RosterState.UNDONE, finished_at=now, beat_at=now)
    rows = _hold(roster) if was_done else []
    if rows:
        _end(actor, roster, rows, now)
    record(
        actor, "members.roster_undone", roster, now=now, union_path=roster.union.path,
        number=roster.number, people=len(rows),
    )  # fmt: skip
    return roster


def _hold(roster: Roster) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [roster.pk])
        rows = list(cursor.fetchall())
        cursor.execute(_USED, {"ids": [row[0] for row in rows]})
        if cursor.fetchone()[0]:
            raise RosterUsed
        # whoever left, or was expelled, has had an act done upon the membership
        cursor.execute(
            "SELECT count(*) FROM members_membership m JOIN members_rosterrow r ON r.id = m.id WHERE r.roster_id = %s",
            [roster.pk],
        )
        if cursor.fetchone()[0] != len(rows):
            raise RosterUsed
    return rows


def _end(actor: Actor, roster: Roster, rows: list[tuple[Any, ...]], now: datetime) -> None:
    ids, day = [row[0] for row in rows], local_day(now)
    with connection.cursor() as cursor:
        ended = term(f"s:{MembershipState.ENDED}")
        cursor.execute(_END, {"ids": ids, "day": day, "why": EndReason.UNDONE, "ended": ended})
        cursor.execute(_WITHDRAW, [ids])
    account, post = (key.hex if key else NULL for key in (actor.account_id, actor.post_id))
    head, tail = f"\t{now.isoformat()}\t{day.isoformat()}\t", f"\t{account}\t{post}\t{roster.number}{_ENTRIES.end}"
    _ENTRIES.copy(f"{uuid_utils.uuid7().hex}\t{row[0].hex}{head}{row[2].hex}{tail}" for row in rows)
    active = [row for row in rows if row[1] == MembershipState.ACTIVE]
    counts = Counter(Where(day, path, region, group, door) for _pk, _state, _union, path, region, group, door in active)
    announce(MembersEnded(counts, ids, now))
