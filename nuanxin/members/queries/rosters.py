"""Rosters as whoever handed them in sees them, and where one may be handed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Conflict, NotFound, NotSignedIn
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Roster, RosterFile, RosterRow
from nuanxin.members.rules.rosters.packing import cells_of, fields_of
from nuanxin.members.states import RosterOutcome, RosterState
from nuanxin.organizations.models import Coverage, Enterprise, Union
from nuanxin.organizations.queries.enterprises import covering_unions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.rules.applicants import Fields

RELATED = ("union", "enterprise", "uploaded_by", "committed_by")
#: Outcomes that keep a row from being enrolled until somebody mends it.
STOPPED = (RosterOutcome.CONFLICT, RosterOutcome.ERROR)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a roster is handed in: for a union, and for one enterprise when its people office does it."""

    union: Union
    enterprise: Enterprise | None


@dataclass(frozen=True, slots=True)
class SeenRow:
    """One row, unsealed: as it stands in the file, as it was understood, and what is wrong with it."""

    id: UUID
    line: int
    outcome: str
    problems: tuple[tuple[str, str], ...]
    cells: tuple[str, ...]
    fields: Fields | None
    union: Union | None
    #: Number of the membership that the person had, or has got; empty without one.
    member_number: str = ""


@dataclass(frozen=True, slots=True)
class RowPage:
    """A page of rows in the order of the file, and the line after which the next one begins."""

    rows: list[SeenRow]
    next: int | None


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """Several files of one list, counted together."""

    rosters: int
    rows: int
    counts: dict[str, int] = field(default_factory=dict)


def rosters_in_reach(actor: Actor) -> QuerySet[Roster]:
    """Return the rosters of the unions and enterprises where the actor may enroll people, the newest first.

    A machine sees those that it handed in itself.
    """
    rows = Roster.objects.select_related(*RELATED).order_by("-pk")
    if actor.kind == "client":
        return rows.filter(source_id=actor.source_id)
    reach = Q(enterprise__in=actor.enterprises(Permission.ENROLL_ROSTERS))
    for path in actor.reach(Permission.ENROLL_ROSTERS):
        reach |= Q(union__path__startswith=path)
    return rows.filter(reach)


