"""Redeeming a coupon at a till: `/redemptions`."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from nuanxin.benefits.actions.redeeming import Redeemed
from nuanxin.benefits.rules.coupons import KIND
from nuanxin.kernel.refusals import NotFound
from nuanxin.web.api.described import described
from nuanxin.web.api.scans import device_of
from nuanxin.web.api.schemas_scans import RedeemedOut, RedemptionIn
from nuanxin.web.api.words import answer
from nuanxin.web.kit.requests import Request
from nuanxin.web.kit.scans import act

router = Router(tags=["partners"])


@router.post(
    "/redemptions",
    **described(
        "Redeem a coupon",
        200,
        RedeemedOut,
        who="partner device",
        problems=(400, 401, 403, 404, 409, 413, 422),
        example="redemption",
    ),
)
def redeem_coupon(request: Request, body: RedemptionIn) -> HttpResponse:
    """Redeem one coupon that a scan named, once; the same again is told so, and everything else says why not.

    The union takes a redemption back, or the very counter within half an hour; the member has the coupon again.
    """
    asking = request.holder or device_of(request)
    done = act(actor=asking, scan_id=body.scan, kind=KIND, key=str(body.coupon), staff_id=body.person, now=request.now)
    if not isinstance(done, Redeemed):
        raise NotFound
    return answer(
        {
            "redemption": str(done.redemption_id),
            "message": str(done.words),
            "again": done.again,
            "face": str(done.face),
            "least_spend": str(done.least_spend),
        }
    )
