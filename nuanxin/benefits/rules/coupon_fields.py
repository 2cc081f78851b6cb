"""What is typed about a kind of coupon and its stock, made regular. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_YUAN: Final = Decimal(10_000)
MOST_STOCK: Final = 1_000_000


def read_kind(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a kind; `until` is its last day.

    :raises Invalid: no name, amounts that are none or pay out more than must be spent, days or hours that end before
        they begin.
    """
    begins, last = raw.get("valid_from"), raw.get("until")
    if not isinstance(begins, date) or not isinstance(last, date):
        raise _missing("valid_from" if not isinstance(begins, date) else "until")
    if last < begins:
        raise Invalid("ends_before_start", _("The end must not be before the start."), field="until")
    face = _yuan(raw.get("face"), "face", least=Decimal("0.01"))
    least_spend = _yuan(raw.get("least_spend") or 0, "least_spend")
    if least_spend and face > least_spend:
        raise Invalid("pays_out", _("It takes more off than must be spent."), field="face")
    return {
        "name": _needed(raw, "name", 60),
        "name_en": check_text(raw.get("name_en") or "", field="name_en", most=120),
        "about": check_text(raw.get("about") or "", field="about", most=300),
        "about_en": check_text(raw.get("about_en") or "", field="about_en", most=400),
        "face": face,
        "least_spend": least_spend,
        "cost": _yuan(raw.get("cost"), "cost"),
        "valid_from": begins,
        "valid_until": last + timedelta(days=1),
        "days_valid": _whole(raw.get("days_valid"), "days_valid", least=1, most=366, empty=None),
        "weekdays": sorted({int(each) for each in raw.get("weekdays") or () if str(each) in "0123456"}),
        **_hours(raw.get("from_time"), raw.get("until_time")),
        "service": check_text(raw.get("service") or "", field="service", most=40),
        "offline_limit": _whole(raw.get("offline_limit"), "offline_limit", least=0, most=500, empty=0),
        "in_packs": bool(raw.get("in_packs")),
    }


def read_stock(raw: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """Return what is said of a stock: how many, from when to when, with a line or not.

    :raises Invalid: no number, an opening that lies behind, or a close before it.
    """
    opens, closes = raw.get("opens_at"), raw.get("closes_at")
    if not isinstance(opens, datetime) or not isinstance(closes, datetime):
        raise _missing("opens_at" if not isinstance(opens, datetime) else "closes_at")
    if closes <= opens or closes <= now:
        raise Invalid("closes_before_opening", _("It closes before it opens."), field="closes_at")
    return {
        "opens_at": opens,
        "closes_at": closes,
        "stock": _whole(raw.get("stock"), "stock", least=1, most=MOST_STOCK, empty=None, needed=True),
        "has_line": bool(raw.get("has_line")),
        "per_second": _whole(raw.get("per_second"), "per_second", least=1, most=2000, empty=200),
        "limit_count": _whole(raw.get("limit_count"), "limit_count", least=1, most=31, empty=1),
        "limit_period": str(raw.get("limit_period") or "ever"),
        "renews": _renews(raw),
    }


def read_kept(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of a stock that the union keeps back: how many, and how many one person may be given.

    :raises Invalid: no number.
    """
    return {
        "stock": _whole(raw.get("stock"), "stock", least=1, most=MOST_STOCK, empty=None, needed=True),
        "limit_count": _whole(raw.get("limit_count"), "limit_count", least=1, most=31, empty=1),
        "limit_period": str(raw.get("limit_period") or "year"),
    }


def _renews(raw: Mapping[str, Any]) -> bool:
    renews = bool(raw.get("renews"))
    if renews and (raw.get("limit_count") or 1) != 1:
        raise Invalid("bad_limit", _("Whoever may take one anew takes one at a time."), field="limit_count")
    if renews and str(raw.get("limit_period") or "ever") == "ever":
        raise Invalid("bad_limit", _("Please say when: each day, month or year."), field="limit_period")
    return renews


def _hours(begins: object, ends: object) -> dict[str, time | None]:
    start = begins if isinstance(begins, time) else None
    end = ends if isinstance(ends, time) else None
    if (start is None) != (end is None):
        raise _missing("from_time" if start is None else "until_time")
    if start is not None and end is not None and end <= start:
        raise Invalid("ends_before_start", _("The end must not be before the start."), field="until_time")
    return {"from_time": start, "until_time": end}


def _needed(raw: Mapping[str, Any], field: str, most: int) -> str:
    text = check_text(raw.get(field) or "", field=field, most=most)
    if not text:
        raise _missing(field)
    return text


def _missing(field: str) -> Invalid:
    return Invalid("missing", _("Please fill this in."), field=field)


def _yuan(value: object, field: str, *, least: Decimal = Decimal(0)) -> Decimal:
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not least <= amount < _MOST_YUAN or amount != round(amount, 2):
        raise Invalid("bad_amount", _("Please write an amount in yuan, such as 1.99."), field=field)
    return round(amount, 2)


def _whole(value: object, field: str, *, least: int, most: int, empty: int | None, needed: bool = False) -> int | None:
    if value is None or value == "":
        if needed:
            raise _missing(field)
        return empty
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        words = _("Please write a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
        raise Invalid("bad_number", words, field=field)
    return value
