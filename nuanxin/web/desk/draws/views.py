"""The list of draws, and one draw with its steps, who did what, and what is next by when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.bookings.queries.draws import entered, find_lotteries, lottery
from nuanxin.bookings.rules.draws import reveal_until
from nuanxin.bookings.states import DrawState, OfferState
from nuanxin.web.desk.draws.forms import DrawFilter
from nuanxin.web.kit.draws import TONES, steps, what_next
from nuanxin.web.kit.offers import in_language
from nuanxin.web.kit.pages import page

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from nuanxin.bookings.models import Draw, Offer
    from nuanxin.web.desk.requests import DeskRequest

_OVER = (OfferState.CANCELLED, OfferState.ENDED)


@require_safe
def draws(request: DeskRequest) -> HttpResponse:
    """List the offers given by lot in reach, with how far each draw is and what is next."""
    form = DrawFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = find_lotteries(request.actor, text=chosen.get("q", "").strip(), state=chosen.get("state", ""))
    listed = page(found, order=("-pk",), cursor=request.GET.get("page", ""), size=50)
    rows = []
    for offer in listed.items:
        draw = getattr(offer, "draw", None)
        rows.append(
            {
                "offer": offer,
                "draw": draw,
                "state": _state(draw),
                "next": _next(offer, draw, request.now),
                "by": _by(offer, draw, request.now),
            }
        )
    context = {
        "page_title": _("Draws"),
        "filters": form,
        "page": listed,
        "rows": rows,
        "narrowed": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "desk/draws/draws.html", context)


def _state(draw: Draw | None) -> dict[str, Any]:
    if draw is None:
        return {"label": _("Not announced yet"), "tone": "wait"}
    state = DrawState(draw.state)
    return {"label": state.label, "tone": TONES.get(state, "wait")}


def _next(offer: Offer, draw: Draw | None, now: datetime) -> str:
    if offer.state in _OVER:
        return _("The offer is over.")
    if draw is None and offer.state == OfferState.DRAFT:
        return _("Announce the offer itself first; then its draw.")
    return _("Announce the draw: nobody can enter before.") if draw is None else what_next(draw, now=now)


def _by(offer: Offer, draw: Draw | None, now: datetime) -> datetime | None:
    """Return by when the next step is done, or cannot be done before."""
    if draw is None:
        return offer.opens_at
    if draw.state == DrawState.ANNOUNCED:
        return offer.closes_at if now < offer.closes_at else draw.value_at
    if draw.state == DrawState.FROZEN and now < draw.value_at:
        return draw.value_at
    return None if draw.state == DrawState.DRAWN else reveal_until(draw.value_at)


@require_safe
def draw(request: DeskRequest, number: str) -> HttpResponse:
    """Show one draw: every step with who did it, what is next and by when, and the buttons for it."""
    offer, found = lottery(request.actor, number)
    may = request.actor.may(Permission.EDIT_OFFERS, at=offer.union) and offer.state not in _OVER
    context: dict[str, Any] = {
        "page_title": in_language(offer.name, offer.name_en),
        "back_url": reverse("desk:draws:draws"),
        "offer": offer,
        "draw": found,
        "state": _state(found),
        "next": _next(offer, found, request.now),
        "by": _by(offer, found, request.now),
        "verbs": _verbs(offer, found, request) if may else [],
    }
    if found is not None:
        context |= {
            "steps": steps(found, now=request.now),
            "commitment": bytes(found.commitment).hex(),
            "digest": bytes(found.list_digest or b"").hex(),
            "source": in_language(found.source, found.source_en),
            "reveal_until": reveal_until(found.value_at),
            "entered": entered(found),
            "public_url": f"{settings.NUANXIN_BASE_URL}{reverse('open:draw', args=[offer.number])}",
            "file_url": reverse("open:draw_file", args=[offer.number]),
            "shows_value": found.state != DrawState.VALUED or found.value_entered_by_id == _account(request),
        }
    return render(request, "desk/draws/draw.html", context)


def _account(request: DeskRequest) -> Any:
    return request.actor.account_id


def _verbs(offer: Offer, found: Draw | None, request: DeskRequest) -> list[tuple[str, str, str]]:
    """Return what may be done now: address, name, picture."""

    def at(verb: str, *more: str) -> str:
        return reverse(f"desk:draws:{verb}", args=[offer.number, *more])

    now = request.now
    if found is None:
        may = offer.state in (OfferState.ANNOUNCED, OfferState.OPEN) and now < offer.closes_at
        return [(at("announce"), _("Announce the draw"), "speakerphone")] if may else []
    if found.state == DrawState.ANNOUNCED:
        if now >= found.value_at:
            return [(at("hour"), _("Announce another value and hour"), "clock")]
        closed = now >= offer.closes_at or offer.state == OfferState.CLOSED
        return [(at("act", "freeze"), _("Publish the list now"), "list-check")] if closed else []
    if found.state == DrawState.FROZEN:
        return [(at("value"), _("Type the public value"), "pencil")] if now >= found.value_at else []
    if found.state == DrawState.VALUED:
        back = (at("act", "take-back"), _("Take the value back"), "arrow-back-up")
        if found.value_entered_by_id == _account(request):
            return [back]
        return [(at("confirm"), _("Confirm the value"), "check"), back]
    if found.state == DrawState.CONFIRMED:
        return [(at("act", "reveal"), _("Reveal the sealed number"), "lock-open")]
    return [(at("act", "draw"), _("Draw now"), "scale")] if found.state == DrawState.REVEALED else []
