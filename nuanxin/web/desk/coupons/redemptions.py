"""What was redeemed, where and when; taking a redemption back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.benefits.actions.redeeming import give_back
from nuanxin.benefits.queries.redemptions import (
    RedemptionFilters,
    get_redemption,
    list_redemptions,
    visible_kinds,
)
from nuanxin.benefits.states.coupons import MANAGE_COUPONS, RedemptionState
from nuanxin.web.desk.coupons.forms import ReasonForm, RedemptionFilter
from nuanxin.web.desk.organizations.pages import form_page
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpResponse, HttpResponseBase

    from nuanxin.benefits.models import Redemption
    from nuanxin.web.desk.requests import DeskRequest

_TONES = {RedemptionState.REDEEMED: "good", RedemptionState.REFUNDED: "wait"}


def _found(request: DeskRequest) -> tuple[RedemptionFilter, QuerySet[Redemption]]:
    kinds = visible_kinds(request.actor).order_by("-pk")[:100]
    form = RedemptionFilter(request.GET or None, kinds=kinds)
    chosen: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    kind = chosen.get("kind")
    filters = RedemptionFilters(
        kind=UUID(kind) if kind else None,
        text=chosen.get("q", ""),
        state=chosen.get("state", ""),
        since=chosen.get("since"),
        until=chosen.get("until"),
    )
    return form, list_redemptions(request.actor, filters)


@require_safe
def redemptions(request: DeskRequest) -> HttpResponse:
    """List the redemptions in reach, the newest first."""
    request.actor.require(MANAGE_COUPONS)
    form, found = _found(request)
    listed = page(found, order=("-at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    query = request.GET.copy()
    query.pop("page", None)
    rows = [{"row": row, "label": _label(row), "tone": _TONES[RedemptionState(row.state)]} for row in listed.items]
    context = {
        "page_title": _("Redemptions"),
        "back_url": reverse("desk:coupons:kinds"),
        "filters": form,
        "page": listed,
        "rows": rows,
        "query": query.urlencode(),
    }
    return render(request, "desk/coupons/redemptions.html", context)


def _label(row: Redemption) -> str:
    return _("redeemed") if row.state == RedemptionState.REDEEMED else _("redemption undone")


@require_safe
def excel(request: DeskRequest) -> HttpResponseBase:
    """Send the redemptions that the filters leave, a line for each."""
    request.actor.require(MANAGE_COUPONS)
    _form, found = _found(request)
    header = [_("When"), _("Coupon"), _("Coupon number"), _("Where"), _("Partner"), _("Takes off"),
              _("Union pays, yuan"), _("State"), _("Reason")]  # fmt: skip
    rows: Iterator[list[Any]] = (
        [
            row.at,
            local_name(row.kind),
            row.coupon.number,
            local_name(row.place),
            local_name(row.place.partner),
            row.face,
            row.amount,
            _label(row),
            row.reason,
        ]
        for row in found.order_by("-at", "-pk").iterator(chunk_size=1000)
    )
    return workbook_response(_("Redemptions"), header, rows)


@require_http_methods(["GET", "POST"])
def back(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Take a redemption back, with a reason that the member reads."""
    found = get_redemption(request.actor, pk)
    form = ReasonForm(request.POST or None)
    address = reverse("desk:coupons:redemptions")
    if form.is_bound:
        done, _taken = tried(
            form,
            lambda: give_back(
                actor=request.actor, redemption=found, reason=form.cleaned_data["reason"], now=request.now
            ),
        )
        if done:
            messages.success(request, _("Taken back: the member has the coupon again and was told."))
            return HttpResponseRedirect(address)
    intro = _("%(kind)s, %(place)s. The member gets the coupon back; the partner is not paid for it.") % {
        "kind": local_name(found.kind),
        "place": local_name(found.place),
    }
    return form_page(request, form, title=_("Take back"), submit=_("Take back"), back_url=address, intro=intro)
