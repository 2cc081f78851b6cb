"""The line for a stock of coupons: one page that tells place, time and chance, and a button when it is one's turn.

What everybody asks again and again (`line_now`) is the same for all: it looks at nobody's session and is remembered for
a second, so that fifty thousand phones cost next to nothing. The phone works its own place out of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.benefits.actions.line import failed_for, join_line, take_coupon
from nuanxin.benefits.queries.coupons import coupon_of_offer, local_name, terms_of_kind
from nuanxin.benefits.queries.line import FRESH, issue_of, my_entry, places_of_kind, stock_lately, stock_now
from nuanxin.benefits.rules.line import commitment
from nuanxin.bookings.rules.limits import next_period
from nuanxin.bookings.states import Answer
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound, NotSignedIn, Refusal
from nuanxin.web.kit.guards import guard_form
from nuanxin.web.kit.offers import limit_in_words, reasons
from nuanxin.web.worker.bookings.links import way_out
from nuanxin.web.worker.bookings.offers import offer as ordinary_page
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from nuanxin.benefits.models import LineEntry
    from nuanxin.benefits.queries.line import Stock
    from nuanxin.bookings.rules.eligibility import Failed
    from nuanxin.web.worker.requests import WorkerRequest


@require_safe
def line_now(request: HttpRequest, number: str) -> HttpResponse:
    """Tell what is the same for everybody: the clock, the stock, how far the line is, and after the draw its seed."""
    now = request.now  # type: ignore[attr-defined]
    line = stock_lately(number, now).line
    response = JsonResponse(
        {
            "now": _milliseconds(now),
            "opens": _milliseconds(line.opens_at),
            "drawn": line.drawn,
            "early": line.early,
            "late": line.late,
            "seed": line.seed.hex() if line.drawn else None,
            "pace": line.per_second,
            "stock": line.stock,
            "left": line.left,
            "over": line.over,
        }
    )
    response["Cache-Control"] = f"public, max-age={int(FRESH)}"
    return response


def _milliseconds(moment: Any) -> int:
    return int(moment.timestamp() * 1000)


@never_cache
@require_safe
def stock(request: WorkerRequest, number: str) -> HttpResponse:
    """Show a stock: what it is, when it opens, and where one stands; a reload shows the same place again."""
    try:
        return _page(request, number)
    except NotFound:
        return ordinary_page(request, number)


def _page(
    request: WorkerRequest, number: str, *, against: tuple[Failed, ...] = (), refusal: Refusal | None = None
) -> HttpResponse:
    issue = issue_of(number)
    found = stock_now(number, request.now)
    worker_id = request.actor.worker_id
    entry = my_entry(issue.pk, worker_id) if worker_id else None
    own = coupon_of_offer(issue.offer, worker_id, request.now) if worker_id else None
    if worker_id and own is None and entry is None and not against:
        against = failed_for(found.offer_id, worker_id, request.now)
    terms = terms_of_kind(issue.kind)
    context = {
        "page_title": _("Coupons"),
        "back_url": reverse("worker:coupons"),
        "tabs": tabs(request),
        "number": number,
        "offer": issue.offer,
        "name": local_name(terms.name, terms.name_en),
        "about": local_name(issue.kind.about, issue.kind.about_en),
        "terms": terms,
        "places": places_of_kind(issue.kind),
        "commitment": commitment(found.line.seed),
        "seed": found.line.seed.hex() if found.line.drawn else "",
        "own": own,
        "entry": entry,
        "has_line": found.has_line,
        "limit": limit_in_words(issue.offer) if issue.offer.limit_count else "",
        "again_on": next_period(issue.offer.limit_period, local_day(request.now)) if issue.offer.renews else None,
        "is_open": request.now >= found.line.opens_at,
        "signed_in": worker_id is not None,
        "against": way_out(reasons(against)) if not own else [],
        "refusal": refusal,
        **_standing(found, entry, request),
    }
    status = refusal.status if refusal else 409 if against and request.method == "POST" else 200
    return render(request, "worker/coupons/line.html", context, status=status)


def _standing(found: Stock, entry: LineEntry | None, request: WorkerRequest) -> dict[str, Any]:
    """Return how the page begins, before the phone has asked anew: `before`, `waiting`, `turn` or `out`."""
    line = found.line
    values: dict[str, Any] = {"line": line, "in_line": line.early + line.late}
    if line.left <= 0 or line.over:
        return values | {"stage": "out"}
    if entry is None:
        return values | {"stage": ""}
    place = line.place(is_early=entry.is_early, nth=entry.nth)
    if place is None:
        return values | {"stage": "before"}
    wait = line.wait(place, request.now)
    return values | {
        "stage": "waiting" if wait else "turn",
        "place": place,
        "ahead": max(0, place - 1 - line.admitted(request.now)),
        "minutes": -(-wait // 60),
        "chance": line.chance(place, request.now),
        "lacking": line.lacking(place),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: WorkerRequest, number: str) -> HttpResponse:
    """Stand in line; the phone has worked for a moment before (proof of work). Again changes nothing."""
    if request.actor.worker_id is None:
        raise NotSignedIn
    if request.method != "POST":
        return redirect("worker:coupon_offer", number=issue_of(number).offer.number)
    guard_form(request)
    try:
        joined = join_line(actor=request.actor, number=number, now=request.now)
    except (NotFound, NotSignedIn):
        raise
    except Refusal as refusal:
        return _page(request, number, refusal=refusal)
    if joined.against:
        return _page(request, number, against=joined.against)
    return redirect("worker:coupon_offer", number=number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: WorkerRequest, number: str) -> HttpResponse:
    """Take a coupon when it is one's turn; tapping twice gives the same one."""
    if request.actor.worker_id is None:
        raise NotSignedIn
    if request.method != "POST":
        return redirect("worker:coupon_offer", number=issue_of(number).offer.number)
    try:
        outcome = take_coupon(actor=request.actor, number=number, now=request.now)
    except (NotFound, NotSignedIn):
        raise
    except Refusal as refusal:
        return _page(request, number, refusal=refusal)
    if outcome.answer == Answer.BOOKED:
        messages.success(request, _("It is yours. Show your member code at the counter; nobody else can use it."))
        return redirect("worker:coupons")
    return _page(request, number, against=outcome.reasons)
