"""The lists of a draw: what its rows say, and what was published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from nuanxin.bookings.models import DrawPage, Entry, Session
from nuanxin.bookings.rules.draws import ANY, Ticket
from nuanxin.bookings.states import ShareKind, WaitingState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nuanxin.bookings.models import Draw
    from nuanxin.bookings.rules.terms import PoolNow

#: Lines of one page.
PAGE = 1000


@dataclass(frozen=True, slots=True)
class SessionCode:
    """A session and the short code that stands for it in the public file."""

    id: UUID
    code: str
    starts_at: datetime
    place: str
    place_en: str

    def kept(self) -> dict[str, str]:
        """Return what is kept of it when the list is frozen, whatever becomes of the session."""
        return {
            "id": str(self.id),
            "code": self.code,
            "starts_at": self.starts_at.isoformat(),
            "place": self.place,
            "place_en": self.place_en,
        }


def codes_of_sessions(offer_id: UUID) -> dict[UUID, SessionCode]:
    """Return the sessions of an offer, numbered in the order of their time."""
    rows = Session.objects.filter(offer=offer_id).order_by("starts_at", "pk")
    return {
        row.pk: SessionCode(row.pk, str(nth), row.starts_at, row.place, row.place_en)
        for nth, row in enumerate(rows, start=1)
    }


def lines_of(draw: Draw, sessions: Mapping[UUID, SessionCode]) -> list[str]:
    """Return the lines of everybody who has entered and not left, by ticket: no line tells whose it is."""
    rows = Entry.objects.filter(draw=draw, waiting__state=WaitingState.APPLIED)
    codes = {key: session.code for key, session in sessions.items()}
    return sorted(line for line, _worker in _lines(draw, rows, codes))


def listed_lines(draw: Draw) -> dict[str, UUID]:
    """Return every line that the rows say by now → the wish behind it, also of those who left since."""
    codes = {UUID(session["id"]): session["code"] for session in draw.sessions}
    return dict(_lines(draw, Entry.objects.filter(draw=draw), codes))


def _lines(draw: Draw, rows: Any, sessions: Mapping[UUID, str]) -> list[tuple[str, UUID]]:
    codes = {UUID(share["id"]): share["code"] for share in draw.shares}
    cap_codes = [share["code"] for share in draw.shares if share["kind"] == ShareKind.MOST]
    pools = dict(draw.offer.pools.values_list("pk", "share__code"))
    found = []
    values = rows.values_list(
        "ticket", "waiting__shares", "waiting__caps", "waiting__session", "waiting__seats", "waiting"
    )
    for ticket, shares, caps, session, seats, waiting in values:
        may = [codes[share] for share in shares if share in codes]
        may += [pools[cap] for cap in caps if pools.get(cap) in cap_codes]
        code = sessions.get(session, "?") if session else ANY
        found.append((Ticket(ticket, tuple(may), code, seats).line(), waiting))
    return found


def places_of(draw: Draw, pools: Sequence[PoolNow], sessions: Mapping[UUID, SessionCode]) -> list[dict[str, Any]]:
    """Return the free places, share by share in the order in which they are filled, as they are published."""
    found = []
    for share in draw.shares:
        if share["kind"] == ShareKind.WALK_IN:
            continue
        for pool in pools:
            if str(pool.share_id) == share["id"]:
                code = sessions[pool.session_id].code if pool.session_id else ANY
                found.append(
                    {
                        "share": share["code"],
                        "session": code,
                        "places": pool.free,
                        "pool": str(pool.id),
                        "kind": share["kind"],
                    }
                )
    return found


def published(draw: Draw, part: str) -> list[str]:
    """Return the lines that were published."""
    pages = DrawPage.objects.filter(draw=draw, part=part).order_by("nth", "pk").values_list("lines", flat=True)
    return [line for page in pages for line in page.split("\n") if line]
