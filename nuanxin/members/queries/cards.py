"""Cards: the live one of a membership, what stands behind a code, and what counters asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from nuanxin.access.models import ApiClient, PartnerDevice
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.rows import load
from nuanxin.members.models import CardCheck, Worker
from nuanxin.members.rules.cards import GUESS_WINDOW, MOST_GUESSES
from nuanxin.members.rules.memberships import is_member_number
from nuanxin.members.states import CardAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Bearer:
    """What stands behind a code: the membership, its card, and the little that a counter may be told."""

    membership_id: UUID
    worker_id: UUID
    #: The record that this person's was merged into, if it was.
    kept_id: UUID | None
    membership_state: str
    is_revoked: bool
    name: str
    badge: str
    badge_name: str
    badge_name_en: str
    badge_icon: str
    union_name: str
    union_name_en: str

    def worker(self) -> Worker:
        """Return the person, of whom no more was read than who it is."""
        return load(Worker, (self.worker_id, self.kept_id), ("id", "merged_into"))


#: Who holds the card. Few tables, because planning a wide join costs more than running it.
BEARER_COLUMNS = """m.id AS membership_id, m.worker_id, w.merged_into_id, m.state,
  c.revoked_at IS NOT NULL AS is_revoked, w.name, w.occupation_group_id, m.union_id"""
BEARER_TABLES = """members_card c
  JOIN members_membership m ON m.id = c.membership_id
  JOIN members_worker w ON w.id = m.worker_id"""
#: What `bearer_of` reads, given a row of `BEARER_COLUMNS`: the names are looked up for that one row only.
TOLD_COLUMNS = """found.membership_id, found.worker_id, found.merged_into_id, found.state, found.is_revoked, found.name,
  found.occupation_group_id,
  (SELECT ARRAY[g.name, g.name_en, g.icon] FROM organizations_occupationgroup g
    WHERE g.code = found.occupation_group_id),
  (SELECT ARRAY[u.name, u.name_en] FROM organizations_union u WHERE u.id = found.union_id)"""
#: How many unknown codes the source `asking.id` asked for lately; never counts further than matters.
GUESSES = f"""SELECT count(*) AS tried FROM (
  SELECT 1 FROM members_cardcheck
   WHERE source_id = (SELECT id FROM asking) AND answer = '{CardAnswer.UNKNOWN.value}' AND at > %(since)s
   LIMIT {MOST_GUESSES}
) AS lately"""

#: Who asks, when that is known before.
ASKING = "SELECT %(source)s::uuid AS id"
_STATIC_SQL = f"""
WITH asking AS ({ASKING}), guesses AS ({GUESSES})
SELECT guesses.tried, {TOLD_COLUMNS} FROM guesses LEFT JOIN (
  SELECT {BEARER_COLUMNS} FROM {BEARER_TABLES} WHERE c.static_digest = %(digest)s
) AS found ON true
"""


def printed_bearer(*, static_digest: bytes, source_id: UUID | None, now: datetime) -> tuple[int, Bearer | None]:
    """Return how often the source guessed lately, and who stands behind a printed code, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_STATIC_SQL, {"digest": static_digest, "source": source_id, "since": now - GUESS_WINDOW})
        tried, *columns = cursor.fetchone()
    return tried, bearer_of(columns)


def bearer_of(columns: Sequence[Any]) -> Bearer | None:
    """Return the bearer of a row of `TOLD_COLUMNS`; None when nothing was found."""
    membership_id, worker_id, kept_id, state, is_revoked, name, badge, group, union = columns
    if membership_id is None:
        return None
    return Bearer(membership_id, worker_id, kept_id, state, is_revoked, name, badge, *group, *union)


_LIVE_SQL = """
SELECT c.id, m.worker_id, m.state FROM members_membership m
  JOIN members_card c ON c.membership_id = m.id AND c.revoked_at IS NULL WHERE m.number = %s
"""


def live_card(number: str) -> tuple[UUID, UUID, str]:
    """Return card, worker and standing of a membership by its number; 404 when there is none. One statement."""
    if not is_member_number(number):
        raise NotFound
    with connection.cursor() as cursor:
        cursor.execute(_LIVE_SQL, [number])
        found: tuple[UUID, UUID, str] | None = cursor.fetchone()
    if found is None:
        raise NotFound
    return found


def card_checks(membership_id: UUID, *, most: int = 50) -> list[CardCheck]:
    """Return the newest questions of counters about a membership; the caller has fetched what it may see."""
    return list(CardCheck.objects.filter(membership_id=membership_id).order_by("-at", "-pk")[:most])


def checks_of_source(actor: Actor, *, since: datetime) -> QuerySet[CardCheck]:
    """Return what the acting device or client asked since a moment, newest first; of no other one."""
    if actor.source_id is None:
        return CardCheck.objects.none()
    return CardCheck.objects.filter(source_id=actor.source_id, at__gte=since).order_by("-at", "-pk")


def own_device(actor: Actor) -> PartnerDevice:
    """Return the partner's device that acts, with its union; 404 for everybody who is none."""
    if actor.kind != "device" or actor.source_id is None:
        raise NotFound
    return PartnerDevice.objects.select_related("union").get(pk=actor.source_id)


def checkers(checks: Iterable[CardCheck]) -> dict[UUID, str]:
    """Return the names of the counters and machines that asked, by the id of the source; unknown ones are left out."""
    sources = {check.source_id for check in checks if check.source_id}
    names = {device.pk: str(device) for device in PartnerDevice.objects.filter(pk__in=sources)}
    return names | {client.pk: client.name for client in ApiClient.objects.filter(pk__in=sources)}
