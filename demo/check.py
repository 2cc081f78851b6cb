"""Count the city as it stands and compare it with what is promised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.db.models import Count, Sum

from demo.applications import WAITING
from nuanxin.insight.models import TallyTotal
from nuanxin.members.models import Application, Card, Membership, MembershipEntry, Worker
from nuanxin.members.states import MembershipState
from nuanxin.organizations.models import Coverage, Enterprise, Union
from nuanxin.organizations.states import UnionKind, UnionLevel
from nuanxin.regions.models import Region

UMBRELLA: Final = "聊城市新就业形态工会联合会"
#: Figures of the report of 2023-09-06 that the full city shows.
PROMISED: Final = {
    "new_employment_unions": 882,
    "flexible_townships": 135,
    "flexible_villages": 122,
    "flexible_communities": 48,
    "active_members": 57_768,
    "occupation_groups": 10,
    "enterprises": 2_800,
    "waiting_applications": sum(WAITING.values()),
    "pools": 1,
}


@dataclass(frozen=True)
class Figures:
    """What was counted, and in words what is wrong with it."""

    counted: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_figures(promised: dict[str, int] | None = None) -> Figures:
    """Count everything that was promised, and check that rows agree with each other."""
    counted = {**_organizations(), **_people()}
    wanted = PROMISED if promised is None else promised
    faults = [
        f"{name}: {counted[name]}, promised {number}" for name, number in wanted.items() if counted[name] != number
    ]
    return Figures(counted, faults + _disagreements(counted))


def _organizations() -> dict[str, int]:
    umbrella = Union.objects.get(name=UMBRELLA)
    flexible = Union.objects.filter(kind=UnionKind.FLEXIBLE).exclude(path__startswith=umbrella.path)
    below = set(flexible.filter(level=UnionLevel.VILLAGE).values_list("region", flat=True))
    names = dict(Region.objects.filter(code__in=below).values_list("code", "name"))
    villages = sum(name.endswith(("村民委员会", "村委会")) for name in names.values())
    return {
        "new_employment_unions": Union.objects.filter(path__startswith=umbrella.path).exclude(pk=umbrella.pk).count(),
        "flexible_townships": flexible.filter(level=UnionLevel.TOWNSHIP).count(),
        "flexible_villages": villages,
        "flexible_communities": len(names) - villages,
        "enterprises": Enterprise.objects.count(),
        "pools": Union.objects.filter(kind=UnionKind.POOL, region="3715").count(),
    }


def _people() -> dict[str, int]:
    active = Membership.objects.filter(state=MembershipState.ACTIVE)
    return {
        "active_members": active.count(),
        "occupation_groups": active.aggregate(n=Count("worker__occupation_group", distinct=True))["n"],
        "waiting_applications": Application.objects.filter(state__in=list(WAITING)).count(),
        "waiting_states": Application.objects.filter(state__in=list(WAITING)).values("state").distinct().count(),
        "workers": Worker.objects.count(),
        "tallied_active": TallyTotal.objects.filter(scope="u:CN000000", slice="").aggregate(n=Sum("active"))["n"] or 0,
    }


def _disagreements(counted: dict[str, int]) -> list[str]:
    """Name what no constraint can see: numbers that must be equal, and rows that must have company."""
    faults = []
    if counted["tallied_active"] != counted["active_members"]:
        faults.append(f"tallies count {counted['tallied_active']} active members")
    if counted["waiting_states"] != len(WAITING):
        faults.append("not every state has an application")
    live = Card.objects.filter(revoked_at=None).values("membership")
    if Membership.objects.exclude(state=MembershipState.ENDED).exclude(pk__in=live).exists():
        faults.append("a membership without a card")
    if Membership.objects.exclude(pk__in=MembershipEntry.objects.values("membership")).exists():
        faults.append("a membership without an entry")
    if Coverage.objects.exclude(union__kind__in=[UnionKind.ENTERPRISE, UnionKind.JOINT, UnionKind.PLATFORM]).exists():
        faults.append("an enterprise covered by a union of another kind")
    return faults
