"""What doors say of offers: kinds in words and pictures, when and where, and reasons why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from nuanxin.bookings.rules.eligibility import described
from nuanxin.bookings.states import BookingState, OfferState, WaitingState
from nuanxin.web.kit.templatetags import kit
from nuanxin.web.kit.templatetags.kit import date_cn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.utils.functional import _StrOrPromise

    from nuanxin.bookings.models import Session
    from nuanxin.bookings.rules.eligibility import Check, Failed

#: Code of the package above → what people call it, and its picture.
KINDS: Final[dict[str, tuple[_StrOrPromise, str]]] = {
    "check_up": (gettext_lazy("Health check-ups"), "stethoscope"),
    "recuperation": (gettext_lazy("Recuperation and outings"), "tree"),
    "recuperation_outside": (gettext_lazy("Recuperation outside the province"), "beach"),
    "event": (gettext_lazy("Events"), "calendar-event"),
    "coupon": (gettext_lazy("Coupons"), "ticket"),
    "pack": (gettext_lazy("Welcome packs"), "package"),
    "course": (gettext_lazy("Courses"), "school"),
}
KIND_CHOICES: Final = [(code, name) for code, (name, _icon) in KINDS.items()]
_OTHER: Final = (gettext_lazy("Other services"), "gift")

OFFER_TONES: Final = {
    OfferState.DRAFT: "",
    OfferState.ANNOUNCED: "info",
    OfferState.OPEN: "good",
    OfferState.CLOSED: "wait",
    OfferState.DRAWN: "good",
    OfferState.KEPT: "info",
    OfferState.ENDED: "",
    OfferState.CANCELLED: "bad",
}
#: States of offers as people read them.
OFFER_LABELS: Final[dict[str, _StrOrPromise]] = {
    OfferState.DRAFT: gettext_lazy("Draft of an offer"),
    OfferState.ANNOUNCED: gettext_lazy("Announced, opens soon"),
    OfferState.OPEN: gettext_lazy("Open for booking"),
    OfferState.CLOSED: gettext_lazy("Booking closed"),
    OfferState.DRAWN: gettext_lazy("Places given"),
    OfferState.KEPT: gettext_lazy("Kept back for single members"),
    OfferState.ENDED: gettext_lazy("Over"),
    OfferState.CANCELLED: gettext_lazy("Offer cancelled"),
}
#: States of bookings as people read them.
BOOKING_LABELS: Final[dict[str, _StrOrPromise]] = {
    BookingState.HELD: gettext_lazy("Kept, to be confirmed"),
    BookingState.BOOKED: gettext_lazy("Booked"),
    BookingState.CHECKED_IN: gettext_lazy("Took part"),
    BookingState.NO_SHOW: gettext_lazy("Did not come"),
    BookingState.CANCELLED: gettext_lazy("Booking cancelled"),
    BookingState.EXPIRED: gettext_lazy("Not confirmed in time"),
}
BOOKING_TONES: Final = {
    BookingState.HELD: "wait",
    BookingState.BOOKED: "good",
    BookingState.CHECKED_IN: "good",
    BookingState.NO_SHOW: "bad",
    BookingState.CANCELLED: "",
    BookingState.EXPIRED: "",
}
WAITING_TONES: Final = {WaitingState.OFFERED: "wait", WaitingState.TAKEN: "good"}
_WEEKDAYS: Final = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)


def kind_name(kind: str) -> _StrOrPromise:
    """Return what people call a kind of offer."""
    return KINDS.get(kind, _OTHER)[0]


def kind_icon(kind: str) -> str:
    """Return the picture of a kind of offer."""
    return KINDS.get(kind, _OTHER)[1]


def state(value: str, tones: dict[Any, str], choices: Any) -> dict[str, Any]:
    """Return a state as `state.html` shows it."""
    return {"label": choices(value).label, "tone": tones.get(value, "")}


def offer_state(value: str) -> dict[str, Any]:
    """Return the state of an offer as `state.html` shows it."""
    return {"label": OFFER_LABELS[value], "tone": OFFER_TONES.get(OfferState(value), "")}


def booking_state(value: str) -> dict[str, Any]:
    """Return the state of a booking as `state.html` shows it."""
    return {"label": BOOKING_LABELS[value], "tone": BOOKING_TONES.get(BookingState(value), "")}


def day_in_words(moment: datetime) -> str:
    """Write a day with its weekday: 2026年11月28日 周六."""
    local = timezone.localtime(moment)
    return f"{date_cn(local.date())} {_WEEKDAYS[local.weekday()]}"


def hours(session: Session) -> str:
    """Write the hours of a session: 09:00–10:00."""
    starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    if ends.date() != starts.date():
        return f"{starts:%H:%M} – {date_cn(ends)}"
    return f"{starts:%H:%M}–{ends:%H:%M}"


def when(session: Session | None) -> str:
    """Write when a session is; nothing where there is none."""
    return "" if session is None else f"{day_in_words(session.starts_at)} {hours(session)}"


def where(session: Session | None) -> str:
    """Write where a session is, in the reader's language."""
    return "" if session is None else in_language(session.place, session.place_en)


