"""Plans of events as cadres write them: a line each. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.activities.states.event import EventKind
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Events of one plan, and places of one event.
MOST_LINES: Final = 400
MOST_PLACES: Final = 20_000
#: A live link is shown from so long before it begins.
LIVE_BEFORE: Final = timedelta(minutes=30)
_WHEN: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s+(\d{1,2})[:：](\d{2})\s*[-–—~至]\s*(\d{1,2})[:：](\d{2})"
)
_SPLIT: Final = re.compile(r"\s*[|｜\t]\s*")


@dataclass(frozen=True, slots=True)
class Planned:
    """One event as it is planned."""

    name: str
    starts_at: datetime
    ends_at: datetime
    place: str
    places: int
    kind: str = EventKind.OTHER


def read_plan(text: str, *, now: datetime) -> list[Planned]:
    """Return the events of a plan: day and hours, name, place, how many, and perhaps the kind, in each line.

    :raises Invalid: a line that cannot be read, with its number; no line, or too many.
    """
    lines = [(at, line) for at, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise Invalid("missing", _("Please write at least one event."), field="plan")
    if len(lines) > MOST_LINES:
        raise Invalid("too_many", _("A plan holds 400 events at most."), field="plan")
    return [_line(at, line, now) for at, line in lines]


def _line(at: int, line: str, now: datetime) -> Planned:
    cells = [cell for cell in _SPLIT.split(line.strip()) if cell]
    found = _WHEN.fullmatch(cells[0]) if cells else None
    if found is None or len(cells) not in (4, 5) or not (cells[3].isascii() and cells[3].isdigit()):
        raise Invalid(
            "bad_line",
            _("Line %(line)s cannot be read. Write it like: 2026-12-05 09:00-11:30 | name | place | 60 | film")
            % {"line": at},
            field="plan",
        )
    starts_at, ends_at = _times(found.groups(), at)
    if ends_at <= starts_at or starts_at <= now:
        raise Invalid(
            "bad_time",
            _("Line %(line)s: choose a time ahead, with its end after its start.") % {"line": at},
            field="plan",
        )
    places = int(cells[3])
    if not 1 <= places <= MOST_PLACES:
        raise Invalid("bad_places", _("Line %(line)s: between 1 and 20,000 places.") % {"line": at}, field="plan")
    return Planned(
        check_text(cells[1], field="plan", most=100),
        starts_at,
        ends_at,
        check_text(cells[2], field="plan", most=120),
        places,
        _kind(cells[4], at) if len(cells) == 5 else EventKind.OTHER,
    )


def _times(parts: Sequence[str], at: int) -> tuple[datetime, datetime]:
    year, month, day, hour, minute, until, until_minute = (int(part) for part in parts)
    try:
        on = date(year, month, day)
        return (
            datetime.combine(on, time(hour, minute), tzinfo=ZONE),
            datetime.combine(on, time(until, until_minute), tzinfo=ZONE),
        )
    except ValueError:
        raise Invalid(
            "bad_time", _("Line %(line)s: there is no such day or hour.") % {"line": at}, field="plan"
        ) from None


def _kind(text: str, at: int) -> str:
    for kind in EventKind:
        if text.strip().lower() in (kind.value, str(kind.label).lower()):
            return kind.value
    known = "、".join(str(kind.label) for kind in EventKind)
    raise Invalid(
        "unknown_kind", _("Line %(line)s: the kind is one of %(kinds)s.") % {"line": at, "kinds": known}, field="plan"
    )


def live_now(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Answer whether a live link is of use now."""
    return starts_at - LIVE_BEFORE <= now <= ends_at
