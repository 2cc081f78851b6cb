"""Which union an application goes to, and why: pure, total, deterministic.

Order (membership rules of 2016, articles 6 and 7; practice of the provinces, see docs/concepts.md): the scanned union
if one of its admission rules covers the applicant → the union of the applicant's own employer → the platform or partner
union of the city → the industry federation of the area that admits directly → the joint or flexible-employment union of
the village → of the township → the holding pool of the city → the nearest federation above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Refusal
from nuanxin.organizations.states import LOCAL_KINDS, CoverageBasis, EmployerScope, UnionKind, UnionLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from nuanxin.organizations.rules.facts import AdmissionFacts, Candidates, UnionFacts

    Unions = Sequence[UnionFacts]
    Judge = Callable[["Applicant", Candidates, Unions, list["Step"]], UnionFacts | None]


@dataclass(frozen=True, slots=True)
class Applicant:
    """What routing looks at in an applicant, besides the candidates.

    :param platform: code of the platform the applicant works through, or empty.
    :param employer_name: what was typed when the employer is not in the registry.
    """

    group: str
    region_code: str
    platform: str = ""
    employer_name: str = ""


class Step(NamedTuple):
    """One step of the chain: a rule, how it ended, the union it looked at, and values for the words."""

    rule: str
    outcome: str
    union: UnionFacts | None = None
    values: Mapping[str, str] = MappingProxyType({})

    def as_row(self) -> dict[str, Any]:
        """Return the step as an application keeps it."""
        union = (
            {"code": self.union.code, "name": self.union.name, "name_en": self.union.name_en} if self.union else None
        )
        return {"rule": self.rule, "outcome": self.outcome, "union": union, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class Route:
    """The one union that answers for the applicant, and the chain of reasons, oldest first."""

    union: UnionFacts
    steps: tuple[Step, ...]

    def as_rows(self) -> list[dict[str, Any]]:
        """Return the chain as an application keeps it."""
        return [step.as_row() for step in self.steps]


class Unroutable(Refusal):
    """There is no union at all above the region: the installation has not been set up."""

    def __init__(self) -> None:
        super().__init__("no_union", _("No union answers for this area yet. Please call 12351."), field="region_code")


def route(applicant: Applicant, candidates: Candidates) -> Route:
    """Choose the one union for an applicant and say why at each step.

    :raises Unroutable: no open union stands above the region.
    """
    steps: list[Step] = []
    nearest_first = sorted(candidates.unions, key=_nearness)
    for judge in _ORDER:
        union = judge(applicant, candidates, nearest_first, steps)
        if union is not None:
            return Route(union, tuple(steps))
    raise Unroutable


def covers(rule: AdmissionFacts, union: UnionFacts, applicant: Applicant, candidates: Candidates) -> bool:
    """Answer whether one admission rule of a union covers the applicant."""
    employer = candidates.employer
    covered_by = employer.covered_by if employer else None
    if rule.employers == EmployerScope.COVERED and covered_by != union.id:
        return False
    if rule.employers == EmployerScope.UNCOVERED and covered_by is not None:
        return False
    if rule.occupation_groups and applicant.group not in rule.occupation_groups:
        return False
    if rule.platforms and applicant.platform not in rule.platforms:
        return False
    areas = rule.region_codes or (union.region_code,)
    return any(applicant.region_code.startswith(area) for area in areas)


def covering_rule(union: UnionFacts, applicant: Applicant, candidates: Candidates) -> AdmissionFacts | None:
    """Return the admission rule of a union that covers the applicant, the most specific first, or none."""
    rules = union.admission if len(union.admission) < 2 else sorted(union.admission, key=_specificity)
    for rule in rules:
        if covers(rule, union, applicant, candidates):
            return rule
    return None


def _specificity(rule: AdmissionFacts) -> tuple[bool, bool, bool, str]:
    return (not rule.occupation_groups, not rule.platforms, not rule.region_codes, str(rule.id))


def _nearness(union: UnionFacts) -> tuple[int, str]:
    """Order unions by how narrow their area is, then by code: the order of everything that may decide."""
    return (-len(union.region_code), union.code)


def step_of(*, kind: str, level: str, region_code: str) -> str:
    """Return the step at which routing asks such a union by itself, by its admission rules; empty: at none.

    Whoever scans a union's code, or works for an employer that it covers, comes to it at another step.
    """
    if kind == UnionKind.PLATFORM:
        return "platform_union"
    if kind in _FEDERATIONS_OF_TRADES:
        return "industry_federation"
    if len(region_code) == _VILLAGE and kind in LOCAL_KINDS:
        return "village_union"
    township = kind == UnionKind.FEDERATION and level == UnionLevel.TOWNSHIP
    return "township_union" if len(region_code) == _TOWNSHIP and (township or kind in LOCAL_KINDS) else ""


def _values(rule: AdmissionFacts) -> dict[str, str]:
    return {"source": rule.source_note, "source_en": rule.source_note_en or rule.source_note}


def _find(unions: Unions, wanted: UUID | None) -> UnionFacts | None:
    if wanted is None:
        return None
    return next((union for union in unions if union.id == wanted), None)


def _scanned(applicant: Applicant, candidates: Candidates, unions: Unions, steps: list[Step]) -> UnionFacts | None:
    union = _find(unions, candidates.scanned)
    if union is None:
        return None
    rule = covering_rule(union, applicant, candidates)
    if rule is None:
        steps.append(Step("scanned", "passed", union))
        return None
    employer = candidates.employer
    steps.append(Step("scanned", "chosen", union, _values(rule)))
    own = _find(unions, employer.covered_by) if employer else None
    if employer and own and own.id != union.id:
        steps.append(Step("own_union_too", "note", own, {"employer": employer.name}))
    return union


def _own_employer(applicant: Applicant, candidates: Candidates, unions: Unions, steps: list[Step]) -> UnionFacts | None:
    employer = candidates.employer
    if employer is None:
        if applicant.employer_name:
            steps.append(Step("employer_unknown", "passed", None, {"employer": applicant.employer_name}))
        else:
            steps.append(Step("no_employer", "passed"))
        return None
    union = _find(unions, employer.covered_by)
    if union is None:
        steps.append(Step("employer_without_union", "passed", None, {"employer": employer.name}))
        return None
    rule = "partner_union" if employer.basis == CoverageBasis.PARTNER else "own_union"
    steps.append(Step(rule, "chosen", union, {"employer": employer.name}))
    return union


def _by_rule(name: str, wanted: Callable[[UnionFacts, Applicant], bool]) -> Judge:
    """Make a judge: of the unions wanted here, the narrowest whose admission rule covers the applicant."""

    def judge(applicant: Applicant, candidates: Candidates, unions: Unions, steps: list[Step]) -> UnionFacts | None:
        nearest = None
        for union in unions:
            if not wanted(union, applicant):
                continue
            rule = covering_rule(union, applicant, candidates)
            if rule:
                steps.append(Step(name, "chosen", union, _values(rule)))
                return union
            nearest = nearest or union
        steps.append(Step(name, "passed" if nearest else "none", nearest))
        return None

    return judge


def _on_path(union: UnionFacts, applicant: Applicant) -> bool:
    return bool(union.region_code) and applicant.region_code.startswith(union.region_code)


def _is_platform(union: UnionFacts, applicant: Applicant) -> bool:
    return union.kind == UnionKind.PLATFORM and _on_path(union, applicant)


def _is_industry(union: UnionFacts, applicant: Applicant) -> bool:
    return union.kind in _FEDERATIONS_OF_TRADES and _on_path(union, applicant)


def _is_village(union: UnionFacts, applicant: Applicant) -> bool:
    return len(union.region_code) == _VILLAGE and union.kind in LOCAL_KINDS and _on_path(union, applicant)


def _is_township(union: UnionFacts, applicant: Applicant) -> bool:
    if len(union.region_code) != _TOWNSHIP or not _on_path(union, applicant):
        return False
    return union.kind in LOCAL_KINDS or (union.kind == UnionKind.FEDERATION and union.level == UnionLevel.TOWNSHIP)


_platform_union = _by_rule("platform_union", _is_platform)


def _platform(applicant: Applicant, candidates: Candidates, unions: Unions, steps: list[Step]) -> UnionFacts | None:
    return _platform_union(applicant, candidates, unions, steps) if applicant.platform else None


def _pool(applicant: Applicant, candidates: Candidates, unions: Unions, steps: list[Step]) -> UnionFacts | None:
    for union in unions:
        if union.kind == UnionKind.POOL and candidates.city_code.startswith(union.region_code):
            steps.append(Step("pool", "chosen", union))
            return union
    return None


def _above(applicant: Applicant, candidates: Candidates, unions: Unions, steps: list[Step]) -> UnionFacts | None:
    for union in unions:
        if union.kind == UnionKind.FEDERATION and (_on_path(union, applicant) or union.level == UnionLevel.NATION):
            steps.append(Step("above", "chosen", union))
            return union
    return None


_FEDERATIONS_OF_TRADES = frozenset({UnionKind.INDUSTRY, UnionKind.NEW_EMPLOYMENT})
_TOWNSHIP, _VILLAGE = 9, 12
_ORDER: tuple[Judge, ...] = (
    _scanned,
    _own_employer,
    _platform,
    _by_rule("industry_federation", _is_industry),
    _by_rule("village_union", _is_village),
    _by_rule("township_union", _is_township),
    _pool,
    _above,
)
