"""The chain of reasons in words, in the language of whoever reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import _StrOrPromise

#: (rule, outcome) → sentence, and the sentence below it.
WORDS: dict[tuple[str, str], tuple[_StrOrPromise, _StrOrPromise]] = {
    ("scanned", "chosen"): (
        _("You scanned the code of %(union)s, and it admits you"),
        _("By: %(source)s"),
    ),
    ("scanned", "passed"): (
        _("You scanned the code of %(union)s"),
        _("Its admission rules do not cover your trade, area or employer"),
    ),
    ("own_union_too", "note"): (
        _("Your employer %(employer)s has a union: %(union)s"),
        _("You may ask to move there at any time"),
    ),
    ("own_union", "chosen"): (
        _("Your employer %(employer)s has a union"),
        _("Membership is where the work is"),
    ),
    ("partner_union", "chosen"): (
        _("%(employer)s is a partner firm, and its platform's union covers its workers"),
        _("Membership is where the work is"),
    ),
    ("employer_without_union", "passed"): (
        _("Your employer %(employer)s has no union yet"),
        _("Noted: once it has one, you will be invited to move there"),
    ),
    ("employer_unknown", "passed"): (
        _("Your employer %(employer)s is not in the register yet"),
        _("Noted: the union will look it up"),
    ),
    ("no_employer", "passed"): (_("You named no employer"), ""),
    ("platform_union", "chosen"): (
        _("The city has a union for workers of your platform: %(union)s"),
        _("By: %(source)s"),
    ),
    ("platform_union", "passed"): (
        _("%(union)s does not admit workers like you directly"),
        "",
    ),
    ("platform_union", "none"): (_("There is no union of your platform in the city"), ""),
    ("industry_federation", "chosen"): (
        _("Your area has an industry federation that admits directly: %(union)s"),
        _("By: %(source)s"),
    ),
    ("industry_federation", "passed"): (
        _("%(union)s does not admit your trade directly"),
        "",
    ),
    ("industry_federation", "none"): (_("Your area has no industry federation"), ""),
    ("village_union", "chosen"): (
        _("Your village or community has a union for workers without one: %(union)s"),
        _("By: %(source)s"),
    ),
    ("village_union", "passed"): (_("%(union)s does not admit workers like you directly"), ""),
    ("village_union", "none"): (_("Your village or community has no union yet"), ""),
    ("township_union", "chosen"): (
        _("Your township or street has a union for workers without one: %(union)s"),
        _("By: %(source)s"),
    ),
    ("township_union", "passed"): (_("%(union)s does not admit workers like you directly"), ""),
    ("township_union", "none"): (_("Your township or street has no such union yet"), ""),
    ("pool", "chosen"): (
        _("The city's holding pool takes you in: %(union)s"),
        _("You are a member all the same, and will be invited to move once there is a nearer union"),
    ),
    ("above", "chosen"): (
        _("%(union)s answers for your area"),
        _("No nearer union is there yet"),
    ),
    ("passed_on", "chosen"): (
        _("%(from)s passed your application on to %(union)s"),
        _("Reason: %(reason)s"),
    ),
    ("contest", "chosen"): (
        _("After your objection %(from)s sent you to %(union)s"),
        _("Reason: %(reason)s"),
    ),
    ("escalated", "chosen"): (
        _("%(from)s did not answer in time: %(union)s decides"),
        _("The limit ended on %(due)s"),
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One step in words: what was found, why it matters, and whether it decided."""

    rule: str
    outcome: str
    text: str
    detail: str
    chosen: bool


def reasons_in_words(rows: Iterable[dict[str, Any]], words: Mapping[tuple[str, str], Any] = WORDS) -> list[Reason]:
    """Return the chain in the active language; the last chosen step is the one that decided.

    :param words: other sentences for the same steps, such as those that speak to a cadre and not to the worker.
    """
    english = (get_language() or "").startswith("en")
    reasons = []
    for row in rows:
        text, detail = words[row["rule"], row["outcome"]]
        union = row["union"] or {}
        values = dict(row["values"])
        if english:
            values |= {name.removesuffix("_en"): value for name, value in row["values"].items() if name.endswith("_en")}
        values["union"] = (english and union.get("name_en")) or union.get("name", "")
        reasons.append(Reason(row["rule"], row["outcome"], text % values, detail % values, row["outcome"] == "chosen"))
    return reasons
