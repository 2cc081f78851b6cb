"""Rows of the benefits floor."""

from nuanxin.benefits.models.claims import Claim, ClaimStep
from nuanxin.benefits.models.coupons import (
    CouponClash,
    CouponGift,
    CouponIssue,
    CouponKind,
    CouponPlace,
    LineEntry,
    MerchantTally,
    Redemption,
    Settlement,
    SettlementLine,
)
from nuanxin.benefits.models.insurance import (
    Difference,
    InsuranceBatch,
    InsurancePlan,
    Insured,
    Insurer,
    Policy,
    PolicyReturn,
    PolicyRow,
    RollFile,
    RollPart,
)
from nuanxin.benefits.models.packs import PackMark, PackMovement, PackRight, PackStock

__all__ = [
    "Claim",
    "ClaimStep",
    "CouponClash",
    "CouponGift",
    "CouponIssue",
    "CouponKind",
    "CouponPlace",
    "Difference",
    "InsuranceBatch",
    "InsurancePlan",
    "Insured",
    "Insurer",
    "LineEntry",
    "MerchantTally",
    "PackMark",
    "PackMovement",
    "PackRight",
    "PackStock",
    "Policy",
    "PolicyReturn",
    "PolicyRow",
    "Redemption",
    "RollFile",
    "RollPart",
    "Settlement",
    "SettlementLine",
]
