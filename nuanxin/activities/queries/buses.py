"""Routes of the bus, their days with counts, and which day a scanner stands at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, Sum

from nuanxin.access.actors import Actor as ConcreteActor
from nuanxin.access.actors import Grant
from nuanxin.access.models import PartnerDevice
from nuanxin.access.states import Permission
from nuanxin.activities.models import Arrival, BusDay, BusDevice, BusRoute, BusWindow
from nuanxin.activities.states.bus import ArrivalState, DayState
from nuanxin.bookings.models import Booking, Pool
from nuanxin.bookings.states import COMING, BookingState
from nuanxin.kernel.refusals import NotFound

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.bookings.models import Session
    from nuanxin.kernel.actor import Actor


def _within(paths: tuple[str, ...], lookup: str) -> Q:
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(**{f"{lookup}__startswith": path})
    return found


def visible_to(actor: Actor) -> QuerySet[BusRoute]:
    """Return the routes of unions in reach."""
    paths = actor.reach(Permission.VIEW_BOOKINGS)
    return BusRoute.objects.filter(_within(paths, "offer__union__path")).select_related("offer__union", "clinic")


def get_route(actor: Actor, number: str) -> BusRoute:
    """Return a route by the number of its offer. :raises NotFound: none in reach."""
    found = visible_to(actor).filter(offer__number=number).first()
    if found is None:
        raise NotFound
    return found


def get_day(actor: Actor, pk: UUID) -> BusDay:
    """Return a day of a route in reach. :raises NotFound: none."""
    rows = BusDay.objects.filter(pk=pk, route__in=visible_to(actor))
    found = rows.select_related("route__offer__union", "route__clinic", "site", "moved_to__site").first()
    if found is None:
        raise NotFound
    return found


@dataclass
class WindowNow:
    """One window of a day as it stands."""

    session: Session
    capacity: int = 0
    taken: int = 0
    booked: int = 0
    came: int = 0
    by_share: list[tuple[str, str, int, int]] = field(default_factory=list)


def windows_of(bus_day: BusDay) -> list[WindowNow]:
    """Return the windows of a day by time, with places by share, and who came. Four statements."""
    rows = BusWindow.objects.filter(bus_day=bus_day).select_related("session").order_by("session__starts_at", "pk")
    found = {row.session_id: WindowNow(row.session) for row in rows}
    pools = Pool.objects.filter(session__in=found).select_related("share").order_by("share__order", "pk")
    for pool in pools:
        assert pool.session_id is not None
        window = found[pool.session_id]
        window.capacity += pool.capacity
        window.taken += pool.taken
        window.by_share.append((pool.share.name, pool.share.name_en, pool.taken, pool.capacity))
    counts = Booking.objects.filter(session__in=found).values_list("session", "state").annotate(Count("pk")).order_by()
    for session, state, count in counts:
        assert session is not None
        if state in COMING:
            found[session].booked += count
        elif state == BookingState.CHECKED_IN:
            found[session].came += count
    return list(found.values())


def days_of(route: BusRoute) -> list[dict[str, Any]]:
    """Return the days of a route by date, with places and who booked. Two statements."""
    days = list(route.days.select_related("site", "moved_to").order_by("day", "pk"))
    pools = Pool.objects.filter(offer=route.offer_id, session__isnull=False)
    at_day = dict(BusWindow.objects.filter(bus_day__route=route).values_list("session_id", "bus_day_id"))
    sums: dict[UUID, list[int]] = {}
    for session, capacity, taken in pools.values_list("session").annotate(Sum("capacity"), Sum("taken")).order_by():
        total = sums.setdefault(at_day[session], [0, 0])
        total[0] += capacity
        total[1] += taken
    return [
        {"day": each, "capacity": sums.get(each.pk, [0, 0])[0], "taken": sums.get(each.pk, [0, 0])[1]} for each in days
    ]


def devices_at(bus_day: BusDay) -> list[BusDevice]:
    """Return the scanners of a day by letter."""
    return list(BusDevice.objects.filter(bus_day=bus_day).select_related("device").order_by("letter"))


def devices_for(actor: Actor, bus_day: BusDay) -> QuerySet[PartnerDevice]:
    """Return enrolled devices in reach that may be put at a day, and are not there yet."""
    here = BusDevice.objects.filter(bus_day=bus_day).values("device")
    paths = actor.reach(Permission.EDIT_OFFERS)
    rows = PartnerDevice.objects.filter(_within(paths, "union__path"), revoked_at=None, enrolled_at__isnull=False)
    return rows.exclude(pk__in=here).order_by("partner", "name", "pk")


@dataclass(frozen=True, slots=True)
class Post:
    """Where a scanner stands today, and with which actor it checks people in there."""

    bus_day: BusDay
    letter: str
    nth: int
    scanners: int
    actor: Actor


def post_of(actor: Actor, *, on: date, told_later: bool = False) -> Post:
    """Return the day of the bus at which the acting device scans.

    :param told_later: for what is told later: of a day that was moved meanwhile, or, where the clock of the device was
        wrong, of the last day at which it stood.
    :raises NotFound: no device, or one that scans nowhere on that day.
    """
    if actor.kind != "device" or actor.source_id is None:
        raise NotFound
    rows = BusDevice.objects.filter(device=actor.source_id)
    if told_later:
        rows = rows.filter(bus_day__day__lte=on).order_by("-bus_day__day", "-bus_day__state", "pk")
    else:
        rows = rows.filter(bus_day__day=on, bus_day__state=DayState.PLANNED).order_by("pk")
    found = rows.select_related("bus_day__route__offer__union", "bus_day__site").first()
    if found is None:
        raise NotFound
    scanners = BusDevice.objects.filter(bus_day=found.bus_day_id, device__revoked_at=None)
    letters = sorted(scanners.values_list("letter", flat=True))
    return Post(
        found.bus_day, found.letter, letters.index(found.letter), len(letters), at_the_bus(actor, found.bus_day)
    )


def stands_at_bus(actor: Actor, *, on: date) -> bool:
    """Answer whether the acting device scans at a bus on a day."""
    rows = BusDevice.objects.filter(device=actor.source_id, bus_day__day=on, bus_day__state=DayState.PLANNED)
    return actor.source_id is not None and rows.exists()


def at_the_bus(actor: Actor, bus_day: BusDay) -> Actor:
    """Return the acting device with what its post at the bus lets it do: check people in there, and nothing else."""
    path = bus_day.route.offer.union.path
    grant = Grant(frozenset({Permission.CHECK_IN}), path=path, via="scope", source_id=actor.source_id)
    return ConcreteActor(
        kind="device", source_id=actor.source_id, grants=(grant,), scopes=frozenset(), name=str(actor.source_id)
    )


def clashes(actor: Actor) -> QuerySet[Arrival]:
    """Return arrivals that wait for a decision of the actor's unions."""
    paths = actor.reach(Permission.CHECK_IN)
    rows = Arrival.objects.filter(_within(paths, "bus_day__route__offer__union__path"), state=ArrivalState.CLASH)
    return rows.select_related("bus_day__site", "bus_day__route__offer__union", "device", "worker", "session")