def in_language(text: str, english: str) -> str:
    """Return one of two texts: the English one for readers of English, where there is one."""
    return kit.in_language(text, english)


def for_whom(checks: Iterable[Check]) -> str:
    """Say in one line for whom some checks let through."""
    return in_language("；", "; ").join(str(described(check)) for check in checks)


def reasons(failed: Iterable[Failed]) -> list[dict[str, Any]]:
    """Return why not, each with what to do about it and until when it stands."""
    return [
        {"code": each.code, "words": each.words, "remedy": each.remedy, "until": date_cn(each.until)} for each in failed
    ]


def span_in_words(minutes: int) -> str:
    """Write a span of time: 2 hours, 45 minutes, 3 days."""
    if minutes and minutes % 1440 == 0:
        return ngettext("%(count)s day", "%(count)s days", minutes // 1440) % {"count": minutes // 1440}
    if minutes and minutes % 60 == 0:
        return ngettext("%(count)s hour", "%(count)s hours", minutes // 60) % {"count": minutes // 60}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def places(count: int) -> str:
    """Write a number of places."""
    return ngettext("%(count)s place", "%(count)s places", count) % {"count": count}


def terms_in_words(offer: Any) -> list[str]:
    """Say by what rules the places of an offer are given, sentence by sentence, before anybody books."""
    said = [str(_WAYS[offer.way])]
    if offer.most_seats > 1:
        said.append(_("You may bring companions: at most %(count)s places in all.") % {"count": offer.most_seats})
    if offer.limit_count:
        said.append(limit_in_words(offer))
    if offer.waits:
        said.append(
            _("When all places are taken you may wait. A place that comes free is kept for you for %(span)s.")
            % {"span": span_in_words(offer.offer_minutes)}
        )
    if offer.hold_minutes:
        said.append(
            _("Your place is kept for %(span)s; confirm it within that time.")
            % {"span": span_in_words(offer.hold_minutes)}
        )
    said.append(_cancelling(offer))
    said.append(str(_NO_SHOWS[offer.no_show]) % {"days": offer.bar_days})
    said.append(_("The place is yours alone: it cannot be passed on to anybody else."))
    return said


_WAYS: Final = {
    "first_come": gettext_lazy("First come, first served: whoever books first has the place."),
    "priority": gettext_lazy(
        "By priority: apply until the closing hour. Those with more points come first; you see your points."
    ),
    "lottery": gettext_lazy("By lot: everybody who enters has the same chance, and anyone can recheck the draw."),
}
_NO_SHOWS: Final = {
    "free": gettext_lazy("If you do not come, nothing counts against you; but give the place back, others wait."),
    "counts": gettext_lazy("If you do not come, the place counts as used."),
    "bars": gettext_lazy("If you do not come, the place counts as used, and you cannot book this for %(days)s days."),
}
_PERIODS: Final = {
    "day": gettext_lazy("Each person may have %(count)s of this kind a day."),
    "month": gettext_lazy("Each person may have %(count)s of this kind a month."),
    "year": gettext_lazy("Each person may have %(count)s of this kind a year."),
    "ever": gettext_lazy("Each person may have %(count)s of this kind in all."),
}


def limit_in_words(offer: Any) -> str:
    """Say how many one person may have of what an offer gives, in which period."""
    return str(_PERIODS[offer.limit_period]) % {"count": offer.limit_count}


def _cancelling(offer: Any) -> str:
    if not offer.cancel_until_hours:
        return _("You may give the place back until it begins.")
    span = span_in_words(offer.cancel_until_hours * 60)
    return _("You may give the place back until %(span)s before it begins.") % {"span": span}
