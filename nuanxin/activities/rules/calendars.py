"""Calendars as phones and desks subscribe to them: iCalendar (RFC 5545), no more of it than is needed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTENT_TYPE: Final = "text/calendar; charset=utf-8"
#: Octets of a line at most, its end not counted (section 3.1).
_MOST_OCTETS: Final = 75
_END: Final = "\r\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a calendar.

    :param uid: stays the same for ever, so that a changed thing replaces the one before.
    :param changed_at: when it was last changed; a later one counts (section 3.8.7.3).
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    changed_at: datetime
    place: str = ""
    about: str = ""
    url: str = ""
    is_cancelled: bool = False


def calendar(name: str, entries: Iterable[Entry], *, now: datetime) -> str:
    """Return a calendar with its entries, the lines folded and ended as the standard says."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Nuanxin//Calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    for each in entries:
        lines += _event(each, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}{_END}" for line in lines for part in folded(line))


def _event(entry: Entry, now: datetime) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{entry.uid}@nuanxin",
        f"DTSTAMP:{moment(now)}",
        f"LAST-MODIFIED:{moment(entry.changed_at)}",
        f"DTSTART:{moment(entry.starts_at)}",
        f"DTEND:{moment(entry.ends_at)}",
        f"SUMMARY:{escaped(entry.summary)}",
        f"STATUS:{'CANCELLED' if entry.is_cancelled else 'CONFIRMED'}",
    ]
    lines += [f"LOCATION:{escaped(entry.place)}"] if entry.place else []
    lines += [f"DESCRIPTION:{escaped(entry.about)}"] if entry.about else []
    lines += [f"URL:{entry.url}"] if entry.url else []
    return [*lines, "END:VEVENT"]


def moment(value: datetime) -> str:
    """Return a moment in universal time, as form 2 of section 3.3.5 writes it."""
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """Return a text with what has a meaning of its own escaped (section 3.3.11); other control characters go."""
    known = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\n").replace("\r", "\n")
    return "".join("\\n" if char == "\n" else char for char in known if char == "\n" or char >= " ")


def folded(line: str) -> list[str]:
    """Return a line in parts of 75 octets at most, never through a character; all but the first begin with a space."""
    parts: list[str] = []
    part, size = "", 0
    for char in line:
        octets = len(char.encode())
        if size + octets > _MOST_OCTETS:
            parts.append(part)
            part, size = " ", 1
        part, size = part + char, size + octets
    return [*parts, part]
