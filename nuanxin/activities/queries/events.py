"""Programs and events: as cadres lead them, and as members see them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, Sum

from nuanxin.access.states import Permission
from nuanxin.activities.models import Event, EventConsent, EventPhoto, Program
from nuanxin.bookings.models import Booking, Pool, Session
from nuanxin.bookings.states import LIVE, SHOWN, BookingState, OfferState
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.members.models import Membership
from nuanxin.members.states import MembershipState
from nuanxin.records.models import Attachment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


def visible_programs(actor: Actor) -> QuerySet[Program]:
    """Return the programs of the unions whose offers the actor may see."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.VIEW_BOOKINGS):
        reach |= Q(union__path__startswith=path)
    return Program.objects.filter(reach).select_related("union")


def get_program(actor: Actor, number: str) -> Program:
    """Return one program that the actor may see; 404 otherwise."""
    found = visible_programs(actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def get_event(actor: Actor, pk: UUID) -> Event:
    """Return one event of a program that the actor may see; 404 otherwise."""
    rows = Event.objects.select_related("program__union", "offer__union").filter(pk=pk)
    found = rows.filter(program__in=visible_programs(actor)).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Figures:
    """One event with its time and place, and how many: places, booked, came."""

    event: Event
    session: Session | None
    capacity: int
    taken: int
    came: int


def figures_of(events: Sequence[Event]) -> list[Figures]:
    """Return the figures of events, by three statements."""
    offers = [event.offer_id for event in events]
    sessions = {each.offer_id: each for each in Session.objects.filter(offer__in=offers).order_by("-starts_at", "-pk")}
    pools: dict[UUID, Any] = {
        row["offer"]: row
        for row in Pool.objects.filter(offer__in=offers)
        .values("offer")
        .annotate(all=Sum("capacity"), out=Sum("taken"))
        .order_by()
    }
    came = dict(
        Booking.objects.filter(offer__in=offers, state=BookingState.CHECKED_IN)
        .values_list("offer")
        .annotate(Count("pk"))
        .order_by()
    )
    return [
        Figures(
            event,
            sessions.get(event.offer_id),
            pools.get(event.offer_id, {}).get("all") or 0,
            pools.get(event.offer_id, {}).get("out") or 0,
            came.get(event.offer_id, 0),
        )
        for event in events
    ]


def events_of(program: Program) -> QuerySet[Event]:
    """Return the events of a program, in the order in which they begin."""
    rows = Event.objects.filter(program=program).select_related("offer__union", "program")
    return rows.order_by("offer__closes_at", "pk")


@dataclass(frozen=True, slots=True)
class Totals:
    """What a program has come to: events, places, people who signed up, people who came."""

    events: int
    over: int
    places: int
    taken: int
    came: int


def totals_of(programs: Sequence[Program], *, now: datetime) -> dict[UUID, Totals]:
    """Return what programs have come to, by three statements, however many they are."""
    events = Event.objects.filter(program__in=programs).exclude(offer__state=OfferState.CANCELLED)
    whose: dict[UUID, UUID] = {}
    over: list[UUID] = []
    for offer, program, closes_at in events.values_list("offer", "program", "offer__closes_at"):
        whose[offer] = program
        over += [program] * (closes_at <= now)
    places: Counter[UUID] = Counter()
    taken: Counter[UUID] = Counter()
    came: Counter[UUID] = Counter()
    pools = Pool.objects.filter(offer__in=list(whose)).values("offer").order_by()
    for row in pools.annotate(all=Sum("capacity"), out=Sum("taken")):
        places[whose[row["offer"]]] += row["all"]
        taken[whose[row["offer"]]] += row["out"]
    there = Booking.objects.filter(offer__in=list(whose), state=BookingState.CHECKED_IN)
    for offer, count in there.values_list("offer").annotate(Count("pk")).order_by():
        came[whose[offer]] += count
    planned, ended = Counter(whose.values()), Counter(over)
    return {
        each.pk: Totals(planned[each.pk], ended[each.pk], places[each.pk], taken[each.pk], came[each.pk])
        for each in programs
    }


def has_place(event: Event, worker_id: UUID) -> bool:
    """Answer whether somebody has a place at an event, or was there."""
    return Booking.objects.filter(offer=event.offer_id, worker=worker_id, state__in=LIVE).exists()


def events_for(actor: Actor, *, now: datetime) -> list[Event]:
    """Return the events ahead of the unions to which the signed-in worker belongs, soonest first.

    :raises NotSignedIn: no worker is signed in.
    """
    paths = _paths_of(actor)
    rows = Event.objects.filter(offer__state__in=SHOWN, offer__sessions__ends_at__gt=now, offer__union__path__in=paths)
    return list(rows.select_related("offer__union", "program").order_by("offer__closes_at", "pk").distinct()[:200])


def event_for(actor: Actor, pk: UUID) -> Event:
    """Return one event that a member of this worker's unions may see, or at which the worker was; 404 otherwise."""
    paths = _paths_of(actor)
    rows = Event.objects.select_related("offer__union", "program").filter(pk=pk)
    shown = (*SHOWN, OfferState.ENDED, OfferState.CANCELLED)
    found = rows.filter(offer__state__in=shown, offer__union__path__in=paths).first()
    if found is None:
        found = rows.filter(offer__bookings__worker=actor.worker_id).first()
    if found is None:
        raise NotFound
    return found


def past_events(actor: Actor, *, now: datetime) -> list[Event]:
    """Return the events at which the signed-in worker was, the newest first.

    :raises NotSignedIn: no worker is signed in.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    mine = Booking.objects.filter(worker=actor.worker_id, state=BookingState.CHECKED_IN).values("offer")
    rows = Event.objects.filter(offer__in=mine, offer__closes_at__lte=now)
    return list(rows.select_related("offer__union").order_by("-offer__closes_at", "-pk")[:50])


def _paths_of(actor: Actor) -> list[str]:
    """Return the paths of the worker's union and of every one above it."""
    if actor.worker_id is None:
        raise NotSignedIn
    rows = Membership.objects.filter(worker=actor.worker_id).exclude(state=MembershipState.ENDED)
    path = rows.values_list("union__path", flat=True).first() or ""
    parts = [part for part in path.split("/") if part]
    head = "/" if path.startswith("/") else ""
    return [head + "/".join(parts[:count]) + "/" for count in range(1, len(parts) + 1)]


def own_consent(actor: Actor, event: Event) -> EventConsent | None:
    """Return the consent that the signed-in worker has given for an event, unless it was withdrawn."""
    return EventConsent.objects.filter(event=event, worker=actor.worker_id, withdrawn_at=None).first()


def consents_of(event: Event) -> QuerySet[EventConsent]:
    """Return who has agreed to be seen on the photos of an event."""
    rows = EventConsent.objects.filter(event=event, withdrawn_at=None, worker__erased_at=None)
    return rows.select_related("worker").order_by("given_at", "pk")


def photos_of(event: Event) -> list[EventPhoto]:
    """Return the photos of an event, the newest first."""
    return list(
        EventPhoto.objects.filter(event=event).prefetch_related("people__consent__worker").order_by("-pk")[:200]
    )


def photo_file(event: Event, pk: UUID) -> Attachment:
    """Return the file of a photo of an event; 404 when it is gone."""
    rows = EventPhoto.objects.filter(event=event, pk=pk).values("pk")
    found = Attachment.objects.filter(subject_id__in=rows).first()
    if found is None:
        raise NotFound
    return found


def get_photo(event: Event, pk: UUID) -> EventPhoto:
    """Return one photo of an event; 404 otherwise."""
    found = EventPhoto.objects.select_related("event__offer__union").filter(event=event, pk=pk).first()
    if found is None:
        raise NotFound
    return found
