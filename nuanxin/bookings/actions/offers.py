"""Making offers and leading them through their life."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.draws import keep_promise
from nuanxin.bookings.actions.ending import close_lists, end_all
from nuanxin.bookings.actions.events import OfferClosed
from nuanxin.bookings.actions.granting import lock_pools
from nuanxin.bookings.models import Booking, Offer, Waiting
from nuanxin.bookings.queries.named import with_names
from nuanxin.bookings.queries.terms import forget_terms
from nuanxin.bookings.rules.eligibility import read_checks
from nuanxin.bookings.states import (
    COMING,
    OFFER_MOVES,
    EndReason,
    NoShowRule,
    OfferState,
    Period,
    Way,
)
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.ids import application_number
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.states import move
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union


@dataclass(frozen=True, slots=True)
class Draft:
    """What an offer says, field by field as `models.Offer`; times with their zone."""

    kind: str
    name: str
    opens_at: datetime
    closes_at: datetime
    name_en: str = ""
    about: str = ""
    about_en: str = ""
    service: str = ""
    way: str = Way.FIRST_COME
    waits: bool = False
    hold_minutes: int = 0
    offer_minutes: int = 120
    most_seats: int = 1
    limit_kind: str = ""
    limit_period: str = Period.EVER
    limit_count: int = 0
    renews: bool = False
    checks: list[dict[str, Any]] = field(default_factory=lambda: [{"check": "member"}])
    cancel_until_hours: int = 0
    no_show: str = NoShowRule.COUNTS
    bar_days: int = 0
    early_minutes: int = 60


#: What may still be changed once people may see an offer; the rest is what they were promised.
LATER = ("name", "name_en", "about", "about_en", "closes_at", "offer_minutes", "early_minutes", "service")


@transaction.atomic
def make_offer(*, actor: Actor, union: Union, draft: Draft, now: datetime) -> Offer:
    """Make a draft of an offer; its sessions and shares come next (`actions.places`), then it is announced.

    :raises NotFound, NotAllowed: a union out of reach, or no permission to make offers there.
    :raises Invalid: what cannot be right, field by field.
    """
    actor.require(Permission.EDIT_OFFERS, at=union)
    offer = Offer(
        number=application_number(local_day(now)),
        union=union,
        created_at=now,
        created_by_id=actor.account_id,
        **_values(draft),
    )
    offer.save(force_insert=True)
    record(actor, "bookings.offer_made", offer, now=now, union_path=union.path, number=offer.number, kind=offer.kind)
    return offer


@transaction.atomic
def change_offer(*, actor: Actor, offer: Offer, draft: Draft, now: datetime) -> Offer:
    """Change what an offer says: all of it in a draft; once it is announced, only what takes nothing from anybody.

    :raises Conflict: the offer is over, or what people were promised would change.
    """
    actor.require(Permission.EDIT_OFFERS, at=offer.union)
    values = _values(draft)
    changed = sorted(name for name, value in values.items() if getattr(offer, name) != value)
    if offer.state in (OfferState.ENDED, OfferState.CANCELLED, OfferState.DRAWN):
        raise Conflict("offer_over", _("This offer is over."))
    if offer.state != OfferState.DRAFT and (kept := [name for name in changed if name not in LATER]):
        raise Conflict(
            "already_announced",
            _("People have been told this already; take the offer back to a draft first: %(fields)s.")
            % {"fields": ", ".join(kept)},
        )
    if not changed:
        return offer
    if "closes_at" in changed:
        keep_promise(offer.pk, closes_at=draft.closes_at)
    updated = Offer.objects.filter(pk=offer.pk, state=offer.state).update(**{name: values[name] for name in changed})
    if not updated:
        raise Conflict("already_moved", _("Somebody was quicker: this has already changed. Look again before acting."))
    for name in changed:
        setattr(offer, name, values[name])
    forget_terms(offer.pk)
    record(actor, "bookings.offer_changed", offer, now=now, union_path=offer.union.path, fields=changed)
    return offer


def _values(draft: Draft) -> dict[str, Any]:
    values = {each.name: getattr(draft, each.name) for each in fields(draft)}
    values["name"] = check_text(draft.name, field="name", most=100)
    if not values["name"]:
        raise Invalid("missing", _("This is needed."), field="name")
    for name, most in (("name_en", 150), ("about", 4000), ("about_en", 6000), ("kind", 30), ("service", 40)):
        values[name] = check_text(values[name], field=name, most=most)
    if draft.closes_at <= draft.opens_at:
        raise Invalid("closes_before_opening", _("It closes before it opens."), field="closes_at")
    for name, choices in (("way", Way), ("limit_period", Period), ("no_show", NoShowRule)):
        if values[name] not in choices.values:
            raise Invalid("unknown_choice", _("This is not one of the choices."), field=name)
    for name, least, most in _BOUNDS:
        if not least <= values[name] <= most:
            words = _("Please write a number from %(least)s to %(most)s.") % {"least": least, "most": most}
            raise Invalid("out_of_bounds", words, field=name)
    if draft.limit_count and not draft.limit_kind:
        values["limit_kind"] = draft.kind
    if draft.renews and (draft.limit_count != 1 or draft.limit_period == Period.EVER):
        said = _("Whoever may have one anew in each period has one a day, a month or a year.")
        raise Invalid("bad_limit", said, field="limit_period")
    if draft.no_show == NoShowRule.BARS and not draft.bar_days:
        raise Invalid("missing", _("For how many days?"), field="bar_days")
    values["checks"] = with_names(read_checks(list(draft.checks)))
    return values


_BOUNDS = (
    ("hold_minutes", 0, 1440),
    ("offer_minutes", 0, 10_080),
    ("most_seats", 1, 20),
    ("limit_count", 0, 366),
    ("cancel_until_hours", 0, 8_760),
    ("bar_days", 0, 1_000),
    ("early_minutes", 0, 1_440),
)


@transaction.atomic
def _move(actor: Actor, offer: Offer, state: OfferState, now: datetime) -> Offer:
    actor.require(Permission.EDIT_OFFERS, at=offer.union)
    move(offer, OFFER_MOVES, state)
    forget_terms(offer.pk)
    record(actor, f"bookings.offer_{state.value}", offer, now=now, union_path=offer.union.path, number=offer.number)
    return offer


@transaction.atomic
def announce_offer(*, actor: Actor, offer: Offer, now: datetime) -> Offer:
    """Show a draft to people; it opens by itself at its hour.

    :raises Conflict: it has no places yet; :raises Moved: it is no draft any more.
    """
    _check_places(offer)
    return _move(actor, offer, OfferState.ANNOUNCED, now)


@transaction.atomic
def keep_back(*, actor: Actor, offer: Offer, now: datetime) -> Offer:
    """Keep the places of a draft back: nobody sees or books them; the union gives them (`actions.keeping`).

    :raises Conflict: it has no places yet; :raises Moved: it is no draft any more.
    """
    _check_places(offer)
    return _move(actor, offer, OfferState.KEPT, now)


def _check_places(offer: Offer) -> None:
    if not offer.pools.filter(capacity__gt=0).exists():
        raise Conflict("no_places", _("There are no places yet. Add sessions, or say how many places there are."))


@transaction.atomic
def retract_offer(*, actor: Actor, offer: Offer, now: datetime) -> Offer:
    """Take an announced offer back to a draft, before its hour.

    :raises Conflict: its draw was announced, its hour has come, or somebody has a place; :raises Moved: it is open.
    """
    keep_promise(offer.pk)
    if offer.opens_at <= now or Booking.objects.filter(offer=offer).exists():
        raise Conflict("already_open", _("It is open, or somebody has a place: it cannot be a draft again. Close it."))
    return _move(actor, offer, OfferState.DRAFT, now)


@transaction.atomic
def open_offer(*, actor: Actor, offer: Offer, now: datetime) -> Offer:
    """Open an announced or closed offer at once: from now, when its hour had not come yet.

    :raises Conflict: its last hour has passed: set a later one first.
    """
    if offer.closes_at <= now:
        raise Conflict("closes_passed", _("Its last hour has passed. Please set a later one first."))
    if offer.opens_at > now:
        Offer.objects.filter(pk=offer.pk).update(opens_at=now)
        offer.opens_at = now
    return _move(actor, offer, OfferState.OPEN, now)


def begin_offer(*, actor: Actor, offer: Offer, now: datetime) -> Offer:
    """Let an announced offer be open, its hour having come. :raises Moved: somebody was quicker."""
    return _move(actor, offer, OfferState.OPEN, now)


@transaction.atomic
def close_offer(*, actor: Actor, offer: Offer, now: datetime) -> Offer:
    """Take no more wishes; places that are given back still go to who waits."""
    _move(actor, offer, OfferState.CLOSED, now)
    announce(OfferClosed(offer.pk, offer.kind, offer.way, now))
    return offer


@transaction.atomic
def end_offer(*, actor: Actor, offer: Offer, now: datetime) -> Offer:
    """End an offer whose sessions are over: whoever still waits is off the list, and told.

    :raises Conflict: somebody has a place ahead.
    """
    if Booking.objects.filter(offer=offer, state__in=COMING, session__ends_at__gt=now).exists():
        raise Conflict("places_ahead", _("People have places ahead. Wait until they are over, or cancel the offer."))
    _move(actor, offer, OfferState.ENDED, now)
    close_lists(rows=Waiting.objects.filter(offer=offer), now=now, reason=str(_("It is over, and no place came free")))
    return offer


@transaction.atomic
def cancel_offer(*, actor: Actor, offer: Offer, reason: str, now: datetime) -> Offer:
    """Cancel an offer and every booking ahead, and tell everybody why who booked, applied or waits.

    :raises Invalid: no reason.
    """
    reason = check_text(reason, field="reason", most=200)
    if not reason:
        raise Invalid("missing", _("Please say why: everybody who booked is told."), field="reason")
    _move(actor, offer, OfferState.CANCELLED, now)
    lock_pools(offer.pk, None, everywhere=True)
    end_all(bookings=Booking.objects.filter(offer=offer), why=EndReason.OFFER, now=now, reason=reason)
    close_lists(rows=Waiting.objects.filter(offer=offer), now=now, reason=reason)
    return offer
