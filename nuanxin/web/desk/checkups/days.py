"""One day of the bus: its times, who scans there, and moving it when the bus breaks down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.activities.actions.breakdown import move_day
from nuanxin.activities.actions.routes import assign_device, withdraw_device
from nuanxin.activities.queries.buses import devices_at, devices_for, get_day, windows_of
from nuanxin.activities.queries.moves import plan_of_move
from nuanxin.activities.states.bus import DayState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.web.desk.checkups.forms import DeviceForm, MoveForm
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.activities.models import BusDay
    from nuanxin.web.desk.requests import DeskRequest


def _to(found: BusDay) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:checkups:day", args=[found.pk]))


@require_safe
def day(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one day: its times with places by share, who came, and the scanners."""
    found = get_day(request.actor, pk)
    may_edit = request.actor.may(Permission.EDIT_OFFERS, at=found.route.offer.union)
    ahead = found.state == DayState.PLANNED and found.day >= local_day(request.now)
    context = {
        "page_title": f"{found.day:%Y-%m-%d} {local_name(found.site)}",
        "back_url": reverse("desk:checkups:route", args=[found.route.offer.number]),
        "bus_day": found,
        "windows": windows_of(found),
        "devices": devices_at(found),
        "is_moved": found.state == DayState.MOVED,
        "may_move": may_edit and ahead,
        "device_form": DeviceForm(devices=devices_for(request.actor, found)[:200]) if may_edit and ahead else None,
    }
    return render(request, "desk/checkups/day.html", context)


@require_POST
def device(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Let a device scan here."""
    found = get_day(request.actor, pk)
    devices = list(devices_for(request.actor, found)[:200])
    chosen = next((each for each in devices if str(each.pk) == request.POST.get("device")), None)
    if chosen is None:
        request.actor.require(Permission.EDIT_OFFERS, at=found.route.offer.union)
        raise NotFound
    also_later = request.POST.get("also_later") == "on"
    row = assign_device(actor=request.actor, bus_day=found, device=chosen, also_later=also_later, now=request.now)
    messages.success(request, _("It scans here, and gives out numbers with %(letter)s.") % {"letter": row.letter})
    return _to(found)


@require_POST
def withdraw(request: DeskRequest, pk: UUID, device_id: UUID) -> HttpResponse:
    """Let a device scan here no more."""
    found = get_day(request.actor, pk)
    withdraw_device(actor=request.actor, bus_day=found, device_id=device_id, now=request.now)
    messages.success(request, _("It scans here no more."))
    return _to(found)


@require_http_methods(["GET", "POST"])
def move(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Choose another day, see what becomes of everybody, and move the day in one act."""
    found = get_day(request.actor, pk)
    request.actor.require(Permission.EDIT_OFFERS, at=found.route.offer.union)
    form = MoveForm(request.POST or None)
    if request.method == "POST" and "do" in request.POST:
        done, moved = tried(
            form,
            lambda: move_day(
                actor=request.actor,
                bus_day=found,
                to=form.cleaned_data["day"],
                reason=form.cleaned_data["reason"],
                now=request.now,
            ),
        )
        if done:
            messages.success(request, _("Moved. Everybody who booked is being told."))
            return _to(moved)
    plan = None
    if form.is_bound and form.is_valid():
        plan = plan_of_move(found, form.cleaned_data["day"], request.now)
    context = {
        "page_title": _("The bus cannot come"),
        "back_url": reverse("desk:checkups:day", args=[pk]),
        "bus_day": found,
        "form": form,
        "plan": plan,
    }
    return render(request, "desk/checkups/move.html", context, status=422 if form.errors else 200)
