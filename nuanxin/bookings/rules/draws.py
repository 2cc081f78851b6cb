"""The rule of a draw, as docs/recheck_draw.py recomputes it: digests, order, winners. Pure.

Order: SHA-256(seed ‖ value ‖ ticket), ascending. Shares are filled one after another, each in that order, by what the
ticket's line says it may have. Without the seed in time, SHA-256(value ‖ ticket).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

#: Name of the rule and of the file's form; another rule would get another name.
RULE: Final = "nuanxin-draw-1"
#: A seed that is not revealed so long after the hour of the value counts no more: the value alone decides.
REVEAL_WITHIN: Final = timedelta(hours=24)
#: From the close of entries to the hour of the value: time to publish the list, and for others to keep a copy.
LEAST_GAP: Final = timedelta(minutes=10)
TICKET_LENGTH: Final = 12
#: Stands for “any session” in a line, and for “no session” in a place.
ANY: Final = "-"
_CODE = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Ticket:
    """One line of the published list.

    :param shares: codes of the shares of which it may have a place, and of those that count its group.
    :param session: short code of the session that is wanted; `-`: any.
    """

    ticket: str
    shares: tuple[str, ...]
    session: str = ANY
    seats: int = 1

    def line(self) -> str:
        """Return the line as it is published."""
        return f"{self.ticket} {','.join(self.shares)} {self.session} {self.seats}"


@dataclass(frozen=True, slots=True)
class Places:
    """So many places of a share at a session; of a share that says how many a group gets at most, without one."""

    share: str
    session: str
    places: int


@dataclass(frozen=True, slots=True)
class Won:
    """Who won a place of which share, at which session."""

    ticket: str
    share: str
    session: str

    def line(self) -> str:
        """Return the line as it is published."""
        return f"{self.ticket} {self.share} {self.session}"


def read_line(line: str) -> Ticket:
    """Return the ticket that a line says."""
    ticket, shares, session, seats = line.split(" ")
    return Ticket(ticket, tuple(shares.split(",")), session, int(seats))


def digest_of(lines: Iterable[str]) -> bytes:
    """Return the digest of published lines: SHA-256 over them, joined by line feeds."""
    return sha256("\n".join(lines).encode()).digest()


def commitment_of(seed: bytes) -> bytes:
    """Return what is published of a seed before entries open."""
    return sha256(seed).digest()


def in_order(tickets: Iterable[Ticket], *, seed: bytes, value: str) -> list[Ticket]:
    """Return tickets in the order of the draw.

    :param seed: 32 bytes, or none where the value alone decides.
    """
    head = sha256(seed + value.encode())

    def key(each: Ticket) -> bytes:
        made = head.copy()
        made.update(each.ticket.encode())
        return made.digest()

    return sorted(tickets, key=key)


def winners(
    ordered: Sequence[Ticket], *, fill: Sequence[str], places: Iterable[Places], most: Mapping[str, int]
) -> list[Won]:
    """Return who wins, in the order of the draw.

    :param fill: codes of the shares in the order in which they are filled.
    :param most: code of each share that says how many a group gets at most → how many.
    """
    left = {(each.share, each.session): each.places for each in places}
    room = dict(most)
    won: dict[str, Won] = {}
    for share in fill:
        pools = [pool for pool in left if pool[0] == share]
        for each in ordered:
            if each.ticket in won or share not in each.shares:
                continue
            caps = [code for code in each.shares if code in room]
            if any(room[code] < each.seats for code in caps):
                continue
            pool = next((p for p in pools if each.session in (ANY, p[1]) and left[p] >= each.seats), None)
            if pool is None:
                continue
            left[pool] -= each.seats
            for code in caps:
                room[code] -= each.seats
            won[each.ticket] = Won(each.ticket, *pool)
    return [won[each.ticket] for each in ordered if each.ticket in won]


def reveal_until(value_at: datetime) -> datetime:
    """Return until when the seed counts."""
    return value_at + REVEAL_WITHIN


def check_codes(codes: Iterable[str]) -> None:
    """Refuse codes of shares that a published line could not hold. :raises Invalid: with what to do."""
    if bad := [code for code in codes if not _CODE.fullmatch(code)]:
        words = _("Share codes may hold letters, digits, dots and hyphens only: %(codes)s.")
        raise Invalid("bad_share_code", words % {"codes": ", ".join(bad)}, field="shares")


def check_hour(value_at: datetime, *, closes_at: datetime, now: datetime) -> None:
    """Refuse an hour before which the list could not be published. :raises Invalid: with the earliest one."""
    if value_at < max(closes_at, now) + LEAST_GAP:
        raise Invalid(
            "hour_too_early",
            _("The public value must be published at least ten minutes after entries close: the list comes first."),
            field="value_at",
        )


def check_source(source: str, link: str, source_en: str = "") -> tuple[str, str, str]:
    """Return the named public source as it is published. :raises Invalid: nothing named, or no address of a page."""
    name = check_text(source, field="source", most=200)
    if not name:
        raise Invalid("missing", _("Please name the public value, and who publishes it."), field="source")
    return name, check_link(link, field="source_link"), check_text(source_en, field="source_en", most=300)


def check_link(link: str, *, field: str) -> str:
    """Return the address of a public page. :raises Invalid: it is none."""
    text = check_text(link, field=field, most=300)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or any(char.isspace() for char in text):
        raise Invalid("bad_link", _("Please give the address of the page, beginning with https://"), field=field)
    return text


def check_value(value: str) -> str:
    """Return the public value in the form that is mixed in: single spaces, nothing else is changed.

    :raises Invalid: nothing, or more than 200 characters.
    """
    text = " ".join(check_text(value, field="value", most=200).split())
    if not text:
        raise Invalid("missing", _("Please type the value exactly as it was published."), field="value")
    return text


def grouped(ticket: str) -> str:
    """Return a ticket as people read it: in groups of four."""
    return " ".join(ticket[start : start + 4] for start in range(0, len(ticket), 4))
