"""The unions of an area laid out by place: what routing may choose from, for thousands of cases without a query each.

`queries.atlas` fills it. For one case it gives what `queries.routing.candidates_for` gives; a draft laid over it gives
what that would give once the draft is kept, with nothing written.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nuanxin.organizations.rules.facts import Candidates
from nuanxin.organizations.states import ADMITTING_KINDS, ALWAYS_KINDS, UnionKind, UnionLevel
from nuanxin.regions.rules import prefixes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from nuanxin.organizations.rules.facts import AdmissionFacts, EmployerFacts, UnionFacts


@dataclass(frozen=True, slots=True)
class KnownEmployer:
    """An employer as the register has it on the day, with the platforms that it works for."""

    facts: EmployerFacts
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that is not made yet: a rule that begins, ends or both, or another union for an employer.

    :param on: the day on which it is judged: the first on which it would hold, today at the earliest.
    :param union: the union whose rule it is, or that would cover the employer; none ends the coverage.
    :param adds: the rule that would begin; `ends` the one that would end.
    """

    on: date
    union: UUID | None = None
    adds: AdmissionFacts | None = None
    ends: UUID | None = None
    employer: UUID | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Touched:
    """Whom a draft may concern: those of one employer, or those who may come to a union by the rules that change."""

    union: UnionFacts | None = None
    rules: tuple[AdmissionFacts, ...] = ()
    employer: UUID | None = None

    def concerns(
        self, region_code: str, group: str, *, platform: str, employer_id: UUID | None, scanned_code: str
    ) -> bool:
        """Answer whether somebody could be routed otherwise; yes in doubt."""
        if self.union is None:
            return employer_id is not None and employer_id == self.employer
        if scanned_code != self.union.code and not region_code.startswith(self.union.region_code):
            return False
        return any(
            (not rule.occupation_groups or group in rule.occupation_groups)
            and (not rule.platforms or platform in rule.platforms)
            for rule in self.rules
        )


class Atlas:
    """Open unions with their rules of one day, by place; employers and cities by key."""

    def __init__(
        self,
        unions: Iterable[UnionFacts],
        *,
        employers: Mapping[UUID, KnownEmployer] | None = None,
        cities: Mapping[str, str] | None = None,
    ) -> None:
        self.unions = {union.id: union for union in unions}
        self.employers = dict(employers or {})
        self.cities = dict(cities or {})
        self._by_code = {union.code: union.id for union in self.unions.values()}
        self._nation = [union for union in self.unions.values() if union.level == UnionLevel.NATION]
        self._here: dict[str, list[UnionFacts]] = defaultdict(list)
        self._named: dict[str, list[UnionFacts]] = defaultdict(list)
        for union in self.unions.values():
            if union.kind in ALWAYS_KINDS or (union.admission and union.kind in {*ADMITTING_KINDS, UnionKind.PLATFORM}):
                self._here[union.region_code].append(union)
            for code in {code for rule in union.admission for code in rule.region_codes}:
                self._named[code].append(union)
        self._near: dict[str, tuple[dict[UUID, UnionFacts], list[tuple[UnionFacts, frozenset[str]]]]] = {}

    @property
    def places(self) -> set[str]:
        """Return the codes at which a union stands that routing looks at, and those that a rule names."""
        return {*self._here, *self._named}

    def asked_at(self, region_code: str) -> list[UnionFacts]:
        """Return the unions with rules that stand at a place or above it, or whose rules name it, each once."""
        found = {
            union.id: union
            for prefix in prefixes_of(region_code)
            for union in (*self._here.get(prefix, ()), *self._named.get(prefix, ()))
            if union.admission
        }
        return list(found.values())

    def candidates(
        self, region_code: str, *, platform: str = "", employer_id: UUID | None = None, scanned_code: str = ""
    ) -> Candidates:
        """Return what routing may choose from for one case; the region must be among those that were asked for."""
        known = self.employers.get(employer_id) if employer_id else None
        works_for = known.platforms if known else ()
        near = self._unions_near(region_code, frozenset((platform, *works_for)))
        employer = known.facts if known else None
        scanned = self._by_code.get(scanned_code) if scanned_code else None
        covering = employer.covered_by if employer else None
        if employer is not None and covering is not None and covering not in self.unions:
            employer, covering = replace(employer, covered_by=None, basis=""), None
        extra = {key: self.unions[key] for key in (scanned, covering) if key is not None and key not in near}
        return Candidates(
            region_code,
            self.cities.get(region_code, ""),
            scanned,
            employer,
            (*near.values(), *extra.values()),
        )

    def _unions_near(self, region_code: str, platforms: frozenset[str]) -> Mapping[UUID, UnionFacts]:
        """Return the unions on the way up from a place, and those whose rules name it, for somebody's platforms."""
        found = self._near.get(region_code)
        if found is None:
            found = self._near[region_code] = self._sorted_out(region_code)
        always, only_for = found
        met = {union.id: union for union, needed in only_for if not platforms.isdisjoint(needed)}
        return always | met if met else always

    def _sorted_out(self, region_code: str) -> tuple[dict[UUID, UnionFacts], list[tuple[UnionFacts, frozenset[str]]]]:
        """Return the unions near a place that count for everybody, and those that count for some platforms only."""
        always = {union.id: union for union in self._nation}
        only_for: list[tuple[UnionFacts, frozenset[str]]] = []
        for prefix in prefixes_of(region_code):
            asked = [
                (union, union.admission if union.kind == UnionKind.PLATFORM else ())
                for union in self._here.get(prefix, ())
            ]
            asked += [
                (union, tuple(rule for rule in union.admission if prefix in rule.region_codes))
                for union in self._named.get(prefix, ())
            ]
            for union, rules in asked:
                if rules and all(rule.platforms for rule in rules):
                    only_for.append((union, frozenset(code for rule in rules for code in rule.platforms)))
                else:
                    always[union.id] = union
        return always, [each for each in only_for if each[0].id not in always]

    def touched_by(self, draft: Draft) -> Touched:
        """Return what a draft may change: who is neither employed nor placed so is routed as before."""
        union = self.unions.get(draft.union) if draft.union else None
        if draft.employer is not None or union is None:
            return Touched(employer=draft.employer)
        rules = [rule for rule in union.admission if rule.id == draft.ends]
        return Touched(union, (*rules, *([draft.adds] if draft.adds else [])))

    def with_draft(self, draft: Draft) -> Atlas:
        """Return the same area as it would be with a draft in force."""
        unions, employers = dict(self.unions), dict(self.employers)
        if draft.employer is not None:
            known = employers[draft.employer]
            facts = replace(known.facts, covered_by=draft.union, basis=draft.basis)
            employers[draft.employer] = replace(known, facts=facts)
        elif draft.union is not None and draft.union in unions:
            union = unions[draft.union]
            kept = tuple(rule for rule in union.admission if rule.id != draft.ends)
            unions[union.id] = replace(union, admission=(*kept, *([draft.adds] if draft.adds else [])))
        return Atlas(unions.values(), employers=employers, cities=self.cities)
