"""A full copy of what is held about a person, as a page that people can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

#: Part of the export → its heading; parts without one are shown under their own name.
HEADINGS: Final[dict[str, _StrPromise]] = {
    "person": gettext_lazy("About me"),
    "memberships": gettext_lazy("My memberships"),
    "membership_entries": gettext_lazy("Acts upon my membership"),
    "cards": gettext_lazy("My cards"),
    "card_checks": gettext_lazy("Who checked my card"),
    "applications": gettext_lazy("My applications"),
    "application_acts": gettext_lazy("Acts upon my applications"),
    "consents": gettext_lazy("What I agreed to"),
    "transfers": gettext_lazy("Moving to another union"),
    "phone_releases": gettext_lazy("Questions about my phone number"),
    "notices": gettext_lazy("Messages in the app"),
    "texts": gettext_lazy("Text messages to me"),
    "phone_codes": gettext_lazy("Codes sent to my phone"),
    "trusted_devices": gettext_lazy("Phones that I use"),
    "attachments": gettext_lazy("Files kept as evidence"),
    "audit": gettext_lazy("Who did what with my data"),
    "purposes": gettext_lazy("What each thing is for, and how long it is kept"),
}


def readable(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of an export with headings, each a list of cards of name and value."""
    parts = []
    for name, value in held.items():
        if name in {"version", "exported_at"}:
            continue
        rows = [value] if isinstance(value, dict) else list(value)
        parts.append(
            {"title": HEADINGS.get(name, name), "rows": [list(_pairs(row)) for row in rows], "count": len(rows)}
        )
    return parts


def _pairs(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, _plain(value)) for name, value in row.items() if value not in (None, "", [], {})]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_plain(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_plain(part) for part in value)
    return str(value)
