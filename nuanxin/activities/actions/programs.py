"""Programs of mobile events: made, planned line by line, announced, and seen from afar by a live link."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.activities.models import Event, Program
from nuanxin.activities.rules.events import Planned, read_plan
from nuanxin.activities.states.event import KIND, SERVICE
from nuanxin.bookings.actions.offers import Draft, announce_offer, make_offer
from nuanxin.bookings.actions.places import SessionDraft, divide_places
from nuanxin.bookings.models import Session
from nuanxin.bookings.states import OfferState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.ids import application_number
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.rows import insert
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union

#: A place at an event may be given back until so many hours before it.
_CANCEL_UNTIL = 2


@transaction.atomic
def make_program(
    *, actor: Actor, union: Union, name: object, name_en: object = "", starts_on: date, ends_on: date, now: datetime
) -> Program:
    """Begin a program of events.

    :raises NotFound, NotAllowed: a union out of reach, or no permission to make offers there.
    :raises Invalid: no name, or an end before the beginning.
    """
    actor.require(Permission.EDIT_OFFERS, at=union)
    label = check_text(name, field="name", most=60)
    if not label:
        raise Invalid("missing", _("Please fill this in."), field="name")
    if ends_on < starts_on:
        raise Invalid("dates", _("The end lies before the beginning."), field="ends_on")
    program = Program(
        number=application_number(local_day(now)),
        union=union,
        name=label,
        name_en=check_text(name_en, field="name_en", most=120),
        starts_on=starts_on,
        ends_on=ends_on,
        created_at=now,
    )
    insert(program)
    record(actor, "activities.program_made", program, now=now, union_path=union.path, number=program.number)
    return program


@transaction.atomic
def plan_events(*, actor: Actor, program: Program, plan: str, now: datetime) -> list[Event]:
    """Plan the events of a program, a line each: all of them or none. Each is a draft of an offer with one session.

    :raises Invalid: a line that cannot be read, with its number; an event outside of the program's days; one that is
        planned already, such as by a form that was sent twice.
    """
    actor.require(Permission.EDIT_OFFERS, at=program.union)
    lines = read_plan(plan, now=now)
    for each in lines:
        if not program.starts_on <= local_day(each.starts_at) <= program.ends_on:
            raise Invalid(
                "outside", _("“%(name)s” lies outside of the program's days.") % {"name": each.name}, field="plan"
            )
    _refuse_doubles(program, lines)
    made = [_plan(actor, program, each, now) for each in lines]
    record(
        actor, "activities.events_planned", program, now=now, union_path=program.union.path,
        number=program.number, events=len(made),
    )  # fmt: skip
    return made


def _refuse_doubles(program: Program, lines: Sequence[Planned]) -> None:
    """Refuse the same name at the same time and place twice in a program; others that plan wait until this is done."""
    Program.objects.select_for_update(of=("self",)).get(pk=program.pk)
    rows = Session.objects.filter(offer__in=Event.objects.filter(program=program).values("offer"))
    rows = rows.exclude(offer__state=OfferState.CANCELLED)
    known = set(rows.values_list("offer__name", "starts_at", "place"))
    for each in lines:
        if (each.name, each.starts_at, each.place) in known:
            raise Invalid("doubled", _("“%(name)s” is planned already.") % {"name": each.name}, field="plan")
        known.add((each.name, each.starts_at, each.place))


def _plan(actor: Actor, program: Program, each: Planned, now: datetime) -> Event:
    draft = Draft(
        kind=KIND,
        service=SERVICE,
        name=each.name,
        opens_at=now,
        closes_at=each.starts_at,
        waits=True,
        cancel_until_hours=_CANCEL_UNTIL,
    )
    offer = make_offer(actor=actor, union=program.union, draft=draft, now=now)
    session = SessionDraft(each.starts_at, each.ends_at, each.places, place=each.place, region=program.union.region)
    divide_places(actor=actor, offer=offer, sessions=[session], now=now)
    event = Event(program=program, offer=offer, kind=each.kind, created_at=now)
    insert(event)
    return event


@transaction.atomic
def announce_events(*, actor: Actor, program: Program, now: datetime) -> int:
    """Announce every event of a program that is still a draft: people may sign up from now on. Return how many.

    :raises Conflict: none is left to announce.
    """
    actor.require(Permission.EDIT_OFFERS, at=program.union)
    waiting = Event.objects.filter(program=program, offer__state=OfferState.DRAFT, offer__closes_at__gt=now)
    events = list(waiting.select_related("offer__union").order_by("pk"))
    if not events:
        raise Conflict("nothing_to_announce", _("There is no event left to announce."))
    for event in events:
        announce_offer(actor=actor, offer=event.offer, now=now)
    return len(events)


@transaction.atomic
def set_live_link(*, actor: Actor, event: Event, address: object, now: datetime) -> Event:
    """Say where an event can be watched; empty takes the link away.

    :raises Invalid: no whole address of a page.
    """
    actor.require(Permission.EDIT_OFFERS, at=event.offer.union)
    url = check_text(address, field="live_url", most=300)
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise Invalid("bad_address", _("Please write the whole address, such as https://…"), field="live_url")
    Event.objects.filter(pk=event.pk).update(live_url=url)
    event.live_url = url
    record(
        actor, "activities.live_link_set", event, now=now, union_path=event.offer.union.path,
        number=event.offer.number, shown=bool(url),
    )  # fmt: skip
    return event
