"""Rows of the benefits floor."""

from nuanxin.benefits.models.claims import Claim, ClaimStep
from nuanxin.benefits.models.insurance import (
    Difference,
    InsuranceBatch,
    InsurancePlan,
    Insured,
    Insurer,
    Policy,
    PolicyReturn,
    PolicyRow,
    RollPart,
)
from nuanxin.benefits.models.packs import PackMark, PackMovement, PackRight, PackStock

__all__ = [
    "Claim",
    "ClaimStep",
    "Difference",
    "InsuranceBatch",
    "InsurancePlan",
    "Insured",
    "Insurer",
    "PackMark",
    "PackMovement",
    "PackRight",
    "PackStock",
    "Policy",
    "PolicyReturn",
    "PolicyRow",
    "RollPart",
]
