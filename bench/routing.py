"""Routing alone: every village-level unit in the country × every occupation group through the pure rules, on one core.

Facts of all unions are loaded once. Yardstick in the same run: a plain loop that makes one small object for each pair.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from bench.report import Result, publish
from bench.stand import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAIR_LOOP = "bare loop"
#: A quick run takes every n-th village.
STRIDE = 12


def main(*, quick: bool) -> int:
    """Measure and publish."""
    result = Result(
        "routing",
        "Every village-level unit × every occupation group through the pure rules, one core.",
        "≤ 120 s for all",
    )
    with running() as stand:
        _boot(stand.data)
        _measure(result, stride=STRIDE if quick else 1, rounds=1 if quick else 3)
    return publish(result, quick=quick)


def _boot(data: object) -> None:
    import os

    os.environ["NUANXIN_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "nuanxin.settings"
    import django

    django.setup()


def _measure(result: Result, *, stride: int, rounds: int) -> None:
    from nuanxin.members.rules.routing import Applicant, route
    from nuanxin.organizations.models import OccupationGroup
    from nuanxin.regions.models import Region

    groups = list(OccupationGroup.objects.order_by("code").values_list("code", flat=True))
    rows = Region.objects.filter(level=5, closed_on=None).order_by("code").values_list("code", "city_code")
    places = [row for order, row in enumerate(rows.iterator()) if order % stride == 0]
    facts = _Facts()
    pairs = len(places) * len(groups)
    seconds, loops, chosen = [], [], Counter[str]()
    for _ in range(rounds):
        loops.append(_timed(lambda: _bare(places, groups, Applicant)))
        chosen = Counter()
        seconds.append(_timed(lambda: _route_all(places, groups, facts, chosen, Applicant, route)))  # noqa: B023
    whole = sum(1 for _ in rows.iterator()) * len(groups)
    result.add(PAIR_LOOP, "pairs/s", [pairs / time for time in loops])
    rate = result.add("routes", "routes/s", [pairs / time for time in seconds], PAIR_LOOP)
    result.add("all of the country", "s", [whole / (pairs / time) for time in seconds])
    result.notes.append(f"{pairs:,} of {whole:,} pairs routed in each round, each to exactly one union.")
    result.notes.append("Chosen by: " + ", ".join(f"{rule} {count:,}" for rule, count in chosen.most_common()) + ".")
    result.figures = {
        "routes_per_s": round(rate.median),
        "seconds_for_all": round(whole / rate.median, 1),
        "pairs": pairs,
    }


def _route_all(
    places: list[tuple[str, str]],
    groups: list[str],
    facts: _Facts,
    chosen: Counter[str],
    applicant: Callable[..., Any],
    route: Callable[..., Any],
) -> None:
    for code, city in places:
        candidates = facts.candidates(code, city)
        for group in groups:
            found = route(applicant(group, code), candidates)
            if not (found.union.region_code == code[: len(found.union.region_code)] or found.union.region_code == ""):
                raise RuntimeError(f"{code} was routed to {found.union.name}, which does not answer for it.")
            chosen[found.steps[-1].rule] += 1


def _bare(places: Iterable[tuple[str, str]], groups: list[str], applicant: Callable[..., Any]) -> None:
    for code, _city in places:
        for group in groups:
            applicant(group, code)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class _Facts:
    """Every open union with its rules of today, by region; candidates of a place are those of the codes above it."""

    def __init__(self) -> None:
        from django.utils import timezone

        from nuanxin.kernel.clock import local_day
        from nuanxin.organizations.models import AdmissionRule, Union
        from nuanxin.organizations.queries.routing import facts_of

        today = local_day(timezone.now())
        rules = defaultdict(list)
        for rule in AdmissionRule.objects.filter(valid_from__lte=today):
            if rule.valid_until is None or rule.valid_until > today:
                rules[rule.union_id].append(rule)
        self.by_region = defaultdict(list)
        for union in Union.objects.filter(closed_at=None):
            self.by_region[union.region_id or ""].append(facts_of(union, rules[union.pk]))

    def candidates(self, code: str, city: str) -> Any:
        """Return what routing may choose from for a place."""
        from nuanxin.organizations.rules.facts import Candidates

        unions = [union for length in (0, 2, 4, 6, 9, 12) for union in self.by_region.get(code[:length], ())]
        return Candidates(region_code=code, city_code=city, unions=tuple(unions))
