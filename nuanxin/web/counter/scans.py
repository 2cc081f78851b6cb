"""After a scan: what applies here, each thing by one big button; who stands at the counter; the partner's own view."""

from __future__ import annotations

from datetime import datetime, time
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.actions import stand_at_counter
from nuanxin.access.actors import BadKey
from nuanxin.access.queries.counters import WHY_SHUT, counter_of, staff_names
from nuanxin.benefits.queries.packs import ITEM_NAMES, handed_at, stock_at
from nuanxin.benefits.states.packs import PackItem
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import NotFound, Refusal
from nuanxin.members.queries.cards import own_device
from nuanxin.organizations.queries.partners import contract_in_force
from nuanxin.organizations.states import ScanKind
from nuanxin.web.counter.devices import acting_device, drop_staff, keep_staff, standing_here
from nuanxin.web.counter.forms import ActForm, StaffForm
from nuanxin.web.counter.views import answer_context, shut_out
from nuanxin.web.kit.guards import answered
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.scans import act as act_here
from nuanxin.web.kit.scans import look_again

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.web.kit.requests import Request

#: Refusals after which nothing can be done with this scan any more.
_TO_SIGN_IN = 401


def for_devices(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Tell a device that was shut out so, on every page of this door."""

    @wraps(view)
    def opened(request: Request, *args: Any, **more: Any) -> HttpResponse:
        try:
            return view(request, *args, **more)
        except BadKey:
            return shut_out(request)

    return opened


@never_cache
@require_safe
@for_devices
def again(request: Request, pk: UUID) -> HttpResponse:
    """Show anew what applies to whoever was scanned a moment ago."""
    _scan, found = look_again(
        actor=acting_device(request), scan_id=pk, staff_id=standing_here(request), now=request.now
    )
    return render(request, "counter/answer.html", answer_context(request, found))


@never_cache
@require_POST
@for_devices
def act(request: Request, pk: UUID) -> HttpResponse:
    """Do the one thing that was tapped, and say so; a refusal says why, and what to do."""
    actor = acting_device(request)
    form = ActForm(request.POST)
    if not form.is_valid():
        raise NotFound
    context: dict[str, Any] = {"list_url": reverse("counter:scan", args=[pk]), "at": request.now}
    try:
        done = act_here(actor=actor, scan_id=pk, staff_id=standing_here(request), now=request.now, **form.cleaned_data)
    except Refusal as refusal:
        if refusal.status in {_TO_SIGN_IN, 404}:
            raise
        context |= {"word": _("Not done"), "words": refusal.message, "tone": "bad", "icon_name": "circle-x"}
        context |= {"page_title": _("Not done"), "answer": refusal.code}
        return render(request, "counter/done.html", context, status=refusal.status)
    again_word = _("Done already: nothing happened twice")
    context |= {"word": again_word if done.again else _("Done"), "words": done.words, "tone": "good"}
    context |= {"icon_name": "circle-check", "page_title": _("Done"), "answer": "done"}
    return render(request, "counter/done.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@for_devices
def people(request: Request) -> HttpResponse:
    """Say who stands at this counter."""
    actor = acting_device(request)
    form = StaffForm(request.POST or None)
    if request.method == "POST":
        done, counter = tried(
            form, lambda: stand_at_counter(actor=actor, pin=form.cleaned_data["pin"], now=request.now)
        )
        if done:
            response = HttpResponseRedirect(reverse("counter:home"))
            keep_staff(response, counter.staff_id)
            return response
    counter = counter_of(actor, staff_id=standing_here(request), now=request.now)
    context = {
        "form": form,
        "counter": counter,
        "page_title": _("Who stands here?"),
        "back_url": reverse("counter:home"),
    }
    return answered(render(request, "counter/people.html", context), form)


@require_POST
@for_devices
def leave(request: Request) -> HttpResponse:
    """End somebody's shift at this counter."""
    acting_device(request)
    response = HttpResponseRedirect(reverse("counter:people"))
    drop_staff(response)
    return response


@never_cache
@require_safe
@for_devices
def place(request: Request) -> HttpResponse:
    """Show the partner its own: the contract in force, what may be done here, stock, and what was done today."""
    actor = acting_device(request)
    counter = counter_of(actor, staff_id=standing_here(request), now=request.now)
    if counter.place_id is None or counter.partner_id is None:
        raise NotFound
    today = local_day(request.now)
    since = datetime.combine(today, time(), tzinfo=ZONE)
    handed = handed_at(counter.place_id, since=since)
    names = staff_names({row.staff_id for row in handed if row.staff_id})
    context = {
        "page_title": counter.place_name,
        "back_url": reverse("counter:home"),
        "counter": counter,
        "device": own_device(actor),
        "contract": contract_in_force(counter.partner_id, on=today),
        "shut": WHY_SHUT.get(counter.shut, ""),
        "kinds": [ScanKind(kind).label for kind in ScanKind.values if kind in counter.kinds],
        "stocks": [(_named(row.item), row.on_hand, row.on_hand <= row.low_at) for row in stock_at(counter.place_id)],
        "handed": [
            (row.handed_at, _named(row.item), names.get(row.staff_id, "") if row.staff_id else "") for row in handed
        ],
    }
    return render(request, "counter/place.html", context)


def _named(item: str) -> str:
    name, name_en = ITEM_NAMES[PackItem(item)]
    return name_en if (get_language() or "").startswith("en") else name
