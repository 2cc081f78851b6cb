"""Coupons for single members: keeping some back, giving one, the list of those given, and taking one back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.benefits.actions.gifts import give_coupon, keep_stock_back, take_gift_back
from nuanxin.benefits.queries.gifts import get_gift, gifts_of, giveable_kinds
from nuanxin.benefits.queries.redemptions import get_kind
from nuanxin.benefits.states.coupons import MANAGE_COUPONS
from nuanxin.bookings.queries.desk import member_numbers
from nuanxin.bookings.states import BookingState, EndReason
from nuanxin.kernel.clock import local_day
from nuanxin.web.desk.coupons.forms import GiftFilter, GiftForm, KeptForm, ReasonForm
from nuanxin.web.desk.organizations.pages import form_page
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.benefits.models import CouponGift, CouponKind
    from nuanxin.web.desk.requests import DeskRequest


@require_http_methods(["GET", "POST"])
def keep(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Keep a stock of a kind back for single members."""
    found = get_kind(request.actor, pk)
    form = KeptForm(request.POST or None, initial={"limit_count": 1, "limit_period": "year"})
    back = reverse("desk:coupons:kind", args=[pk])
    if form.is_bound:
        done, _issue = tried(
            form,
            lambda: keep_stock_back(actor=request.actor, kind=found, fields=form.cleaned_data, now=request.now),
        )
        if done:
            messages.success(request, _("Kept back: nobody can take these; give them to single members."))
            return HttpResponseRedirect(back)
    intro = _("Nobody sees or takes these. The union gives them one by one: as a thank-you, or in welcome packs.")
    return form_page(request, form, title=_("Keep some back"), submit=_("Keep back"), back_url=back, intro=intro)


@require_http_methods(["GET", "POST"])
def give(request: DeskRequest) -> HttpResponse:
    """Give one member one coupon, with a reason."""
    request.actor.require(MANAGE_COUPONS)
    kinds = giveable_kinds(request.actor, on=local_day(request.now))
    initial = {name: request.GET.get(name, "") for name in ("kind", "member")}
    form = GiftForm(request.POST or None, initial=initial, kinds=kinds)
    back = reverse("desk:coupons:kinds")
    if form.is_bound:
        done, gift = tried(form, lambda: _give(request, kinds, form.cleaned_data))
        if done:
            messages.success(request, _("Given. The member was told, and has the coupon now."))
            return HttpResponseRedirect(reverse("desk:coupons:gifts", args=[gift.kind_id]))
    intro = "" if kinds else _("Nothing is kept back now. Open a kind of coupon and keep some back first.")
    return form_page(request, form, title=_("Give one coupon"), submit=_("Give"), back_url=back, intro=intro)


def _give(request: DeskRequest, kinds: list[tuple[CouponKind, int]], typed: dict[str, Any]) -> CouponGift:
    kind = next(kind for kind, _left in kinds if str(kind.pk) == typed["kind"])
    number = typed["member"].strip()
    return give_coupon(actor=request.actor, kind=kind, number=number, reason=typed["reason"], now=request.now)


@require_safe
def gifts(request: DeskRequest, pk: UUID) -> HttpResponse:
    """List to whom coupons of a kind were given, and what became of them."""
    found = get_kind(request.actor, pk)
    form = GiftFilter(request.GET or None)
    text = form.cleaned_data.get("q", "") if form.is_valid() else ""
    listed = page(gifts_of(found, text), order=("-pk",), cursor=request.GET.get("page", ""), size=50)
    numbers = member_numbers([gift.worker_id for gift in listed.items])
    context = {
        "page_title": _("%(kind)s, given one by one") % {"kind": local_name(found)},
        "back_url": reverse("desk:coupons:kind", args=[pk]),
        "kind": found,
        "filters": form,
        "page": listed,
        "rows": [_row(gift, numbers.get(gift.worker_id, "")) for gift in listed.items],
    }
    return render(request, "desk/coupons/gifts.html", context)


def _row(gift: CouponGift, number: str) -> dict[str, Any]:
    state, ended = gift.coupon.state, gift.coupon.end_reason
    label, tone = (_("given, not used"), "good") if state == BookingState.BOOKED else (_("used"), "")
    if ended:
        label, tone = str(EndReason(ended).label), "bad"
    return {
        "gift": gift,
        "name": mask_name(gift.worker.name),
        "number": number,
        "by": gift.given_by.name if gift.given_by else "",
        "label": label,
        "tone": tone,
        "may_end": gift.coupon.state == BookingState.BOOKED,
    }


@require_http_methods(["GET", "POST"])
def take_back(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Take a coupon back that was given and not used, with a reason that the member reads."""
    found = get_gift(request.actor, pk)
    form, back = ReasonForm(request.POST or None), reverse("desk:coupons:gifts", args=[found.kind_id])
    if form.is_bound:
        done, _taken = tried(
            form,
            lambda: take_gift_back(
                actor=request.actor, gift=found, reason=form.cleaned_data["reason"], now=request.now
            ),
        )
        if done:
            messages.success(request, _("Taken back: the member was told, and it can be given again."))
            return HttpResponseRedirect(back)
    intro = f"{local_name(found.kind)} · {mask_name(found.worker.name)} · {found.coupon.number}"
    return form_page(request, form, title=_("Take back"), submit=_("Take back"), back_url=back, intro=intro)
