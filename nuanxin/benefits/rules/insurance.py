"""Who may be on a list of gifted insurance, what a frozen line is worth, and what a plan and a batch may say. Pure."""

from __future__ import annotations

import calendar
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.members.states import MembershipState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Lines of one message to an insurer, and of one transaction.
PART: Final = 1000
#: People of one batch at most.
MOST_PEOPLE: Final = 1_000_000
#: A batch or return on which nobody has worked for so long was left by a process that died.
LEFT_AFTER: Final = timedelta(seconds=30)
#: What may stand in the state check.
INSURABLE: Final = (MembershipState.ACTIVE, MembershipState.SUSPENDED, MembershipState.RETAINED)
MOST_AMOUNT: Final = Decimal("999999999999.99")
_AGES: Final = (16, 120)
_THIS_MACHINE: Final = ("127.0.0.1", "::1", "localhost")
_GROUPED: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")


@dataclass(frozen=True, slots=True)
class Checks:
    """Who is eligible, read from a batch's checks; empty means any.

    :param least_age: whole years on the day of the batch; `most_age` the last age that is still insured.
    :param uninsured: only who stands on no other list whose cover overlaps.
    :param welcome: only who was given insurance on admission and has not had it yet.
    """

    states: tuple[str, ...] = (MembershipState.ACTIVE,)
    groups: tuple[str, ...] = ()
    least_age: int | None = None
    most_age: int | None = None
    uninsured: bool = False
    welcome: bool = False

    def stored(self) -> list[dict[str, Any]]:
        """Return the checks as a batch keeps them: one entry each, with its arguments."""
        kept: list[dict[str, Any]] = [{"check": "member_state", "states": list(self.states)}]
        if self.groups:
            kept.append({"check": "group", "groups": list(self.groups)})
        if self.least_age is not None or self.most_age is not None:
            kept.append({"check": "age", "least": self.least_age, "most": self.most_age})
        kept += [{"check": "not_insured"}] * self.uninsured + [{"check": "welcome"}] * self.welcome
        return kept


def read_checks(stored: Iterable[Mapping[str, Any]]) -> Checks:
    """Return what a batch's checks mean.

    :raises Invalid: a check that is unknown, a state in which nobody is insured, ages that are none.
    """
    found: dict[str, Any] = {}
    for each in stored:
        match each.get("check"):
            case "member_state":
                found["states"] = tuple(each["states"])
            case "group":
                found["groups"] = tuple(each["groups"])
            case "age":
                found["least_age"], found["most_age"] = each.get("least"), each.get("most")
            case "not_insured":
                found["uninsured"] = True
            case "welcome":
                found["welcome"] = True
            case _:
                raise Invalid("unknown_check", _("This list has a condition that is not known."), field="checks")
    checks = Checks(**found)
    if not checks.states or not set(checks.states) <= set(INSURABLE):
        raise Invalid("bad_states", _("Please choose at least one standing of membership."), field="states")
    _check_ages(checks.least_age, checks.most_age)
    return checks


def _check_ages(least: int | None, most: int | None) -> None:
    for field, age in (("least_age", least), ("most_age", most)):
        if age is not None and not _AGES[0] <= age <= _AGES[1]:
            raise Invalid("bad_age", _("Ages are between 16 and 120 years."), field=field)
    if least is not None and most is not None and least > most:
        raise Invalid("bad_age", _("The youngest age must not lie above the oldest."), field="least_age")


def born_between(checks: Checks, on: date) -> tuple[date | None, date | None]:
    """Return the first and the last birthday that the ages allow on a day."""
    first = _years_before(on, checks.most_age + 1) + timedelta(days=1) if checks.most_age is not None else None
    last = _years_before(on, checks.least_age) if checks.least_age is not None else None
    return first, last


def _years_before(day: date, years: int) -> date:
    year = day.year - years
    return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


def cover_until(cover_from: date, months: int) -> date:
    """Return the last day of a cover of so many months."""
    at = cover_from.month - 1 + months
    year, month = cover_from.year + at // 12, at % 12 + 1
    end = date(year, month, min(cover_from.day, calendar.monthrange(year, month)[1]))
    return end - timedelta(days=1)


def mark_of(line: int, number: str, name: str, id_digest: bytes) -> bytes:
    """Return what stands for one line of a list: SHA-256 of where it stands and who it is."""
    return hashlib.sha256(f"{line}\t{number}\t{name}\t".encode() + id_digest).digest()


def digest_of(marks: Iterable[bytes]) -> bytes:
    """Return what stands for a whole list: SHA-256 of its marks in order."""
    made = hashlib.sha256()
    for mark in marks:
        made.update(mark)
    return made.digest()


def amount(value: object, *, field: str, zero: bool = False) -> Decimal:
    """Return an amount in yuan with two places.

    Commas stand before each three digits, or nowhere: 860,50 would be read as a hundred times as much.

    :raises Invalid: no number, below zero, zero unless `zero`, more than two places, or absurdly large.
    """
    text = unicodedata.normalize("NFKC", str(value if value is not None else "")).strip().lstrip("¥").strip()
    text = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Invalid("bad_amount", _("Please write an amount in yuan, such as 1200 or 86.50."), field=field) from None
    places = number.as_tuple().exponent
    if not number.is_finite() or not isinstance(places, int) or places < -2 or number > MOST_AMOUNT:
        raise Invalid("bad_amount", _("Please write an amount in yuan, such as 1200 or 86.50."), field=field)
    if number < 0 or (number == 0 and not zero):
        raise Invalid("bad_amount", _("The amount must be more than nothing."), field=field)
    return number.quantize(Decimal("0.01"))


def check_service(address: str) -> None:
    """Refuse an address to which rolls cannot go, or only in plain; on this very machine they may.

    :param address: empty where rolls go as files.
    :raises Invalid: no whole address, or one without TLS.
    """
    if not address:
        return
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid("bad_address", _("Please write the whole address, such as https://…"), field="address")
    if parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
        raise Invalid(
            "in_plain", _("ID numbers go there: please write an address that begins with https://."), field="address"
        )


def check_cover(on: date, cover_from: date, today: date) -> None:
    """Refuse days that cannot be: eligibility judged in the future, cover that begins before that day.

    :raises Invalid: with the field to blame.
    """
    if on > today:
        raise Invalid("in_the_future", _("Nobody can be judged by a day that has not come yet."), field="on")
    if cover_from < on:
        raise Invalid(
            "cover_before_list",
            _("The cover cannot begin before the day by which the list is made."),
            field="cover_from",
        )


def parts_of(people: int, size: int = PART) -> Sequence[tuple[int, int, int]]:
    """Return number, first and last line of the parts in which a list travels."""
    return [(at, at * size + 1, min(people, (at + 1) * size)) for at in range((people + size - 1) // size)]
