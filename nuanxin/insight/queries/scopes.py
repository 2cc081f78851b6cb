"""Which unions and regions an actor may see numbers of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import NotFound
from nuanxin.organizations.models import Union
from nuanxin.organizations.states import UnionLevel
from nuanxin.regions.models import Region
from nuanxin.regions.queries import name_en
from nuanxin.regions.rules import LENGTHS, is_code, level_of, prefixes_of

if TYPE_CHECKING:
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

#: Longest code of a region: the level below it is the last.
_VILLAGE = 12


@dataclass(frozen=True)
class Crumb:
    """A union or region above, and whether the actor may go there."""

    kind: str
    code: str
    name: str
    name_en: str
    open: bool = True


NATION = Crumb("region", "", "全国", "All China")


@dataclass(frozen=True)
class ScopeView:
    """One union with everything below it, or one region (`code` empty: the nation)."""

    kind: str
    code: str
    name: str
    name_en: str
    crumbs: tuple[Crumb, ...] = ()
    #: The same place seen the other way: the region of a union, the union that answers for a region.
    twin: Crumb | None = None
    path: str = ""
    union_id: UUID | None = None

    @property
    def key(self) -> str:
        """Return the key under which tallies keep this scope."""
        return f"{self.kind[0]}:{self.code}"

    @property
    def child_lengths(self) -> tuple[int, int]:
        """Return lengths of the codes one and two levels below a region; equal at the last levels."""
        lengths = [length for length in LENGTHS.values() if length > len(self.code)] or [_VILLAGE]
        return lengths[0], lengths[min(1, len(lengths) - 1)]


def _in_reach(path: str, reach: tuple[str, ...]) -> bool:
    return any(path.startswith(top) for top in reach)


def union_scope(actor: Actor, code: str) -> ScopeView:
    """Return a union as a scope, with the unions above it; not found out of the actor's reach. Two queries."""
    reach = actor.reach(Permission.VIEW_TALLIES)
    union = Union.objects.select_related("region").filter(code=code).first()
    if union is None or not _in_reach(union.path, reach):
        raise NotFound
    above = {each.code: each for each in Union.objects.filter(code__in=union.ancestor_codes)}
    crumbs = tuple(
        Crumb("union", each, above[each].name, above[each].name_en, _in_reach(above[each].path, reach))
        for each in union.ancestor_codes
        if each in above
    )
    region = union.region
    tops = [each for each in (*above.values(), union) if each.path in reach and each.level != UnionLevel.BASIC]
    code = region.code if region else ""
    seen = "/" in reach or any(code.startswith(top.region_id or "") for top in tops)
    twin = replace(Crumb("region", code, region.name, name_en(region)) if region else NATION, open=seen)
    return ScopeView("union", union.code, union.name, union.name_en, crumbs, twin, union.path, union.pk)


def _answering(paths: tuple[str, ...]) -> list[Union]:
    """Return the unions in reach that answer for a region; a union of one employer answers for none."""
    if "/" in paths:
        return list(Union.objects.filter(parent=None))
    return list(Union.objects.filter(path__in=paths).exclude(level=UnionLevel.BASIC).order_by("path")) if paths else []


def region_scope(actor: Actor, code: str) -> ScopeView:
    """Return a region (or the nation, for an empty code) as a scope; two queries.

    Open are the regions for which the unions in reach answer, and what lies in them; the nation for its federation.
    :raises NotFound: out of reach, or no such region.
    """
    paths = actor.reach(Permission.VIEW_TALLIES)
    tops = _answering(paths)
    everywhere = any(top.region_id is None for top in tops)
    if code and not is_code(code):
        raise NotFound
    if not everywhere and not any(code.startswith(str(top.region_id)) for top in tops):
        raise NotFound
    twin = next((top for top in tops if (top.region_id or "") == code), tops[0])
    twin_crumb = Crumb("union", twin.code, twin.name, twin.name_en)
    if not code:
        return ScopeView("region", "", NATION.name, NATION.name_en, (), twin_crumb)
    chain = {region.code: region for region in Region.objects.filter(code__in=prefixes_of(code))}
    region = chain.pop(code, None)
    if region is None:
        raise NotFound

    def seen(prefix: str) -> bool:
        return everywhere or any(prefix.startswith(str(top.region_id)) for top in tops)

    crumbs = [Crumb("region", "", NATION.name, NATION.name_en, everywhere)]
    crumbs += [
        Crumb("region", each.code, each.name, name_en(each), seen(each.code))
        for each in sorted(chain.values(), key=lambda each: level_of(each.code))
        if not each.is_pseudo
    ]
    return ScopeView("region", region.code, region.name, name_en(region), tuple(crumbs), twin_crumb)


def scope_in_reach(actor: Actor) -> str | None:
    """Return the code of the union whose dashboard an actor sees first: the topmost in reach, or None without any."""
    reach = sorted(actor.reach(Permission.VIEW_TALLIES), key=lambda path: (path.count("/"), path))
    return (reach[0].strip("/").split("/")[-1] or None) if reach else None
