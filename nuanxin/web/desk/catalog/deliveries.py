"""Deliveries: the list with its filters, one delivery, writing down by hand, taking back, and out to Excel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.catalog.actions import deliver_by_hand, export_deliveries, take_back
from nuanxin.catalog.queries.deliveries import ORDER, RELATED, get_delivery, numbers_of, search_deliveries
from nuanxin.catalog.queries.service import search_services, services_delivered
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.queries import find_union
from nuanxin.organizations.queries.lists import occupation_groups
from nuanxin.web.desk.access.pages import form_page
from nuanxin.web.desk.catalog.forms import DeliveryFilters, DeliveryForm, ReasonForm
from nuanxin.web.desk.organizations.pages import ask
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import blame, tried
from nuanxin.web.kit.templatetags.kit import in_language, local_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import FileResponse

    from nuanxin.catalog.models import Delivery
    from nuanxin.web.desk.requests import DeskRequest

RECORD = Permission.RECORD_DELIVERIES
_SIZE = 50


def _sources() -> dict[str, str]:
    """Return what deliveries come of, in words."""
    return {
        "booking": _("booked and checked in"),
        "scan": _("member code scanned"),
        "arrival": _("came to the bus"),
        "coupon": _("coupon redeemed"),
        "pack": _("handed out"),
        "policy": _("policy issued"),
        "visit": _("came by"),
        "desk": _("written down at the desk"),
        "correction": _("counter-entry"),
    }


def _asked(request: DeskRequest) -> tuple[DeliveryFilters, dict[str, Any] | None]:
    """Read the filters of the address; none when they cannot be: the form says why."""
    services = services_delivered(request.actor)
    form = DeliveryFilters(request.GET or None, services=services, now=request.now)
    if not form.is_bound:
        return form, {}
    if not form.is_valid():
        return form, None
    asked = dict(form.cleaned_data)
    text = asked.pop("union").strip()
    asked["source"] = request.GET.get("source", "")[:20]
    if text:
        try:
            asked["union_path"] = find_union(request.actor, text, RECORD).path
        except Invalid as refusal:
            blame(form, refusal)
            return form, None
    return form, asked


@require_safe
def deliveries(request: DeskRequest) -> HttpResponse:
    """Show who was served, the latest day first."""
    request.actor.require(RECORD)
    form, asked = _asked(request)
    found = search_deliveries(request.actor, **asked) if asked is not None else None
    shown = (
        page(found.select_related(*RELATED), order=ORDER, cursor=request.GET.get("page", ""), size=_SIZE)
        if found is not None
        else None
    )
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page_title": _("Deliveries"),
        "filters": form,
        "page": shown,
        "rows": _lines(shown.items) if shown else [],
        "query": query.urlencode(),
        "narrowed": form.is_bound,
    }
    return render(request, "desk/catalog/deliveries.html", context)


def _lines(items: list[Delivery]) -> list[dict[str, Any]]:
    numbers, sources = numbers_of(items), _sources()
    return [
        {
            "row": row,
            "who": _who(row),
            "number": "" if row.service.is_private or not row.worker_id else numbers.get(row.worker_id, ""),
            "source": sources.get(row.source_kind, row.source_kind),
            "is_counter": row.times < 0,
            "taken_back": hasattr(row, "correction"),
        }
        for row in items
    ]


def _who(row: Delivery) -> str:
    if row.enterprise is not None:
        return row.enterprise.name
    if row.service.is_private:
        return _("not shown")
    return (mask_name(row.worker.name) if row.worker else "") or _("erased")


@require_POST
def deliveries_excel(request: DeskRequest) -> FileResponse:
    """Send the deliveries that the filters leave as a workbook; that it was taken is recorded."""
    request.actor.require(RECORD)
    _form, asked = _asked(request)
    if asked is None:
        raise Invalid("bad_filters", _("Please mend the filters first."))
    found = export_deliveries(actor=request.actor, filters=asked, now=request.now)
    header = [_("Given on"), _("Service"), _("Area of services"), _("Member no."), _("Name"), _("Union")]
    header += [
        _("Occupation"),
        _("Times"),
        _("Cost, yuan"),
        _("Where it was given"),
        _("Source"),
        _("Taken back because"),
        _("Entered at"),
    ]
    return workbook_response(_("Deliveries"), header, _out(found))


def _out(found: QuerySet[Delivery]) -> Iterator[list[Any]]:
    sources, groups = _sources(), {group.pk: local_name(group) for group in occupation_groups()}
    batch: list[Delivery] = []
    for row in found.iterator(chunk_size=2000):
        batch.append(row)
        if len(batch) == 2000:
            yield from _sheet(batch, sources, groups)
            batch = []
    yield from _sheet(batch, sources, groups)


def _sheet(batch: list[Delivery], sources: dict[str, str], groups: dict[str, str]) -> Iterator[list[Any]]:
    numbers = numbers_of(batch)
    for row in batch:
        yield [
            row.day,
            local_name(row.service),
            local_name(row.service.area),
            "" if row.service.is_private or not row.worker_id else numbers.get(row.worker_id, ""),
            _who(row),
            local_name(row.union),
            groups.get(row.group_code, row.group_code),
            row.times,
            row.cost,
            in_language(row.place, row.place_en),
            sources.get(row.source_kind, row.source_kind),
            row.reason,
            row.at,
        ]


@require_safe
def delivery(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one delivery: who, what, when, of what it came, and whether it was taken back."""
    found = get_delivery(request.actor, pk)
    line = _lines([found])[0]
    context = {
        "page_title": _("Delivery"),
        **line,
        "may_take_back": found.times > 0 and not line["taken_back"] and request.actor.may(RECORD, at=found.union),
    }
    return render(request, "desk/catalog/delivery.html", context)


