"""What is wrong with the rules of an area, pure: rules that never decide, rules that collide, places left to the pool.

Whoever works for a covered employer goes to its union before any rule of the area is asked. What is left depends on
trade, platform and place alone, and places above which the same unions stand are alike: so a nation is surveyed by
some thousands of routes and not by millions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Final

from nuanxin.members.rules.routing import Applicant, Unroutable, covering_rule, covers, route, step_of
from nuanxin.organizations.states import EmployerScope, UnionKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from uuid import UUID

    from nuanxin.organizations.models import Union
    from nuanxin.organizations.rules.atlas import Atlas
    from nuanxin.organizations.rules.facts import AdmissionFacts, UnionFacts

#: Stands for every trade, and every platform, that no rule of a place names.
OTHER: Final = "~"
_COUNTY, _TOWNSHIP, _VILLAGE = 6, 9, 12
#: Steps that catch whoever no rule has sent anywhere.
CATCHING: Final = frozenset({"pool", "above"})


def asked_by_itself(union: Union | UnionFacts, rule: AdmissionFacts) -> bool:
    """Answer whether routing may ever send somebody by a rule who has not scanned the union's own code.

    Not for unions that stand at no step, nor for rules about covered employers (those go by the employer), nor for
    areas outside of the union's own.
    """
    own = union.region_id or ""
    if rule.employers == EmployerScope.COVERED or not step_of(kind=union.kind, level=union.level, region_code=own):
        return False
    return any(area.startswith(own) or own.startswith(area) for area in rule.region_codes or (own,))


@dataclass(frozen=True, slots=True)
class Zone:
    """Places that routing cannot tell apart: a village with a union of its own, or what is left of the unit above.

    :param code: the narrowest code at which a union stands or that a rule names, a county at least.
    """

    code: str
    villages: int


def zones_of(places: Iterable[str], villages: Mapping[str, int], counties: Collection[str]) -> list[Zone]:
    """Cut an area into zones.

    :param places: codes at which unions stand or that rules name; those outside of the counties are left out.
    :param villages: number of villages in each township.
    """
    inside = {code for code in places if len(code) >= _COUNTY and code[:_COUNTY] in counties} | set(counties)
    left: Counter[str] = Counter()
    for township, count in villages.items():
        left[township if township in inside else township[:_COUNTY]] += count
    for code in inside:
        if len(code) == _VILLAGE:
            township = code[:_TOWNSHIP]
            left[township if township in inside else code[:_COUNTY]] -= 1
            left[code] += 1
    return [Zone(code, max(left[code], 0)) for code in sorted(inside)]


@dataclass(slots=True)
class Survey:
    """What routing does everywhere in an area with those whose employer has no union.

    :param living: rules that decide somewhere. `beaten`: for others, the step and union that decided instead.
    :param villages: for each union, in how many villages it decides for somebody.
    :param caught: zone → trades that only the pool, or the federation above, takes in, and which of both.
    """

    living: set[UUID] = field(default_factory=set)
    beaten: dict[UUID, tuple[str, UnionFacts]] = field(default_factory=dict)
    villages: Counter[UUID] = field(default_factory=Counter)
    caught: dict[str, dict[str, str]] = field(default_factory=dict)


def survey(atlas: Atlas, zones: Iterable[Zone], trades: Collection[str]) -> Survey:
    """Route everybody whom routing can tell apart, in every zone.

    :param trades: codes of the occupation groups that can be chosen.
    """
    found = Survey()
    for zone in zones:
        asked = [
            (union, rule)
            for union in atlas.asked_at(zone.code)
            for rule in union.admission
            if zone.code.startswith(union.region_code) and asked_by_itself(union, rule)
        ]
        groups = {OTHER, *(group for _union, rule in asked for group in rule.occupation_groups)}
        platforms = {platform for _union, rule in asked for platform in rule.platforms}
        if any(union.kind == UnionKind.PLATFORM for union, _rule in asked):
            platforms.add(OTHER)
        deciding: set[UUID] = set()
        for platform in ("", *sorted(platforms)):
            for group in sorted(groups):
                _try(atlas, Applicant(group, zone.code, platform), asked, found, deciding)
        caught = found.caught.get(zone.code, {})
        if OTHER in caught:
            found.caught[zone.code] = dict.fromkeys(set(trades) - groups, caught.pop(OTHER)) | caught
        for union_id in deciding:
            found.villages[union_id] += zone.villages
    for rule_id in found.living:
        found.beaten.pop(rule_id, None)
    return found


def _try(
    atlas: Atlas,
    applicant: Applicant,
    asked: list[tuple[UnionFacts, AdmissionFacts]],
    found: Survey,
    deciding: set[UUID],
) -> None:
    candidates = atlas.candidates(applicant.region_code, platform=applicant.platform)
    try:
        chosen = route(applicant, candidates)
    except Unroutable:
        return
    step = chosen.steps[-1].rule
    deciding.add(chosen.union.id)
    if step in CATCHING:
        if not applicant.platform:
            found.caught.setdefault(applicant.region_code, {})[applicant.group] = step
    else:
        rule = covering_rule(chosen.union, applicant, candidates)
        if rule is not None:
            found.living.add(rule.id)
    for union, rule in asked:
        if rule.id in found.living or rule.id in found.beaten:
            continue
        if union.kind == UnionKind.PLATFORM and not applicant.platform:
            continue
        if covers(rule, union, applicant, candidates):
            found.beaten[rule.id] = (step, chosen.union)


@dataclass(frozen=True, slots=True)
class Collision:
    """Two rules of equal rank that both claim somebody: the union whose code comes first always wins.

    Empty `groups` and `platforms` mean every one.
    """

    step: str
    winner: UnionFacts
    loser: UnionFacts
    groups: tuple[str, ...]
    platforms: tuple[str, ...]
    areas: tuple[str, ...]
    rules: tuple[UUID, UUID]


def collisions(unions: Iterable[UnionFacts], *, below: str) -> list[Collision]:
    """Return what collides where at least one of both unions stands below a path."""
    ranks: dict[tuple[str, str], list[UnionFacts]] = defaultdict(list)
    for union in unions:
        step = step_of(kind=union.kind, level=union.level, region_code=union.region_code)
        if step and union.admission:
            ranks[step, union.region_code].append(union)
    found = []
    for (step, _region), equals in sorted(ranks.items()):
        for winner, loser in combinations(sorted(equals, key=lambda union: union.code), 2):
            if winner.path.startswith(below) or loser.path.startswith(below):
                found += _clashes(step, winner, loser)
    return found


def _clashes(step: str, winner: UnionFacts, loser: UnionFacts) -> list[Collision]:
    found = []
    for first in winner.admission:
        for second in loser.admission:
            if not (asked_by_itself(winner, first) and asked_by_itself(loser, second)):
                continue
            groups = _shared(first.occupation_groups, second.occupation_groups)
            platforms = _shared(first.platforms, second.platforms)
            areas = _shared_areas(_areas(winner, first), _areas(loser, second))
            if groups is not None and platforms is not None and areas:
                found.append(Collision(step, winner, loser, groups, platforms, areas, (first.id, second.id)))
    return found


def _shared(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what two lists have in common, where an empty list means everything; none when it is nothing."""
    if not first or not second:
        return first or second
    return tuple(each for each in first if each in second) or None