def decided(actor: Actor) -> QuerySet[Arrival]:
    """Return arrivals on which somebody decided, of the actor's unions."""
    paths = actor.reach(Permission.CHECK_IN)
    rows = Arrival.objects.filter(
        _within(paths, "bus_day__route__offer__union__path"),
        state__in=(ArrivalState.STANDS, ArrivalState.DROPPED),
    )
    return rows.select_related("bus_day__site", "bus_day__route__offer", "device", "worker", "session", "decided_by")


def get_clash(actor: Actor, pk: UUID) -> Arrival:
    """Return an arrival with a clash, decided or not. :raises NotFound: none in reach."""
    paths = actor.reach(Permission.CHECK_IN)
    rows = Arrival.objects.filter(_within(paths, "bus_day__route__offer__union__path"), pk=pk).exclude(clash="")
    found = rows.select_related("bus_day__site", "bus_day__route__offer__union", "device", "worker", "session").first()
    if found is None:
        raise NotFound
    return found


def others_of(arrival: Arrival) -> list[Arrival]:
    """Return where else the same person was let in that day."""
    if arrival.worker_id is None:
        return []
    rows = Arrival.objects.filter(bus_day__day=arrival.bus_day.day, worker=arrival.worker_id).exclude(pk=arrival.pk)
    return list(rows.select_related("device", "session").order_by("at", "pk"))


def waiting_numbers(bus_day: BusDay) -> tuple[list[str], list[str]]:
    """Return the numbers that were called last, the newest first, and those that wait, the oldest first."""
    rows = Arrival.objects.filter(bus_day=bus_day).exclude(state=ArrivalState.DROPPED)
    called = rows.filter(called_at__isnull=False).order_by("-called_at", "-pk").values_list("number", flat=True)[:6]
    waits = rows.filter(called_at=None).order_by("at", "pk").values_list("number", flat=True)[:60]
    return list(called), list(waits)
