"""What may be written down by hand. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

#: The most that one delivery may cost, in yuan: a hand that typed two zeros too many is asked again.
MOST_COST = 1_000_000


def check_by_hand(day: date, cost: Decimal | None, *, starts_on: date, ends_on: date | None, today: date) -> None:
    """Refuse what cannot be: a day to come, a day on which the service was not given, a cost below zero.

    :raises Invalid: each with its field.
    """
    if day > today:
        raise Invalid("day_to_come", _("This day is still to come. Write it down once it was given."), field="day")
    if day < starts_on or (ends_on is not None and day > ends_on):
        raise Invalid(
            "service_not_given_then",
            _("The service was not given on this day. Please check the day, or the dates of the service."),
            field="day",
        )
    if cost is not None and not (cost.is_finite() and 0 <= cost <= MOST_COST):
        raise Invalid("bad_cost", _("The cost is a sum in yuan from 0 to 1,000,000."), field="cost")


def reason_of(text: str) -> str:
    """Return why a delivery is taken back.

    :raises Invalid: no reason, or more than 200 characters.
    """
    words = check_text(text, field="reason", most=200).strip()
    if len(words) < 2:
        raise Invalid("reason_missing", _("Please say why, so that others understand it later."), field="reason")
    return words
