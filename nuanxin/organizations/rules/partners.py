"""Partners and their contracts: what is typed, made regular, and which contract counts on a day. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol, TypeVar

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.rules.fields import day, needed, one_line, phone, whole
from nuanxin.organizations.states import PartnerKind, ScanKind

#: Nobody signs for longer; a year that was mistyped is seen.
LONGEST_CONTRACT: Final = timedelta(days=3653)
_MOST_YUAN: Final = Decimal(1_000_000_000)


class Dated(Protocol):
    """What a contract says of when it counts."""

    valid_from: date
    valid_until: date
    ended_at: Any


C = TypeVar("C", bound=Dated)


@dataclass(frozen=True, slots=True)
class Shelf:
    """How a contract stands on a day."""

    code: str
    label: Any
    tone: str


def read_partner_fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a partner.

    :raises Invalid: no name, an unknown kind, or a telephone that is none.
    """
    return {
        "kind": _one_of(raw.get("kind"), PartnerKind.values, field="kind"),
        "name": needed(raw.get("name"), field="name", most=60),
        "name_en": one_line(raw.get("name_en"), field="name_en", most=120),
        "contact": one_line(raw.get("contact"), field="contact", most=60),
        "contact_phone": phone(raw.get("contact_phone")),
    }


def read_contract_fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a contract; `until` is its last day, `valid_until` the day after.

    :raises Invalid: no number or days, an end before the beginning or ten years away, nothing allowed, caps that are
        no numbers above zero, or another settlement day than 1 to 28.
    """
    begins, last = day(raw.get("valid_from"), field="valid_from"), day(raw.get("until"), field="until")
    if begins is None or last is None:
        raise Invalid("missing", _("Please fill this in."), field="valid_from" if begins is None else "until")
    if last < begins:
        raise Invalid("ends_before_start", _("The end must not be before the start."), field="until")
    if last - begins > LONGEST_CONTRACT:
        raise Invalid("too_long", _("A contract lasts ten years at most. Is the year right?"), field="until")
    settles = whole(raw.get("settlement_day"), field="settlement_day", least=1, most=28)
    return {
        "number": needed(raw.get("number"), field="number", most=40),
        "valid_from": begins,
        "valid_until": last + timedelta(days=1),
        "kinds": read_kinds(raw.get("kinds") or (), at_least=1),
        "day_cap": whole(raw.get("day_cap"), field="day_cap", least=1, most=1_000_000),
        "month_cap": _yuan(raw.get("month_cap")),
        "settlement_day": settles or 5,
        "note": one_line(raw.get("note"), field="note", most=200),
    }


def read_place_fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a place but for its region.

    :raises Invalid: no name or address, or a telephone that is none.
    """
    return {
        "name": needed(raw.get("name"), field="name", most=60),
        "name_en": one_line(raw.get("name_en"), field="name_en", most=120),
        "address": needed(raw.get("address"), field="address", most=200),
        "hours": one_line(raw.get("hours"), field="hours", most=100),
        "phone": phone(raw.get("phone"), field="phone"),
    }


def read_kinds(value: Any, *, at_least: int = 0) -> list[str]:
    """Return kinds of scans in their usual order.

    :raises Invalid: an unknown one, or fewer than `at_least`.
    """
    chosen = set(value if isinstance(value, Collection) and not isinstance(value, str) else (value,))
    if not chosen <= set(ScanKind.values):
        raise Invalid("bad_value", _("Please choose from the list."), field="kinds")
    if len(chosen) < at_least:
        raise Invalid("missing", _("Please choose at least one."), field="kinds")
    return [kind for kind in ScanKind.values if kind in chosen]


def contract_on(contracts: Iterable[C], on: date) -> C | None:
    """Return the contract that counts on a day: of those in force the one that began last."""
    found = [row for row in contracts if row.ended_at is None and row.valid_from <= on < row.valid_until]
    return max(found, key=lambda row: row.valid_from, default=None)


def standing(contract: Dated, on: date) -> Shelf:
    """Return how a contract stands on a day; one that ends within thirty days says so."""
    if contract.ended_at is not None:
        return Shelf("ended", _("ended early"), "bad")
    if on < contract.valid_from:
        return Shelf("coming", _("not begun yet"), "wait")
    if on >= contract.valid_until:
        return Shelf("over", _("run out"), "bad")
    if contract.valid_until - on <= timedelta(days=30):
        return Shelf("expiring", _("runs out soon"), "wait")
    return Shelf("current", _("in force"), "good")


def allowed(contract: Iterable[str], *narrower: Iterable[str]) -> frozenset[str]:
    """Return what may be done: what the contract allows, narrowed by each list that is not empty."""
    kinds = frozenset(contract)
    for each in narrower:
        chosen = frozenset(each)
        kinds = kinds & chosen if chosen else kinds
    return kinds


def _one_of(value: object, choices: Iterable[str], *, field: str) -> str:
    if value not in set(choices):
        raise Invalid("bad_value", _("Please choose from the list."), field=field)
    return str(value)


def _yuan(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        amount = Decimal(str(value).strip()).quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = Decimal(0)
    if not 0 < amount < _MOST_YUAN:
        raise Invalid("bad_amount", _("Please write an amount in yuan, such as 20000."), field="month_cap")
    return amount
