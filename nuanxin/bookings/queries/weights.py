"""The dated rule of priority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.bookings.rules.priority import Weights
from nuanxin.organizations.models import Union
from nuanxin.organizations.queries.rules import dated_rules

if TYPE_CHECKING:
    from datetime import date

#: Field of `Weights` → name of the dated rule.
RULES = {
    "no_employer_check_up": "bookings.points_no_check_up",
    "hard_post": "bookings.points_hard_post",
    "age_from": "bookings.points_age_from",
    "age_year": "bookings.points_age_year",
    "wait_year": "bookings.points_wait_year",
}


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    region_id: str


def weights_for(union_path: str, on: date) -> Weights:
    """Return how much each ground weighs for a union on a day."""
    region = Union.objects.filter(path=union_path).values_list("region_id", flat=True).first()
    decided = dated_rules(*RULES.values(), union=_Place(union_path, region or ""), on=on)
    return Weights(**{name: int(decided[rule].value) for name, rule in RULES.items()})
