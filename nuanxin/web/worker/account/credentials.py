"""Credentials for the offline card, fetched ahead by the phone's own script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_http_methods

from nuanxin.kernel.clock import local_day
from nuanxin.members.actions.credentials import issue_credentials
from nuanxin.members.queries.credentials import believed_keys, wanted
from nuanxin.members.rules.credentials import day_number
from nuanxin.web.kit.scripts import for_scripts, json_body

if TYPE_CHECKING:
    from nuanxin.web.worker.requests import WorkerRequest


@require_http_methods(["GET", "POST"])
@for_scripts
def credentials(request: WorkerRequest) -> dict[str, Any]:
    """Say how many credentials the phone should have for each day; sent keys, sign credentials for them."""
    told: dict[str, Any] = {"now": request.now.isoformat(timespec="milliseconds")}
    if request.method == "POST":
        given = issue_credentials(actor=request.actor, keys=json_body(request).get("keys"), now=request.now)
        return told | {"credentials": [{"day": one.day, "key": one.sent, "head": one.head} for one in given]}
    more = wanted(request.actor, held=_held(request.GET.get("held")), now=request.now)
    return told | {
        "day": day_number(local_day(request.now)),
        "wanted": {str(day): count for day, count in more.items()},
        "keys": believed_keys(request.now),
    }


def _held(text: str | None) -> dict[int, int] | None:
    """Return how many unused credentials the phone says it has of each day: `325:6,326:4`, or nothing for none."""
    if text is None:
        return None
    pairs = (pair.partition(":") for pair in text[:200].split(","))
    return {int(day): int(count) for day, _colon, count in pairs if _is_number(day) and _is_number(count)}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
