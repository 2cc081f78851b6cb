"""Handing in many unions or enterprises at once: tried row by row, then kept as a whole, in part, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Conflict, Invalid, Refusal
from nuanxin.organizations.actions.enterprises import (
    cover_enterprise,
    create_enterprise,
    edit_enterprise,
    end_coverage,
    link_platform,
    unlink_platform,
)
from nuanxin.organizations.actions.unions import create_union, edit_union, move_union
from nuanxin.organizations.models import Coverage, Enterprise, EnterprisePlatform, Platform, Union
from nuanxin.organizations.queries.enterprises import visible_enterprises
from nuanxin.organizations.queries.unions import visible_unions
from nuanxin.organizations.rules.fields import compact_keep
from nuanxin.organizations.rules.sheets import ENTERPRISE_COLUMNS, UNION_COLUMNS
from nuanxin.organizations.states import CoverageBasis, UnionLevel
from nuanxin.records.queries import entries_of
from nuanxin.regions.queries import search_regions
from nuanxin.regions.rules import is_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

#: Try only; keep the right rows and report the wrong ones; keep all or nothing.
Keep = Literal["nothing", "right", "all"]


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row: `created`, `changed`, `same` or `wrong`, and what is wrong in sentences."""

    row: int
    name: str
    outcome: str
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ImportReport:
    """What became of all rows, and whether the right ones were kept."""

    rows: tuple[RowResult, ...]
    kept: bool
    counts: dict[str, int] = field(default_factory=dict)


class _NotKept(Exception):
    """Takes back what was tried."""


def import_unions(*, actor: Actor, rows: Sequence[Mapping[str, Any]], keep: Keep, now: datetime) -> ImportReport:
    """Create and change unions from rows: with a code the union is changed (and moved), without one it is created.

    Every row goes through `create_union`, `edit_union` and `move_union`, so the preview refuses what those refuse. A
    parent is named by its code, or by its full name, which may be that of a row above.

    :raises Conflict: `keep` is `all` and a row is wrong; nothing is kept then.
    """
    titles = {column.key: str(column.title) for column in UNION_COLUMNS}
    return _tried(lambda row: _union_row(actor, row, now), rows, titles, keep)


def import_enterprises(*, actor: Actor, rows: Sequence[Mapping[str, Any]], keep: Keep, now: datetime) -> ImportReport:
    """Create and change enterprises from rows, found by credit code, or without one by name and region.

    The covering union and the platforms become what the row says, from today on; a column that is not in the sheet
    changes nothing. Every row goes through the actions of one enterprise.

    :raises Conflict: `keep` is `all` and a row is wrong; nothing is kept then.
    """
    titles = {column.key: str(column.title) for column in ENTERPRISE_COLUMNS}
    return _tried(lambda row: _enterprise_row(actor, row, now), rows, titles, keep)


def _tried(
    work: Callable[[Mapping[str, Any]], str], rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str], keep: Keep
) -> ImportReport:
    """Do each row in a savepoint of its own and take everything back unless it is to be kept."""
    results: list[RowResult] = []
    try:
        with transaction.atomic():
            results = [_one(work, row, titles) for row in rows]
            wrong = any(result.outcome == "wrong" for result in results)
            if keep == "nothing" or (keep == "all" and wrong):
                raise _NotKept
    except _NotKept:
        if keep == "all":
            raise Conflict("rows_wrong", _("Some rows are wrong; nothing was kept. Please mend them first.")) from None
    counts = dict.fromkeys(("created", "changed", "same", "wrong"), 0)
    for result in results:
        counts[result.outcome] += 1
    return ImportReport(tuple(results), keep != "nothing", counts)


def _one(work: Callable[[Mapping[str, Any]], str], row: Mapping[str, Any], titles: Mapping[str, str]) -> RowResult:
    number, name = int(row.get("row", 0)), str(row.get("name", ""))[:120]
    try:
        with transaction.atomic():
            return RowResult(number, name, work(row))
    except Refusal as refusal:
        errors = tuple((titles.get(error.field, ""), str(error.message)) for error in refusal.errors)
        return RowResult(number, name, "wrong", errors or (("", str(refusal.message)),))


