"""Deliveries are written once and never changed: by what happened elsewhere, by hand, or to take one back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.catalog.actions.counting import fold
from nuanxin.catalog.models import Delivery
from nuanxin.catalog.queries.deliveries import get_delivery
from nuanxin.catalog.queries.service import get_service
from nuanxin.catalog.rules.deliveries import check_by_hand, reason_of
from nuanxin.catalog.states import BY_HAND, CORRECTION
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Conflict
from nuanxin.members.queries.memberships import get_member
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from decimal import Decimal
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

#: Deliveries that one statement writes.
_AT_ONCE = 2_000

#: The union is that of the person's membership today, or of the last one; the service's own for who never had one, and
#: for an enterprise that no union covers. A record that was merged into another counts for the one that stayed.
_WRITE = """
WITH told (id, service, worker, enterprise, day, cost, place, place_en, source_kind, source_id) AS (
    {told}
), written AS (
    INSERT INTO catalog_delivery (id, service_id, worker_id, enterprise_id, union_id, group_code, day, at, times, cost,
        place, place_en, source_kind, source_id, corrects_id, reason, account_id, post_id)
    SELECT t.id, s.code, coalesce(w.merged_into_id, w.id), t.enterprise,
           coalesce(m.union_id, c.union_id, s.union_id), coalesce(w.occupation_group_id, ''), t.day, %s, 1,
           coalesce(t.cost, s.cost_each, 0), t.place, t.place_en, t.source_kind, t.source_id, NULL, '', %s, %s
    FROM told t JOIN catalog_service s ON s.code = t.service
    LEFT JOIN members_worker w ON w.id = t.worker
    LEFT JOIN LATERAL (
        SELECT union_id FROM members_membership WHERE worker_id = coalesce(w.merged_into_id, w.id)
        ORDER BY ended_on DESC NULLS FIRST, id DESC LIMIT 1
    ) m ON true
    LEFT JOIN LATERAL (
        SELECT union_id FROM organizations_coverage WHERE enterprise_id = t.enterprise AND valid_until IS NULL LIMIT 1
    ) c ON true
    ON CONFLICT (source_kind, source_id) DO NOTHING RETURNING id
), waiting AS (
    INSERT INTO catalog_uncounted (delivery_id) SELECT id FROM written
)
SELECT id FROM written
"""
_MANY = _WRITE.format(
    told="SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::date[], %s::numeric[],"
    " %s::text[], %s::text[], %s::text[], %s::text[])"
)
#: Without lists the plan is made once and kept; with them it is made anew each time, which takes longer than writing.
_ONE = _WRITE.format(
    told="SELECT %s::uuid, %s::text, %s::uuid, %s::uuid, %s::date, %s::numeric, %s::text, %s::text, %s::text, %s::text"
)


@dataclass(frozen=True, slots=True)
class Served:
    """Somebody was served once.

    :param service: code of the service.
    :param day: the day on which it was given.
    :param source_kind: what it came of, such as `booking`; with `source_id`, one delivery however often it is told.
    :param cost: in yuan; none: what the service usually costs.
    """

    service: str
    day: date
    source_kind: str
    source_id: str
    worker_id: UUID | None = None
    enterprise_id: UUID | None = None
    cost: Decimal | None = None
    place: str = ""
    place_en: str = ""


def deliver(
    *,
    actor: Actor,
    service: str,
    worker_id: UUID | None = None,
    enterprise_id: UUID | None = None,
    source_kind: str,
    source_id: str,
    cost: Decimal | None = None,
    place: str = "",
    place_en: str = "",
    now: datetime,
    day: date | None = None,
) -> UUID | None:
    """Write that somebody was served, once for each source, by one statement; return the delivery's id.

    Called by the wiring when something was checked in, redeemed or handed out: that act was allowed, and no further
    permission is asked here. Returns None when the source was told before,
    and when nobody has entered a service of this code.

    :param cost: in yuan; none: what the service usually costs.
    :param day: when it was given; none: today.
    """
    served = Served(
        service, day or local_day(now), source_kind, str(source_id), worker_id, enterprise_id, cost, place, place_en
    )
    return next(iter(_write(actor, [served], now)), None)


@transaction.atomic
def deliver_many(*, actor: Actor, served: Sequence[Served], now: datetime) -> int:
    """Write many deliveries, some thousands a statement, and return how many were new; see `deliver`."""
    return sum(len(_write(actor, served[at : at + _AT_ONCE], now)) for at in range(0, len(served), _AT_ONCE))


def _write(actor: Actor, served: Sequence[Served], now: datetime) -> list[UUID]:
    rows: list[tuple[Any, ...]] = [
        (
            new_id(),
            one.service,
            one.worker_id,
            one.enterprise_id,
            one.day,
            one.cost,
            one.place,
            one.place_en,
            one.source_kind,
            one.source_id,
        )
        for one in served
    ]
    told = rows[0] if len(rows) == 1 else [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_ONE if len(rows) == 1 else _MANY, [*told, now, actor.account_id, actor.post_id])
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def deliver_by_hand(
    *,
    actor: Actor,
    service: str,
    member_number: str,
    day: date,
    cost: Decimal | None = None,
    place: str = "",
    source_id: str,
    now: datetime,
) -> UUID:
    """Write down at the desk that a member was served.

    :param source_id: names this entry of the form: sent twice, it is written once.
    :raises NotAllowed: the post does not include it at the member's union.
    :raises NotFound: no such member or service in reach.
    :raises Invalid: a day after today, before the service began or after it ended; a cost below zero.
    :raises Conflict: this entry was written before.
    """
    member = get_member(actor, member_number)
    actor.require(Permission.RECORD_DELIVERIES, at=member.union)
    found = get_service(actor, service)
    check_by_hand(day, cost, starts_on=found.starts_on, ends_on=found.ends_on, today=local_day(now))
    served = Served(found.code, day, BY_HAND, source_id, worker_id=member.worker_id, cost=cost, place=place[:120])
    written = _write(actor, [served], now)
    if not written:
        raise Conflict("delivered_before", _("This was written down already. Nothing was counted twice."))
    delivery = Delivery.objects.get(pk=written[0])
    record(
        actor,
        "catalog.delivered_by_hand",
        delivery,
        now=now,
        union_path=member.union.path,
        service=found.code,
        day=f"{day}",
    )
    return delivery.pk


@transaction.atomic
def take_back(*, actor: Actor, delivery_id: UUID, reason: str, now: datetime) -> Delivery:
    """Take a delivery back by a counter-entry of the same day, so that year and month count right again.

    :raises NotFound: no such delivery in reach.
    :raises NotAllowed: the post does not include it at the union of who was served.
    :raises Invalid: no reason.
    :raises Conflict: a counter-entry cannot be taken back, nor can a delivery twice.
    """
    found = get_delivery(actor, delivery_id)
    actor.require(Permission.RECORD_DELIVERIES, at=found.union)
    words = reason_of(reason)
    if found.corrects_id is not None:
        raise Conflict("counter_entry", _("A counter-entry stays. If the service was given, write it down anew."))
    entry = Delivery(
        service_id=found.service_id,
        worker_id=found.worker_id,
        enterprise_id=found.enterprise_id,
        union_id=found.union_id,
        group_code=found.group_code,
        day=found.day,
        at=now,
        times=-1,
        cost=-found.cost,
        place=found.place,
        place_en=found.place_en,
        source_kind=CORRECTION,
        source_id=str(found.pk),
        corrects_id=found.pk,
        reason=words,
        account_id=actor.account_id,
        post_id=actor.post_id,
    )
    if not _insert_once(entry):
        raise Conflict("taken_back_before", _("This delivery was taken back already."))
    record(
        actor,
        "catalog.delivery_taken_back",
        found,
        now=now,
        union_path=found.union.path,
        service=found.service_id,
        day=f"{found.day}",
        cost=f"{found.cost}",
    )
    fold()
    return entry


def _insert_once(entry: Delivery) -> bool:
    """Insert a counter-entry and let it wait to be counted, unless there is one already; answer whether it was new."""
    names = [field.attname for field in Delivery._meta.concrete_fields]
    columns = ", ".join(str(field.column) for field in Delivery._meta.concrete_fields)
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH written AS (INSERT INTO catalog_delivery ({columns}) VALUES ({marks}) "
            "ON CONFLICT (source_kind, source_id) DO NOTHING RETURNING id) "
            "INSERT INTO catalog_uncounted (delivery_id) SELECT id FROM written",
            [getattr(entry, name) for name in names],
        )
        return bool(cursor.rowcount)
