"""What is offered: what applies to me and why the rest does not; one offer, and booking it with one tap."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.benefits.queries.line import is_lined
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.outcomes import Wish
from nuanxin.bookings.queries.browsing import days_of, line_of, offer_for, offers_for, sessions_of
from nuanxin.bookings.queries.draws import has_ticket
from nuanxin.bookings.queries.own import own_booking
from nuanxin.bookings.rules.priority import in_words
from nuanxin.bookings.states import Answer, OfferState, ShareKind, WaitingState, Way
from nuanxin.kernel.refusals import NotFound, NotSignedIn, Refusal
from nuanxin.regions.queries import get_regions
from nuanxin.web.kit.offers import (
    KINDS,
    day_in_words,
    for_whom,
    hours,
    in_language,
    kind_icon,
    kind_name,
    offer_state,
    reasons,
    terms_in_words,
)
from nuanxin.web.kit.templatetags.kit import date_cn, local_name
from nuanxin.web.worker.bookings.links import draw_address, offer_address, way_out
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.bookings.actions.outcomes import Outcome
    from nuanxin.bookings.models import Session
    from nuanxin.bookings.queries.browsing import DayAt, Seen
    from nuanxin.web.worker.requests import WorkerRequest

#: So many offers are shown before one asks for all of them.
_FIRST = 20
#: So many sessions are shown at once; of more, one first chooses the place and the day.
_AT_ONCE = 12


@never_cache
@require_safe
def offers(request: WorkerRequest) -> HttpResponse:
    """Show what I may book, by kind and place; below, the rest, each with every reason and what to do."""
    found = offers_for(request.actor, now=request.now, service=request.GET.get("service", "")[:40])
    kinds = list(dict.fromkeys(each.offer.kind for each in found))
    counties = get_regions({code for each in found for code in each.span.counties})
    kind, place = request.GET.get("kind", ""), request.GET.get("place", "")
    text = request.GET.get("q", "").strip()[:60]
    kept = [each for each in found if _fits(each, kind, place) and _says(each, text)]
    mine = [each for each in kept if each.is_for_me]
    shown = mine if request.GET.get("all") else mine[:_FIRST]
    context = {
        "page_title": _("Book and take part"),
        "back_url": reverse("worker:home"),
        "tabs": tabs(request),
        "kinds": [{"code": code, "name": kind_name(code), "icon": kind_icon(code)} for code in KINDS if code in kinds],
        "places": sorted(((code, local_name(region)) for code, region in counties.items())),
        "kind": kind,
        "place": place,
        "text": text,
        "searches": bool(text) or len(found) > _FIRST,
        "mine": [_line(each) for each in shown],
        "more": len(mine) - len(shown),
        "others": [_line(each) for each in kept if not each.is_for_me],
        "narrowed": bool(kind or place or text),
    }
    return render(request, "worker/bookings/offers.html", context)


def _fits(seen: Seen, kind: str, place: str) -> bool:
    if kind and seen.offer.kind != kind:
        return False
    return not place or not seen.span.counties or place in seen.span.counties


def _says(seen: Seen, text: str) -> bool:
    """Answer whether an offer's name, union or one of its places holds what was typed."""
    offer, union = seen.offer, seen.offer.union
    said = [offer.name, offer.name_en, union.name, union.name_en, *(name for each in seen.span.places for name in each)]
    return any(text.casefold() in each.casefold() for each in said)


def _line(seen: Seen) -> dict[str, Any]:
    offer, span = seen.offer, seen.span
    places = [in_language(*each) for each in span.places]
    when = ""
    if span.first_at and span.last_at:
        first, last = day_in_words(span.first_at), day_in_words(span.last_at)
        when = first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}
    return {
        "url": offer_address(offer),
        "offer": offer,
        "icon": kind_icon(offer.kind),
        "when": when,
        "where": places[0]
        if len(places) == 1
        else _("%(count)s places to choose from") % {"count": len(places)}
        if places
        else "",
        "standing": _standing(seen),
        "reasons": way_out(reasons(seen.verdict.failed)),
    }


