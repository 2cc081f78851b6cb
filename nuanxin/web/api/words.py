"""Things in the form of the contract: plain dictionaries, written straight to JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language

from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.identifiers import mask_name
from nuanxin.members.rules.reasons import reasons_in_words
from nuanxin.members.states import ApplicationState, MembershipState
from nuanxin.web.api.problems import encode

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.members.models import Application, Membership
    from nuanxin.web.api.schemas import Answer

_JSON = "application/json"


def answer(content: Any, status: int = 200) -> HttpResponse:
    """Return JSON as it stands: what is sent out was made here, and is not judged a second time."""
    return HttpResponse(encode(content), status=status, content_type=_JSON)


def moment(at: datetime | None) -> str | None:
    """Return a moment in local time with its offset, to the second."""
    return at.astimezone(ZONE).isoformat(timespec="seconds") if at else None


def named(code: str, name: str, name_en: str = "") -> dict[str, str]:
    """Return a code and its name in the language of the request."""
    return {"code": code, "name": (name_en or name) if is_english() else name}


def is_english() -> bool:
    """Answer whether the request is to be answered in English."""
    return (get_language() or "").startswith("en")


def reasons_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the chain of reasons in words."""
    return [
        {"rule": step.rule, "outcome": step.outcome, "text": step.text, "detail": step.detail, "chosen": step.chosen}
        for step in reasons_in_words(rows)
    ]


def application_answer(application: Application, *, token: str = "", for_reviewer: bool = False) -> Answer:
    """Return an application as the contract says.

    :param token: the secret of the progress link, where whoever asks may have it.
    """
    return {
        "number": application.number,
        "state": str(application.state),
        "state_name": str(ApplicationState(application.state).label),
        "union": _union_of(application),
        "reasons": reasons_of(application.reasons),
        "due_at": moment(application.due_at),
        "door": application.door_id,
        "occupation_group": application.occupation_group_id,
        "region_code": application.region_id,
        "started_at": moment(application.started_at),
        "member_number": application.member_number or None,
        "progress": f"{settings.NUANXIN_BASE_URL}/a/{quote(token)}" if token else None,
        "name": mask_name(application.name) if for_reviewer else None,
    }


def _union_of(application: Application) -> dict[str, str] | None:
    """Return the union that has an application: from its row where that was read, else from the step that chose it."""
    if application.union_id is None:
        return None
    if "union" in application._state.fields_cache and application.union is not None:
        return named(application.union.code, application.union.name, application.union.name_en)
    chosen = next(row["union"] for row in reversed(application.reasons) if row["outcome"] == "chosen")
    return named(chosen["code"], chosen["name"], chosen["name_en"])


def member_answer(membership: Membership) -> Answer:
    """Return the standing of a member: no more than a machine needs."""
    group = membership.worker.occupation_group
    return {
        "number": membership.number,
        "state": str(membership.state),
        "state_name": str(MembershipState(membership.state).label),
        "name": mask_name(membership.worker.name),
        "union": named(membership.union.code, membership.union.name, membership.union.name_en),
        "occupation_group": named(group.code, group.name, group.name_en),
        "began_on": str(membership.began_on),
        "ended_on": str(membership.ended_on) if membership.ended_on else None,
    }
