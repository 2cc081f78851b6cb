"""Stock of welcome packs: the list, one stock with every movement, and moving it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.queries import account_names
from nuanxin.benefits.actions import pack_stock as made
from nuanxin.benefits.queries.packs import (
    StockFilters,
    get_stock,
    list_stocks,
    movements_of,
    pack_numbers,
    places_for_packs,
)
from nuanxin.benefits.states.packs import MANAGE_PACKS, MovementKind, PackItem
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.web.desk.organizations.pages import form_page
from nuanxin.web.desk.packs.forms import CarryForm, CountForm, InForm, LowForm, NewStockForm, OutForm, StockFilter
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from django.db.models import QuerySet
    from django.forms import Form
    from django.http import HttpResponse, HttpResponseBase

    from nuanxin.benefits.models import PackMovement, PackStock
    from nuanxin.organizations.models import PartnerPlace
    from nuanxin.web.desk.requests import DeskRequest


def _found(request: DeskRequest) -> tuple[StockFilter, QuerySet[PackStock]]:
    form = StockFilter(request.GET or None)
    chosen: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    filters = StockFilters(
        text=chosen.get("q", ""),
        item=chosen.get("item", ""),
        region=chosen.get("region", ""),
        state=chosen.get("state", ""),
    )
    return form, list_stocks(request.actor, filters)


def _state(stock: PackStock) -> tuple[str, str]:
    if stock.on_hand == 0:
        return _("nothing left"), "bad"
    return (_("running low"), "wait") if stock.on_hand <= stock.low_at else (_("enough"), "good")


@require_safe
def stocks(request: DeskRequest) -> HttpResponse:
    """List the stocks in reach, with how far the welcome packs have come."""
    request.actor.require(MANAGE_PACKS)
    form, found = _found(request)
    listed = page(found, order=("place__name", "item", "pk"), cursor=request.GET.get("page", ""), size=50)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page_title": _("Welcome packs"),
        "filters": form,
        "page": listed,
        "rows": [{"stock": row, "what": PackItem(row.item).label, "state": _state(row)} for row in listed.items],
        "numbers": pack_numbers(request.actor),
        "query": query.urlencode(),
    }
    return render(request, "desk/packs/stocks.html", context)


@require_safe
def excel(request: DeskRequest) -> HttpResponseBase:
    """Send the stocks that the filters leave, a line for each."""
    request.actor.require(MANAGE_PACKS)
    _form, found = _found(request)
    header = [
        _("Name of the place"),
        _("Partner"),
        _("Region"),
        _("Thing"),
        _("On the shelf"),
        _("Handed out"),
        _("State"),
    ]
    rows: Iterator[list[Any]] = (
        [
            local_name(row.place),
            str(row.place.partner),
            local_name(row.place.region),
            str(PackItem(row.item).label),
            row.on_hand,
            row.handed,  # type: ignore[attr-defined] # counted by the query
            _state(row)[0],
        ]
        for row in found.order_by("place__name", "item", "pk").iterator(chunk_size=500)
    )
    return workbook_response(_("Welcome packs"), header, rows)


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Begin a stock at a place, or go to the one that is there."""
    request.actor.require(MANAGE_PACKS)
    places = list(places_for_packs(request.actor))
    form = NewStockForm(request.POST or None, places=places)
    if form.is_bound:
        done, stock = tried(form, lambda: _begin(request, places, form.cleaned_data))
        if done:
            return HttpResponseRedirect(reverse("desk:packs:stock", args=[stock.pk]))
    back = reverse("desk:packs:stocks")
    return form_page(request, form, title=_("New stock"), submit=_("Create"), back_url=back)


def _begin(request: DeskRequest, places: list[PartnerPlace], typed: dict[str, Any]) -> PackStock:
    place = _chosen(places, typed["place"], "place")
    return made.keep_stock(actor=request.actor, place=place, item=typed["item"], now=request.now)


def _chosen(places: list[PartnerPlace], typed: str, field: str) -> PartnerPlace:
    found = next((place for place in places if str(place.pk) == typed), None)
    if found is None:
        raise Invalid("bad_value", _("Please choose from the list."), field=field)
    return found


