"""Cases routed twice, as the rules are and as a draft would make them: who would go elsewhere, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.members.rules.routing import Applicant, Route, Unroutable, route

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from nuanxin.organizations.rules.atlas import Atlas, Draft, Touched
    from nuanxin.organizations.rules.facts import UnionFacts

#: What routing looks at: two cases with the same key go to the same union for the same reasons.
Key = tuple[Applicant, "UUID | None", str]


@dataclass(frozen=True, slots=True)
class Case:
    """One application, or one line of a list, as routing sees it. Says nothing of the person.

    :param shown: the actor may see the application itself; others are counted and not named.
    :param line: where it stood in what was pasted.
    """

    number: str
    applicant: Applicant
    employer_id: UUID | None = None
    scanned_code: str = ""
    shown: bool = True
    at: datetime | None = None
    line: int = 0

    @property
    def key(self) -> Key:
        """Return what decides where it goes."""
        return self.applicant, self.employer_id, self.scanned_code


@dataclass(frozen=True, slots=True)
class Moved:
    """A case that the draft sends elsewhere, with both routes."""

    case: Case
    before: Route
    after: Route


@dataclass(frozen=True, slots=True)
class Flow:
    """How many cases go from one union to another."""

    source: UnionFacts
    target: UnionFacts
    count: int


@dataclass(frozen=True, slots=True)
class Replay:
    """What a draft would have done with the cases.

    :param total: cases replayed; `counted` are those of them that are counted and not shown.
    :param moved: those that go elsewhere and may be shown, in the order in which they came.
    :param flows: all that go elsewhere, also those only counted, the largest first.
    :param reworded: cases that stay with their union, for another reason than before.
    """

    total: int
    counted: int
    moved: tuple[Moved, ...]
    flows: tuple[Flow, ...]
    reworded: int

    @property
    def elsewhere(self) -> int:
        """Return how many go elsewhere."""
        return sum(flow.count for flow in self.flows)

    @property
    def staying(self) -> int:
        """Return how many stay where they are."""
        return self.total - self.elsewhere


class Router:
    """Routes cases over one atlas; each key once."""

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self._known: dict[Key, Route | None] = {}

    def route(self, case: Case) -> Route | None:
        """Return the route of a case; none where no union at all answers for the area."""
        key = case.key
        if key not in self._known:
            self._known[key] = self._routed(case)
        return self._known[key]

    def _routed(self, case: Case) -> Route | None:
        applicant = case.applicant
        candidates = self.atlas.candidates(
            applicant.region_code,
            platform=applicant.platform,
            employer_id=case.employer_id,
            scanned_code=case.scanned_code,
        )
        try:
            return route(applicant, candidates)
        except Unroutable:
            return None


def replay(cases: Iterable[Case], atlas: Atlas, draft: Draft) -> Replay:
    """Route the cases that a draft may concern with and without it, and say what differs; the others stay."""
    old, new, touched = Router(atlas), Router(atlas.with_draft(draft)), atlas.touched_by(draft)
    total = counted = reworded = 0
    moved = []
    flows: Counter[tuple[UUID, UUID]] = Counter()
    for case in cases:
        total += 1
        counted += not case.shown
        if not _concerns(touched, case):
            continue
        source, target = old.route(case), new.route(case)
        if source is None or target is None:
            continue
        if source.union.id != target.union.id:
            flows[source.union.id, target.union.id] += 1
            if case.shown:
                moved.append(Moved(case, source, target))
        elif source.steps[-1][:2] != target.steps[-1][:2] or source.steps[-1].values != target.steps[-1].values:
            reworded += 1
    return Replay(
        total,
        counted,
        tuple(moved),
        tuple(
            Flow(atlas.unions[source], atlas.unions[target], count)
            for (source, target), count in sorted(flows.items(), key=lambda item: (-item[1], str(item[0])))
        ),
        reworded,
    )


def _concerns(touched: Touched, case: Case) -> bool:
    applicant = case.applicant
    return touched.concerns(
        applicant.region_code,
        applicant.group,
        platform=applicant.platform,
        employer_id=case.employer_id,
        scanned_code=case.scanned_code,
    )
