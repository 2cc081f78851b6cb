"""States of coupons: what became of one, and what a counter's late report came to."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

#: Permissions that coupons ask for; `access` says who holds them.
MANAGE_COUPONS: Final = "benefits.manage_coupons"
SETTLE_COUPONS: Final = "benefits.settle_coupons"


class RedemptionState(models.TextChoices):
    """What became of a redemption."""

    REDEEMED = "redeemed", _("Redeemed")
    REFUNDED = "refunded", _("Taken back: the member has the coupon again")


class LineKind(models.TextChoices):
    """What a line of a settlement pays, or takes back."""

    REDEEMED = "redeemed", _("Redeemed")
    REFUNDED = "refunded", _("Correction: taken back after an earlier month was closed")
    CLASH = "clash", _("Redeemed without a network; the union decided to pay")


class CouponState(models.TextChoices):
    """How a coupon stands for the member who has it."""

    READY = "ready", _("Ready to use")
    LATER = "later", _("Not yet usable")
    USED = "used", _("Used")
    EXPIRED = "expired", _("Expired")
    GONE = "gone", _("Given back or cancelled")


class ClashState(models.TextChoices):
    """What the union decided about a clash."""

    OPEN = "open", _("Not decided yet")
    PAID = "paid", _("The partner is paid")
    UNPAID = "unpaid", _("The partner is not paid")


class ClashKind(models.TextChoices):
    """Why what a counter redeemed without a network does not count by itself."""

    UNKNOWN = "unknown", _("The code is not one of ours")
    NO_COUPON = "no_coupon", _("The member had no such coupon")
    USED = "used", _("The coupon had been used elsewhere")
    LIMIT = "limit", _("More than this device may redeem without a network in a day")
    REFUSED = "refused", _("It could not have been redeemed there and then")
