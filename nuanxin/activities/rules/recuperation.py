"""Which recuperation the dated rules allow. Pure. Anhui: at most 5 days in the province, 7 outside, 400 yuan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

DAYS_INSIDE: Final = "activities.recuperation_days_inside"
DAYS_OUTSIDE: Final = "activities.recuperation_days_outside"
YUAN: Final = "activities.recuperation_yuan"
YEARS_OUTSIDE: Final = "activities.recuperation_years_outside"
PER_YEAR: Final = "activities.recuperation_per_year"
RULES: Final = (DAYS_INSIDE, DAYS_OUTSIDE, YUAN, YEARS_OUTSIDE, PER_YEAR)
#: Kinds of offers: within the province, and outside of it.
INSIDE: Final = "recuperation"
OUTSIDE: Final = "recuperation_outside"


def check_allowed(*, is_outside: bool, days: int, yuan_per_day: Decimal, rules: Mapping[str, int]) -> None:
    """Refuse what is longer or dearer than the rules in force allow.

    :param rules: the values of `RULES`.
    :raises Invalid: with the rule that says so.
    """
    most = rules[DAYS_OUTSIDE if is_outside else DAYS_INSIDE]
    if not 1 <= days <= most:
        words = (
            _("At most %(most)s days outside the province.")
            if is_outside
            else _("At most %(most)s days within the province.")
        )
        raise Invalid("too_long", words % {"most": most}, field="days")
    if not 0 <= yuan_per_day <= rules[YUAN]:
        raise Invalid(
            "too_dear", _("At most %(most)s yuan a person and day.") % {"most": rules[YUAN]}, field="yuan_per_day"
        )
