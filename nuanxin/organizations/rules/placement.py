"""Where a union may stand: which kinds at which levels, under which parents, for which region.

Sources: trade union law 2021, articles 10 to 12 (federations at county and above, federations of basic unions in
townships, basic unions alone or jointly), and the kinds that provinces have built since (flexible-employment unions,
federations of new-employment workers, chains, holding pools).
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.states import EmployerScope, UnionKind, UnionLevel

_K = UnionKind
_L = UnionLevel

#: Length of the code of the region a level answers for; a basic union may answer for a region of any size.
REGION_LENGTH: Final[dict[str, int]] = {
    _L.NATION: 0,
    _L.PROVINCE: 2,
    _L.CITY: 4,
    _L.COUNTY: 6,
    _L.TOWNSHIP: 9,
    _L.VILLAGE: 12,
}
_ORDER: Final[dict[str, int]] = {level: place for place, level in enumerate(UnionLevel.values)}
#: Longest chain from the root: what the path column holds, and far more than any real tree has.
MOST_DEPTH: Final = 20

KINDS_AT: Final[dict[str, frozenset[str]]] = {
    _L.NATION: frozenset({_K.FEDERATION}),
    _L.PROVINCE: frozenset({_K.FEDERATION, _K.INDUSTRY, _K.NEW_EMPLOYMENT, _K.CHAIN, _K.PLATFORM, _K.POOL}),
    _L.CITY: frozenset({_K.FEDERATION, _K.AREA, _K.INDUSTRY, _K.NEW_EMPLOYMENT, _K.CHAIN, _K.PLATFORM, _K.POOL}),
    _L.COUNTY: frozenset(
        {_K.FEDERATION, _K.AREA, _K.INDUSTRY, _K.NEW_EMPLOYMENT, _K.CHAIN, _K.PLATFORM, _K.JOINT, _K.FLEXIBLE}
    ),
    _L.TOWNSHIP: frozenset({_K.FEDERATION, _K.AREA, _K.INDUSTRY, _K.NEW_EMPLOYMENT, _K.JOINT, _K.FLEXIBLE}),
    _L.VILLAGE: frozenset({_K.AREA, _K.VILLAGE, _K.JOINT, _K.FLEXIBLE}),
    _L.BASIC: frozenset({_K.ENTERPRISE, _K.JOINT, _K.PLATFORM}),
}
PARENTS_OF: Final[dict[str, frozenset[str]]] = {
    _K.FEDERATION: frozenset({_K.FEDERATION}),
    _K.POOL: frozenset({_K.FEDERATION}),
    _K.AREA: frozenset({_K.FEDERATION, _K.AREA}),
    _K.INDUSTRY: frozenset({_K.FEDERATION, _K.AREA, _K.INDUSTRY, _K.NEW_EMPLOYMENT}),
    _K.NEW_EMPLOYMENT: frozenset({_K.FEDERATION, _K.NEW_EMPLOYMENT}),
    _K.CHAIN: frozenset({_K.FEDERATION, _K.INDUSTRY, _K.NEW_EMPLOYMENT}),
    _K.FLEXIBLE: frozenset({_K.FEDERATION, _K.AREA, _K.NEW_EMPLOYMENT, _K.FLEXIBLE, _K.VILLAGE}),
    _K.VILLAGE: frozenset({_K.FEDERATION, _K.AREA}),
    _K.PLATFORM: frozenset({_K.FEDERATION, _K.AREA, _K.INDUSTRY, _K.NEW_EMPLOYMENT, _K.CHAIN, _K.PLATFORM}),
    _K.JOINT: frozenset(UnionKind.values) - {_K.POOL, _K.ENTERPRISE},
    _K.ENTERPRISE: frozenset(UnionKind.values) - {_K.POOL},
}
_DEFAULT_ADMISSION: Final[dict[str, EmployerScope]] = {
    _K.ENTERPRISE: EmployerScope.COVERED,
    _K.JOINT: EmployerScope.COVERED,
    _K.PLATFORM: EmployerScope.COVERED,
    _K.FLEXIBLE: EmployerScope.UNCOVERED,
    _K.VILLAGE: EmployerScope.UNCOVERED,
    _K.POOL: EmployerScope.ANY,
}


def default_admission(kind: str) -> EmployerScope | None:
    """Return whom a new union of a kind admits until somebody says otherwise; none: it admits nobody directly."""
    return _DEFAULT_ADMISSION.get(kind)


def level_for(region_code: str) -> UnionLevel:
    """Return the level that answers for a region; the nation for the empty code."""
    return next(UnionLevel(level) for level, length in REGION_LENGTH.items() if length == len(region_code))


def kinds_below(parent_kind: str, level: str) -> list[str]:
    """Return the kinds that may be created at a level under a parent of a kind."""
    return [kind for kind in UnionKind.values if kind in KINDS_AT[level] and parent_kind in PARENTS_OF[kind]]


def check_placement(
    *, kind: str, level: str, region_code: str, parent_kind: str, parent_level: str, parent_region: str
) -> None:
    """Refuse a kind at a level, a parent of the wrong kind or level, or a region outside the parent's."""
    if kind not in UnionKind.values:
        raise Invalid("unknown_kind", _("Please choose the kind of union from the list."), field="kind")
    if level not in UnionLevel.values:
        raise Invalid("unknown_level", _("Please choose the level from the list."), field="level")
    if kind not in KINDS_AT[level]:
        raise Invalid(
            "kind_not_at_level",
            _("A union of the kind “%(kind)s” does not stand at the level “%(level)s”.")
            % {"kind": UnionKind(kind).label, "level": UnionLevel(level).label},
            field="kind",
        )
    if parent_kind not in PARENTS_OF[kind]:
        raise Invalid(
            "kind_not_under_parent",
            _("A union of the kind “%(kind)s” does not stand under one of the kind “%(parent)s”.")
            % {"kind": UnionKind(kind).label, "parent": UnionKind(parent_kind).label},
            field="parent",
        )
    if _ORDER[level] < _ORDER[parent_level] or (kind == _K.FEDERATION and level == parent_level):
        raise Invalid("level_above_parent", _("A union cannot stand at a higher level than its parent."), field="level")
    _check_region(level, region_code, parent_region)


def _check_region(level: str, region_code: str, parent_region: str) -> None:
    if not region_code:
        raise Invalid("region_missing", _("Please choose the region the union answers for."), field="region")
    if level != _L.BASIC and len(region_code) != REGION_LENGTH[level]:
        raise Invalid(
            "region_of_other_level",
            _("A union at the level “%(level)s” answers for a region of that level.")
            % {"level": UnionLevel(level).label},
            field="region",
        )
    if not region_code.startswith(parent_region):
        raise Invalid(
            "region_outside_parent",
            _("This region does not lie within the region of the parent union."),
            field="region",
        )


def new_path(parent_path: str, code: str) -> str:
    """Return the path of a union under a parent; refuse a tree that is too deep."""
    path = f"{parent_path or '/'}{code}/"
    check_depth(path)
    return path


def check_depth(path: str) -> None:
    """Refuse a path with more unions than a tree may be deep."""
    if path.count("/") - 1 > MOST_DEPTH:
        raise Invalid("too_deep", _("The tree of unions cannot be that deep."), field="parent")


def check_not_below(path: str, parent_path: str) -> None:
    """Refuse a move of a union under itself or under one of its own descendants."""
    if parent_path.startswith(path):
        raise Invalid("under_itself", _("A union cannot be moved under itself or a union below it."), field="parent")
