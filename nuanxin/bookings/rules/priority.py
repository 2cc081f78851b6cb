"""Priority: points from a dated rule, each of which the person can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.bookings.rules.eligibility import years_between

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from django.utils.functional import _StrOrPromise

    from nuanxin.bookings.rules.eligibility import Facts

#: Groups whose posts are hard: outdoors, at night, or with heavy loads.
HARD_GROUPS: Final = frozenset({"courier", "food_delivery_rider", "truck_driver", "ride_hailing_driver"})
#: For what there are points.
POINTS: Final[dict[str, _StrOrPromise]] = {
    "no_employer_check_up": _("No check-up by the employer"),
    "hard_post": _("Hard post"),
    "age": _("Age"),
    "long_wait": _("Long wait"),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each ground weighs; a dated rule says so.

    :param no_employer_check_up: points for somebody whose employer gives no check-up.
    :param hard_post: points for a hard post.
    :param age_from, age_year: points for each full year above an age, at most ten years.
    :param wait_year: points for each full year since the last time, or since joining, at most five years.
    """

    no_employer_check_up: int = 40
    hard_post: int = 30
    age_from: int = 40
    age_year: int = 1
    wait_year: int = 5


def score(facts: Facts, *, kind: str, weights: Weights) -> list[tuple[str, int]]:
    """Return the points of a person for a kind of offer, ground by ground; their sum is the priority."""
    found: list[tuple[str, int]] = []
    if facts.said.get("employer_check_up") is False:
        found.append(("no_employer_check_up", weights.no_employer_check_up))
    if facts.groups & HARD_GROUPS:
        found.append(("hard_post", weights.hard_post))
    years = max(0, min(10, (facts.age or 0) - weights.age_from))
    if years:
        found.append(("age", years * weights.age_year))
    waited = min(5, _years_waited(facts, kind))
    if waited:
        found.append(("long_wait", waited * weights.wait_year))
    return found


def _years_waited(facts: Facts, kind: str) -> int:
    since: list[date] = [day for served, day in facts.served if served == kind]
    last = max(since, default=facts.joined_on)
    return 0 if last is None else years_between(last, facts.today)


def in_words(points: list[Mapping[str, Any]]) -> list[tuple[_StrOrPromise, int]]:
    """Return stored points in words, for the person to read."""
    return [(POINTS.get(str(each["for"]), str(each["for"])), int(each["points"])) for each in points]
