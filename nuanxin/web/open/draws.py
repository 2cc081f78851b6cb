"""Draws, for everybody: what was promised, what was published when, and the recheck. Nobody signs in here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.bookings.queries.draw_lists import published
from nuanxin.bookings.queries.draws import entered, find_ticket, public_draw, public_draws, public_text
from nuanxin.bookings.rules.draws import reveal_until
from nuanxin.bookings.states import DrawState, OfferState, PagePart, ShareKind
from nuanxin.web.kit.draws import TONES, steps, what_next, winners_by_share
from nuanxin.web.kit.offers import in_language
from nuanxin.web.kit.pages import page

if TYPE_CHECKING:
    from django.http import HttpRequest

    from nuanxin.bookings.models import Draw

#: Winners shown on the page; all of them are in the file.
_SHOWN = 300
#: The script that anybody runs on the public file: the very one of the docs.
SCRIPT = Path(__file__).resolve().parents[3] / "docs" / "recheck_draw.py"


@require_safe
def draws(request: HttpRequest) -> HttpResponse:
    """List the draws that everybody may see."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    listed = page(public_draws(text=text), order=("-value_at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    rows = [
        {
            "draw": draw,
            "url": reverse("open:draw", args=[draw.offer.number]),
            "state": DrawState(draw.state).label,
            "tone": TONES.get(DrawState(draw.state), "wait"),
        }
        for draw in listed.items
    ]
    context = {"page_title": _("Draws"), "rows": rows, "page": listed, "text": text}
    return render(request, "open/draws.html", context)


@require_safe
def draw(request: HttpRequest, number: str) -> HttpResponse:
    """Show one draw: commitment, list, value, reveal, result; and let this browser work it out again."""
    found = public_draw(number)
    now = request.now  # type: ignore[attr-defined]
    won = published(found, PagePart.WINNERS) if found.state == DrawState.DRAWN else []
    typed = request.GET.get("ticket", "")[:40]
    context = {
        "page_title": _("Draw"),
        "back_url": reverse("open:draws"),
        "draw": found,
        "offer": found.offer,
        "cancelled": found.offer.state == OfferState.CANCELLED,
        "commitment": bytes(found.commitment).hex(),
        "list_digest": bytes(found.list_digest or b"").hex(),
        "entered": entered(found),
        "steps": steps(found, now=now),
        "next": what_next(found, now=now),
        "reveal_until": reveal_until(found.value_at),
        "source": in_language(found.source, found.source_en),
        "shares": _shares(found),
        "typed": typed,
        "found": find_ticket(found, typed) if typed else None,
        "is_frozen": found.state != DrawState.ANNOUNCED,
        "is_drawn": found.state == DrawState.DRAWN,
        "winners": winners_by_share(found, won[:_SHOWN]),
        "more": max(0, len(won) - _SHOWN),
        "file_url": reverse("open:draw_file", args=[found.offer.number]),
    }
    return render(request, "open/draw.html", context)


def _shares(found: Draw) -> list[dict[str, Any]]:
    """Return the shares in the order in which they are filled, with their places once the list is published."""
    count: dict[str, int] = {}
    for each in found.places:
        count[each["share"]] = count.get(each["share"], 0) + each["places"]
    filled = (ShareKind.RESERVED, ShareKind.OPEN)
    return [
        {"code": each["code"], "name": in_language(each["name"], each["name_en"]), "places": count.get(each["code"])}
        for each in found.shares
        if each["kind"] in filled
    ]


@require_safe
def draw_file(request: HttpRequest, number: str) -> HttpResponse:
    """Return the public file: enough to recheck, and nothing of any person."""
    found = public_draw(number)
    response = HttpResponse(public_text(found), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="draw-{found.offer.number}.json"'
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def draw_script(request: HttpRequest) -> HttpResponse:
    """Return the script of the docs."""
    response = HttpResponse(SCRIPT.read_text(encoding="utf-8"), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{SCRIPT.name}"'
    return response