def get_roster(actor: Actor, roster_id: UUID | str) -> Roster:
    """Return one roster in reach, by its id or its number; 404 otherwise."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    rows = rosters_in_reach(actor)
    try:
        key = roster_id if isinstance(roster_id, UUID) else UUID(str(roster_id))
        found = rows.filter(pk=key).first()
    except ValueError:
        found = rows.filter(number=str(roster_id)[:16]).first()
    if found is None:
        raise NotFound
    return found


def place_of(actor: Actor, *, union_code: str = "", credit_code: str = "", on: date) -> Place:
    """Return where somebody's roster goes: a cadre's or machine's to a union in reach, HR's to the one that covers it.

    :param union_code: may be left out by a people office, whose enterprise one union covers.
    :param credit_code: the enterprise whose people these are; a people office has its own.
    :raises NotFound: no such open union, or out of reach.
    :raises Conflict: no union covers the enterprise yet.
    """
    if actor.kind == "anonymous":
        raise NotSignedIn
    union = Union.objects.filter(code=union_code, closed_at=None).first() if union_code else None
    if union is not None and actor.may(Permission.ENROLL_ROSTERS, at=union):
        enterprise = _enterprise(credit_code) if credit_code else None
        return Place(union, enterprise)
    own = Enterprise.objects.filter(pk__in=actor.enterprises(Permission.ENROLL_ROSTERS), closed_at=None)
    for enterprise in (own.filter(credit_code=credit_code) if credit_code else own).order_by("name", "pk"):
        covering = covering_unions([enterprise.pk], on=on)
        if not covering and not union_code:
            raise Conflict(
                "no_union_yet", _("No union covers this enterprise yet. Please ask the county union to form one first.")
            )
        if covering and (not union_code or union_code == covering[0].code):
            return Place(covering[0], enterprise)
    if not union_code:
        actor.require(Permission.ENROLL_ROSTERS)
    raise NotFound


def _enterprise(credit_code: str) -> Enterprise:
    found = Enterprise.objects.filter(credit_code=credit_code, closed_at=None).first()
    if found is None:
        raise NotFound
    return found


def is_covered(enterprise_id: UUID, union_id: UUID) -> bool:
    """Answer whether a union covers an enterprise now."""
    return Coverage.objects.filter(enterprise=enterprise_id, union=union_id, valid_until=None).exists()


def content_of(roster: Roster) -> bytes:
    """Return the file as it was handed in; the caller has fetched what it may see."""
    sealed = RosterFile.objects.values_list("sealed_content", flat=True).get(roster=roster)
    return PersonKey(roster.sealed_key).unseal_bytes(sealed)


def same_file(roster: Roster) -> Roster | None:
    """Return an earlier roster of the same union with the same file that was enrolled, if there is one."""
    rows = Roster.objects.filter(union=roster.union_id, file_digest=roster.file_digest, state=RosterState.DONE)
    return rows.exclude(pk=roster.pk).order_by("-pk").first()


def remembered_columns(roster: Roster) -> dict[str, int]:
    """Return which column was which in the last roster of the same union with the same titles; empty without one."""
    rows = Roster.objects.filter(union=roster.union_id, headers=roster.headers).exclude(pk=roster.pk)
    kept: dict[str, int] | None = rows.exclude(columns={}).order_by("-pk").values_list("columns", flat=True).first()
    return kept or {}


def progress(roster: Roster) -> float:
    """Return how much of what is going on is done, from 0 to 1."""
    if roster.state == RosterState.CHECKING:
        return min(roster.checked / roster.rows, 0.99) if roster.rows else 0.0
    if roster.state == RosterState.COMMITTING:
        return min(roster.committed / roster.rows, 0.99) if roster.rows else 0.0
    return 1.0


def counted(roster: Roster) -> dict[str, int]:
    """Return how many rows have which outcome; rows not checked yet are in none."""
    return {outcome.value: int(roster.counts.get(outcome, 0)) for outcome in RosterOutcome}


def roster_rows(roster: Roster, *, outcome: str = "", after: int = 0, most: int = 50) -> RowPage:
    """Return a page of rows in the order of the file, unsealed; the caller has fetched the roster.

    :param outcome: only these; empty for all. `after` the line after which the page begins.
    """
    rows = RosterRow.objects.filter(roster=roster, line__gt=after)
    if outcome:
        rows = rows.filter(outcome=outcome)
    found = list(rows.select_related("union", "membership").order_by("line")[: most + 1])
    page = found[:most]
    return RowPage([_seen(row, PersonKey(roster.sealed_key)) for row in page], page[-1].line if found[most:] else None)


def error_rows(roster: Roster) -> Iterator[SeenRow]:
    """Yield every row that was not taken, in the order of the file; some hundred are held at a time."""
    rows = RosterRow.objects.filter(roster=roster, outcome__in=STOPPED).select_related("union", "membership")
    key = PersonKey(roster.sealed_key)
    for row in rows.order_by("line").iterator(chunk_size=500):
        yield _seen(row, key)


def _seen(row: RosterRow, key: PersonKey) -> SeenRow:
    packed = key.unseal(row.sealed_cells)
    number = row.membership.number if row.membership else ""
    problems = tuple((str(name), str(code)) for name, code in row.problems)
    told = fields_of(packed)
    return SeenRow(
        row.pk, row.line, row.outcome, problems, cells_of(packed), told[0] if told else None, row.union, number
    )  # fmt: skip


def batch_counts(actor: Actor, batch: str) -> BatchCounts:
    """Return several files of one label counted together, those in reach."""
    rows = rosters_in_reach(actor).filter(batch=batch).order_by()
    totals = rows.aggregate(rosters=Count("pk"), rows=Sum("rows"))
    counts: dict[str, Any] = {outcome.value: 0 for outcome in RosterOutcome}
    for each in rows.values_list("counts", flat=True):
        for outcome, number in each.items():
            counts[outcome] = counts.get(outcome, 0) + number
    return BatchCounts(totals["rosters"], totals["rows"] or 0, counts)
