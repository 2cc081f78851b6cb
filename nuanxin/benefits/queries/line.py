"""The line in front of a stock: the same answer for everybody, remembered for a second; and one's own number in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from nuanxin.benefits.models import CouponIssue, CouponPlace, LineEntry
from nuanxin.benefits.queries.coupons import local_name
from nuanxin.benefits.rules.coupons import KIND
from nuanxin.benefits.rules.line import Line
from nuanxin.bookings.states import SHOWN, TAKING
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.remember import remembered

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.benefits.models import CouponKind

#: For how many seconds a process answers with what it has read: the stock that is left may be so old.
FRESH = 1.0
_KEPT = "benefits.line."

#: Fixing the number of early ones, where the opening has come, and reading the line: one statement.
_LINE = """
WITH drawn AS (
  UPDATE benefits_couponissue i SET drawn_at = %(now)s FROM bookings_offer o
   WHERE o.id = i.offer_id AND o.number = %(number)s AND i.drawn_at IS NULL AND o.opens_at <= %(now)s
  RETURNING i.early, i.late
)
SELECT o.opens_at, o.closes_at, p.capacity, p.taken, i.per_second,
  coalesce((SELECT early FROM drawn), i.early), coalesce((SELECT late FROM drawn), i.late),
  i.seed, i.drawn_at IS NOT NULL OR EXISTS (SELECT 1 FROM drawn), o.state, o.id, i.id, i.has_line
FROM benefits_couponissue i JOIN bookings_offer o ON o.id = i.offer_id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(capacity), 0) AS capacity, coalesce(sum(taken), 0) AS taken
    FROM bookings_pool WHERE offer_id = o.id
) p
WHERE o.number = %(number)s
"""


@dataclass(frozen=True, slots=True)
class Stock:
    """A stock and its line, at one moment."""

    offer_id: UUID
    issue_id: UUID
    has_line: bool
    state: str
    line: Line


def stock_now(number: str, now: datetime) -> Stock:
    """Return a stock and its line as they are this moment; the first to ask after the opening fixes the early ones.

    :raises NotFound: no stock of coupons with that number that people may see.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LINE, {"now": now, "number": number})
        row = cursor.fetchone()
    if row is None or row[9] not in SHOWN:
        raise NotFound
    opens, closes, capacity, taken, pace, early, late, seed, drawn, state, offer, issue, has_line = row
    over = state not in TAKING or now >= closes
    line = Line(opens, closes, capacity, capacity - taken, pace, early, late, bytes(seed), drawn, over)
    return Stock(offer, issue, has_line, state, line)


def stock_lately(number: str, now: datetime) -> Stock:
    """Return the same as it was within the last second: what fifty thousand phones ask for costs next to nothing."""
    return remembered(f"{_KEPT}{number}", seconds=FRESH, make=lambda: stock_now(number, now))


def my_entry(issue_id: UUID, worker_id: UUID) -> LineEntry | None:
    """Return where a person stands in a line, if at all."""
    return LineEntry.objects.filter(issue_id=issue_id, worker_id=worker_id).first()


def issue_of(number: str) -> CouponIssue:
    """Return a stock that people may see, with its kind and offer. :raises NotFound: there is none with that number."""
    found = _issues().filter(offer__number=number, offer__state__in=SHOWN).first()
    if found is None:
        raise NotFound
    return found


def open_issues(now: datetime) -> list[CouponIssue]:
    """Return the stocks that people may stand in line for, or take from, now or later; the first to open first."""
    return list(
        _issues()
        .filter(offer__kind=KIND, offer__state__in=TAKING, offer__closes_at__gt=now)
        .order_by("offer__opens_at", "pk")[:30]
    )


def _issues() -> QuerySet[CouponIssue]:
    return CouponIssue.objects.select_related("kind", "offer__union")


def is_lined(offer_id: UUID) -> bool:
    """Answer whether people stand in line for an offer: nobody books it past the line. Remembered for some seconds."""
    return remembered(
        f"{_KEPT}of.{offer_id}",
        seconds=5.0,
        make=lambda: CouponIssue.objects.filter(offer_id=offer_id, has_line=True).exists(),
    )


def places_by_kind(kinds: Collection[UUID]) -> dict[UUID, list[str]]:
    """Return where each of some kinds is redeemed, as members read it. One statement."""
    found: dict[UUID, list[str]] = {}
    rows = CouponPlace.objects.filter(kind__in=kinds).select_related("partner", "place").order_by("partner__name", "pk")
    for row in rows:
        found.setdefault(row.kind_id, []).append(_named(row))
    return found


def _named(row: CouponPlace) -> str:
    if row.place is None:
        return local_name(row.partner.name, row.partner.name_en)
    return local_name(row.place.name, row.place.name_en)


def places_of_kind(kind: CouponKind) -> list[str]:
    """Return where a kind is redeemed, as members read it."""
    return places_by_kind([kind.pk]).get(kind.pk, [])
