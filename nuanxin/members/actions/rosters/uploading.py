"""Handing in a roster, choosing its columns anew, and having it enrolled."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.ids import application_number
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.rows import insert, remove
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import move
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.rosters.sharing import have_worked_off
from nuanxin.members.models import Roster, RosterChunk, RosterFile, RosterRow
from nuanxin.members.queries.rosters import STOPPED
from nuanxin.members.rules.applicants import LEAST_REGION
from nuanxin.members.rules.rosters.columns import check_columns, missing
from nuanxin.members.rules.rosters.limits import MOST_BYTES
from nuanxin.members.states import ROSTER_MOVES, RosterState
from nuanxin.organizations.queries.lists import open_groups, open_platforms
from nuanxin.records.actions import record
from nuanxin.regions.queries import get_region

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.queries.rosters import Place


@transaction.atomic
def upload_roster(
    *,
    actor: Actor,
    place: Place,
    name: str,
    content: bytes,
    defaults: Mapping[str, str] | None = None,
    batch: str = "",
    now: datetime,
) -> Roster:
    """Take a file of people in, keep it sealed, and have it checked in the background.

    Whoever hands it in states that these people agreed to join; each is told, with how to object, once enrolled
    (collective registration, membership rules of 2016, article 5).

    :param place: see `queries.rosters.place_of`.
    :param name: the file's name where it came from; shown, never believed.
    :param defaults: `occupation_group, region_code, platform` for the rows that do not name their own.
    :param batch: label of the list of which this file is a part.
    :raises NotAllowed: the post does not include it.
    :raises Invalid: empty, too large, or a default that is none.
    """
    actor.require(Permission.ENROLL_ROSTERS, at=place.enterprise if _is_hr(actor, place) else place.union)
    _check_size(content)
    key = PersonKey.new()
    roster = Roster(
        number=application_number(local_day(now)),
        union=place.union,
        enterprise=place.enterprise,
        batch=check_text(batch, field="batch", most=60),
        sealed_key=key.sealed,
        file_name=_file_name(name),
        file_size=len(content),
        file_digest=hashlib.sha256(content).digest(),
        defaults=_check_defaults(defaults or {}, local_day(now)),
        uploaded_by_id=actor.account_id,
        post_id=actor.post_id,
        source_id=actor.source_id,
        uploaded_at=now,
        beat_at=now,
    )
    insert(roster)
    insert(RosterFile(roster=roster, sealed_content=key.seal_bytes(content)))
    record(
        actor, "members.roster_uploaded", roster, now=now, union_path=place.union.path,
        number=roster.number, size=len(content), sha256=roster.file_digest.hex(),
    )  # fmt: skip
    have_worked_off(roster)
    return roster


@transaction.atomic
def remap_roster(
    *,
    actor: Actor,
    roster: Roster,
    columns: Mapping[str, int],
    defaults: Mapping[str, str] | None = None,
    now: datetime,
) -> Roster:
    """Say anew which column is which, and have every row checked again; the next file with these titles is read alike.

    :param roster: fetched by what the actor may see.
    :param columns: field → number of the column, from 0.
    :raises Invalid: a needed field has no column.
    :raises Moved: it is being checked or enrolled just now, or is enrolled already.
    """
    require_roster(actor, roster)
    chosen = check_columns(columns, len(roster.headers))
    if without := missing(chosen):
        raise Invalid(
            "columns_missing",
            _("Please say which column holds the name, the ID number and the phone."),
            field=without[0],
        )
    changes: dict[str, Any] = {"columns": chosen, "checked": 0, "counts": {}, "failure": {}, "beat_at": now}
    if defaults is not None:
        changes["defaults"] = _check_defaults(defaults, local_day(now))
    move(roster, ROSTER_MOVES, RosterState.CHECKING, **changes)
    remove(RosterRow.objects.filter(roster=roster))
    remove(RosterChunk.objects.filter(roster=roster))
    record(actor, "members.roster_remapped", roster, now=now, union_path=roster.union.path, number=roster.number)
    have_worked_off(roster)
    return roster


@transaction.atomic
def commit_roster(*, actor: Actor, roster: Roster, partial: bool, now: datetime) -> Roster:
    """Enroll the people of a checked roster in the background.

    :param partial: enroll whoever can be, although rows with errors or contradictions are left out. A choice.
    :raises Conflict: there are such rows and `partial` was not chosen.
    :raises Moved: it is not checked, or somebody was quicker.
    """
    require_roster(actor, roster)
    stopped = sum(int(roster.counts.get(outcome, 0)) for outcome in STOPPED)
    if roster.state == RosterState.CHECKED and stopped and not partial:
        raise Conflict(
            "rows_stopped",
            _("%(count)s rows cannot be enrolled as they are. Mend them, or choose to enroll the others without them.")
            % {"count": stopped},
        )
    move(
        roster,
        ROSTER_MOVES,
        RosterState.COMMITTING,
        partial=partial,
        committed_by_id=actor.account_id,
        committed_post_id=actor.post_id,
        commit_asked_at=now,
        beat_at=now,
    )
    record(
        actor, "members.roster_commit_asked", roster, now=now, union_path=roster.union.path,
        number=roster.number, partial=partial, counts=roster.counts,
    )  # fmt: skip
    have_worked_off(roster)
    return roster


def require_roster(actor: Actor, roster: Roster) -> None:
    """Refuse whoever may not enroll people there, and choose the post in whose name it is done."""
    own = roster.enterprise_id in actor.enterprises(Permission.ENROLL_ROSTERS)
    actor.require(Permission.ENROLL_ROSTERS, at=roster.enterprise if own else roster.union)


def _is_hr(actor: Actor, place: Place) -> bool:
    return place.enterprise is not None and place.enterprise.pk in actor.enterprises(Permission.ENROLL_ROSTERS)


def _check_size(content: bytes) -> None:
    if not content:
        raise Invalid(
            "empty_file", _("This file is empty. Please choose the file with the people's rows."), field="file"
        )
    if len(content) > MOST_BYTES:
        raise Invalid("too_large", _("The file is too large: 31 megabytes at most. Please split it."), field="file")


def _file_name(name: str) -> str:
    plain = name.encode("utf-8", "replace").decode().replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in plain if char.isprintable())[:120] or "roster"


def _check_defaults(given: Mapping[str, str], on: date) -> dict[str, str]:
    """Return the defaults in regular form; refuse an occupation group, platform or region that is none."""
    kept = {
        key: check_text(given.get(key) or "", field=key, most=30)
        for key in ("occupation_group", "region_code", "platform")
    }
    for key, choices in (("occupation_group", open_groups(on)), ("platform", open_platforms(on))):
        if kept[key] and kept[key] not in choices:
            raise Invalid("unknown_choice", _("This is not one of the choices."), field=key)
    if code := kept["region_code"]:
        get_region(code)
        if len(code) < LEAST_REGION:
            raise Invalid("region_too_wide", _("Please choose at least the county or district."), field="region_code")
    return {key: value for key, value in kept.items() if value}
