"""The places of two records of one person, of people whose memberships ended, and what a merge had carried over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.bookings.models import Booking, Waiting
from nuanxin.bookings.rules.merging import Place, Wish
from nuanxin.bookings.states import COMING, LISTED, SEATED
from nuanxin.members.models import Membership, Merge
from nuanxin.records.queries import entries_of_any

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID


def places_of(dropped: UUID, kept: UUID) -> list[Place]:
    """Return what both records have booked, came to, or did not come to."""
    rows = Booking.objects.filter(worker__in=(dropped, kept), state__in=SEATED).select_related("offer")
    return [
        Place(
            row.pk,
            row.offer_id,
            row.state,
            row.booked_at,
            row.worker_id == dropped,
            (row.limit_kind, row.period) if row.nth is not None else None,
            row.nth,
            row.offer.limit_count,
        )
        for row in rows
    ]


def wishes_of(dropped: UUID, kept: UUID) -> list[Wish]:
    """Return where both records are listed."""
    rows = Waiting.objects.filter(worker__in=(dropped, kept), state__in=LISTED)
    return [Wish(row.pk, row.offer_id, row.state, row.joined_at) for row in rows]


def with_places(memberships: Collection[UUID]) -> set[UUID]:
    """Return whose memberships among some are those of people with a place ahead, or on a list."""
    people = Membership.objects.filter(pk__in=memberships).values("worker")
    ahead = Booking.objects.filter(worker__in=people, state__in=COMING).values_list("worker_id", flat=True)
    listed = Waiting.objects.filter(worker__in=people, state__in=LISTED).values_list("worker_id", flat=True)
    return {*ahead, *listed}


def carried_from(worker_id: UUID, act: str) -> tuple[list[Booking], list[Waiting]]:
    """Return what was a person's before a merge that was undone since, and is still with the record kept then.

    :param act: what the audit calls the going over.
    """
    kept = list(Merge.objects.filter(dropped=worker_id).exclude(undone_at=None).values_list("kept", flat=True))
    if not kept:
        return [], []
    bookings = {row.pk: row for row in Booking.objects.filter(worker__in=kept).select_related("offer__union")}
    waiting = {row.pk: row for row in Waiting.objects.filter(worker__in=kept).select_related("offer__union")}
    entries = entries_of_any([*bookings, *waiting]).filter(action=act, detail__origin=str(worker_id))
    mine = set(entries.values_list("subject_id", flat=True))
    return [row for key, row in bookings.items() if key in mine], [row for key, row in waiting.items() if key in mine]
