"""Which dated rule decides, and the admission rules of a union."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.remember import forget, remembered
from nuanxin.organizations.models import AdmissionRule, DatedRule
from nuanxin.organizations.rules.dates import DatedRow, pick_dated_rule
from nuanxin.regions.rules import is_code, prefixes_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.db.models import QuerySet

    from nuanxin.organizations.models import Union


#: For how many seconds a process may go on with the rules it has read.
_FRESH = 5
_KEPT = "organizations.rules."


class RuleMissing(Conflict):
    """No row is in force for a parameter: the installation was not seeded, or somebody ended the last one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "rule_missing", _("No rule is in force for “%(name)s”. Please tell the administrator.") % {"name": name}
        )


class Placed(Protocol):
    """A union, or the facts of one: where it stands in the tree, and the region it answers for."""

    @property
    def path(self) -> str:
        """Codes from the root down to the union."""

    @property
    def region_id(self) -> Any:
        """Code of the region, or none."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A parameter's value for one union on one day, and the row that decided."""

    value: Any
    row: DatedRow


def dated_rules(*names: str, union: Placed, on: date) -> dict[str, Decided]:
    """Return several parameters for a union on a day by one statement, each with the row that decided.

    :raises RuleMissing: there is no row in force for one of them.
    """
    rows = rows_for(names, union=union, on=on)
    found = {}
    for name in names:
        row = pick_dated_rule(
            (row for row in rows if row.name == name), union_path=union.path, region_code=union.region_id or "", on=on
        )
        if row is None:
            raise RuleMissing(name)
        found[name] = Decided(row.value, row)
    return found


def dated_rule(name: str, *, union: Placed, on: date) -> Decided:
    """Return one parameter for a union on a day, with the row that decided.

    :raises RuleMissing: there is no row in force.
    """
    return dated_rules(name, union=union, on=on)[name]


def rows_for(names: tuple[str, ...], *, union: Placed, on: date) -> list[DatedRow]:
    """Return every row in force on a day that a union falls under, by one statement; at most seconds old.

    Within the process that changes a rule the change is seen at once.
    """
    key = f"{_KEPT}{','.join(names)}.{on}"
    rows = remembered(key, seconds=_FRESH, make=lambda: _by_scope(rows_named(*names, on=on)))
    codes = union.path.strip("/").split("/")
    paths = ["", *(f"/{'/'.join(codes[: at + 1])}/" for at in range(len(codes)))]
    regions = ["", *prefixes_of(union.region_id)] if union.region_id and is_code(union.region_id) else [""]
    return [row for path in paths for region in regions for row in rows.get((path, region), ())]


def rows_named(*names: str, on: date) -> list[DatedRow]:
    """Return every row of some parameters that is in force on a day, whatever its scope, by one statement."""
    rows = DatedRule.objects.filter(Q(valid_until=None) | Q(valid_until__gt=on), name__in=names, valid_from__lte=on)
    return [_plain(row) for row in rows.select_related("union", "region")]


def forget_rules() -> None:
    """Let this process read the rules anew: a rule was changed."""
    forget(_KEPT)


def _by_scope(rows: Iterable[DatedRow]) -> dict[tuple[str, str], list[DatedRow]]:
    """Keep rows by where they hold, so that a union finds its own among those of a whole country."""
    found: dict[tuple[str, str], list[DatedRow]] = {}
    for row in rows:
        found.setdefault((row.union_path, row.region_code), []).append(row)
    return found


def _plain(row: DatedRule) -> DatedRow:
    return DatedRow(
        row.pk,
        row.name,
        row.value,
        row.valid_from,
        row.valid_until,
        row.source_note,
        row.union.path if row.union else "",
        row.union.name if row.union else "",
        row.region_id or "",
        row.region.name if row.region else "",
    )


def all_dated_rules() -> QuerySet[DatedRule]:
    """Return every dated rule; they are public. In order of name, scope and beginning."""
    return DatedRule.objects.select_related("union", "region").order_by(
        "name", "union__path", "region_id", "-valid_from", "pk"
    )


def admission_rules_of(union: Union) -> QuerySet[AdmissionRule]:
    """Return the admission rules of a union, past and future ones, too, the newest first."""
    return AdmissionRule.objects.filter(union=union).order_by("-valid_from", "-pk")
