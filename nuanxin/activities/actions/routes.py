"""Planning a route of the check-up bus: its sites, days and windows become an offer with sessions and shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.activities.models import Arrival, BusDay, BusDevice, BusRoute, BusSite, BusWindow
from nuanxin.activities.states.bus import DayState
from nuanxin.bookings.actions.offers import Draft, make_offer
from nuanxin.bookings.actions.places import SessionDraft, ShareDraft, divide_places
from nuanxin.bookings.states import Period, ShareKind, Way
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.organizations.queries.lists import occupation_groups
from nuanxin.organizations.queries.rules import dated_rules
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from nuanxin.access.models import PartnerDevice
    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Partner, Union
    from nuanxin.regions.models import Region

#: As offers, limits and counters call it: `organizations.states.ScanKind.CHECK_UP`.
KIND: Final = "check_up"
#: Code of the service in the catalog.
SERVICE: Final = "check_up"
NEW_SHARE: Final = "activities.check_up_new_share"
WALK_IN: Final = "activities.check_up_walk_in"
_MOST_WINDOWS = 2_000
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Stop:
    """One day of the bus at a site."""

    day: date
    site: str
    site_en: str = ""
    address: str = ""
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class RouteDraft:
    """A route as it is planned; `windows` are the times of every day, each with so many places."""

    name: str
    stops: Sequence[Stop]
    windows: Sequence[tuple[time, time]]
    places: int
    opens_at: datetime
    closes_at: datetime
    name_en: str = ""
    about: str = ""
    about_en: str = ""
    way: str = Way.FIRST_COME
    waits: bool = True
    new_percent: int | None = None
    walk_in_percent: int | None = None
    cancel_until_hours: int = 12
    clinic: Partner | None = None
    checks: list[dict[str, Any]] = field(default_factory=lambda: [{"check": "member"}])


@transaction.atomic
def plan_route(*, actor: Actor, union: Union, draft: RouteDraft, now: datetime) -> BusRoute:
    """Plan a route: a draft of an offer with a session for each window of each day. It is announced as any offer.

    Of each window at least the percentage of the dated rule is kept for new forms of employment, and some places for
    those who join that day.

    :raises NotFound, NotAllowed: a union out of reach, or no permission to make offers there.
    :raises Invalid: no stop or window, two sites on a day, a share below the rule, or what the offer says.
    """
    actor.require(Permission.EDIT_OFFERS, at=union)
    _check_plan(draft, local_day(now))
    rules = dated_rules(NEW_SHARE, WALK_IN, union=union, on=local_day(now))
    least = int(rules[NEW_SHARE].value)
    percent = least if draft.new_percent is None else draft.new_percent
    if percent < least:
        words = _("At least %(least)s percent are kept for new forms of employment: %(source)s")
        raise Invalid(
            "share_below_rule",
            words % {"least": least, "source": rules[NEW_SHARE].row.source_note},
            field="new_percent",
        )
    walk_in = int(rules[WALK_IN].value) if draft.walk_in_percent is None else draft.walk_in_percent
    offer = make_offer(actor=actor, union=union, draft=_offer(draft), now=now)
    divide_places(actor=actor, offer=offer, shares=_shares(percent, walk_in), sessions=_sessions(draft), now=now)
    route = BusRoute(offer=offer, clinic=draft.clinic, created_at=now)
    route.save(force_insert=True)
    _place(route, draft)
    record(actor, "activities.route_planned", route, now=now, union_path=union.path, number=offer.number,
           days=len(draft.stops))  # fmt: skip
    return route


def _check_plan(draft: RouteDraft, today: date) -> None:
    if not draft.stops or not draft.windows:
        raise Invalid("missing", _("Please give at least one day with a site, and one time."), field="stops")
    if len(draft.stops) * len(draft.windows) > _MOST_WINDOWS:
        raise Invalid("too_many", _("Too many days and times for one route."), field="stops")
    days = [stop.day for stop in draft.stops]
    if len(set(days)) < len(days):
        raise Invalid("two_sites", _("A bus is at one site a day: one day is named twice."), field="stops")
    if min(days) < today:
        raise Invalid("day_passed", _("One of the days has passed."), field="stops")
    ends = None
    for starts, until in draft.windows:
        if until <= starts or (ends is not None and starts < ends):
            raise Invalid("bad_windows", _("The times follow one another, each with its end."), field="windows")
        ends = until


def _offer(draft: RouteDraft) -> Draft:
    return Draft(
        kind=KIND,
        service=SERVICE,
        name=draft.name,
        name_en=draft.name_en,
        about=draft.about,
        about_en=draft.about_en,
        opens_at=draft.opens_at,
        closes_at=draft.closes_at,
        way=draft.way,
        waits=draft.waits,
        limit_kind=KIND,
        limit_period=Period.YEAR,
        limit_count=1,
        checks=draft.checks,
        cancel_until_hours=draft.cancel_until_hours,
    )


def _shares(percent: int, walk_in: int) -> list[ShareDraft]:
    groups = [group.code for group in occupation_groups()]
    today = [{"check": "joined_within", "days": 0}]
    shares = [ShareDraft("open", "公开名额", name_en="Open to all")]
    if percent:
        who = [{"check": "group", "groups": groups}]
        kind = ShareKind.RESERVED
        shares.insert(0, ShareDraft("new", "新就业形态", kind, percent=percent, who=who, name_en="New employment"))
    if walk_in:
        kind = ShareKind.WALK_IN
        shares.insert(0, ShareDraft("walk_in", "当天入会", kind, percent=walk_in, who=today, name_en="Joined today"))
    return shares


def _sessions(draft: RouteDraft) -> list[SessionDraft]:
    return [
        SessionDraft(
            datetime.combine(stop.day, starts, tzinfo=ZONE),
            datetime.combine(stop.day, ends, tzinfo=ZONE),
            draft.places,
            place=stop.site,
            place_en=stop.site_en,
            region=stop.region,
        )
        for stop in draft.stops
        for starts, ends in draft.windows
    ]


def _place(route: BusRoute, draft: RouteDraft) -> None:
    sites: dict[str, BusSite] = {}
    for stop in draft.stops:
        if stop.site not in sites:
            sites[stop.site] = BusSite(
                route=route, name=stop.site, name_en=stop.site_en, address=stop.address, region=stop.region
            )
    BusSite.objects.bulk_create(sites.values())
    days = {stop.day: BusDay(route=route, site=sites[stop.site], day=stop.day) for stop in draft.stops}
    BusDay.objects.bulk_create(days.values())
    BusWindow.objects.bulk_create(
        BusWindow(bus_day=days[local_day(session.starts_at)], session=session)
        for session in route.offer.sessions.order_by("starts_at", "pk")
    )


@transaction.atomic
def assign_device(
    *, actor: Actor, bus_day: BusDay, device: PartnerDevice, also_later: bool = False, now: datetime
) -> BusDevice:
    """Let a partner's device scan at a day of the bus; each gets a letter for the numbers that it gives out.

    :param also_later: on every later day of the route, too, as far as letters go.
    :raises NotFound: a device of a union out of reach, or one that was revoked.
    :raises Conflict: it is there already, or the day is over, or there are 24 of them.
    """
    union = bus_day.route.offer.union
    actor.require(Permission.EDIT_OFFERS, at=union)
    actor.require(Permission.EDIT_OFFERS, at=device.union)
    if bus_day.day < local_day(now) or device.revoked_at is not None:
        raise Conflict("day_over", _("This day is over, or the device was shut out."))
    letter = _letter(set(BusDevice.objects.filter(bus_day=bus_day).values_list("letter", flat=True)))
    if not letter:
        raise Conflict("too_many_devices", _("No more devices can scan on one day."))
    row = BusDevice(bus_day=bus_day, device=device, letter=letter)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("assigned_before", _("This device scans there already.")) from error
    days = 1 + (_assign_later(bus_day, device) if also_later else 0)
    record(actor, "activities.device_assigned", bus_day, now=now, union_path=union.path, device=str(device.pk),
           days=days)  # fmt: skip
    return row


def _letter(used: set[str]) -> str:
    return next((each for each in _LETTERS if each not in used), "")


def _assign_later(bus_day: BusDay, device: PartnerDevice) -> int:
    """Put a device at the later days of a route where it is not yet and a letter is free; return at how many."""
    later = BusDay.objects.filter(route=bus_day.route_id, state=DayState.PLANNED, day__gt=bus_day.day)
    at: dict[UUID, dict[UUID, str]] = {pk: {} for pk in later.order_by("day", "pk").values_list("pk", flat=True)}
    for day, known, letter in BusDevice.objects.filter(bus_day__in=at).values_list("bus_day", "device", "letter"):
        at[day][known] = letter
    free = [(day, _letter(set(known.values()))) for day, known in at.items() if device.pk not in known]
    rows = [BusDevice(bus_day_id=day, device=device, letter=letter) for day, letter in free if letter]
    return len(BusDevice.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def withdraw_device(*, actor: Actor, bus_day: BusDay, device_id: UUID, now: datetime) -> None:
    """Let a device scan no more at a day; its part of the places for people without a booking goes to the others.

    :raises NotFound, NotAllowed: out of reach, no permission, or it does not scan there.
    :raises Conflict: it has let people in, and may still have to tell of some.
    """
    union = bus_day.route.offer.union
    actor.require(Permission.EDIT_OFFERS, at=union)
    row = BusDevice.objects.select_for_update().filter(bus_day=bus_day, device=device_id).first()
    if row is None:
        raise NotFound
    if Arrival.objects.filter(bus_day=bus_day, device=device_id).exists():
        raise Conflict(
            "has_let_in", _("It has let people in on this day, and stays. A lost device is shut out instead.")
        )
    row.delete()
    record(actor, "activities.device_withdrawn", bus_day, now=now, union_path=union.path, device=str(device_id))
