"""The list of offers, out to Excel; making an offer and changing it, with a preview of whom it reaches."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.queries import union_in_reach
from nuanxin.access.states import Permission
from nuanxin.bookings.actions.offers import LATER, Draft, change_offer, make_offer
from nuanxin.bookings.queries.desk import Filled, filled, find_offers, get_offer
from nuanxin.bookings.states import OfferState, Way
from nuanxin.catalog.queries.service import visible_services
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import Refusal
from nuanxin.web.desk.bookings.forms import OfferFilter, OfferForm
from nuanxin.web.desk.bookings.previews import who_form
from nuanxin.web.desk.bookings.who import checks_of, initial_of, unsaid
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.offers import kind_icon, kind_name, offer_state
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import blame
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import FileResponse

    from nuanxin.bookings.models import Offer
    from nuanxin.web.desk.bookings.who import WhoForm
    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def offers(request: DeskRequest) -> HttpResponse:
    """List the offers in reach, the newest first."""
    request.actor.require(Permission.VIEW_BOOKINGS)
    form, found = _found(request)
    listed = page(found, order=("-pk",), cursor=request.GET.get("page", ""), size=50)
    fill = filled([each.pk for each in listed.items])
    context = {
        "page_title": _("Offers"),
        "filters": form,
        "page": listed,
        "rows": [_row(each, fill[each.pk]) for each in listed.items],
        "narrowed": any(request.GET.get(name) for name in form.fields),
        "may_make": request.actor.may(Permission.EDIT_OFFERS),
        "query": request.GET.urlencode(),
    }
    return render(request, "desk/bookings/offers.html", context)


def _found(request: DeskRequest) -> tuple[OfferFilter, QuerySet[Offer]]:
    form = OfferFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    rows = find_offers(
        request.actor,
        text=chosen.get("q", "").strip(),
        kind=chosen.get("kind", ""),
        state=chosen.get("state", ""),
        way=chosen.get("way", ""),
    )
    return form, rows


def _row(offer: Offer, fill: Filled) -> dict[str, Any]:
    return {
        "offer": offer,
        "kind": kind_name(offer.kind),
        "icon": kind_icon(offer.kind),
        "state": offer_state(offer.state),
        "way": Way(offer.way).label,
        "fill": fill,
    }


@require_safe
def offers_excel(request: DeskRequest) -> FileResponse:
    """Send the list as a workbook."""
    request.actor.require(Permission.VIEW_BOOKINGS)
    _form, found = _found(request)
    header = [_("Number"), _("Name"), _("Kind of offer"), _("Union"), _("State"), _("How places are given"), _("Opens")]
    header += [_("Closes"), _("Number of sessions"), _("Places"), _("Taken"), _("People who came"), _("People waiting")]
    return workbook_response(_("Offers"), header, _out(found))


def _out(found: QuerySet[Offer]) -> Iterator[list[Any]]:
    rows = list(found.order_by("-pk"))
    fill = filled([each.pk for each in rows])
    for each in rows:
        full = fill[each.pk]
        yield [
            each.number,
            local_name(each),
            str(kind_name(each.kind)),
            local_name(each.union),
            str(offer_state(each.state)["label"]),
            str(Way(each.way).label),
            each.opens_at,
            each.closes_at,
            full.sessions,
            full.capacity,
            full.taken,
            full.came,
            full.waiting,
        ]


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Make a draft: what it is, when, how places are given, who may take part."""
    request.actor.require(Permission.EDIT_OFFERS)
    start = datetime.combine(local_day(request.now) + timedelta(days=1), datetime.min.time(), tzinfo=ZONE)
    initial: dict[str, Any] = {
        "opens_at": start + timedelta(hours=9),
        "closes_at": start + timedelta(days=14, hours=18),
        "way": Way.FIRST_COME,
        "kind": request.GET.get("kind", "event"),
        "no_show": "counts",
        "limit_period": "year",
        "waits": True,
        "union": _own_union(request),
    }
    return _form_page(request, None, initial, {"members": ["active"]})


def _own_union(request: DeskRequest) -> str:
    """Return the code of the union in whose name one most likely acts."""
    path = next(iter(request.actor.reach(Permission.EDIT_OFFERS)), "")
    return path.strip("/").rsplit("/", 1)[-1]


@require_http_methods(["GET", "POST"])
def edit(request: DeskRequest, number: str) -> HttpResponse:
    """Change what an offer says; once announced, only what takes nothing from anybody."""
    found = get_offer(request.actor, number)
    request.actor.require(Permission.EDIT_OFFERS, at=found.union)
    initial = {name: getattr(found, name) for name in OfferForm.base_fields if hasattr(found, name)}
    return _form_page(request, found, initial | {"union": found.union.code}, initial_of(found.checks))


def _form_page(
    request: DeskRequest, found: Offer | None, initial: dict[str, Any], who_initial: dict[str, Any]
) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    services = [(each.code, local_name(each)) for each in visible_services(request.actor).order_by("position", "pk")]
    form = OfferForm(data, initial=initial, services=services)
    for name in form.fields if found is not None and found.state != OfferState.DRAFT else ():
        form.fields[name].disabled = name not in LATER
    if found is not None:
        form.fields["union"].disabled = True
    who = who_form(request, initial=who_initial)
    if data is not None and form.is_valid() and (who.is_valid() or form.fields["kind"].disabled):
        try:
            return _kept(request, found, form, who)
        except Refusal as refusal:
            if refusal.status in {401, 403, 404}:
                raise
            blame(who if any(error.field in who.fields for error in refusal.errors) else form, refusal)
    back = reverse("desk:bookings:offer", args=[found.number]) if found else reverse("desk:bookings:offers")
    context = {
        "page_title": _("Change the offer") if found else _("New offer"),
        "form": form,
        "who": who,
        "offer": found,
        "is_draft": found is None or found.state == OfferState.DRAFT,
        "preview_url": reverse("desk:bookings:preview"),
        "back_url": back,
    }
    return render(request, "desk/bookings/form.html", context, status=422 if form.is_bound else 200)


def _kept(request: DeskRequest, found: Offer | None, form: OfferForm, who: WhoForm) -> HttpResponse:
    chosen = dict(form.cleaned_data)
    name = chosen.pop("union").strip()
    if found is None or found.state == OfferState.DRAFT:
        limit_kind = found.limit_kind if found and found.limit_kind != found.kind else ""
        checks = [*checks_of(request.actor, who.cleaned_data), *(unsaid(found.checks) if found else [])]
        draft = Draft(
            **chosen, limit_kind=limit_kind or (chosen["kind"] if chosen["limit_count"] else ""), checks=checks
        )
    else:
        as_it_is = {each.name: getattr(found, each.name) for each in fields(Draft)}
        draft = Draft(**as_it_is | {name: chosen[name] for name in LATER})
    if found is None:
        union = union_in_reach(request.actor, Permission.EDIT_OFFERS, name)
        made = make_offer(actor=request.actor, union=union, draft=draft, now=request.now)
        messages.success(request, _("The draft is kept. Next: divide the places."))
        return HttpResponseRedirect(reverse("desk:bookings:places", args=[made.number]))
    change_offer(actor=request.actor, offer=found, draft=draft, now=request.now)
    messages.success(request, _("Kept."))
    return HttpResponseRedirect(reverse("desk:bookings:offer", args=[found.number]))
