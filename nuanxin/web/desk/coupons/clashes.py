"""Clashes: what counters redeemed without a network and the books contradict; each is decided by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.benefits.actions.clashes import decide_clash
from nuanxin.benefits.queries.redemptions import get_clash, list_clashes
from nuanxin.benefits.states.coupons import MANAGE_COUPONS, SETTLE_COUPONS, ClashState
from nuanxin.kernel.refusals import NotFound
from nuanxin.web.desk.coupons.forms import ClashFilter, ClashForm
from nuanxin.web.desk.organizations.pages import form_page
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.access.actors import Actor
    from nuanxin.benefits.models import CouponClash
    from nuanxin.web.desk.requests import DeskRequest

_TONES = {ClashState.OPEN: "wait", ClashState.PAID: "good", ClashState.UNPAID: "bad"}


@require_safe
def clashes(request: DeskRequest) -> HttpResponse:
    """List the clashes at partners in reach, the newest first."""
    request.actor.require(MANAGE_COUPONS)
    form = ClashFilter(request.GET or None)
    chosen: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    found = list_clashes(request.actor, text=chosen.get("q", ""), state=chosen.get("state", ""))
    listed = page(found, order=("-told_at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    context = {
        "page_title": _("Clashes of coupons"),
        "back_url": reverse("desk:coupons:kinds"),
        "filters": form,
        "page": listed,
        "rows": clash_rows(request.actor, listed.items),
    }
    return render(request, "desk/coupons/clashes.html", context)


def clash_rows(actor: Actor, clashes: Iterable[CouponClash]) -> list[dict[str, Any]]:
    """Return clashes as their table shows them, with what this actor may decide."""
    return [_row(actor, clash) for clash in clashes]


def _row(actor: Actor, clash: CouponClash) -> dict[str, Any]:
    state = ClashState(clash.state)
    may = actor.may(SETTLE_COUPONS, at=clash.place.partner.union.path) and clash.redemption_id is None
    return {
        "clash": clash,
        "member": mask_name(clash.worker.name) if clash.worker else "",
        "state": state.label,
        "tone": _TONES[state],
        "may_pay": may and state != ClashState.PAID and clash.kind_id is not None,
        "may_drop": may and state != ClashState.UNPAID,
    }


@require_http_methods(["GET", "POST"])
def decide(request: DeskRequest, pk: UUID, verb: str) -> HttpResponse:
    """Pay the partner for one clash, or do not; with a reason."""
    found = get_clash(request.actor, pk)
    if verb not in {"pay", "drop"}:
        raise NotFound
    pay, form, back = verb == "pay", ClashForm(request.POST or None), reverse("desk:coupons:clashes")
    if form.is_bound:
        reason = form.data.get("reason", "")
        done, decided = tried(
            form, lambda: decide_clash(actor=request.actor, clash=found, pay=pay, reason=reason, now=request.now)
        )
        if done:
            messages.success(request, _said(decided))
            return HttpResponseRedirect(back)
    title, submit = (_("Pay the partner"), _("Pay")) if pay else (_("Do not pay the partner"), _("Do not pay"))
    return form_page(request, form, title=title, submit=submit, back_url=back, intro=_intro(found, pay=pay))


def _said(clash: CouponClash) -> str:
    if clash.redemption_id is not None:
        return _("The coupon that the member still had is redeemed: it is settled as every redemption.")
    if clash.state == ClashState.PAID:
        return _("Kept: it is paid with the settlement of its month, or of the next one that is closed.")
    return _("Kept: the partner is not paid for it.")


def _intro(clash: CouponClash, *, pay: bool) -> str:
    told = {
        "kind": local_name(clash.kind) if clash.kind else "—",
        "place": local_name(clash.place),
        "at": date_cn(clash.at),
        "why": clash.get_why_display(),
        "amount": clash.kind.cost if clash.kind else 0,
    }
    if pay:
        return _("%(kind)s, %(place)s, %(at)s: %(why)s. The partner is paid %(amount)s yuan for it.") % told
    return _("%(kind)s, %(place)s, %(at)s: %(why)s. The partner gets nothing for it.") % told
