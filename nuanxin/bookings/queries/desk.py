"""Offers as cadres see them: lists, the places of each session, who booked, who waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Prefetch, Q, Sum
from django.db.models.functions import Coalesce

from nuanxin.access.states import Permission
from nuanxin.bookings.models import Booking, Offer, Pool, Session, Share, Waiting
from nuanxin.bookings.states import COMING, LISTED, SHOWN, SessionState, ShareKind
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.models import Membership

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


def visible_offers(actor: Actor) -> QuerySet[Offer]:
    """Return the offers of the unions in reach, and those of unions above that people see: one's members may book."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.VIEW_BOOKINGS):
        codes = path.strip("/").split("/")
        reach |= Q(union__path__startswith=path) | Q(union__code__in=codes, state__in=SHOWN)
    return Offer.objects.filter(reach).select_related("union")


def find_offers(
    actor: Actor, *, text: str = "", kind: str = "", state: str = "", way: str = "", own: bool = False
) -> QuerySet[Offer]:
    """Return the visible offers that fit: a part of the name or the number, kind, state, way.

    :param own: only those that one may change.
    """
    rows = visible_offers(actor)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Q(number__iexact=text))
    for name, value in (("kind", kind), ("state", state), ("way", way)):
        if value:
            rows = rows.filter(**{name: value})
    if own:
        mine = Q(pk__in=[])
        for path in actor.reach(Permission.EDIT_OFFERS):
            mine |= Q(union__path__startswith=path)
        rows = rows.filter(mine)
    return rows


def get_offer(actor: Actor, number: str) -> Offer:
    """Return one visible offer with its shares. :raises NotFound: there is none that the actor may see."""
    shares = Prefetch("shares", Share.objects.order_by("order", "pk"))
    found = visible_offers(actor).filter(number=number).prefetch_related(shares).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Filled:
    """How full an offer is."""

    capacity: int = 0
    taken: int = 0
    came: int = 0
    waiting: int = 0
    sessions: int = 0

    @property
    def free(self) -> int:
        """Return how many places are left."""
        return self.capacity - self.taken


def filled(offers: Collection[UUID]) -> dict[UUID, Filled]:
    """Return how full offers are, in four statements."""
    seats = Pool.objects.exclude(share__kind=ShareKind.MOST).filter(offer__in=offers)
    sums = seats.values("offer_id").annotate(room=Sum("capacity"), gone=Sum("taken")).order_by("offer_id")
    pools = {row["offer_id"]: (row["room"], row["gone"]) for row in sums}
    came = _counted(Booking.objects.filter(offer__in=offers, state="checked_in"))
    waiting = _counted(Waiting.objects.filter(offer__in=offers, state__in=LISTED))
    sessions = _counted(Session.objects.filter(offer__in=offers, state=SessionState.PLANNED))
    return {
        key: Filled(*pools.get(key, (0, 0)), came.get(key, 0), waiting.get(key, 0), sessions.get(key, 0))
        for key in offers
    }


def _counted(rows: QuerySet[Booking] | QuerySet[Waiting] | QuerySet[Session]) -> dict[UUID, int]:
    counts = rows.values("offer_id").annotate(number=Count("pk")).order_by("offer_id")
    return {row["offer_id"]: row["number"] for row in counts}


def sessions_of_offer(
    offer: Offer, *, place: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[Session]:
    """Return an offer's sessions, the cancelled ones too: all, or those at one place, or of some days."""
    rows = Session.objects.filter(offer=offer).select_related("region")
    if place:
        rows = rows.filter(place=place)
    if since is not None:
        rows = rows.filter(starts_at__gte=_start_of(since))
    if until is not None:
        rows = rows.filter(starts_at__lt=_start_of(until + timedelta(days=1)))
    return rows


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZONE)


def places_of_offer(offer: Offer) -> list[tuple[str, str]]:
    """Return the places at which an offer has sessions, each with its name in English."""
    rows = Session.objects.filter(offer=offer).exclude(place="").order_by("place", "place_en")
    return list(rows.values_list("place", "place_en").distinct())


def sessions_ahead(
    offer: Offer, now: datetime, *, keys: Collection[UUID] | None = None, **within: Any
) -> QuerySet[Session]:
    """Return an offer's sessions that are planned and not over yet: some, or those of `sessions_of_offer`."""
    rows = sessions_of_offer(offer, **within).filter(state=SessionState.PLANNED, ends_at__gt=now)
    return (
        rows.select_related("offer__union") if keys is None else rows.select_related("offer__union").filter(pk__in=keys)
    )


def bookings_ahead(sessions: Collection[UUID]) -> int:
    """Return how many bookings ahead some sessions have."""
    return Booking.objects.filter(session__in=sessions, state__in=COMING).count()


