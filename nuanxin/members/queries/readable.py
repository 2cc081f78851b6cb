"""A person's export in words: sections, and in each what every value is called. For pages and for paper."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from nuanxin.kernel.clock import ZONE
from nuanxin.members.states import (
    Act,
    ApplicationState,
    CardAnswer,
    ConsentKind,
    EmployerSays,
    EndReason,
    MembershipAct,
    MembershipState,
)
from nuanxin.records.documents import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import TextChoices
    from django.utils.functional import _StrOrPromise

#: Section of the export → its title, in the order in which a person reads it.
SECTIONS: dict[str, _StrOrPromise] = {
    "person": gettext_lazy("About you"),
    "memberships": gettext_lazy("Your memberships"),
    "membership_entries": gettext_lazy("What was done to your membership"),
    "cards": gettext_lazy("Your cards"),
    "card_checks": gettext_lazy("Where your code was checked"),
    "applications": gettext_lazy("Your applications"),
    "application_acts": gettext_lazy("What was done to your applications"),
    "consents": gettext_lazy("What you agreed to"),
    "transfers": gettext_lazy("Transfers offered to you"),
    "phone_releases": gettext_lazy("Questions about your number"),
    "notices": gettext_lazy("What we told you in the app"),
    "texts": gettext_lazy("Text messages sent to you"),
    "phone_codes": gettext_lazy("Codes sent to you"),
    "trusted_devices": gettext_lazy("Phones you trust"),
    "attachments": gettext_lazy("Files given as proof"),
    "audit": gettext_lazy("Who did what, as recorded"),
    "purposes": gettext_lazy("Why we keep what, and for how long"),
}
LABELS: dict[str, _StrOrPromise] = {
    "name": gettext_lazy("Full name"),
    "pinyin": gettext_lazy("Pinyin"),
    "initials": gettext_lazy("Initials"),
    "id_number": gettext_lazy("ID number"),
    "birth_on": gettext_lazy("Date of birth"),
    "sex": gettext_lazy("Sex"),
    "phone": gettext_lazy("Phone"),
    "occupation_group": gettext_lazy("Occupation"),
    "region": gettext_lazy("Area"),
    "employer": gettext_lazy("Employer"),
    "platform": gettext_lazy("Platform"),
    "known_since": gettext_lazy("Known since"),
    "account": gettext_lazy("Account"),
    "number": gettext_lazy("No."),
    "application_number": gettext_lazy("Application"),
    "union": gettext_lazy("Union"),
    "union_name": gettext_lazy("Union"),
    "to_union_name": gettext_lazy("Union"),
    "door": gettext_lazy("Way in"),
    "state": gettext_lazy("State"),
    "act": gettext_lazy("What happened"),
    "action": gettext_lazy("What happened"),
    "answer": gettext_lazy("Answer"),
    "kind": gettext_lazy("About"),
    "version": gettext_lazy("Version"),
    "reason": gettext_lazy("Reason"),
    "end_reason": gettext_lazy("Reason"),
    "revoked_reason": gettext_lazy("Reason"),
    "evidence": gettext_lazy("Proof"),
    "text": gettext_lazy("Text"),
    "template": gettext_lazy("About"),
    "purpose": gettext_lazy("What for"),
    "keep": gettext_lazy("How long"),
    "label": gettext_lazy("Device"),
    "media_type": gettext_lazy("Kind of file"),
    "size": gettext_lazy("Size"),
    "by": gettext_lazy("By"),
    "values": gettext_lazy("Values"),
    "detail": gettext_lazy("Details"),
    "employer_says": gettext_lazy("Your employer says"),
    "at": gettext_lazy("When"),
    "effective_on": gettext_lazy("Holds from"),
    "began_on": gettext_lazy("Holds from"),
    "ended_on": gettext_lazy("Held until"),
    "issued_at": gettext_lazy("Issued"),
    "printed_at": gettext_lazy("Printed"),
    "revoked_at": gettext_lazy("Blocked"),
    "started_at": gettext_lazy("Started"),
    "confirmed_at": gettext_lazy("Phone confirmed"),
    "closed_at": gettext_lazy("Closed"),
    "given_at": gettext_lazy("Agreed"),
    "withdrawn_at": gettext_lazy("Withdrawn at"),
    "created_at": gettext_lazy("When"),
    "sent_at": gettext_lazy("Sent"),
    "read_at": gettext_lazy("Read"),
    "used_at": gettext_lazy("Used"),
    "trusted_at": gettext_lazy("Trusted since"),
    "uploaded_at": gettext_lazy("When"),
}
_CHOICES: dict[tuple[str, str], type[TextChoices]] = {
    ("memberships", "state"): MembershipState,
    ("memberships", "end_reason"): EndReason,
    ("membership_entries", "act"): MembershipAct,
    ("card_checks", "answer"): CardAnswer,
    ("applications", "state"): ApplicationState,
    ("applications", "employer_says"): EmployerSays,
    ("application_acts", "act"): Act,
    ("consents", "kind"): ConsentKind,
}


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the export: its title, and each row as label and value."""

    title: str
    rows: list[list[tuple[str, str]]]


def in_words(export: Mapping[str, Any]) -> list[Section]:
    """Return an export's sections in the reader's language; sections with nothing in them say so with no rows.

    Only values whose name has a word are shown; the JSON file holds every one.
    """
    sections = []
    for name, title in SECTIONS.items():
        rows = export.get(name) or []
        listed = [rows] if isinstance(rows, dict) else rows
        sections.append(Section(str(title), [_row(name, row) for row in listed]))
    return sections


def _row(section: str, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (str(LABELS[name]), _words(section, name, value))
        for name, value in row.items()
        if name in LABELS and value not in (None, "", [], {})
    ]


def _words(section: str, name: str, value: Any) -> str:
    choices = _CHOICES.get((section, name))
    if choices is not None and value in choices.values:
        return str(choices(value).label)
    if section == "purposes":
        return _(str(value))
    if name == "sex":
        return {"F": _("Woman"), "M": _("Man")}.get(value, str(value))
    if name.endswith(("_at", "_on", "_since")) or name == "at":
        return _moment(str(value))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {part}" for key, part in value.items() if part not in (None, ""))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _moment(text: str) -> str:
    if len(text) == 10:
        return date.fromisoformat(text).isoformat()
    return f"{datetime.fromisoformat(text).astimezone(ZONE):%Y-%m-%d %H:%M}"


def export_pdf(export: Mapping[str, Any]) -> bytes:
    """Return an export as a PDF to read and to keep, in the reader's language."""
    data = {
        "lang": "en" if (get_language() or "").startswith("en") else "zh",
        "title": _("All that the union holds about you"),
        "name": export["person"]["name"],
        "made": _moment(export["exported_at"]),
        "nothing": _("Nothing is held here."),
        "source": _("Personal information protection law, articles 44 and 45: you may know, read and copy it."),
        "sections": [asdict(section) for section in in_words(export)],
    }
    return render("held", data)
