"""Reads of the regions package. Divisions are public: whoever asks may know them, so there is no actor here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import NotFound
from nuanxin.regions import rules
from nuanxin.regions.models import Region, RegionEdition
from nuanxin.regions.rules.names import name_en, normalize, stem_of, stem_pinyin_of
from nuanxin.regions.states import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ancestors",
    "children",
    "city_of",
    "current_edition",
    "full_name",
    "full_names",
    "get_region",
    "get_regions",
    "name_en",
    "path",
    "search_regions",
]

#: Rows a page of divisions holds unless asked otherwise; the largest townships have some 170 villages.
PAGE: Final = 200
#: Candidates taken from each level and each way of matching before ranking; keeps one-letter searches cheap.
_CANDIDATES: Final = 60
#: Characters of a typed text that are looked at; no name is longer.
_LONGEST: Final = 120
_LAST: Final = "\U0010ffff"


def current_edition() -> RegionEdition | None:
    """Return the edition in force, or None before the first was loaded."""
    return RegionEdition.objects.order_by("-loaded_at", "-digest").first()


def get_region(code: str) -> Region:
    """Return one division, closed ones too; refuse with NotFound a code that is none."""
    region = Region.objects.filter(code=code).first() if rules.is_code(code) else None
    if region is None:
        raise NotFound(_("This region does not exist. Please choose it from the list."))
    return region


def get_regions(codes: Iterable[str]) -> dict[str, Region]:
    """Return divisions by code in one query; unknown codes are left out."""
    return Region.objects.in_bulk([code for code in set(codes) if rules.is_code(code)])


def path(code: str) -> list[Region]:
    """Return the divisions from the province down to the one asked for, in one query."""
    if not rules.is_code(code):
        raise NotFound(_("This region does not exist. Please choose it from the list."))
    return list(Region.objects.filter(code__in=rules.prefixes_of(code)).order_by("code"))


def ancestors(code: str) -> list[Region]:
    """Return the divisions above the one asked for, from the province down, in one query."""
    return [region for region in path(code) if region.code != code]


def children(
    code: str | None, *, after: str | None = None, limit: int = PAGE, skip_fillers: bool = False
) -> list[Region]:
    """Return a page of the open divisions directly below one, or the provinces, in order of code.

    :param after: the last code of the page before.
    :param skip_fillers: instead of a row that only fills a level (市辖区, 省直辖县级行政区划) return what is below it,
        as a person who picks an address expects. A second query.
    """
    if code is not None and not rules.is_code(code):
        raise NotFound(_("This region does not exist. Please choose it from the list."))
    if code is not None and rules.level_of(code) is Level.VILLAGE:
        return []
    below = _directly_below(code)
    if skip_fillers:
        fillers = Region.objects.filter(below, is_pseudo=True, closed_on=None).values_list("code", flat=True)
        below &= Q(is_pseudo=False)
        for filler in fillers:
            below |= _directly_below(filler)
    page = Region.objects.filter(below, closed_on=None)
    if after is not None:
        page = page.filter(code__gt=after)
    return list(page.order_by("code")[:limit])


def _directly_below(code: str | None) -> Q:
    if code is None:
        return Q(level=Level.PROVINCE)
    return Q(level=rules.level_of(code) + 1, code__gte=code, code__lt=_after(code))


def _after(prefix: str) -> str:
    """Return the bound just behind everything that begins with the prefix, in C collation."""
    return prefix + _LAST


def city_of(code: str) -> Region | None:
    """Return the prefecture-level unit of a division, or the municipality or province that takes its part.

    None for an ordinary province, which is in no city.
    """
    region = get_region(code)
    if region.city_code in ("", region.code):
        return region if region.city_code else None
    return get_region(region.city_code)


def full_name(code: str) -> str:
    """Return the name with all names above: 山东省聊城市东昌府区柳园街道. Rows that only fill a level are left out."""
    names = full_names([code])
    if code not in names:
        raise NotFound(_("This region does not exist. Please choose it from the list."))
    return names[code]


def full_names(codes: Iterable[str]) -> dict[str, str]:
    """Return full names by code, for any number of codes in one query; unknown codes are left out."""
    wanted = {code for code in codes if rules.is_code(code)}
    paths = {code: rules.prefixes_of(code) for code in wanted}
    rows = Region.objects.filter(code__in={prefix for prefixes in paths.values() for prefix in prefixes})
    names = {code: "" if pseudo else name for code, name, pseudo in rows.values_list("code", "name", "is_pseudo")}
    return {
        code: "".join(names.get(prefix, "") for prefix in prefixes) for code, prefixes in paths.items() if code in names
    }


def search_regions(
    text: str, *, within: str | None = None, near: str | None = None, level: int | None = None, limit: int = 20
) -> list[Region]:
    """Return the open divisions a typed text may mean, best first; at most four queries of bounded work.

    Matches the beginning of the name, its pinyin or its initials, the beginning of a code, and the inside of names
    above the township, inside a province above the village, and inside a city everywhere. Exact names (with or without
    市, 区, 街道 …) come first, then divisions in `near`, then higher levels, beginnings before insides, shorter names.

    :param within: answer only divisions inside this one.
    :param near: prefer divisions inside this one.
    """
    wanted = normalize(text[:_LONGEST])
    scope = within or ""
    if not wanted or (scope and not rules.is_code(scope)):
        return []
    levels = [level] if level else [int(each) for each in Level]
    found = {region.code: region for region in _candidates(wanted, scope, levels)}
    if near and rules.is_code(near) and near.startswith(scope):
        found |= {region.code: region for region in _candidates(wanted, near, levels)}
    return sorted(found.values(), key=lambda region: _rank(region, wanted, near))[:limit]


def _rank(region: Region, wanted: str, near: str | None) -> tuple[bool, bool, int, bool, int, str]:
    exact = wanted in (
        region.code,
        region.name,
        region.name_pinyin,
        stem_of(region.name, region.level),
        stem_pinyin_of(region.name, region.name_pinyin, region.level),
    )
    begins = region.name.startswith(wanted) or region.name_pinyin.startswith(wanted) or region.code.startswith(wanted)
    elsewhere = bool(near) and not region.code.startswith(near or "")
    return not exact, elsewhere, region.level, not begins, len(region.name), region.code


def _candidates(wanted: str, scope: str, levels: list[int]) -> list[Region]:
    if wanted.isascii() and wanted.isdigit():
        return _by_prefix("code", wanted, scope, levels)
    if wanted.isascii():
        return [*_by_prefix("name_pinyin", wanted, scope, levels), *_by_prefix("initials", wanted, scope, levels)]
    return [*_by_prefix("name", wanted, scope, levels), *_by_inside(wanted, scope, levels)]


def _by_prefix(column: str, wanted: str, scope: str, levels: list[int]) -> list[Region]:
    """Return the first candidates of each level, straight from the index that is ordered by level and column."""
    return list(
        Region.objects.raw(
            f"""
            SELECT hit.* FROM unnest(%s::smallint[]) AS wanted (level)
            CROSS JOIN LATERAL (
                SELECT * FROM regions_region AS region
                WHERE region.level = wanted.level AND region.{column} >= %s AND region.{column} < %s
                    AND region.code >= %s AND region.code < %s AND region.closed_on IS NULL
                ORDER BY region.{column}, region.code LIMIT %s
            ) AS hit
            """,
            [levels, wanted, _after(wanted), scope, _after(scope), _CANDIDATES],
        )
    )


def _by_inside(wanted: str, scope: str, levels: list[int]) -> list[Region]:
    """Return divisions with the text inside their names, as deep as the scope lets a scan stay small."""
    deepest = {0: Level.COUNTY, 2: Level.TOWNSHIP}.get(len(scope), Level.VILLAGE)
    searched = [level for level in levels if level <= deepest]
    inside = Region.objects.filter(name__contains=wanted, closed_on=None, level__in=searched)
    return list(inside.filter(code__gte=scope, code__lt=_after(scope)).order_by("level", "code")[:_CANDIDATES])
