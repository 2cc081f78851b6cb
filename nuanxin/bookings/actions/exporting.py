"""Taking lists of who booked out of the system: recorded, with how many people were in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.queries.desk import whose
from nuanxin.kernel.refusals import Conflict
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from nuanxin.bookings.models import Booking, Offer, Waiting
    from nuanxin.kernel.actor import Actor

#: Most people of one list.
_MOST = 100_000


@transaction.atomic
def export_bookings(*, actor: Actor, offer: Offer, bookings: QuerySet[Booking], now: datetime) -> list[Booking]:
    """Return who booked, for a list that leaves the system; that it did is recorded.

    :param bookings: what the actor may see of the offer, filtered; people whose lists the actor may not export are
        left out.
    :raises NotAllowed: without the permission; :raises Conflict: too many people for one list.
    """
    actor.require(Permission.EXPORT_BOOKINGS)
    mine = bookings.filter(whose(actor, offer, Permission.EXPORT_BOOKINGS))
    rows = list(mine.order_by("session__starts_at", "pk")[: _MOST + 1])
    _record(actor, offer, "list", len(rows), now)
    return rows


@transaction.atomic
def export_waiting(*, actor: Actor, offer: Offer, waiting: QuerySet[Waiting], now: datetime) -> list[Waiting]:
    """Return who applied or waits, who comes first standing first. As `export_bookings`."""
    actor.require(Permission.EXPORT_BOOKINGS)
    mine = waiting.filter(whose(actor, offer, Permission.EXPORT_BOOKINGS))
    rows = list(mine.order_by("-score", "joined_at", "pk")[: _MOST + 1])
    _record(actor, offer, "waiting", len(rows), now)
    return rows


def _record(actor: Actor, offer: Offer, what: str, rows: int, now: datetime) -> None:
    if rows > _MOST:
        raise Conflict("too_many", _("Too many people for one list. Please narrow the filters."))
    record(
        actor,
        f"bookings.{what}_exported",
        offer,
        now=now,
        union_path=offer.union.path,
        number=offer.number,
        rows=rows,
    )
