"""Further tabs of a member: what the person was told, records that may be the same person, ceremonies and kits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from nuanxin.members.queries.ceremonies import attended_by
from nuanxin.members.queries.duplicates import pairs_of
from nuanxin.members.queries.told import told_to
from nuanxin.messages.rules.kinds import kind_of
from nuanxin.messages.states import Channel, Kind
from nuanxin.web.desk.duplicates.pairs import pair_rows
from nuanxin.web.desk.notices.sent import TEXT_TONES

if TYPE_CHECKING:
    from nuanxin.members.models import Membership
    from nuanxin.web.desk.requests import DeskRequest


def notices(request: DeskRequest, membership: Membership) -> dict[str, Any]:
    """Return what the person was told, newest first: about what, by which way, how it went; never the words."""
    texts, in_app = told_to(request.actor, membership.worker)
    rows: list[dict[str, Any]] = [
        {
            "at": text.created_at,
            "kind": Kind(text.kind).label,
            "way": Channel(text.channel).label,
            "state": {"label": text.get_state_display(), "tone": TEXT_TONES[text.state]},
        }
        for text in texts
    ]
    rows += [
        {
            "at": notice.created_at,
            "kind": kind_of(notice.template).label,
            "way": Channel.APP.label,
            "state": {"label": _("read"), "tone": "good"}
            if notice.read_at
            else {"label": _("not read yet"), "tone": ""},
        }
        for notice in in_app
    ]
    return {"rows": sorted(rows, key=lambda row: row["at"], reverse=True)}


def duplicates(request: DeskRequest, membership: Membership) -> dict[str, Any]:
    """Return the pairs that this person is one of and the actor may decide on, whatever was decided of them."""
    return {"rows": pair_rows(pairs_of(request.actor, membership.worker_id))}


def ceremonies(request: DeskRequest, membership: Membership) -> dict[str, Any]:
    """Return the ceremonies in reach at which the person joined or got a kit."""
    return {"rows": attended_by(request.actor, membership)}
