"""Draws as everybody may see them, as the one who entered sees it, and as the desk does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from nuanxin.access.states import Permission
from nuanxin.bookings.models import Draw, Entry, Offer
from nuanxin.bookings.queries.draw_lists import published
from nuanxin.bookings.rules.draws import RULE, TICKET_LENGTH, reveal_until
from nuanxin.bookings.states import SHOWN, DrawState, OfferState, PagePart, ShareKind, WaitingState, Way
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.kernel.remember import remembered
from nuanxin.kernel.text import compact

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

#: In these everybody may see a draw: also of an offer that is over, for as long as it is kept.
_SEEN = (*SHOWN, OfferState.ENDED, OfferState.CANCELLED)


def public_draw(key: str) -> Draw:
    """Return a draw that was announced, by the number of its offer or by its id.

    :raises NotFound: there is none, or its offer is still a draft.
    """
    try:
        which = Q(pk=UUID(key)) | Q(offer=UUID(key))
    except ValueError:
        which = Q(offer__number=key)
    found = Draw.objects.filter(which, offer__state__in=_SEEN).select_related("offer__union").first()
    if found is None:
        raise NotFound
    return found


def public_draws(*, text: str = "") -> QuerySet[Draw]:
    """Return the draws that everybody may see and that fit: a part of the name, or the number of the offer."""
    rows = Draw.objects.filter(offer__state__in=_SEEN).select_related("offer__union")
    if text:
        named = Q(offer__name__icontains=text) | Q(offer__name_en__icontains=text)
        rows = rows.filter(named | Q(offer__number__iexact=text))
    return rows


def public_file(draw: Draw) -> dict[str, Any]:
    """Return the public file: all that is published by now, and enough to recheck once it is drawn. Nobody is in it."""
    offer = draw.offer
    is_frozen = draw.state != DrawState.ANNOUNCED
    is_confirmed = draw.value_confirmed_at is not None
    is_revealed = draw.revealed_at is not None
    places = [{name: each[name] for name in ("share", "session", "places", "kind")} for each in draw.places]
    return {
        "rule": RULE,
        "id": str(draw.pk),
        "state": draw.state,
        "offer": _offer(offer),
        "announced_at": _at(draw.announced_at),
        "commitment": bytes(draw.commitment).hex(),
        "shares": [{name: each[name] for name in ("code", "name", "name_en", "kind")} for each in draw.shares],
        "fill": [each["code"] for each in draw.shares if each["kind"] in (ShareKind.RESERVED, ShareKind.OPEN)],
        "source": {
            "name": draw.source,
            "name_en": draw.source_en,
            "link": draw.source_link,
            "value_at": _at(draw.value_at),
            "reveal_until": _at(reveal_until(draw.value_at)),
            "earlier": draw.earlier,
        },
        "frozen_at": _at(draw.frozen_at),
        "list_digest": bytes(draw.list_digest or b"").hex(),
        "sessions": draw.sessions,
        "places": [each for each in places if each["kind"] != ShareKind.MOST],
        "most": [each for each in places if each["kind"] == ShareKind.MOST],
        "tickets": published(draw, PagePart.LIST) if is_frozen else [],
        "value": {
            "text": draw.value if is_confirmed else "",
            "link": draw.value_link if is_confirmed else "",
            "entered_at": _at(draw.value_entered_at) if is_confirmed else None,
            "confirmed_at": _at(draw.value_confirmed_at),
        },
        "reveal": {
            "seed": draw.seed,
            "by_value_alone": draw.by_value_alone,
            "at": _at(draw.revealed_at) if is_revealed else None,
        },
        "drawn_at": _at(draw.drawn_at),
        "winners": published(draw, PagePart.WINNERS) if draw.state == DrawState.DRAWN else [],
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "id": str(offer.pk),
        "number": offer.number,
        "name": offer.name,
        "name_en": offer.name_en,
        "union": offer.union.name,
        "union_en": offer.union.name_en,
        "opens_at": _at(offer.opens_at),
        "closes_at": _at(offer.closes_at),
    }


def public_text(draw: Draw) -> str:
    """Return the public file as it is written, remembered for seconds: everybody may ask for it at once."""
    key = f"bookings.draw_file.{draw.pk}.{draw.state}.{draw.value_at}.{draw.offer.state}"
    return remembered(key, seconds=10, make=lambda: json.dumps(public_file(draw), ensure_ascii=False, indent=1))


def _at(moment: datetime | None) -> str | None:
    return moment.astimezone(ZONE).isoformat(timespec="seconds") if moment else None


def ticket_of(waiting_id: UUID) -> str:
    """Return the ticket that a wish has in a draw; empty: it has none."""
    return Entry.objects.filter(waiting=waiting_id).values_list("ticket", flat=True).first() or ""


@dataclass(frozen=True, slots=True)
class Mine:
    """How somebody stands to a draw.

    :param has_left: gave the wish up after entering; the ticket is on the list all the same once that is frozen.
    """

    entry: Entry
    has_left: bool
    is_waiting: bool
    booking_number: str


def own_entry(actor: Actor, number: str) -> Mine:
    """Return the ticket of the signed-in person for an offer; the last one, where somebody left and entered again.

    :raises NotSignedIn: no worker is signed in; :raises NotFound: has not entered.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    found = (
        Entry.objects.filter(draw__offer__number=number, waiting__worker=actor.worker_id)
        .select_related("draw__offer__union", "waiting__booking")
        .order_by("-pk")
        .first()
    )
    if found is None:
        raise NotFound
    row = found.waiting
    return Mine(
        found,
        row.state == WaitingState.LEFT,
        row.state in (WaitingState.WAITING, WaitingState.OFFERED),
        row.booking.number if row.booking is not None else "",
    )