def get_session(offer: Offer, pk: UUID) -> Session:
    """Return one session of an offer that was fetched. :raises NotFound: it has no such session."""
    found = Session.objects.select_related("offer__union").filter(pk=pk, offer=offer).first()
    if found is None:
        raise NotFound
    return found


def pools_of(offer: Offer, sessions: Sequence[UUID]) -> list[Pool]:
    """Return the pools of some sessions and those of the whole offer, with their shares."""
    rows = Pool.objects.filter(Q(session__in=sessions) | Q(session=None), offer=offer)
    return list(rows.select_related("share").order_by("share__order", "share_id", "pk"))


def get_pool(offer: Offer, pk: UUID) -> Pool:
    """Return one pool of an offer that was fetched. :raises NotFound: it has no such pool."""
    found = Pool.objects.select_related("offer__union", "session", "share").filter(pk=pk, offer=offer).first()
    if found is None:
        raise NotFound
    return found


def get_share(offer: Offer, pk: UUID) -> Share:
    """Return one share of an offer that was fetched. :raises NotFound: it has no such share."""
    found = Share.objects.select_related("offer__union").filter(pk=pk, offer=offer).first()
    if found is None:
        raise NotFound
    return found


def free_of(share: Share) -> int:
    """Return how many places of a share nobody has taken."""
    left = Pool.objects.filter(share=share).aggregate(free=Coalesce(Sum(F("capacity") - F("taken")), 0))
    return int(left["free"])


def visible_bookings(actor: Actor, offer: Offer) -> QuerySet[Booking]:
    """Return the bookings of a fetched offer: all, for a cadre of its union or above; otherwise the own members'."""
    rows = Booking.objects.filter(offer=offer).select_related("worker", "session", "pool__share", "offer__union")
    return rows.filter(whose(actor, offer))


def whose(actor: Actor, offer: Offer, permission: str = Permission.VIEW_BOOKINGS) -> Q:
    """Return whose bookings of a fetched offer a permission reaches: everybody's, or only the own members'."""
    paths = actor.reach(permission)
    if any(offer.union.path.startswith(path) for path in paths):
        return Q()
    mine = Q(pk__in=[])
    for path in paths:
        mine |= Q(union_path__startswith=path)
    return mine


def find_bookings(
    actor: Actor, offer: Offer, *, text: str = "", state: str = "", session: UUID | None = None
) -> QuerySet[Booking]:
    """Return the visible bookings of an offer that fit: the person's name or member number, the booking's number."""
    rows = visible_bookings(actor, offer)
    if text:
        rows = rows.filter(_person(text) | Q(number__iexact=text))
    if state:
        rows = rows.filter(state=state)
    if session is not None:
        rows = rows.filter(session=session)
    return rows


def _person(text: str) -> Q:
    numbered = Membership.objects.filter(number=text).values_list("worker_id", flat=True)
    named = Q(worker__name__icontains=text) | Q(worker__initials__istartswith=text)
    return named | Q(worker__in=list(numbered))


def get_booking(actor: Actor, number: str) -> Booking:
    """Return one booking of a visible offer. :raises NotFound: there is none that the actor may see."""
    found = Booking.objects.filter(number=number).select_related("offer__union").first()
    if found is None or not visible_offers(actor).filter(pk=found.offer_id).exists():
        raise NotFound
    mine = visible_bookings(actor, found.offer).filter(pk=found.pk).first()
    if mine is None:
        raise NotFound
    return mine


def visible_waiting(actor: Actor, offer: Offer) -> QuerySet[Waiting]:
    """Return who applied for or waits for a place of a fetched offer, as far as one may see them."""
    rows = Waiting.objects.filter(offer=offer).select_related("worker", "session", "booking")
    return rows.filter(whose(actor, offer))


def find_waiting(
    actor: Actor, offer: Offer, *, text: str = "", state: str = "", session: UUID | None = None
) -> QuerySet[Waiting]:
    """Return who applied for or waits for a place of an offer and fits: the person's name or member number.

    :param state: empty: who is listed now; `all`: whoever ever was.
    :param session: who wants this one, or any.
    """
    rows = visible_waiting(actor, offer)
    if text:
        rows = rows.filter(_person(text))
    if state != "all":
        rows = rows.filter(state=state) if state else rows.filter(state__in=LISTED)
    if session is not None:
        rows = rows.filter(Q(session=session) | Q(session=None))
    return rows


def member_numbers(workers: Collection[UUID]) -> dict[UUID, str]:
    """Return the latest member number of each person."""
    rows = Membership.objects.filter(worker__in=workers).order_by("worker_id", "pk").values_list("worker_id", "number")
    return dict(rows)


def ends_of(offer: Offer) -> datetime | None:
    """Return when an offer's last session is over; none where it has no sessions."""
    rows = Session.objects.filter(offer=offer).order_by("-ends_at").values_list("ends_at", flat=True)
    return rows.first()
