"""What is offered, as one person sees it: what the person may have, why not the rest, where there is room."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count, F, Max, Min, Prefetch, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from nuanxin.bookings.models import Offer, Pool, Session, Share, Waiting
from nuanxin.bookings.queries.standing import standing_of
from nuanxin.bookings.queries.terms import as_terms
from nuanxin.bookings.rules.judging import judge
from nuanxin.bookings.rules.terms import OwnWaiting, PoolNow
from nuanxin.bookings.states import LISTED, SHOWN, SessionState
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import NotFound, NotSignedIn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.bookings.rules.judging import Verdict
    from nuanxin.bookings.rules.terms import OwnBooking, ShareTerms, Standing, Terms
    from nuanxin.kernel.actor import Actor

#: Digits of a region's code that name the county: what people choose a place by.
COUNTY = 6
#: Most offers of one list: the latest.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Span:
    """When and where the sessions of an offer are that still lie ahead."""

    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    counties: frozenset[str] = frozenset()
    places: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One offer as one person stands to it.

    :param standing: of a list, its pools are sums: one for each share.
    """

    offer: Offer
    terms: Terms
    standing: Standing
    verdict: Verdict
    waiting: Waiting | None
    span: Span

    @property
    def own(self) -> OwnBooking | None:
        """Return the booking of this offer that the person has."""
        return self.verdict.own

    @property
    def is_for_me(self) -> bool:
        """Answer whether the person may take part, now or when it opens, has a place or waits for one."""
        against = {each.code for each in self.verdict.failed} - {"not_yet_open"}
        return not against or self.own is not None or self.waiting is not None

    @property
    def free(self) -> int:
        """Return how many places are left that this person may have now."""
        may = set(self.verdict.choices)
        return sum(pool.free for pool in self.standing.pools if pool.id in may)

    def shares(self) -> list[tuple[ShareTerms, int, int]]:
        """Return each share of places with its capacity and what is left of it."""
        sums: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
        for pool in self.standing.pools:
            sums[pool.share_id][0] += pool.capacity
            sums[pool.share_id][1] += pool.free
        return [(share, *sums[share.id]) for share in self.terms.shares if share.id in sums]  # type: ignore[misc]


def offers_for(actor: Actor, *, now: datetime, service: str = "") -> list[Seen]:
    """Return what is offered, as the signed-in person stands to it; a fixed number of statements.

    :param service: only what belongs to one service of the catalog.
    :raises NotSignedIn: no worker is signed in.
    """
    worker_id = _worker(actor)
    found = _shown().filter(Q(closes_at__gt=now) | Q(sessions__ends_at__gt=now)).distinct()
    if service:
        found = found.filter(service=service)
    offers = sorted(found.order_by("-opens_at", "-pk")[:_MOST], key=lambda offer: (offer.opens_at, offer.pk))
    if not offers:
        return []
    keys = [offer.pk for offer in offers]
    first = standing_of(offer_id=offers[0].pk, session_id=None, worker_id=worker_id, now=now)
    waiting = {row.offer_id: row for row in Waiting.objects.filter(worker=first.worker_id, state__in=LISTED)}
    pools, spans = _sums(keys, now), spans_of(keys, now)
    seen = []
    for offer in offers:
        terms, listed = as_terms(offer), waiting.get(offer.pk)
        standing = replace(
            first,
            offer_state=offer.state,
            opens_at=offer.opens_at,
            closes_at=offer.closes_at,
            waiting=OwnWaiting(listed.pk, listed.state, listed.offered_until) if listed else None,
            pools=tuple(pools[offer.pk]),
        )
        verdict = judge(terms, standing, now=now)
        seen.append(Seen(offer, terms, standing, verdict, listed, spans.get(offer.pk, Span())))
    return seen


def offer_for(actor: Actor, number: str, *, now: datetime, session: UUID | None = None) -> Seen:
    """Return one offer as the signed-in person stands to it, with the sums of its pools.

    :param session: judge for one session, not for any.
    :raises NotSignedIn: no worker is signed in; :raises NotFound: no such offer that people see, or no such session.
    """
    worker_id = _worker(actor)
    offer = _shown().filter(number=number).first()
    if offer is None:
        raise NotFound
    terms = as_terms(offer)
    standing = standing_of(offer_id=offer.pk, session_id=session, worker_id=worker_id, now=now)
    if session is None:
        standing = replace(standing, pools=tuple(_sums([offer.pk], now)[offer.pk]))
    waiting = Waiting.objects.filter(offer=offer, worker=standing.worker_id, state__in=LISTED).first()
    span = spans_of([offer.pk], now).get(offer.pk, Span())
    return Seen(offer, terms, standing, judge(terms, standing, now=now), waiting, span)