def _areas(union: UnionFacts, rule: AdmissionFacts) -> tuple[str, ...]:
    own = union.region_code
    named = (
        area if area.startswith(own) else own for area in rule.region_codes if area[: len(own)] == own[: len(area)]
    )
    return tuple(named) if rule.region_codes else (own,)


def _shared_areas(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                max(one, other, key=len)
                for one in first
                for other in second
                if one.startswith(other) or other.startswith(one)
            }
        )
    )


@dataclass(frozen=True, slots=True)
class Caught:
    """A township or county in which some trades have nowhere to go but the pool, or the federation above.

    :param groups: trade → number of villages.
    :param step: `pool`, or `above` where there is not even a pool.
    """

    code: str
    villages: int
    groups: Mapping[str, int]
    step: str


def caught_places(found: Survey, zones: Iterable[Zone], villages: Mapping[str, int], *, size: int) -> list[Caught]:
    """Return the townships (`size` 9) or counties (6) with places served only by the pool, those with most first."""
    known = {zone.code: zone for zone in zones}
    of_townships: dict[str, list[str]] = defaultdict(list)
    for code in known:
        if len(code) == _VILLAGE:
            of_townships[code[:_TOWNSHIP]].append(code)
    whole: Counter[str] = Counter()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    steps: dict[str, str] = {}
    for township, count in villages.items():
        unit, own = township[:size], of_townships.get(township, [])
        whole[unit] += count
        rest = township if township in known else township[:_COUNTY]
        for zone, weight in ((rest, count - len(own)), *((code, 1) for code in own)):
            for group, step in found.caught.get(zone, {}).items() if weight > 0 else ():
                counts[unit][group] += weight
                steps[unit] = min(steps.get(unit, step), step)
    return sorted(
        (Caught(unit, whole[unit], dict(groups), steps[unit]) for unit, groups in counts.items()),
        key=lambda each: (-max(each.groups.values()), each.code),
    )
