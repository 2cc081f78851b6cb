"""What personal data this floor holds, why, for how long, and how it is erased."""

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import PersonalField

_INSURED = _("ten years after the cover ended, as long as claims can be disputed; at once when you are erased")

INSURANCE: tuple[PersonalField, ...] = (
    PersonalField(
        "benefits.Insured",
        ("sealed_id", "sealed_phone"),
        _("Your ID number and phone as they went to the insurer of a gifted insurance"),
        _INSURED,
        "destroy key",
        found_by=(("worker", "worker"),),
    ),
    PersonalField(
        "benefits.Insured",
        ("name", "id_digest"),
        _("That you stood on the list of a gifted insurance, which must never change"),
        _INSURED,
        "blank",
        found_by=(("worker", "worker"),),
    ),
    PersonalField(
        "benefits.PolicyRow",
        ("name", "id_digest", "sealed_id"),
        _("What an insurer reported of you, to compare it with the list"),
        _INSURED,
        "blank",
        found_by=(("insured__worker", "worker"), ("id_digest", "identity")),
    ),
    PersonalField(
        "benefits.PolicyReturn",
        ("sealed_content", "body_digest"),
        _("The insurer's file of policies, as it was handed in"),
        _("until list and policies agree"),
        "blank",
    ),
    PersonalField(
        "benefits.InsuranceBatch",
        ("sealed_key",),
        _("The key of what insurers sent back for one list"),
        _INSURED,
        "destroy key",
    ),
    PersonalField(
        "benefits.Claim",
        ("sealed_words", "sealed_account"),
        _("What happened to you, and where the money of your claim goes"),
        _INSURED,
        "destroy key",
        found_by=(("worker", "worker"),),
    ),
    PersonalField(
        "benefits.ClaimStep",
        ("sealed_words",),
        _("What you were told about your claim"),
        _INSURED,
        "destroy key",
        found_by=(("claim__worker", "worker"),),
    ),
)

_MEMBERSHIP = _("three years after the membership ends")

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
        "benefits.CouponClash",
        ("words",),
        _("What was decided about a coupon of yours that was used twice without a network"),
        _MEMBERSHIP,
        "blank",
        found_by=(("worker", "worker"),),
    ),
)

FIELDS: tuple[PersonalField, ...] = INSURANCE + COUPONS