def _worker(actor: Actor) -> UUID:
    if actor.worker_id is None:
        raise NotSignedIn
    return actor.worker_id


def _shown() -> QuerySet[Offer]:
    shares = Prefetch("shares", Share.objects.order_by("order", "pk"))
    return Offer.objects.filter(state__in=SHOWN).select_related("union").prefetch_related(shares)


def _ahead(now: datetime, prefix: str = "") -> Q:
    return Q(**{f"{prefix}state": SessionState.PLANNED, f"{prefix}starts_at__gt": now})


def _sums(offers: Sequence[UUID], now: datetime) -> dict[UUID, list[PoolNow]]:
    """Return the pools of offers, added up for each share over the sessions ahead."""
    rows = (
        Pool.objects.filter(Q(session=None) | _ahead(now, "session__"), offer__in=offers)
        .values("offer_id", "share_id")
        .annotate(room=Sum("capacity"), gone=Sum("taken"))
    )
    found: dict[UUID, list[PoolNow]] = defaultdict(list)
    for row in rows.order_by("offer_id", "share_id"):
        found[row["offer_id"]].append(PoolNow(row["share_id"], None, row["share_id"], row["room"], row["gone"]))
    return found


def spans_of(offers: Sequence[UUID], now: datetime) -> dict[UUID, Span]:
    """Return when and where the sessions of offers are that still lie ahead; offers without any are not in it."""
    rows = (
        Session.objects.filter(_ahead(now), offer__in=offers)
        .values("offer_id", "place", "place_en", "region_id")
        .annotate(number=Count("pk"), first=Min("starts_at"), last=Max("starts_at"))
        .order_by("offer_id", "first", "place")
    )
    found: dict[UUID, Span] = {}
    for row in rows:
        known = found.get(row["offer_id"], Span())
        place = (row["place"], row["place_en"] or row["place"])
        found[row["offer_id"]] = Span(
            known.count + row["number"],
            min(known.first_at or row["first"], row["first"]),
            max(known.last_at or row["last"], row["last"]),
            known.counties | ({row["region_id"][:COUNTY]} if row["region_id"] else frozenset()),
            known.places if place in known.places or not place[0] else (*known.places, place),
        )
    return found


@dataclass(frozen=True, slots=True)
class DayAt:
    """One day at one place, and how many places are left there that the person may have."""

    place: str
    place_en: str
    day: date
    free: int
    sessions: int


def days_of(seen: Seen, *, now: datetime, place: str | None = None) -> list[DayAt]:
    """Return the days on which an offer has sessions ahead, at each place or at one."""
    rows = Session.objects.filter(_ahead(now), offer=seen.offer)
    if place is not None:
        rows = rows.filter(place=place)
    found = (
        rows.annotate(day=TruncDate("starts_at", tzinfo=ZONE))
        .values("place", "place_en", "day")
        .annotate(free=_free(seen, now), number=Count("pk", distinct=True))
        .order_by("day", "place")
    )
    return [DayAt(row["place"], row["place_en"], row["day"], row["free"], row["number"]) for row in found]


def sessions_of(seen: Seen, *, now: datetime, place: str | None = None, day: date | None = None) -> list[Session]:
    """Return sessions ahead in the order of their time, each with `free`: places left that the person may have."""
    rows = Session.objects.filter(_ahead(now), offer=seen.offer).annotate(free=_free(seen, now))
    if place is not None:
        rows = rows.filter(place=place)
    if day is not None:
        rows = rows.annotate(day=TruncDate("starts_at", tzinfo=ZONE)).filter(day=day)
    return list(rows.order_by("starts_at", "place", "pk")[:_MOST])


def _free(seen: Seen, now: datetime) -> Coalesce:
    """Count the places left of shares that the person may have, and that are given now."""
    mine = {share.id for share in seen.terms.seat_shares(seen.standing.facts)}
    given = [share.id for share in seen.terms.shares if share.id in mine and (share.opens_at or now) <= now]
    left = F("pools__capacity") - F("pools__taken")
    return Coalesce(Sum(left, filter=Q(pools__share__in=given)), 0)


def line_of(waiting: Waiting) -> tuple[int, int]:
    """Return the place of somebody in the line, and how many stand in it: those who want the same session, or any."""
    same = Q(session=None) if waiting.session_id is None else Q(session=None) | Q(session=waiting.session_id)
    line = Waiting.objects.filter(same, offer=waiting.offer_id, state=waiting.state)
    before = Q(score__gt=waiting.score) | Q(score=waiting.score, joined_at__lt=waiting.joined_at)
    before |= Q(score=waiting.score, joined_at=waiting.joined_at, pk__lt=waiting.pk)
    return line.filter(before).count() + 1, line.count()
