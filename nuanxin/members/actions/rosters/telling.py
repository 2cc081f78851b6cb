"""Telling everybody whom a roster has enrolled how to object, and its clerk how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Roster, RosterChunk, RosterRow
from nuanxin.members.rules.rosters.limits import hands
from nuanxin.members.rules.rosters.packing import fields_of
from nuanxin.members.states import RosterOutcome, RosterState
from nuanxin.messages.actions import Telling, notify, send_texts
from nuanxin.organizations.models import Union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

_NEXT = """
SELECT id, first_line, last_line FROM members_rosterchunk
WHERE roster_id = %s AND told_at IS NULL ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
"""


def tell_clerk(roster: Roster, template: str, now: datetime) -> None:
    """Tell whoever handed in a long roster, or had it enrolled, how far it is: they have gone on to other work."""
    account = roster.committed_by_id if roster.state == RosterState.DONE else roster.uploaded_by_id
    if account is not None and len(hands(roster.file_size)) > 1:
        notify(
            account_id=account,
            template=template,
            values={"number": roster.number, "new": int(roster.counts.get(RosterOutcome.NEW, 0))},
            link=f"/desk/rosters/{roster.number}/",
            fact=f"{template}:{roster.number}:{now.isoformat()}",
            now=now,
        )


def tell_enrolled(roster: Roster) -> None:
    """Tell everybody of a roster, a chunk a transaction; each once. May be killed and called again at any time."""
    names: dict[UUID, str] = {}
    while _tell_next(roster, names):
        pass
    if not RosterChunk.objects.filter(roster=roster, told_at=None).exists():
        Roster.objects.filter(pk=roster.pk, state=RosterState.DONE).update(told=True, beat_at=timezone.now())


@transaction.atomic
def _tell_next(roster: Roster, names: dict[UUID, str]) -> bool:
    # not held: undoing does not wait for thousands of texts, and a text says how to object anyway
    if not Roster.objects.filter(pk=roster.pk, state=RosterState.DONE).exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [roster.pk])
        chunk = cursor.fetchone()
    if chunk is None:
        return False
    pk, first, last = chunk
    now = timezone.now()
    rows = list(
        RosterRow.objects.filter(roster=roster, line__gte=first, line__lte=last, outcome=RosterOutcome.NEW).order_by(
            "line"
        )
    )
    unknown = {row.union_id for row in rows if row.union_id} - set(names)
    names.update(Union.objects.filter(pk__in=unknown).values_list("pk", "name"))
    send_texts(_tellings(roster, rows, names), template="membership.enrolled", now=now)
    RosterChunk.objects.filter(pk=pk).update(told_at=now)
    Roster.objects.filter(pk=roster.pk).update(beat_at=now)
    return True


def _tellings(roster: Roster, rows: Iterable[RosterRow], names: Mapping[UUID, str]) -> Iterator[Telling]:
    key, who = PersonKey(roster.sealed_key), roster.enterprise.name if roster.enterprise else roster.union.name
    for row in rows:
        told = fields_of(key.unseal(row.sealed_cells)) if row.sealed_cells else None
        if told is not None and row.union_id is not None:
            values = {"union": names[row.union_id], "by": who, "link": f"{settings.NUANXIN_BASE_URL}/card/"}
            yield Telling(told[0].phone, values, str(row.pk), row.union_id)