def _union_row(actor: Actor, row: Mapping[str, Any], now: datetime) -> str:
    code = compact_keep(row.get("code") or "", field="code").upper()
    held = visible_unions(actor).filter(code=code).first() if code else None
    if code and held is None:
        raise Invalid("unknown_union", _("No union in your reach has this code."), field="code")
    if held and held.level == UnionLevel.NATION:
        return "same"
    parent = _parent(actor, row)
    if held is None:
        create_union(actor=actor, parent=parent, fields=_with_region(row, parent.region_id or ""), now=now)
        return "created"
    fields = _with_region(row, parent.region_id or "")
    for name, before in (("kind", held.kind), ("level", held.level), ("region", held.region_id)):
        if name in fields and str(fields[name] or "") != before:
            raise Invalid("never_changes", _("This never changes. Close the union and create another."), field=name)
    entries = entries_of(held.pk).count()
    moved = move_union(actor=actor, union=held, parent=parent, now=now) if parent.pk != held.parent_id else held
    edit_union(actor=actor, union=moved, fields=_given(fields, UNION_COLUMNS), now=now)
    return "changed" if entries_of(held.pk).count() > entries else "same"


def _given(row: Mapping[str, Any], columns: Sequence[Any]) -> dict[str, Any]:
    return {column.key: row[column.key] for column in columns if column.key in row}


def _parent(actor: Actor, row: Mapping[str, Any]) -> Union:
    text = str(row.get("parent") or "").strip()
    open_unions = Union.objects.filter(closed_at=None)
    found = list(open_unions.filter(code=text.upper())[:1]) or list(open_unions.filter(name=text)[:2])
    if not text or not found:
        raise Invalid("unknown_parent", _("There is no such parent union."), field="parent")
    if len(found) > 1:
        raise Invalid("two_parents", _("Several unions have this name. Please write the code."), field="parent")
    return found[0]


def _with_region(row: Mapping[str, Any], within: str) -> dict[str, Any]:
    """Return the row with the code of its region, whether a code or a name was written."""
    text = str(row.get("region") or "").strip()
    if not text or is_code(text):
        return dict(row)
    hits = [region for region in search_regions(text, within=within or None, limit=10) if region.name == text]
    if len(hits) != 1:
        raise Invalid("unknown_region", _("Please write the code of the region."), field="region")
    return dict(row) | {"region": hits[0].code}


def _enterprise_row(actor: Actor, row: Mapping[str, Any], now: datetime) -> str:
    fields = _with_region(row, "")
    code = compact_keep(fields.get("credit_code") or "", field="credit_code").upper()
    if code:
        held = Enterprise.objects.filter(credit_code=code).first()
    else:
        named = visible_enterprises(actor).filter(name=str(fields.get("name", "")), region_id=fields.get("region"))
        held = named.filter(closed_at=None, credit_code="").first()
    if held is None:
        made = create_enterprise(actor=actor, fields=fields, now=now)
        _cover(actor, made, fields, now)
        _platforms(actor, made, fields, now)
        return "created"
    entries = entries_of(held.pk).count()
    edit_enterprise(actor=actor, enterprise=held, fields=_given(fields, ENTERPRISE_COLUMNS), now=now)
    _cover(actor, held, fields, now)
    _platforms(actor, held, fields, now)
    return "changed" if entries_of(held.pk).count() > entries else "same"


def _cover(actor: Actor, enterprise: Enterprise, row: Mapping[str, Any], now: datetime) -> None:
    if "union" not in row:
        return
    code = str(row["union"] or "").strip().upper()
    day = local_day(now)
    held = Coverage.objects.filter(enterprise=enterprise, valid_until=None).select_related("union").first()
    if not code:
        if held:
            end_coverage(actor=actor, enterprise=enterprise, on=day, now=now)
        return
    union = Union.objects.filter(code=code, closed_at=None).first()
    if union is None:
        raise Invalid("unknown_union", _("There is no open union with this code."), field="union")
    basis = str(row.get("basis") or (held.basis if held else CoverageBasis.OWN))
    if held is None or (held.union_id, held.basis) != (union.pk, basis):
        cover_enterprise(actor=actor, enterprise=enterprise, union=union, basis=basis, on=day, now=now)


def _platforms(actor: Actor, enterprise: Enterprise, row: Mapping[str, Any], now: datetime) -> None:
    if "platforms" not in row:
        return
    words = [
        word.strip()
        for word in str(row["platforms"] or "").translate(dict.fromkeys(map(ord, "、，;；"), ",")).split(",")
    ]
    wanted: set[str] = set()
    for word in filter(None, words):
        found = Platform.objects.filter(code=word.lower()).first() or Platform.objects.filter(name=word).first()
        if found is None:
            raise Invalid(
                "unknown_platform", _("“%(word)s” is not in the list of platforms.") % {"word": word}, field="platforms"
            )
        wanted.add(found.code)
    held = set(
        EnterprisePlatform.objects.filter(enterprise=enterprise, valid_until=None).values_list("platform_id", flat=True)
    )
    day = local_day(now)
    for code in sorted(wanted - held):
        link_platform(actor=actor, enterprise=enterprise, platform=code, on=day, now=now)
    for code in sorted(held - wanted):
        unlink_platform(actor=actor, enterprise=enterprise, platform=code, on=day, now=now)
