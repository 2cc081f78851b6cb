"""By which door somebody came, and by whose code: remembered for a day in a signed cookie, which names no person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from django.conf import settings

from nuanxin.insight.actions import count_step

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest

SCAN_COOKIE: Final = "nuanxin_scan"
SCAN_AGE: Final = 24 * 3600
#: The door of whoever opens the page itself, and of whoever scans a union's code that names no door.
PAGE_DOOR, POSTER_DOOR = "h5", "poster"


@dataclass(frozen=True, slots=True)
class Way:
    """A door, the union on its link if there was one, and when the first page was opened."""

    door: str = PAGE_DOOR
    union: str = ""
    opened_at: datetime | None = None

    def __str__(self) -> str:
        seconds = int(self.opened_at.timestamp()) if self.opened_at else 0
        return f"{self.union}|{self.door}|{seconds}"


def way_of(request: WorkerRequest) -> Way:
    """Return by which way this browser came; the page's own door when it was told of none."""
    kept = str(request.get_signed_cookie(SCAN_COOKIE, default="", max_age=SCAN_AGE) or "")
    union, _bar, rest = kept.partition("|")
    door, _bar, seconds = rest.partition("|")
    opened_at = datetime.fromtimestamp(int(seconds), UTC) if seconds.isdigit() and int(seconds) else None
    return Way(door or (POSTER_DOOR if union else PAGE_DOOR), union, opened_at)


def came_in(request: WorkerRequest, response: HttpResponse, *, door: str, union: str = "") -> HttpResponse:
    """Remember the way, and count that a first page was opened: once for each way in a day, by one statement."""
    before = way_of(request)
    if (before.door, before.union) == (door, union) and before.opened_at is not None:
        return response
    if request.method == "GET":
        count_step(door=door, union_code=union, opened=1, now=request.now)
    response.set_signed_cookie(
        SCAN_COOKIE,
        str(Way(door, union, request.now)),
        max_age=SCAN_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def began(way: Way, *, door: str, now: datetime) -> None:
    """Count that somebody has filled in the first step."""
    count_step(door=door, union_code=way.union, started=1, now=now)
