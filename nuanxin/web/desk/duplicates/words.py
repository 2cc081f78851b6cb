"""Evidence, scores and states in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from nuanxin.members.rules.duplicates import band
from nuanxin.members.states import DuplicateState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.functional import _StrOrPromise

    from nuanxin.members.rules.duplicates import Evidence

FIELD_NAMES: dict[str, _StrOrPromise] = {
    "name": _("Full name"),
    "birth": _("Born on"),
    "document": _("ID number"),
    "phone": _("Phone"),
    "employer": _("Employer"),
    "place": _("Works in"),
    "sex": _("Sex"),
    "group": _("Occupation group"),
}
LEVELS: dict[tuple[str, str], _StrOrPromise] = {
    ("name", "same"): _("the same name"),
    ("name", "swapped"): _("the same characters in another order"),
    ("name", "homophone"): _("sounds the same, written otherwise"),
    ("name", "swapped_homophone"): _("the same sounds in another order"),
    ("name", "one_character"): _("one character differs"),
    ("name", "different"): _("another name"),
    ("birth", "same"): _("born on the same day"),
    ("birth", "day_month"): _("day and month exchanged"),
    ("birth", "one_digit"): _("one digit of the birth date differs"),
    ("birth", "two_digits_swapped"): _("two digits of the birth date exchanged"),
    ("birth", "unknown"): _("a birth date is missing"),
    ("birth", "different"): _("another birth date"),
    ("document", "same"): _("one ID number, in its old form of 15 digits and its new one"),
    ("document", "near"): _("the ID numbers differ by one slip of the pen"),
    ("document", "other_kind"): _("documents of two kinds: their numbers cannot be compared"),
    ("document", "far"): _("the ID numbers are far apart"),
    ("phone", "same"): _("one phone, held by both at different times"),
    ("phone", "near"): _("the phones differ by one digit"),
    ("phone", "unknown"): _("a phone is missing"),
    ("phone", "different"): _("another phone"),
    ("employer", "same"): _("the same employer"),
    ("employer", "unknown"): _("an employer is not named"),
    ("employer", "different"): _("another employer"),
    ("place", "township"): _("the same township or street"),
    ("place", "county"): _("the same county"),
    ("place", "city"): _("the same city"),
    ("place", "different"): _("another city"),
    ("sex", "same"): _("the same sex"),
    ("sex", "unknown"): _("a sex is not known"),
    ("sex", "different"): _("another sex"),
    ("group", "same"): _("the same occupation"),
    ("group", "different"): _("another occupation"),
}
BANDS: dict[str, tuple[_StrOrPromise, str]] = {
    "certain": (_("Almost certain"), "bad"),
    "likely": (_("Likely"), "wait"),
    "possible": (_("Possible"), "info"),
}
TONES = {
    DuplicateState.OPEN: "wait",
    DuplicateState.LATER: "info",
    DuplicateState.DISTINCT: "",
    DuplicateState.MERGED: "good",
}


def score_badge(points: int) -> dict[str, Any]:
    """Return a score as a label with its tone."""
    label, tone = BANDS[band(points)]
    return {"label": label, "tone": tone, "points": points}


def state_badge(state: str) -> dict[str, Any]:
    """Return what was decided as a label with its tone."""
    found = DuplicateState(state)
    return {"label": found.label, "tone": TONES[found]}


def evidence_in_words(rows: Iterable[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """Return evidence as it is kept, each with its words; what speaks for one person first."""
    found = [
        {
            "field": field,
            "name": FIELD_NAMES[field],
            "words": LEVELS[field, level],
            "points": f"{points:+d}" if points else "0",
            "tone": "good" if points > 0 else "bad" if points < 0 else "",
            "weight": points,
        }
        for field, level, points in rows
    ]
    return sorted(found, key=lambda each: -int(str(each["weight"])))


def short_reasons(rows: Iterable[tuple[str, str, int]], *, most: int = 3) -> list[_StrOrPromise]:
    """Return the few pieces of evidence that weigh most, in words."""
    return [each["words"] for each in evidence_in_words(rows) if each["weight"] > 0][:most]


def evidence_rows(evidence: Iterable[Evidence]) -> list[tuple[str, str, int]]:
    """Return evidence that was just weighed in the form in which it is kept."""
    return [(each.field, each.level, each.points) for each in evidence]
