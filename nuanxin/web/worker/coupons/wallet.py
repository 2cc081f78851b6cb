"""My coupons: what is ready to use and where, what comes, and what is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.benefits.queries.coupons import local_name, my_coupons
from nuanxin.benefits.queries.gifts import reasons_of
from nuanxin.benefits.queries.line import open_issues, places_by_kind
from nuanxin.benefits.rules.coupons import state_of
from nuanxin.benefits.states.coupons import CouponState
from nuanxin.kernel.clock import local_day
from nuanxin.web.kit.offline import keep_offline
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.benefits.models import CouponIssue, CouponKind
    from nuanxin.benefits.rules.coupons import Coupon
    from nuanxin.web.worker.requests import WorkerRequest

_TONES = {CouponState.READY: "good", CouponState.LATER: "wait", CouponState.GONE: "bad"}


@never_cache
@require_safe
def coupons(request: WorkerRequest) -> HttpResponse:
    """Show the signed-in member's coupons, and what can be had now or later."""
    return _coupons(request)


@keep_offline
def _coupons(request: WorkerRequest) -> HttpResponse:
    mine = my_coupons(request.actor, request.now)
    today = local_day(request.now)
    where = places_by_kind({coupon.terms.id for coupon in mine})
    given = reasons_of(coupon.id for coupon in mine)
    lines = [_line(coupon, state_of(coupon, on=today), where) | {"gift": given.get(coupon.id)} for coupon in mine]
    ready = [line for line in lines if line["code"] in (CouponState.READY, CouponState.LATER)]
    context = {
        "page_title": _("My coupons"),
        "back_url": reverse("worker:home"),
        "tabs": tabs(request),
        "ready": ready,
        "past": [line for line in lines if line not in ready][:20],
        "offers": [_offer(issue) for issue in open_issues(request.now)],
        "code_url": reverse("worker:code"),
    }
    return render(request, "worker/coupons/wallet.html", context)


def _line(coupon: Coupon, state: CouponState, where: dict[UUID, list[str]]) -> dict[str, Any]:
    terms = coupon.terms
    return {
        "code": state,
        "name": local_name(terms.name, terms.name_en),
        "face": terms.face,
        "least": terms.least_spend,
        "offer": terms.offer(),
        "hours": terms.hours(),
        "from": terms.valid_from,
        "last": coupon.last_day,
        "state": state.label,
        "tone": _TONES.get(state, ""),
        "where": where.get(terms.id, []),
        "used_at": coupon.used_at if state == CouponState.USED else None,
        "used_place": local_name(coupon.used_place, coupon.used_place_en),
        "given_back": coupon.refunded_at,
    }


def _offer(issue: CouponIssue) -> dict[str, Any]:
    kind: CouponKind = issue.kind
    return {
        "name": local_name(kind.name, kind.name_en),
        "opens_at": issue.offer.opens_at,
        "url": reverse("worker:coupon_offer", args=[issue.offer.number]),
        "union": issue.offer.union,
    }
