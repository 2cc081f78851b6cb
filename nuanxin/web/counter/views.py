"""A counter's three pages: enrolling, checking, and the answer."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nuanxin.access.actions import enroll_device
from nuanxin.access.actors import BadKey
from nuanxin.access.queries.counters import WHY_SHUT, counter_of
from nuanxin.activities.queries.buses import stands_at_bus
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.members.queries.cards import checks_of_source, own_device
from nuanxin.web.counter.answers import ALONE, FACES
from nuanxin.web.counter.coupons_late import kinds_along
from nuanxin.web.counter.devices import COOKIE, acting_device, drop_key, has_key, keep_key, standing_here
from nuanxin.web.counter.forms import CodeForm, EnrollForm, PrintedForm
from nuanxin.web.kit.guards import answered, count
from nuanxin.web.kit.offline import keep, mark
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.scans import look

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.access.actors import Actor
    from nuanxin.web.kit.requests import Request
    from nuanxin.web.kit.scans import Found

_RECENT = 10


@never_cache
@require_http_methods(["GET", "POST"])
def home(request: Request) -> HttpResponse:
    """Scan or type a code; the answer to a sent one fills the screen."""
    try:
        actor = acting_device(request)
    except BadKey:
        return shut_out(request)
    printed = request.POST.get("kind") == "printed"
    form = (PrintedForm if printed else CodeForm)(request.POST or None)
    if request.method == "POST":
        staff_id = standing_here(request)
        done, found = tried(
            form, lambda: look(actor=actor, code=form.cleaned_data["code"], staff_id=staff_id, now=request.now)
        )
        if done:
            return render(request, "counter/answer.html", answer_context(request, found))
    response = render(request, "counter/home.html", _home(request, actor, form), status=422 if form.errors else 200)
    keep_key(response, request.COOKIES[COOKIE])
    return keep(response, mark("counter", actor.source_id))


def answer_context(request: Request, found: Found) -> dict[str, Any]:
    """Return what the page of an answer shows: the standing, and each thing that applies here."""
    checked = found.checked
    english = (get_language() or "").startswith("en")
    return {
        "checked": checked,
        "face": FACES[checked.answer],
        "badge_name": (checked.badge_name_en if english else "") or checked.badge_name,
        "union_name": (checked.union_name_en if english else "") or checked.union_name,
        "at": request.now,
        "page_title": _("Answer"),
        "scan_id": found.scan_id,
        "shut": WHY_SHUT[found.counter.shut] if found.scan_id and found.counter.shut else "",
        "needs_staff": found.counter.needs_staff,
        "things": [(thing, (thing.title_en if english else "") or thing.title) for thing in found.things],
        "asked": found.may_act,
    }


def _home(request: Request, actor: Actor, form: Any) -> dict[str, Any]:
    since = datetime.combine(local_day(request.now), time(), tzinfo=ZONE)
    checks = checks_of_source(actor, since=since)
    printed = isinstance(form, PrintedForm)
    counter = counter_of(actor, staff_id=standing_here(request), now=request.now)
    return {
        "coupons_along": kinds_along(counter, request.now),
        "form": CodeForm(auto_id="id_%s") if printed else form,
        "printed_form": form if printed else PrintedForm(auto_id="printed_%s"),
        "printed_open": printed,
        "failed": form if form.errors else None,
        "device": own_device(actor),
        "counter": counter,
        "bus_here": stands_at_bus(actor, on=local_day(request.now)),
        "count": checks.count(),
        "recent": [(check.at, FACES[check.answer]) for check in checks[:_RECENT]],
        "faces": FACES | ALONE,
        "person": mark("counter", actor.source_id),
        "keep_ahead": reverse("counter:home"),
        "bundle_url": reverse("counter:bundle"),
        "checks_url": reverse("counter:checks"),
        "page_title": _("Check a member's code"),
    }


def shut_out(request: Request) -> HttpResponse:
    """Tell a device that the union has shut it out, and forget its key."""
    context = {"page_title": _("This device is shut out")}
    response = render(request, "counter/shut_out.html", context, status=401)
    drop_key(response)
    return response


def _enroll(request: Request, form: EnrollForm) -> Any:
    count(request, "enrollments")
    return enroll_device(code=form.cleaned_data["code"], now=request.now)


@never_cache
@require_http_methods(["GET", "POST"])
def enroll(request: Request) -> HttpResponse:
    """Make this phone a partner's counter, by the code that the union gave: typed, or in the link of its QR code."""
    form = EnrollForm(request.POST or None, initial={"code": request.GET.get("code", "")[:60]})
    if request.method == "POST":
        done, enrolled = tried(form, lambda: _enroll(request, form))
        if done:
            response = HttpResponseRedirect(reverse("counter:home"))
            keep_key(response, enrolled[1])
            return response
    context = {"form": form, "has_key": has_key(request), "page_title": _("Set up this counter")}
    return answered(render(request, "counter/enroll.html", context), form)
