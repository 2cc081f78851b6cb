"""What personal data this floor holds, why, for how long, and how it is erased."""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import Aged, PersonalField

#: After the cover ended. Source: insurance law, article 26: claims lapse after two years, of life insurance after five.
TEN_YEARS: Final = timedelta(days=3653)
#: For a file that was never settled, or could not be read.
HALF_A_YEAR: Final = timedelta(days=183)
_INSURED = _("ten years after the cover ended, as long as claims can be disputed; at once when you are erased")

INSURANCE: tuple[PersonalField, ...] = (
    PersonalField(
        "benefits.Insured",
        ("name", "id_digest", "sealed_id", "sealed_phone"),
        _("That you stood on the list of a gifted insurance, with ID number and phone as they went to the insurer"),
        _INSURED,
        "blank",
        found_by=(("worker", "worker"),),
        due=Aged("insured", "batch__cover_until", TEN_YEARS),
    ),
    PersonalField(
        "benefits.PolicyRow",
        ("sealed_id", "name", "id_digest"),
        _("What an insurer reported of you, to compare it with the list"),
        _INSURED,
        "blank",
        found_by=(("insured__worker", "worker"), ("id_digest", "identity")),
        due=Aged("policy_rows", "batch__cover_until", TEN_YEARS),
    ),
    PersonalField(
        "benefits.PolicyReturn",
        ("sealed_content",),
        _("The insurer's file of policies, as it was handed in"),
        _("until list and policies agree, half a year at most"),
        "blank",
        due=Aged("policy_files", "received_at", HALF_A_YEAR),
    ),
    PersonalField(
        "benefits.RollFile",
        ("sealed_content",),
        _("The list of a gifted insurance as a file, for whoever hands it to the insurer"),
        _("one day"),
        "delete row",
        due=Aged("roll_files", "asked_at", timedelta(days=1)),
    ),
    PersonalField(
        "benefits.InsuranceBatch",
        ("sealed_key",),
        _("The key of what insurers sent back for one list"),
        _("ten years after the cover ended, as long as claims can be disputed"),
        "destroy key",
        due=Aged("insurance_keys", "cover_until", TEN_YEARS),
    ),
    PersonalField(
        "benefits.Claim",
        ("sealed_words", "sealed_account"),
        _("What happened to you, and where the money of your claim goes; your documents end with it"),
        _INSURED,
        "blank",
        found_by=(("worker", "worker"),),
        due=Aged("claims", "policy__cover_until", TEN_YEARS),
    ),
    PersonalField(
        "benefits.ClaimStep",
        ("sealed_words",),
        _("What you were told about your claim"),
        _INSURED,
        "blank",
        found_by=(("claim__worker", "worker"),),
        due=Aged("claim_steps", "claim__policy__cover_until", TEN_YEARS),
    ),
)

_MEMBERSHIP = _("three years after the membership ends")

PACKS: tuple[PersonalField, ...] = (
    PersonalField(
        "benefits.PackRight",
        ("reason",),
        _("Why something of your welcome pack was granted again or taken back"),
        _MEMBERSHIP,
        "blank",
        found_by=(("worker", "worker"),),
    ),
)

COUPONS: tuple[PersonalField, ...] = (
    PersonalField(
        "benefits.Redemption",
        ("reason",),
        _("Why a coupon was given back to you"),
        _MEMBERSHIP,
        "blank",
        found_by=(("worker", "worker"),),
    ),
    PersonalField(
        "benefits.CouponGift",
        ("reason",),
        _("Why the union gave you a coupon"),
        _MEMBERSHIP,
        "blank",
        found_by=(("worker", "worker"),),
    ),
    PersonalField(
        "benefits.CouponClash",
        ("words", "reason"),
        _("What was decided about a coupon of yours that was used without a network, and why"),
        _MEMBERSHIP,
        "blank",
        found_by=(("worker", "worker"),),
    ),
)

FIELDS: tuple[PersonalField, ...] = INSURANCE + PACKS + COUPONS