def _standing(seen: Seen) -> dict[str, str]:
    """Say in a few words how I stand to an offer."""
    if seen.own is not None:
        if seen.own.hold_until is not None:
            return {"label": _("A place is kept for you"), "tone": "wait"}
        return {"label": _("You have a place"), "tone": "good"}
    if seen.waiting is not None and seen.waiting.state == WaitingState.APPLIED and seen.offer.way == Way.LOTTERY:
        return {"label": _("You are in the draw"), "tone": "wait"}
    if seen.waiting is not None:
        return {"label": str(WaitingState(seen.waiting.state).label), "tone": "wait"}
    if seen.verdict.failed and seen.verdict.failed[0].code == "not_yet_open":
        return {"label": _("Opens on %(day)s") % {"day": date_cn(seen.offer.opens_at)}, "tone": "info"}
    if seen.offer.state == OfferState.CLOSED or "closed" in {each.code for each in seen.verdict.failed}:
        return {"label": _("Booking closed"), "tone": ""}
    if not seen.is_for_me:
        return {"label": _("Not for you now"), "tone": ""}
    if seen.offer.way != Way.FIRST_COME:
        return {"label": _("Apply now"), "tone": "good"}
    if seen.free:
        return {"label": _("%(count)s places left") % {"count": seen.free}, "tone": "good"}
    if seen.offer.waits:
        return {"label": _("Full: you may wait"), "tone": "wait"}
    return {"label": _("Full"), "tone": ""}


@never_cache
@require_safe
def offer(request: WorkerRequest, number: str) -> HttpResponse:
    """Show one offer: what, when, where, what is left of each share, by what rules; and the button."""
    return _page(request, offer_for(request.actor, number, now=request.now), request.GET)


def _page(request: WorkerRequest, seen: Seen, chosen: Any, *, refused: Outcome | Refusal | None = None) -> HttpResponse:
    found = seen.offer
    may = not seen.verdict.failed and seen.own is None and seen.waiting is None
    context = {
        "page_title": kind_name(found.kind),
        "back_url": reverse("worker:offers"),
        "tabs": tabs(request),
        "seen": seen,
        "offer": found,
        "about": in_language(found.about, found.about_en),
        "icon": kind_icon(found.kind),
        "state": offer_state(found.state),
        "standing": _standing(seen),
        "shares": _shares(seen),
        "audience": for_whom(found.checks),
        "terms": terms_in_words(found),
        "reasons": way_out(reasons(seen.verdict.failed)) if seen.own is None else [],
        "refused": way_out(reasons(refused.reasons)) if refused and not isinstance(refused, Refusal) else [],
        "refusal": refused if isinstance(refused, Refusal) else None,
        "may": may,
        "asks_check_up": found.way == Way.PRIORITY and found.kind == "check_up",
        "said": chosen.get("employer_check_up", ""),
        "seats": chosen.get("seats", "1"),
        "seat_choices": range(1, found.most_seats + 1),
        "draw_url": draw_address(found),
        "has_ticket": found.way == Way.LOTTERY and has_ticket(request.actor, found),
        **_own(request, seen),
        **(_choice(request, seen, chosen) if may and seen.span.count else {}),
    }
    return render(request, "worker/bookings/offer.html", context, status=409 if refused else 200)


def _own(request: WorkerRequest, seen: Seen) -> dict[str, Any]:
    """Return what I have of this offer: a booking, or my place in the line."""
    if seen.own is not None:
        return {"booking": own_booking(request.actor, seen.own.number)}
    if seen.waiting is None:
        return {}
    line, length = line_of(seen.waiting)
    return {"waiting": seen.waiting, "line": line, "length": length, "points": in_words(seen.waiting.points)}


def _shares(seen: Seen) -> list[dict[str, Any]]:
    """Return each share: for whom, how many places, how many left, and whether I may have one of it."""
    mine = {share.id for share in seen.terms.seat_shares(seen.standing.facts)} if seen.is_for_me else set()
    rows = []
    for share, capacity, free in seen.shares():
        if share.kind == ShareKind.MOST:
            continue
        name = in_language(share.name, share.name_en)
        rows.append(
            {"name": name, "capacity": capacity, "free": free, "mine": share.id in mine, "opens_at": share.opens_at}
        )
    return rows


