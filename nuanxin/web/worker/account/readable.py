"""A full copy of what is held about a person, as a page that people can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nuanxin.access.states import CodePurpose
from nuanxin.access.states import Platform as PlatformKind
from nuanxin.members.rules.reasons import reasons_in_words
from nuanxin.members.states import (
    Act,
    ApplicationState,
    CardAnswer,
    ConsentKind,
    ContestKind,
    ContestState,
    EmployerSays,
    EndReason,
    IdKind,
    MembershipAct,
    MembershipState,
    ReleaseState,
    RetainReason,
    TransferStart,
    TransferState,
    Withdrawn,
)
from nuanxin.web.kit.templatetags.kit import date_cn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import TextChoices
    from django.utils.functional import _StrPromise

#: Part of the export → its heading; parts without one are shown under their own name.
HEADINGS: Final[dict[str, _StrPromise]] = {
    "person": gettext_lazy("About me"),
    "memberships": gettext_lazy("My memberships"),
    "membership_entries": gettext_lazy("Acts upon my membership"),
    "cards": gettext_lazy("My cards"),
    "card_checks": gettext_lazy("Who checked my card"),
    "credentials": gettext_lazy("Offline codes that my phone fetched"),
    "credential_uses": gettext_lazy("When my offline codes were taken"),
    "applications": gettext_lazy("My applications"),
    "application_acts": gettext_lazy("Acts upon my applications"),
    "contests": gettext_lazy("What I objected to"),
    "lapses": gettext_lazy("Time limits that a union let pass"),
    "consents": gettext_lazy("What I agreed to"),
    "transfers": gettext_lazy("Moving to another union"),
    "phone_releases": gettext_lazy("Questions about my phone number"),
    "notices": gettext_lazy("Messages in the app"),
    "texts": gettext_lazy("Text messages to me"),
    "addresses": gettext_lazy("Where I am told beside my phone"),
    "notice_ways": gettext_lazy("How I am told"),
    "phone_codes": gettext_lazy("Codes sent to my phone"),
    "trusted_devices": gettext_lazy("Phones that I use"),
    "linked_identities": gettext_lazy("WeChat and DingTalk that sign me in"),
    "attachments": gettext_lazy("Files kept as evidence"),
    "audit": gettext_lazy("Who did what with my data"),
    "further": gettext_lazy("What else is held"),
    "purposes": gettext_lazy("What each thing is for, and how long it is kept"),
}

#: Column of the export → its name for people; columns without one are shown under their own name.
LABELS: Final[dict[str, _StrPromise]] = {
    "name": gettext_lazy("Your name"),
    "pinyin": gettext_lazy("Name in pinyin"),
    "initials": gettext_lazy("Initials of the name"),
    "id_kind": gettext_lazy("Kind of document"),
    "id_number": gettext_lazy("ID number"),
    "birth_on": gettext_lazy("Date of birth"),
    "sex": gettext_lazy("Sex"),
    "phone": gettext_lazy("Mobile number"),
    "occupation_group": gettext_lazy("My trade"),
    "further_occupations": gettext_lazy("Further trades"),
    "region": gettext_lazy("Work area"),
    "employer": gettext_lazy("Works at"),
    "platform": gettext_lazy("Platform"),
    "assurance": gettext_lazy("Proof that I am I"),
    "phone_proved": gettext_lazy("Phone confirmed"),
    "assured_at": gettext_lazy("Proved on"),
    "known_since": gettext_lazy("Known since"),
    "account": gettext_lazy("Sign-in account"),
    "number": gettext_lazy("Number on record"),
    "union": gettext_lazy("The union"),
    "union_name": gettext_lazy("The union"),
    "door": gettext_lazy("Way in"),
    "state": gettext_lazy("State on record"),
    "began_on": gettext_lazy("First day"),
    "ended_on": gettext_lazy("Last day"),
    "end_reason": gettext_lazy("Why it ended"),
    "at": gettext_lazy("When"),
    "effective_on": gettext_lazy("In effect from"),
    "act": gettext_lazy("Act on record"),
    "reason": gettext_lazy("Written reason"),
    "evidence": gettext_lazy("Evidence"),
    "issued_at": gettext_lazy("Made on"),
    "printed_at": gettext_lazy("Printed on"),
    "revoked_at": gettext_lazy("Shut out on"),
    "revoked_reason": gettext_lazy("Why it was shut out"),
    "text": gettext_lazy("What it said"),
    "created_at": gettext_lazy("Sent on"),
    "read_at": gettext_lazy("Read on"),
    "template": gettext_lazy("Kind of message"),
    "attempts": gettext_lazy("Tries"),
    "channel": gettext_lazy("By which way"),
    "channels": gettext_lazy("By which way"),
    "masked": gettext_lazy("To whom"),
    "tries": gettext_lazy("Tries"),
    "last_error": gettext_lazy("What went wrong last"),
    "sent_at": gettext_lazy("Delivered on"),
    "purpose": gettext_lazy("What for"),
    "expires_at": gettext_lazy("Good until"),
    "used_at": gettext_lazy("Used on"),
    "label": gettext_lazy("Name of the phone"),
    "linked_at": gettext_lazy("Linked since"),
    "last_used_at": gettext_lazy("Last used on"),
    "for_desk": gettext_lazy("Counts at the desk"),
    "trusted_at": gettext_lazy("Trusted since"),
    "action": gettext_lazy("Act on record"),
    "by": gettext_lazy("By whom"),
    "detail": gettext_lazy("Details"),
    "values": gettext_lazy("Values before and after"),
    "employer_says": gettext_lazy("What the employer says"),
    "verified_by": gettext_lazy("Verified by"),
    "reasons": gettext_lazy("Why this union"),
    "started_at": gettext_lazy("Begun on"),
    "confirmed_at": gettext_lazy("Applied on"),
    "closed_at": gettext_lazy("Closed on"),
    "basis": gettext_lazy("On what basis"),
    "application_number": gettext_lazy("Application number"),
    "kind": gettext_lazy("Kind of entry"),
    "version": gettext_lazy("Version of the text"),
    "given_at": gettext_lazy("Agreed on"),
    "withdrawn_at": gettext_lazy("Taken back on"),
    "asked_at": gettext_lazy("Asked on"),
    "due_at": gettext_lazy("Time limit"),
    "decided_at": gettext_lazy("Decided on"),
    "offered_at": gettext_lazy("Offered on"),
    "answered_at": gettext_lazy("Answered on"),
    "to_union": gettext_lazy("Could move to"),
    "from_union": gettext_lazy("From union"),
    "from_union_name": gettext_lazy("From union"),
    "started_by": gettext_lazy("Started by"),
    "came_on": gettext_lazy("With this union since"),
    "retained_for": gettext_lazy("Why it is retained"),
    "warned_until": gettext_lazy("Asked to take part again by"),
    "decided_by": gettext_lazy("Body that decided"),
    "side": gettext_lazy("Side"),
    "remark": gettext_lazy("Remark"),
    "answer": gettext_lazy("What the counter was told"),
    "told": gettext_lazy("What the counter said without a network"),
    "source": gettext_lazy("Counter"),
    "reported_at": gettext_lazy("Reported on"),
    "day": gettext_lazy("Good on the day"),
    "credential_day": gettext_lazy("Good on the day"),
    "serial": gettext_lazy("Which of the day"),
    "withdrawn": gettext_lazy("Why it was shut out"),
    "minute": gettext_lazy("Minute of the day"),
    "first_at": gettext_lazy("First taken on"),
    "words": gettext_lazy("In your words"),
    "against": gettext_lazy("Objection to"),
    "wanted": gettext_lazy("The union that you named"),
    "limit_at": gettext_lazy("Time limit"),
    "contest_kind": gettext_lazy("Kind of entry"),
    "data": gettext_lazy("Table"),
    "fields": gettext_lazy("Fields"),
    "keep": gettext_lazy("Kept for"),
    "size": gettext_lazy("Size in bytes"),
    "media_type": gettext_lazy("Kind of file"),
    "subject_type": gettext_lazy("Belongs to"),
    "uploaded_at": gettext_lazy("Stored on"),
}
#: Columns whose values are codes with words of their own.
CHOICES: Final[dict[tuple[str, str], type[TextChoices]]] = {
    ("person", "id_kind"): IdKind,
    ("memberships", "state"): MembershipState,
    ("memberships", "end_reason"): EndReason,
    ("membership_entries", "act"): MembershipAct,
    ("card_checks", "answer"): CardAnswer,
    ("applications", "id_kind"): IdKind,
    ("applications", "state"): ApplicationState,
    ("applications", "employer_says"): EmployerSays,
    ("application_acts", "act"): Act,
    ("card_checks", "told"): CardAnswer,
    ("credentials", "withdrawn"): Withdrawn,
    ("contests", "kind"): ContestKind,
    ("contests", "state"): ContestState,
    ("lapses", "contest_kind"): ContestKind,
    ("consents", "kind"): ConsentKind,
    ("memberships", "retained_for"): RetainReason,
    ("transfers", "state"): TransferState,
    ("transfers", "started_by"): TransferStart,
    ("phone_releases", "state"): ReleaseState,
    ("phone_codes", "purpose"): CodePurpose,
    ("linked_identities", "platform"): PlatformKind,
}


def readable(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of an export with headings, each a list of cards of name and value."""
    parts = []
    for name, value in held.items():
        if name in {"version", "exported_at"}:
            continue
        rows = [value] if isinstance(value, dict) else list(value)
        parts.append(
            {"title": HEADINGS.get(name, name), "rows": [list(_pairs(name, row)) for row in rows], "count": len(rows)}
        )
    return parts


def _pairs(part: str, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    filled = [
        (name, value) for name, value in row.items() if value not in (None, "", [], {}) and name != "content_base64"
    ]
    return [(str(LABELS.get(name, name)), _in_words(part, name, value)) for name, value in filled]


def _in_words(part: str, name: str, value: Any) -> str:
    """Return a value as one says it: a code by its label, a moment in local time, reasons as sentences."""
    choices = CHOICES.get((part, name))
    if choices is not None and value in choices.values:
        return str(choices(value).label)
    if name == "reasons" and isinstance(value, list):
        return "; ".join(reason.text for reason in reasons_in_words(value))
    if name == "fields":
        return ", ".join(str(LABELS.get(field, field)) for field in value)
    if isinstance(value, str) and name.endswith(("at", "since")):
        return date_cn(parse_datetime(value)) or value
    if isinstance(value, str) and name.endswith(("_on", "_until")):
        return date_cn(parse_date(value)) or value
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_plain(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_plain(part) for part in value)
    return str(value)
