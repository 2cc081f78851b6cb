"""Many people by one file: handed in, checked, enrolled, undone."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Form, Router
from ninja.files import UploadedFile

from nuanxin.access.states import Permission, Scope
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.actions.rosters import commit_roster, undo_roster, upload_roster
from nuanxin.members.queries.rosters import (
    batch_counts,
    counted,
    error_rows,
    get_roster,
    place_of,
    progress,
    rosters_in_reach,
)
from nuanxin.members.rules.rosters.limits import MOST_BYTES
from nuanxin.members.rules.rosters.sheets import write_errors
from nuanxin.web.api.described import described, sends_file
from nuanxin.web.api.schemas import RosterCommitIn, RosterOut, RosterPage, Text
from nuanxin.web.api.words import answer, moment, named
from nuanxin.web.kit.excel import CONTENT_TYPE
from nuanxin.web.kit.requests import Request

if TYPE_CHECKING:
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Roster
    from nuanxin.web.api.schemas import Answer

router = Router(tags=["rosters"])
_WHO = "registrar of the union; people office of an enterprise; machine with rosters.write"
_MOST = 50


@router.post(
    "",
    **described(
        "Hand a roster in", 202, RosterOut, who=_WHO, problems=(400, 401, 403, 404, 409, 413, 422), example="roster"
    ),
)
def hand_in(
    request: Request,
    file: Annotated[UploadedFile | None, File(None)],
    union_code: Annotated[Text, Form("")],
    employer_credit_code: Annotated[Text, Form("")],
    occupation_group: Annotated[Text, Form("")],
    region_code: Annotated[Text, Form("")],
    platform: Annotated[Text, Form("")],
    batch: Annotated[Text, Form("")],
) -> HttpResponse:
    """Take an .xlsx, .xls or .csv file of people for a union; it is checked in the background.

    Columns are known by their Chinese or English titles. `occupation_group`, `region_code` and `platform` hold for rows
    that do not name their own, `employer_credit_code` says whose people these are, and files with the same `batch` are
    counted together. Whoever hands a roster in states that these people agreed to join.
    """
    actor = request.actor
    _require(actor)
    if file is None:
        raise Invalid("missing", _("Send the roster as the file `file` of a form (multipart/form-data)."), field="file")
    if not file.size:
        raise Invalid(
            "empty_file", _("This file is empty. Please choose the file with the people's rows."), field="file"
        )
    if file.size > MOST_BYTES:
        raise Invalid("too_large", _("The file is too large: 31 megabytes at most. Please split it."), field="file")
    made = upload_roster(
        actor=actor,
        place=place_of(actor, union_code=union_code, credit_code=employer_credit_code, on=local_day(request.now)),
        name=file.name or "",
        content=file.read(),
        defaults={"occupation_group": occupation_group, "region_code": region_code, "platform": platform},
        batch=batch,
        now=request.now,
    )
    return answer(_told(made), 202)


@router.get(
    "",
    **described("List rosters", 200, RosterPage, who=_WHO, problems=(400, 401, 403, 404, 422), example="roster_page"),
)
def list_rosters(request: Request, batch: Text | None = None) -> HttpResponse:
    """Return the rosters in reach, the newest first; of one batch, with all its files counted together."""
    _require(request.actor)
    rows = rosters_in_reach(request.actor)
    total = batch_counts(request.actor, batch) if batch else None
    items = [_told(each) for each in (rows.filter(batch=batch) if batch else rows)[:_MOST]]
    sums = {"rosters": total.rosters, "rows": total.rows, "counts": total.counts} if total else None
    return answer({"items": items, "next": None, "total": sums})


@router.get(
    "/{roster_id}",
    **described("See how it goes", 200, RosterOut, who=_WHO, problems=(400, 401, 403, 404, 422), example="roster"),
)
def see(request: Request, roster_id: UUID) -> HttpResponse:
    """Return where a roster stands: `checking`, `checked`, `committing`, `done`, `failed` or `undone`."""
    return answer(_told(_get(request, roster_id)))


@router.post(
    "/{roster_id}/commit",
    **described("Enroll", 202, RosterOut, who=_WHO, problems=(400, 401, 403, 404, 409, 413, 422), example="roster"),
)
def commit(request: Request, roster_id: UUID, body: RosterCommitIn | None = None) -> HttpResponse:
    """Enroll the people of a checked roster, in the background.

    With `partial` whoever can be enrolled is, although rows with errors or contradictions are left out; without it such
    rows are a reason to refuse.
    """
    roster = _get(request, roster_id)
    partial = body is not None and body.partial
    return answer(_told(commit_roster(actor=request.actor, roster=roster, partial=partial, now=request.now)), 202)


@router.post(
    "/{roster_id}/undo",
    **described("Undo", 200, RosterOut, who=_WHO, problems=(400, 401, 403, 404, 409, 413, 422), example="roster"),
)
def undo(request: Request, roster_id: UUID) -> HttpResponse:
    """End every membership that a roster began, while nobody of it has used a card; or put a checked one aside."""
    roster = _get(request, roster_id)
    return answer(_told(undo_roster(actor=request.actor, roster=roster, now=request.now)))


@router.get(
    "/{roster_id}/errors.xlsx",
    **sends_file("Rows to mend", CONTENT_TYPE, who=_WHO, problems=(400, 401, 403, 404, 422)),
)
def errors(request: Request, roster_id: UUID) -> FileResponse:
    """Return the rows that were not taken, as in the file, with a column that says what is wrong and how to mend it."""
    roster = _get(request, roster_id)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it after the last byte
    write_errors(file, roster.headers, error_rows(roster), roster.columns)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{roster.number}.xlsx", content_type=CONTENT_TYPE)


def _get(request: Request, roster_id: UUID) -> Roster:
    _require(request.actor)
    return get_roster(request.actor, roster_id)


def _require(actor: Actor) -> None:
    if actor.kind == "client":
        actor.require_scope(Scope.ENROLL_ROSTERS)
    actor.require(Permission.ENROLL_ROSTERS)


def _told(roster: Roster) -> Answer:
    told: dict[str, Any] = {
        "id": str(roster.pk),
        "number": roster.number,
        "state": roster.state,
        "state_name": str(roster.get_state_display()),
        "union": named(roster.union.code, roster.union.name, roster.union.name_en),
        "batch": roster.batch,
        "file_name": roster.file_name,
        "rows": roster.rows,
        "counts": counted(roster),
        "progress": round(progress(roster), 4),
        "partial": roster.partial,
        "failure": roster.failure.get("code"),
        "uploaded_at": moment(roster.uploaded_at),
        "finished_at": moment(roster.finished_at),
    }
    return told
