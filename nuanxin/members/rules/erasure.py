"""What may be erased when, and what must stay: decided from plain values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Conflict

if TYPE_CHECKING:
    from uuid import UUID

#: A closed application that led to no membership, and the rule that says how long it is kept.
CLOSED, ENDED, CLOSING = "members.keep_closed_days", "members.keep_ended_days", "members.close_account_days"
#: One's own wish, as rule in the register of what was erased.
OWN_WISH: Final = "own_wish"


class ErasedPerson(Conflict):
    """The person was erased: nothing is left that could be shown or changed."""

    def __init__(self) -> None:
        super().__init__("erased", _("This person's data was erased. Only the acts and their numbers are left."))


class StillNeeded(Conflict):
    """What should be erased is still in use, or must be kept for a time."""

    def __init__(self, message: object) -> None:
        super().__init__("still_needed", message)  # type: ignore[arg-type]


class Kept(StrEnum):
    """Why something is not erased at once."""

    OPEN_APPLICATION = "open_application"
    MEMBER = "member"
    ENDED = "ended"
    CADRE = "cadre"


@dataclass(frozen=True, slots=True)
class Period:
    """How long something is kept at one union, and the dated rule that says so."""

    name: str
    days: int
    source_note: str

    def until(self, since: date) -> date:
        """Return the first day on which it may be erased, counted from a day."""
        return since + timedelta(days=self.days)

    def edge(self, on: date) -> datetime:
        """Return the moment before which something must have been closed to be due on a day."""
        return datetime.combine(on - timedelta(days=self.days), time(0), tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class Due:
    """One person or application whose time has come: ids and dates, no values."""

    rule: str
    model: str
    pk: UUID
    number: str
    union_path: str
    since: date


@dataclass(frozen=True, slots=True)
class Holding:
    """Something that is kept about a person although erasure is asked for: why, by which rule, until when."""

    why: Kept
    number: str = ""
    period: Period | None = None
    until: date | None = None
