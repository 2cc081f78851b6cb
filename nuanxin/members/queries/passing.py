"""Where an application may be passed on to: who would admit the applicant directly, and how often it may still move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.rules.routing import Applicant, covering_rule
from nuanxin.organizations.queries.neighbors import unions_named
from nuanxin.organizations.queries.routing import candidates_for
from nuanxin.organizations.queries.rules import dated_rule
from nuanxin.organizations.states import UnionKind, UnionLevel

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.members.models import Application
    from nuanxin.organizations.rules.facts import AdmissionFacts, UnionFacts

#: Levels that no applicant is passed on to by choice.
_TOO_HIGH = frozenset({UnionLevel.NATION, UnionLevel.PROVINCE})
MOST = 20


@dataclass(frozen=True, slots=True)
class Target:
    """One union, and the admission rule by which it admits the applicant directly, if it does."""

    union: UnionFacts
    rule: AdmissionFacts | None

    @property
    def admits(self) -> bool:
        """Answer whether the union takes the applicant in: by its rule, or because a pool takes in everybody."""
        return self.rule is not None or self.union.kind == UnionKind.POOL


@dataclass(frozen=True, slots=True)
class PassingOn:
    """What there is to know before passing on."""

    hops: int
    most_hops: int
    from_pool: bool
    targets: list[Target]

    @property
    def left(self) -> int:
        """Return how often the application may still be passed on."""
        return max(self.most_hops - self.hops, 0)

    @property
    def is_possible(self) -> bool:
        """Answer whether the union may pass it on at all."""
        return bool(self.left) and not self.from_pool


def passing_on(application: Application, *, text: str = "", now: datetime) -> PassingOn:
    """Return the unions of the applicant's own path, or those of the same city that a typed text means.

    Those that admit the applicant directly come first, then the nearest. The caller has fetched what it may see.
    """
    union = application.union
    if union is None:
        raise NotFound
    most = dated_rule("members.most_hops", union=union, on=local_day(now))
    targets = targets_for(application, text=text, now=now)
    return PassingOn(application.hops, int(most.value), union.kind == UnionKind.POOL, targets)


def targets_for(application: Application, *, text: str = "", now: datetime) -> list[Target]:
    """Return the unions of the applicant's own path, or those of the same city that a typed text means, but its own.

    Those that admit the applicant directly come first, then the nearest. The caller has fetched what it may see.
    """
    day = local_day(now)
    candidates = candidates_for(
        region_code=application.region_id,
        employer_id=application.employer_id,
        platform=application.platform_id or "",
        group_code=application.occupation_group_id,
        on=day,
    )
    applicant = Applicant(
        group=application.occupation_group_id,
        region_code=application.region_id,
        platform=application.platform_id or "",
        employer_name=application.employer_name,
    )
    found = (
        unions_named(text, near=candidates.city_code, on=day, limit=MOST)
        if text.strip()
        else [each for each in candidates.unions if each.level not in _TOO_HIGH]
    )
    targets = [
        Target(each, covering_rule(each, applicant, candidates)) for each in found if each.id != application.union_id
    ]
    if not text.strip():
        targets = [target for target in targets if target.admits or target.union.kind == UnionKind.FEDERATION]
    targets.sort(key=lambda target: (not target.admits, -len(target.union.region_code), target.union.code))
    return targets[:MOST]