@require_http_methods(["GET", "POST"])
def new_delivery(request: DeskRequest) -> HttpResponse:
    """Write down by hand that a member was served."""
    request.actor.require(RECORD)
    services = search_services(request.actor, today=local_day(request.now))
    initial = {"day": local_day(request.now), "entry": uuid4(), "service": request.GET.get("service", "")}
    initial["member"] = request.GET.get("member", "")
    form = DeliveryForm(request.POST or None, services=services, initial=initial)
    if request.method == "POST":
        done, made = tried(form, lambda: _write_down(request, form))
        if done:
            messages.success(request, _("Written down and counted."))
            return HttpResponseRedirect(reverse("desk:catalog:delivery", args=[made]))
    return form_page(
        request,
        form,
        title=_("Write down a delivery"),
        submit=_("Write down"),
        back_url=reverse("desk:catalog:deliveries"),
        intro=_("Only for what no scan has noted: what is scanned, redeemed or checked in is counted by itself."),
    )


def _write_down(request: DeskRequest, form: DeliveryForm) -> UUID:
    data = form.cleaned_data
    return deliver_by_hand(
        actor=request.actor,
        service=data["service"],
        member_number=data["member"].strip(),
        day=data["day"],
        cost=data["cost"],
        place=data["place"],
        source_id=data["entry"],
        now=request.now,
    )


@require_http_methods(["GET", "POST"])
def back(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Take a delivery back by a counter-entry, after asking why."""
    found = get_delivery(request.actor, pk)
    request.actor.require(RECORD, at=found.union)
    form = ReasonForm(request.POST or None)
    address = reverse("desk:catalog:delivery", args=[pk])
    if request.method == "POST":
        done, _entry = tried(
            form,
            lambda: take_back(actor=request.actor, delivery_id=pk, reason=form.cleaned_data["reason"], now=request.now),
        )
        if done:
            messages.success(request, _("Taken back. The numbers are right again."))
            return HttpResponseRedirect(address)
    return ask(
        request,
        question=_("Take this delivery back?"),
        consequences=[
            _("A counter-entry of the same day is written; the first entry stays as it is, and both can be read."),
            _("Persons, times and cost of that month count as if it had not been."),
            _("If it was given otherwise than noted, write it down anew afterwards."),
        ],
        action_label=_("Take it back"),
        back_url=address,
        form=form,
    )