def _choice(request: WorkerRequest, seen: Seen, chosen: Any) -> dict[str, Any]:
    """Return what there is to choose from: sessions; of many, first a place, then a day."""
    if seen.span.count <= _AT_ONCE:
        found = sessions_of(seen, now=request.now)
        only = str(found[0].pk) if len(found) == 1 else ""
        return {"days": _by_day(found), "chosen": chosen.get("session", only)}
    places = [place for place, _english in seen.span.places]
    place = chosen.get("place", "")
    place = place if place in places or not places else _with_room(days_of(seen, now=request.now))
    days = days_of(seen, now=request.now, place=place if places else None)
    day = _day(chosen.get("day", ""), days)
    return {
        "place_choices": [(place, in_language(place, english)) for place, english in seen.span.places],
        "at": place,
        "day_choices": [{"day": each.day, "free": each.free, "now": each.day == day} for each in days],
        "day": day,
        "days": _by_day(sessions_of(seen, now=request.now, place=place if places else None, day=day)),
        "chosen": chosen.get("session", ""),
    }


def _with_room(days: list[DayAt]) -> str:
    return next((each.place for each in days if each.free), days[0].place if days else "")


def _day(text: str, days: list[DayAt]) -> date | None:
    wanted = next((each.day for each in days if each.day.isoformat() == text), None)
    first = next((each.day for each in days if each.free), days[0].day if days else None)
    return wanted or first


def _by_day(sessions: list[Session]) -> list[dict[str, Any]]:
    days: dict[str, list[dict[str, Any]]] = {}
    for each in sessions:
        row = {
            "key": str(each.pk),
            "hours": hours(each),
            "place": in_language(each.place, each.place_en),
            "free": each.free,  # type: ignore[attr-defined]
        }
        days.setdefault(day_in_words(each.starts_at), []).append(row)
    return [{"day": day, "sessions": rows} for day, rows in days.items()]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def book_it(request: WorkerRequest, number: str) -> HttpResponse:
    """Book with one tap. Tapping twice changes nothing: the answer is the place one has."""
    if request.actor.worker_id is None:
        raise NotSignedIn
    if request.method != "POST":
        return _page(request, offer_for(request.actor, number, now=request.now), request.GET)
    seen = offer_for(request.actor, number, now=request.now)
    if is_lined(seen.offer.pk):
        return redirect("worker:coupon_offer", number=number)
    session = _session(request.POST.get("session", ""))
    if seen.span.count and session is None and seen.own is None and seen.offer.way == Way.FIRST_COME:
        messages.warning(request, _("Please choose a time first."))
        return _page(request, seen, request.POST)
    said = {"yes": {"employer_check_up": True}, "no": {"employer_check_up": False}}
    wish = Wish(seats=_seats(request.POST.get("seats", "")), said=said.get(request.POST.get("employer_check_up", "")))
    try:
        outcome = book(
            actor=request.actor,
            offer=seen.offer.pk,
            session=session,
            worker=request.actor.worker_id,
            now=request.now,
            wish=wish,
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(request, seen, request.POST, refused=refusal)
    if outcome.answer == Answer.REFUSED:
        return _page(request, offer_for(request.actor, number, now=request.now), request.POST, refused=outcome)
    if outcome.number:
        if outcome.answer == Answer.BOOKED:
            messages.success(request, _("You have a place. See you there!"))
        return redirect("worker:booking", number=outcome.number)
    if outcome.answer == Answer.ENTERED and seen.offer.way == Way.LOTTERY:
        messages.success(request, _("You are in the draw. This is your ticket."))
        return redirect("worker:draw_ticket", number=number)
    if outcome.answer == Answer.ENTERED:
        messages.success(request, _("You have applied. We tell you as soon as the places are given."))
    else:
        messages.success(request, _("You are on the list. We tell you as soon as a place is free for you."))
    return redirect("worker:offer", number=number)


def _session(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _seats(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 1
