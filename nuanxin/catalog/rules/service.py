"""What a service may be, and for whom it is. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.catalog.states import Unit, Way
from nuanxin.kernel.refusals import FieldError, Invalid
from nuanxin.kernel.text import check_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from django.utils.functional import _StrOrPromise

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{2,29}")
_TAKEN: Final = frozenset({"new", "lists"})
#: Texts of a service and how long they may be.
TEXTS: Final = {
    "name": 60,
    "name_en": 120,
    "summary": 300,
    "summary_en": 600,
    "how": 600,
    "how_en": 1200,
    "phone": 30,
    "department": 60,
    "department_en": 120,
}
#: Pictures that an area may have: those that the pages bring along.
ICONS: Final = (
    "heartbeat",
    "umbrella",
    "heart-handshake",
    "scale",
    "school",
    "ticket",
    "first-aid-kit",
    "gift",
    "tree",
    "trophy",
    "briefcase",
    "home",
    "book",
    "users-group",
    "star",
)
#: The largest sum that a budget or a target may name, in yuan or in what the unit says.
MOST: Final = 100_000_000_000


def check_code(code: str) -> str:
    """Return the code of a new service.

    :raises Invalid: not 3 to 30 small letters, digits and underscores, beginning with a letter; or a word of addresses.
    """
    text = code.strip()
    if not _CODE.fullmatch(text) or text in _TAKEN:
        raise Invalid(
            "bad_code",
            _("The code has 3 to 30 small letters, digits and underscores, and begins with a letter."),
            field="code",
        )
    return text


def read_service(
    *, texts: Mapping[str, str], way: str, starts_on: date, ends_on: date | None, cost_each: Decimal | None
) -> dict[str, Any]:
    """Return the fields of a service in regular form.

    :raises Invalid: all that is wrong, each with its field: no name, a text too long, an end before the start, no such
        way, a cost below zero, no phone for a service that is got by calling.
    """
    wrong: list[FieldError] = []
    read: dict[str, Any] = {}
    for name, most in TEXTS.items():
        try:
            read[name] = check_text(texts.get(name, ""), field=name, most=most)
        except Invalid as refusal:
            wrong.extend(refusal.errors)
    if not read.get("name", "x"):
        wrong.append(FieldError("name", "missing", _("Please give the service a name.")))
    if way not in Way.values:
        wrong.append(FieldError("way", "unknown_way", _("Please choose how the service is got.")))
    if way == Way.CALL and not read.get("phone", "x"):
        wrong.append(FieldError("phone", "missing", _("Please write the number that people call.")))
    if ends_on is not None and ends_on < starts_on:
        wrong.append(FieldError("ends_on", "ends_before", _("The last day is before the first one.")))
    if not _is_sum(cost_each):
        wrong.append(FieldError("cost_each", "bad_cost", _("The cost is a sum in yuan, not below zero.")))
    if wrong:
        raise Invalid(wrong[0].code, wrong[0].message, errors=wrong)
    return {**read, "way": way, "starts_on": starts_on, "ends_on": ends_on, "cost_each": cost_each}


def check_budget(amount: Decimal | None) -> Decimal | None:
    """Return a budget in yuan, or none.

    :raises Invalid: below zero, or more than a hundred thousand millions.
    """
    if not _is_sum(amount):
        raise Invalid("bad_budget", _("The budget is a sum in yuan, not below zero."), field="budget")
    return amount


def _is_sum(amount: Decimal | None) -> bool:
    return amount is None or (amount.is_finite() and 0 <= amount <= MOST)


def check_target(*, name: str, unit: str, amount: int, year: int, due_on: date, one_thing: bool) -> None:
    """Refuse a target that cannot be.

    :param one_thing: whether it names a service or an area, and not both.
    :raises Invalid: each with its field.
    """
    wrong: list[tuple[bool, str, str, _StrOrPromise]] = [
        (not name.strip(), "name", "missing", _("Please give the target a name.")),
        (unit not in Unit.values, "unit", "unknown_unit", _("Please choose what is counted.")),
        (not 0 < amount <= MOST, "amount", "bad_amount", _("The target is a whole number above zero.")),
        (not 2000 <= year <= 2100, "year", "bad_year", _("Please check the year.")),
        (due_on.year != year, "due_on", "due_in_another_year", _("The target is due within its year.")),
        (not one_thing, "service", "counts_two_things", _("Choose a service or an area, not both.")),
    ]
    errors = [FieldError(field, code, words) for is_wrong, field, code, words in wrong if is_wrong]
    if errors:
        raise Invalid(errors[0].code, errors[0].message, errors=errors)
