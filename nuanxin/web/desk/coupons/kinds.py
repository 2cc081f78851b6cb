"""Kinds of coupons: the list, one with its stock, and what is done with them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.benefits.actions import coupons as made
from nuanxin.benefits.queries.coupons import terms_of_kind
from nuanxin.benefits.queries.gifts import gifts_of
from nuanxin.benefits.queries.line import places_of_kind
from nuanxin.benefits.queries.redemptions import get_kind, issues_of, list_kinds
from nuanxin.benefits.states.coupons import MANAGE_COUPONS
from nuanxin.kernel.clock import local_day
from nuanxin.organizations.queries import find_union
from nuanxin.organizations.queries.partners import partner_rows, visible_partners
from nuanxin.web.desk.coupons.forms import KindForm, NewKindForm, StockForm
from nuanxin.web.desk.organizations.pages import ask, form_page
from nuanxin.web.kit.offers import limit_in_words, offer_state
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.benefits.models import CouponKind
    from nuanxin.organizations.models import Partner, PartnerPlace
    from nuanxin.web.desk.requests import DeskRequest

#: Partners that the form of a kind offers.
_MOST = 500


@require_safe
def kinds(request: DeskRequest) -> HttpResponse:
    """List the kinds in reach, with how many were issued, taken and redeemed."""
    request.actor.require(MANAGE_COUPONS)
    listed = page(list_kinds(request.actor), order=("-pk",), cursor=request.GET.get("page", ""), size=50)
    today = local_day(request.now)
    rows = [
        {
            "kind": row,
            "terms": terms_of_kind(row),
            "last": row.valid_until - timedelta(days=1),
            "state": _state(row, today),
        }
        for row in listed.items
    ]
    context = {"page_title": _("Coupons"), "page": listed, "rows": rows}
    return render(request, "desk/coupons/kinds.html", context)


def _state(kind: CouponKind, today: Any) -> tuple[str, str]:
    if kind.ended_at is not None:
        return _("ended"), "bad"
    if today < kind.valid_from:
        return _("not begun yet"), "wait"
    return (_("run out"), "bad") if today >= kind.valid_until else (_("in force"), "good")


Where = tuple["Partner", "PartnerPlace | None"]


def _partners(request: DeskRequest) -> list[Partner]:
    """Return the partners to choose from, with their open places."""
    return list(partner_rows(visible_partners(request.actor).filter(ended_at=None))[:_MOST])


def _chosen(partners: list[Partner], typed: dict[str, Any], kept: Iterable[Where] = ()) -> list[Where]:
    """Return where a kind is redeemed: what was ticked, and what the form could not offer."""
    ticked, found = set(typed["partners"]), list(kept)
    for partner in partners:
        if str(partner.pk) in ticked:
            found.append((partner, None))
        else:
            found.extend((partner, place) for place in partner.places.all() if str(place.pk) in ticked)
    return found


def _not_offered(kind: CouponKind, partners: list[Partner]) -> list[Where]:
    """Return where a kind is redeemed that the form does not offer: another union's partner, one that has ended."""
    offered = {partner.pk for partner in partners} | {place.pk for each in partners for place in each.places.all()}
    rows = kind.places.select_related("partner__union", "place")
    return [(row.partner, row.place) for row in rows if (row.place_id or row.partner_id) not in offered]


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Enter a kind of coupon."""
    request.actor.require(MANAGE_COUPONS)
    partners = _partners(request)
    form = NewKindForm(request.POST or None, partners=partners)
    if form.is_bound:
        done, kind = tried(form, lambda: _make(request, partners, form.cleaned_data))
        if done:
            messages.success(request, _("Entered. Next comes the stock: how many, and when it opens."))
            return HttpResponseRedirect(reverse("desk:coupons:kind", args=[kind.pk]))
    back = reverse("desk:coupons:kinds")
    return form_page(request, form, title=_("New kind of coupon"), submit=_("Create"), back_url=back)


def _make(request: DeskRequest, partners: list[Partner], typed: dict[str, Any]) -> CouponKind:
    union = find_union(request.actor, typed["union"], MANAGE_COUPONS)
    return made.make_kind(
        actor=request.actor, union=union, fields=typed, places=_chosen(partners, typed), now=request.now
    )


@require_http_methods(["GET", "POST"])
def edit(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Change a kind; what was promised stays."""
    found = get_kind(request.actor, pk)
    partners = _partners(request)
    initial = {name: getattr(found, name) for name in KindForm.base_fields if hasattr(found, name)}
    initial["until"] = found.valid_until - timedelta(days=1)
    initial["weekdays"] = [str(day) for day in found.weekdays]
    initial["partners"] = [str(row.place_id or row.partner_id) for row in found.places.all()]
    form = KindForm(request.POST or None, partners=partners, initial=initial)
    back = reverse("desk:coupons:kind", args=[pk])
    if form.is_bound:
        done, _kind = tried(
            form,
            lambda: made.change_kind(
                actor=request.actor,
                kind=found,
                fields=form.cleaned_data,
                places=_chosen(partners, form.cleaned_data, _not_offered(found, partners)),
                now=request.now,
            ),
        )
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(back)
    return form_page(request, form, title=local_name(found), submit=_("Save"), back_url=back)


@require_http_methods(["GET", "POST"])
def end(request: DeskRequest, pk: UUID) -> HttpResponse:
    """End a kind, after asking."""
    found = get_kind(request.actor, pk)
    back = reverse("desk:coupons:kind", args=[pk])
    if request.method == "POST":
        made.end_kind(actor=request.actor, kind=found, now=request.now)
        messages.success(request, _("Done."))
        return HttpResponseRedirect(back)
    return ask(
        request,
        question=_("End %(name)s?") % {"name": local_name(found)},
        consequences=[
            _("There will be no further stock of this kind."),
            _("The coupons that people have stay good until their last day."),
        ],
        action_label=_("End"),
        back_url=back,
    )


@require_safe
def kind(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one kind: what it says, where it is redeemed, and every stock of it."""
    found = get_kind(request.actor, pk)
    label, tone = _state(found, local_day(request.now))
    context = {
        "page_title": local_name(found),
        "back_url": reverse("desk:coupons:kinds"),
        "kind": found,
        "terms": terms_of_kind(found),
        "places": places_of_kind(found),
        "last": found.valid_until - timedelta(days=1),
        "label": label,
        "tone": tone,
        "gifts": gifts_of(found).count(),
        "issues": [
            {"issue": row, "state": offer_state(row.offer.state), "limit": limit_in_words(row.offer)}
            for row in issues_of(found)
        ],
    }
    return render(request, "desk/coupons/kind.html", context)


@require_http_methods(["GET", "POST"])
def stock(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Make a stock of a kind and announce it."""
    found = get_kind(request.actor, pk)
    form = StockForm(request.POST or None, initial={"has_line": True, "per_second": 200, "limit_count": 1})
    back = reverse("desk:coupons:kind", args=[pk])
    if form.is_bound:
        done, _issue = tried(
            form,
            lambda: made.issue_stock(actor=request.actor, kind=found, fields=form.cleaned_data, now=request.now),
        )
        if done:
            messages.success(request, _("Announced: members see it now, and it opens by itself."))
            return HttpResponseRedirect(back)
    return form_page(request, form, title=_("Give out more"), submit=_("Announce"), back_url=back)
