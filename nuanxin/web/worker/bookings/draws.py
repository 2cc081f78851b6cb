"""My ticket in a draw: its number, how far the draw is, what came of it, and how to recheck that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.bookings.queries.browsing import line_of
from nuanxin.bookings.queries.draws import own_entry
from nuanxin.bookings.rules.draws import grouped
from nuanxin.bookings.states import DrawState, OfferState
from nuanxin.web.kit.draws import steps, what_next
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.bookings.queries.draws import Mine
    from nuanxin.web.worker.requests import WorkerRequest


@never_cache
@require_safe
def ticket(request: WorkerRequest, number: str) -> HttpResponse:
    """Show my ticket of an offer's draw; whoever has none finds nothing here."""
    mine = own_entry(request.actor, number)
    draw, entry = mine.entry.draw, mine.entry
    story, tone = _story(mine)
    context = {
        "page_title": _("My ticket"),
        "back_url": reverse("worker:offer", args=[number]),
        "tabs": tabs(request),
        "draw": draw,
        "offer": draw.offer,
        "ticket": grouped(entry.ticket),
        "entry": entry,
        "story": story,
        "tone": tone,
        "booking_number": mine.booking_number,
        "line": line_of(entry.waiting)[0] if mine.is_waiting else 0,
        "next": what_next(draw, now=request.now),
        "steps": steps(draw, now=request.now),
        "draw_url": f"{reverse('open:draw', args=[number])}?ticket={entry.ticket}",
    }
    return render(request, "worker/bookings/ticket.html", context)


def _story(mine: Mine) -> tuple[str, str]:
    """Say what came of a ticket, and in which tone."""
    draw = mine.entry.draw
    if draw.offer.state == OfferState.CANCELLED:
        return _("The offer was cancelled"), "bad"
    if draw.state != DrawState.DRAWN:
        return (_("You took your entry back"), "bad") if mine.has_left else (_("You are in the draw"), "wait")
    if mine.booking_number:
        return (_("You won a place"), "good") if mine.entry.won else (_("A place came free for you"), "good")
    if mine.entry.won:
        return _("Your ticket won, but you had left or used up your limit: the place went on"), "bad"
    return (_("Not drawn: you wait for a place"), "wait") if mine.is_waiting else (_("Not drawn this time"), "bad")
