"""Services: what applies to me, why the rest does not, and how to get each."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.catalog.queries.audience import audience_of, service_for, services_for
from nuanxin.catalog.queries.deliveries import deliveries_of_worker
from nuanxin.catalog.states import Way
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.web.kit.offline import keep_offline
from nuanxin.web.kit.templatetags.kit import date_cn
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.catalog.models import Service
    from nuanxin.catalog.queries.audience import ForMe
    from nuanxin.members.rules.eligibility import Failed
    from nuanxin.web.worker.requests import WorkerRequest

_ICONS = {
    Way.BOOK: "calendar-event",
    Way.SCAN: "qrcode",
    Way.APPLY: "message",
    Way.BY_ITSELF: "gift",
    Way.WALK_IN: "map-pin",
    Way.CALL: "phone-call",
}


@never_cache
@require_safe
def services(request: WorkerRequest) -> HttpResponse:
    """Show what applies to me, area by area, then what does not and what to do about it."""
    return _services(request)


@keep_offline
def _services(request: WorkerRequest) -> HttpResponse:
    found = services_for(request.actor, now=request.now)
    year = local_day(request.now).year
    lines = [_line(each, year) for each in found]
    mine = [line for line in lines if not line["reasons"]]
    groups = groupby(mine, key=lambda line: line["service"].area)
    context = {
        "page_title": _("Services"),
        "back_url": reverse("worker:home"),
        "tabs": tabs(request),
        "areas": [{"area": area, "lines": list(of_area)} for area, of_area in groups],
        "others": [line for line in lines if line["reasons"]],
        "had": sum(line["times"] for line in lines),
        "year": year,
    }
    return render(request, "worker/services/services.html", context)


def _line(each: ForMe, year: int) -> dict[str, Any]:
    return {
        "service": each.service,
        "way": Way(each.service.way).label,
        "icon": _ICONS[Way(each.service.way)],
        "reasons": [_reason(one) for one in each.failed],
        "times": sum(day.year == year for day in each.had),
        "last": each.had[0] if each.had else None,
    }


def _reason(one: Failed) -> dict[str, Any]:
    return {"words": one.words, "remedy": one.remedy, "until": date_cn(one.until), "url": _way_out(one)}


def _way_out(one: Failed) -> str:
    """Return where the remedy begins, when it begins on this phone."""
    names = {
        "not_a_member": "worker:join",
        "ended": "worker:join",
        "other_union": "worker:move",
        "other_group": "worker:rights",
        "other_region": "worker:rights",
        "not_proved": "worker:proof",
        "phone_not_proved": "worker:phone",
    }
    return reverse(names[one.code]) if one.code in names else ""


@never_cache
@require_safe
def service(request: WorkerRequest, code: str) -> HttpResponse:
    """Show one service: for whom, how to get it, what stands against it, and when I had it."""
    found = service_for(request.actor, code, now=request.now)
    line = _line(found, local_day(request.now).year)
    context = line | {
        "page_title": _("Service"),
        "back_url": reverse("worker:services"),
        "tabs": tabs(request),
        "audience": audience_of(found.service),
        "is_open": found.is_open,
        "had": found.had[:10],
        "act": _act(found.service) if found.is_open else None,
    }
    return render(request, "worker/services/service.html", context)


def _act(service: Service) -> dict[str, str] | None:
    """Return the one thing to do next for a service that is open."""
    match service.way:
        case Way.SCAN:
            return {"url": reverse("worker:code"), "label": _("Show the member code"), "icon": "qrcode"}
        case Way.CALL | Way.APPLY:
            phone = service.phone or "12351"
            return {"url": f"tel:{phone}", "label": _("Call %(phone)s") % {"phone": phone}, "icon": "phone-call"}
        case Way.BOOK:
            url = f"{reverse('worker:offers')}?service={service.code}"
            return {"url": url, "label": _("See what is open to book"), "icon": "calendar-event"}
        case _:
            return None


@never_cache
@require_safe
def received(request: WorkerRequest) -> HttpResponse:
    """Show everything the union did for me, the latest first."""
    if request.actor.worker_id is None:
        raise NotSignedIn
    rows = list(deliveries_of_worker(request.actor.worker_id)[:200])
    years = groupby(rows, key=lambda row: row.day.year)
    context = {
        "page_title": _("What I received"),
        "back_url": reverse("worker:services"),
        "tabs": tabs(request),
        "years": [{"year": year, "rows": list(of_year)} for year, of_year in years],
        "shown": {each.service.pk for each in services_for(request.actor, now=request.now)},
    }
    return render(request, "worker/services/received.html", context)
