"""Recuperation: offers within the dated rules, with departures as sessions, and companions who come along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.activities.models import Companion, Recuperation
from nuanxin.activities.queries.recuperation import bookings_of_stay, travelers_of
from nuanxin.activities.rules.recuperation import (
    INSIDE,
    OUTSIDE,
    PER_YEAR,
    RULES,
    YEARS_OUTSIDE,
    check_allowed,
)
from nuanxin.bookings.actions.offers import Draft, make_offer
from nuanxin.bookings.actions.places import EVERYBODY, SessionDraft, divide_places
from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import COMING, Period, Way
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.text import check_text
from nuanxin.members.models import Worker
from nuanxin.organizations.queries.rules import dated_rules
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from uuid import UUID

    from nuanxin.activities.queries.recuperation import Traveler
    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union


@dataclass(frozen=True, slots=True)
class StayDraft:
    """What is offered; `departures` are first days."""

    name: str
    destination: str
    is_outside: bool
    days: int
    yuan_per_day: Decimal
    departures: Sequence[date]
    places: int
    opens_at: datetime
    closes_at: datetime
    name_en: str = ""
    destination_en: str = ""
    about: str = ""
    about_en: str = ""
    companions: int = 0
    companion_yuan: Decimal = Decimal(0)
    way: str = Way.PRIORITY
    checks: list[dict[str, Any]] = field(default_factory=lambda: [{"check": "member"}])


@transaction.atomic
def offer_recuperation(*, actor: Actor, union: Union, draft: StayDraft, now: datetime) -> Recuperation:
    """Make a draft of an offer of recuperation, within the rules in force for the union; it is announced as any offer.

    :raises NotFound, NotAllowed: a union out of reach, or no permission to make offers there.
    :raises Invalid: longer or dearer than the rules allow, no departure, or what the offer says.
    """
    actor.require(Permission.EDIT_OFFERS, at=union)
    decided = dated_rules(*RULES, union=union, on=local_day(now))
    rules = {name: int(each.value) for name, each in decided.items()}
    check_allowed(is_outside=draft.is_outside, days=draft.days, yuan_per_day=draft.yuan_per_day, rules=rules)
    if not draft.departures or min(draft.departures) <= local_day(now):
        raise Invalid("missing", _("Please give at least one departure ahead."), field="departures")
    if not 0 <= draft.companions <= 5:
        raise Invalid("out_of_range", _("At most five companions."), field="companions")
    checks = list(draft.checks)
    if draft.is_outside and rules[YEARS_OUTSIDE]:
        checks.append({"check": "not_served_for", "kind": OUTSIDE, "years": rules[YEARS_OUTSIDE]})
    offer = make_offer(actor=actor, union=union, draft=_offer(draft, checks, rules[PER_YEAR]), now=now)
    divide_places(actor=actor, offer=offer, shares=(EVERYBODY,), sessions=_departures(draft), now=now)
    stay = Recuperation(
        offer=offer,
        destination=check_text(draft.destination, field="destination", most=100),
        destination_en=check_text(draft.destination_en, field="destination_en", most=150),
        is_outside=draft.is_outside,
        days=draft.days,
        yuan_per_day=draft.yuan_per_day,
        companion_yuan=draft.companion_yuan,
        rules=[{"rule": name, "value": rules[name], "source": decided[name].row.source_note} for name in RULES],
        created_at=now,
    )
    stay.save(force_insert=True)
    record(actor, "activities.recuperation_offered", stay, now=now, union_path=union.path, number=offer.number)
    return stay


def _offer(draft: StayDraft, checks: list[dict[str, Any]], per_year: int) -> Draft:
    return Draft(
        kind=OUTSIDE if draft.is_outside else INSIDE,
        service="recuperation",
        name=draft.name,
        name_en=draft.name_en,
        about=draft.about,
        about_en=draft.about_en,
        opens_at=draft.opens_at,
        closes_at=draft.closes_at,
        way=draft.way,
        waits=True,
        most_seats=1 + draft.companions,
        limit_kind=INSIDE,
        limit_period=Period.YEAR,
        limit_count=per_year,
        checks=checks,
        cancel_until_hours=72,
    )


def _departures(draft: StayDraft) -> list[SessionDraft]:
    return [
        SessionDraft(
            datetime.combine(day, time(8), tzinfo=ZONE),
            datetime.combine(day + timedelta(days=draft.days - 1), time(18), tzinfo=ZONE),
            draft.places,
            place=draft.destination,
            place_en=draft.destination_en,
        )
        for day in sorted(set(draft.departures))
    ]


@transaction.atomic
def name_companions(
    *, actor: Actor, booking_id: Any, companions: Sequence[tuple[str, str]], now: datetime
) -> list[Companion]:
    """Say who comes along: as many as places were booked besides one's own. What was said before is replaced.

    :param companions: name and relation of each.
    :raises NotFound: not the member's own booking of a recuperation.
    :raises Conflict: the place is not ahead any more.
    :raises Invalid: more or fewer people than places.
    """
    held = Booking.objects.select_for_update(no_key=True, of=("self",))  # so that two who say it follow one another
    booking = held.select_related("offer__union").filter(pk=booking_id).first()
    if booking is None or actor.kind != "worker" or actor.worker_id != booking.worker_id:
        raise NotFound
    if not Recuperation.objects.filter(offer=booking.offer_id).exists():
        raise NotFound
    if booking.state not in COMING:
        raise Conflict("not_ahead", _("This place is not ahead any more."))
    if len(companions) != booking.seats - 1:
        words = _("Please name %(count)s people: as many as you booked for.") % {"count": booking.seats - 1}
        raise Invalid("wrong_number", words, field="companions")
    key = PersonKey(Worker.objects.only("sealed_key").get(pk=booking.worker_id).sealed_key)
    Companion.objects.filter(booking=booking).delete()
    rows = [
        Companion(
            booking=booking,
            nth=nth,
            sealed_name=key.seal(_needed(name)),
            sealed_relation=key.seal(check_text(relation, field="companions", most=20)),
        )
        for nth, (name, relation) in enumerate(companions, start=1)
    ]
    Companion.objects.bulk_create(rows)
    record(actor, "activities.companions_named", booking, now=now, union_path=booking.offer.union.path,
           count=len(rows))  # fmt: skip
    return rows


@transaction.atomic
def export_travelers(*, actor: Actor, stay: Recuperation, session: UUID | None = None, now: datetime) -> list[Traveler]:
    """Return who goes along, members and companions by name, for whoever books tickets and rooms; that is written down.

    :param session: one departure; none: all of them.
    :raises NotFound, NotAllowed: out of reach, or no permission to take lists out at the union of the stay.
    """
    union = stay.offer.union
    actor.require(Permission.EXPORT_BOOKINGS, at=union)
    rows = travelers_of(list(bookings_of_stay(stay, session=session).order_by("session__starts_at", "pk")))
    record(actor, "activities.travelers_exported", stay, now=now, union_path=union.path, number=stay.offer.number,
           session=str(session or ""), rows=len(rows))  # fmt: skip
    return rows


def _needed(name: str) -> str:
    text = check_text(name, field="companions", most=40)
    if not text:
        raise Invalid("missing", _("Please write everybody's name."), field="companions")
    return text
