"""What an applicant has typed so far, between the steps: sealed on the server, known by a secret in a cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from nuanxin.kernel.clock import local_day
from nuanxin.members.actions.drafts import drop_draft, read_draft, save_draft
from nuanxin.organizations.queries.lists import open_doors
from nuanxin.web.worker.join.ways import PAGE_DOOR, SCAN_COOKIE, way_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest

COOKIE = "nuanxin_join"
#: Longer than the draft itself lives, so that the page can say why it is empty.
COOKIE_AGE = 7 * 24 * 3600

PERSON = ("name", "id_number", "phone")
#: Filled in beside them by whoever has another document than the resident ID card.
PAPER = ("id_kind", "birth_on", "sex")
#: The kind of whoever has said so, but not which one.
NOT_CHOSEN = "other"
PLACE = ("occupation_group", "region_code", "employer_credit_code", "employer_name", "platform")


class Memory:
    """The draft of one browser."""

    def __init__(self, request: WorkerRequest) -> None:
        self.token = request.COOKIES.get(COOKIE, "")[:100]
        self.now = request.now
        self.values: dict[str, Any] = read_draft(token=self.token or None, now=request.now)
        self.way = way_of(request)
        self.scanned = self.way.union

    @property
    def is_lost(self) -> bool:
        """Answer whether there was a draft once that is gone by now."""
        return bool(self.token) and not self.values

    @property
    def door(self) -> str:
        """Return the door through which the applicant came; one that was shut meanwhile gives way to the page's own."""
        return self.way.door if self.way.door in open_doors(local_day(self.now)) else PAGE_DOOR

    def has(self, *names: str) -> bool:
        """Answer whether all these were filled in."""
        return all(self.values.get(name) for name in names)

    def pick(self, names: Iterable[str]) -> dict[str, str]:
        """Return what was typed into these fields."""
        return {name: str(self.values.get(name, "")) for name in names}

    def keep(self, response: HttpResponse, values: Mapping[str, Any]) -> HttpResponse:
        """Keep what was typed, and have the browser remember the secret. What was sent before no longer counts."""
        changed = any(self.values.get(name, "") != value for name, value in values.items())
        if changed and "sent" not in values:
            self.values.pop("sent", None)
        self.values |= values
        self.token = save_draft(token=self.token or None, values=self.values, now=self.now)
        response.set_cookie(
            COOKIE,
            self.token,
            max_age=COOKIE_AGE,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        return response

    def drop(self, response: HttpResponse) -> HttpResponse:
        """Forget everything: it was sent."""
        drop_draft(token=self.token or None)
        response.delete_cookie(COOKIE, samesite="Lax")
        response.delete_cookie(SCAN_COOKIE, samesite="Lax")
        return response
