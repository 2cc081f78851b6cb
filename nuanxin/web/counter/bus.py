"""The check-up bus: arrivals scanned with or without a network, and the screen that calls the next number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from nuanxin.access.actors import BadKey
from nuanxin.activities.actions.arrivals import call_next, take_arrivals
from nuanxin.activities.actions.arriving import arrive
from nuanxin.activities.queries.buses import post_of, waiting_numbers
from nuanxin.activities.queries.snapshots import snapshot as found_snapshot
from nuanxin.activities.states.bus import ArrivalAnswer, ClashKind
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.members.queries.cards import own_device
from nuanxin.members.rules.credentials import encode
from nuanxin.web.counter.answers import ALONE, FACES, Face
from nuanxin.web.counter.devices import COOKIE as KEY_COOKIE
from nuanxin.web.counter.devices import acting_device, keep_key
from nuanxin.web.counter.forms import CodeForm
from nuanxin.web.counter.views import shut_out
from nuanxin.web.kit.offline import keep, mark
from nuanxin.web.kit.scripts import for_scripts, json_body

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.kit.requests import Request

#: What a scanner says by itself to somebody whose card is good.
ARRIVAL_FACES: dict[str, Face] = {
    ArrivalAnswer.BOOKED: Face(
        gettext_lazy("Welcome: booked"), gettext_lazy("Please hand out the number."), "good", icon="circle-check"
    ),
    ArrivalAnswer.WALK_IN: Face(
        gettext_lazy("Welcome: a free place"), gettext_lazy("Please hand out the number."), "good", icon="user-plus"
    ),
    ArrivalAnswer.NOT_LISTED: Face(
        gettext_lazy("Not on today's list"),
        gettext_lazy("Joined today, or booked a moment ago? There are places for that: let the person in."),
        "wait",
        icon="user-question",
    ),
    ArrivalAnswer.ALREADY: Face(
        gettext_lazy("Arrived already"),
        gettext_lazy("This person has a number. Please look for it in the queue."),
        "again",
        icon="refresh",
    ),
    ArrivalAnswer.EARLY: Face(
        gettext_lazy("Too early"), gettext_lazy("Booked for later today: please come then."), "wait", icon="hourglass"
    ),
    ArrivalAnswer.LATE: Face(
        gettext_lazy("This time is over"),
        gettext_lazy("The booked time has ended. The member may book another one on the phone."),
        "bad",
        icon="history",
    ),
    ArrivalAnswer.WALK_INS_FULL: Face(
        gettext_lazy("No more free places"),
        gettext_lazy("All places of this device for people without a booking are given. Another device may have one."),
        "bad",
        icon="circle-x",
    ),
    ArrivalAnswer.NO_WINDOW: Face(
        gettext_lazy("Closed now"), gettext_lazy("No time is on at this moment."), "bad", icon="circle-x"
    ),
}


@never_cache
@require_safe
def bus(request: Request) -> HttpResponse:
    """Show the scanner of the bus where this device stands today; kept for work without a network."""
    try:
        actor = acting_device(request)
    except BadKey:
        return shut_out(request)
    try:
        post = post_of(actor, on=local_day(request.now))
    except NotFound:
        context = {"page_title": _("Check-up bus"), "device": own_device(actor)}
        return render(request, "counter/bus_none.html", context)
    faces = {f"bus_{name}": face for name, face in ARRIVAL_FACES.items()}
    context = {
        "page_title": _("Check-up bus"),
        "form": CodeForm(auto_id="id_%s"),
        "device": own_device(actor),
        "bus_day": post.bus_day,
        "letter": post.letter,
        "person": mark("counter", actor.source_id),
        "faces": FACES | ALONE | faces,
        "keep_ahead": reverse("counter:bus"),
    }
    response = render(request, "counter/bus.html", context)
    keep_key(response, request.COOKIES[KEY_COOKIE])
    return keep(response, mark("counter", actor.source_id))


@require_safe
@gzip_page
@for_scripts
def snapshot(request: Request) -> dict[str, Any]:
    """Give what this scanner takes along today, signed; no name is in it."""
    found = found_snapshot(acting_device(request), request.now)
    return {
        "now": request.now.isoformat(timespec="milliseconds"),
        "bundle": encode(found.content),
        "signature": encode(found.signature),
        "key_id": found.key_id,
    }


@require_POST
@for_scripts
def arrivals(request: Request) -> dict[str, Any]:
    """Take over whom this scanner has let in, and name what the register contradicts."""
    sent = json_body(request).get("arrivals")
    done = take_arrivals(actor=acting_device(request), arrivals=sent, now=request.now)
    return {
        "taken": [str(sent_id) for sent_id in done.taken],
        "refused": done.refused,
        "clashes": [
            {"id": str(each.sent_id), "clash": str(each.clash), "word": str(ClashKind(each.clash).label)}
            for each in done.clashes
        ],
    }


@require_POST
@for_scripts
def code(request: Request) -> dict[str, Any]:
    """Let somebody in by any code while there is a network; the register answers."""
    sent = json_body(request)
    try:
        sent_id = UUID(str(sent.get("id", "")))
    except ValueError:
        raise Invalid("bad_id", _("This scan has no name."), field="id") from None
    found = arrive(
        actor=acting_device(request),
        code=str(sent.get("code", ""))[:300],
        sent_id=sent_id,
        number=str(sent.get("number", ""))[:8],
        walk_in=sent.get("walk_in") is True,
        now=request.now,
    )
    window = str(found.window) if found.window else ""
    return {"answer": found.answer, "surname": found.surname, "reason": found.reason, "window": window}


@never_cache
@require_safe
def queue(request: Request) -> HttpResponse:
    """Show the screen of the waiting area: numbers only, large."""
    try:
        context = _numbers(request)
    except BadKey:
        return shut_out(request)
    return render(request, "counter/bus_queue.html", context | {"page_title": _("Waiting area")})


@never_cache
@require_safe
def numbers(request: Request) -> HttpResponse:
    """Answer the screen's own question, every few seconds."""
    return render(request, "counter/bus_numbers.html", _numbers(request))


def _numbers(request: Request) -> dict[str, Any]:
    post = post_of(acting_device(request), on=local_day(request.now))
    called, waits = waiting_numbers(post.bus_day)
    return {
        "bus_day": post.bus_day,
        "now_called": called[0] if called else "",
        "before": called[1:],
        "waits": waits[:24],
        "more": max(0, len(waits) - 24),
        "waiting": len(waits),
    }


@require_POST
def next_number(request: Request) -> HttpResponse:
    """Call who waits longest."""
    call_next(actor=acting_device(request), now=request.now)
    return HttpResponseRedirect(reverse("counter:bus_queue"))