def has_draw(offer: Offer) -> bool:
    """Answer whether a draw was announced for an offer."""
    return Draw.objects.filter(offer=offer).exists()


def has_ticket(actor: Actor, offer: Offer) -> bool:
    """Answer whether the signed-in person has, or had, a ticket in an offer's draw."""
    return Entry.objects.filter(draw__offer=offer, waiting__worker=actor.worker_id).exists()


def find_lotteries(actor: Actor, *, text: str = "", state: str = "") -> QuerySet[Offer]:
    """Return the offers given by lot in reach that fit, each with its draw where one was announced.

    :param text: a part of the name, or the whole number.
    :param state: of the draw; `none`: not announced yet.
    """
    actor.require(Permission.VIEW_BOOKINGS)
    rows = Offer.objects.filter(_within(actor, Permission.VIEW_BOOKINGS, "union"), way=Way.LOTTERY)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Q(number__iexact=text))
    if state:
        rows = rows.filter(draw=None) if state == "none" else rows.filter(draw__state=state)
    return rows.select_related("union", "draw")


def lottery(actor: Actor, number: str) -> tuple[Offer, Draw | None]:
    """Return an offer given by lot, and its draw where one was announced.

    :raises NotFound: there is none in reach.
    """
    actor.require(Permission.VIEW_BOOKINGS)
    offers = Offer.objects.filter(_within(actor, Permission.VIEW_BOOKINGS, "union"), way=Way.LOTTERY, number=number)
    offer = offers.select_related("union").first()
    if offer is None:
        raise NotFound
    people = ("announced_by", "value_entered_by", "value_confirmed_by")
    draw = Draw.objects.filter(offer=offer).select_related(*people).first()
    if draw is not None:
        draw.offer = offer
    return offer, draw


def draws_to_do(actor: Actor, *, now: datetime) -> int:
    """Return how many draws wait for a cadre: a value to type or to confirm, or an hour to announce anew."""
    late = Q(state=DrawState.ANNOUNCED, value_at__lte=now)
    due = Q(state__in=(DrawState.FROZEN, DrawState.VALUED), value_at__lte=now)
    over = (OfferState.CANCELLED, OfferState.ENDED, OfferState.DRAFT)
    rows = Draw.objects.filter(late | due, _within(actor, Permission.EDIT_OFFERS, "offer__union"))
    return rows.exclude(offer__state__in=over).count()


def _within(actor: Actor, permission: str, union: str) -> Q:
    reach = Q(pk=None)
    for path in actor.reach(permission):
        reach |= Q(**{f"{union}__path__startswith": path})
    return reach


def entered(draw: Draw) -> int:
    """Return how many take part by now."""
    if draw.state != DrawState.ANNOUNCED:
        return draw.tickets
    return Entry.objects.filter(draw=draw, waiting__state=WaitingState.APPLIED).count()


@dataclass(frozen=True, slots=True)
class Found:
    """What is published of one ticket."""

    ticket: str
    is_listed: bool
    position: int | None
    won: str


def find_ticket(draw: Draw, typed: str) -> Found:
    """Return what is published of a ticket, as somebody typed it; before the list is published, nothing is."""
    ticket = compact(typed).upper()[: TICKET_LENGTH * 2]
    if draw.state == DrawState.ANNOUNCED:
        return Found(ticket, False, None, "")
    line = next((line for line in published(draw, PagePart.LIST) if line.split(" ", 1)[0] == ticket), None)
    if line is None:
        return Found(ticket, False, None, "")
    entry = Entry.objects.filter(draw=draw, ticket=ticket).only("position", "won").first()
    return Found(ticket, True, entry.position if entry else None, entry.won if entry else "")