@require_safe
def stock(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one stock with every movement, newest first."""
    found = get_stock(request.actor, pk)
    listed = page(movements_of(found), order=("-at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    label, tone = _state(found)
    context = {
        "page_title": f"{PackItem(found.item).label} · {local_name(found.place)}",
        "back_url": reverse("desk:packs:stocks"),
        "stock": found,
        "label": label,
        "tone": tone,
        "page": listed,
        "rows": _movements(listed.items),
        "verbs": [
            ("in", _("Came in"), "plus"),
            ("out", _("Take out"), "package"),
            ("carry", _("Carry elsewhere"), "arrows-exchange"),
            ("count", _("Count"), "checklist"),
            ("low", _("Low mark"), "settings"),
        ],
    }
    return render(request, "desk/packs/stock.html", context)


def _movements(rows: list[PackMovement]) -> list[dict[str, Any]]:
    names = account_names({row.account_id for row in rows if row.account_id})
    return [
        {
            "at": row.at,
            "kind": MovementKind(row.kind).label,
            "amount": row.amount,
            "signed": f"{row.amount:+d}",
            "note": row.note,
            "who": names.get(row.account_id, "") if row.account_id else _("at the counter") if row.source_id else "",
        }
        for row in rows
    ]


@require_safe
def history_excel(request: DeskRequest, pk: UUID) -> HttpResponseBase:
    """Send every movement of a stock."""
    found = get_stock(request.actor, pk)
    rows = (
        [row["at"], str(row["kind"]), row["amount"], row["note"], str(row["who"])]
        for row in _movements(list(movements_of(found)))
    )
    name = f"{PackItem(found.item).label} {local_name(found.place)}"
    return workbook_response(name, [_("When"), _("What was done"), _("Pieces"), _("Note"), _("Who")], rows)


@require_http_methods(["GET", "POST"])
def act(request: DeskRequest, pk: UUID, verb: str) -> HttpResponse:
    """Move or count a stock. A form that is sent twice counts once."""
    found = get_stock(request.actor, pk)
    prepared = _ACTS.get(verb)
    if prepared is None:
        raise NotFound
    title, intro, form, do = prepared(request, found)
    back = reverse("desk:packs:stock", args=[pk])
    if form.is_bound:
        done, new_one = tried(form, do)
        if done:
            messages.success(request, _("Saved.") if new_one is not False else _("This was saved before."))
            return HttpResponseRedirect(back)
    return form_page(request, form, title=str(title), submit=_("Save"), back_url=back, intro=intro)


_Prepared = tuple[str, str, "Form", "Callable[[], Any]"]


def _lies(stock: PackStock) -> str:
    return _("By the book %(count)s pieces lie there.") % {"count": stock.on_hand}


def _in(request: DeskRequest, stock: PackStock) -> _Prepared:
    form = InForm(request.POST or None)
    return (
        _("Came in"),
        _lies(stock),
        form,
        lambda: made.take_in(actor=request.actor, stock=stock, now=request.now, **form.cleaned_data),
    )


def _out(request: DeskRequest, stock: PackStock) -> _Prepared:
    form = OutForm(request.POST or None)
    return (
        _("Take out"),
        _lies(stock),
        form,
        lambda: made.take_out(actor=request.actor, stock=stock, now=request.now, **form.cleaned_data),
    )


def _carry(request: DeskRequest, stock: PackStock) -> _Prepared:
    places = [place for place in places_for_packs(request.actor) if place.pk != stock.place_id]
    form = CarryForm(request.POST or None, places=places)

    def do() -> bool:
        typed = dict(form.cleaned_data)
        place = _chosen(places, typed.pop("to"), "to")
        to = made.keep_stock(actor=request.actor, place=place, item=stock.item, now=request.now)
        return made.carry(actor=request.actor, stock=stock, to=to, now=request.now, **typed)

    return _("Carry elsewhere"), _lies(stock), form, do


def _count(request: DeskRequest, stock: PackStock) -> _Prepared:
    form = CountForm(request.POST or None, initial={"seen": stock.on_hand})
    return (
        _("Count"),
        _lies(stock),
        form,
        lambda: made.count_stock(actor=request.actor, stock=stock, now=request.now, **form.cleaned_data),
    )


def _low(request: DeskRequest, stock: PackStock) -> _Prepared:
    form = LowForm(request.POST or None, initial={"low_at": stock.low_at})
    return (
        _("Low mark"),
        _("A place that runs low is marked in the list."),
        form,
        lambda: made.mark_low(actor=request.actor, stock=stock, now=request.now, **form.cleaned_data),
    )


_ACTS: dict[str, Callable[[DeskRequest, PackStock], _Prepared]] = {
    "in": _in,
    "out": _out,
    "carry": _carry,
    "count": _count,
    "low": _low,
}
