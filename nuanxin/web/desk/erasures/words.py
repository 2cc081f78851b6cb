"""Rules, tables and fields of the retention register in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

RULES: dict[str, _StrOrPromise] = {
    "members.keep_closed_days": _("Closed applications that led to no membership"),
    "members.keep_ended_days": _("People whose membership ended"),
    "members.close_account_days": _("Accounts that were closed"),
    "own_wish": _("At the person's own wish"),
    "unconfirmed": _("Applications whose phone was never proved"),
    "answers": _("Answers to repeated requests"),
    "card_codes": _("Card codes"),
    "credentials": _("Credentials of offline cards"),
    "credential_uses": _("Uses of offline codes"),
    "drafts": _("Drafts of applications"),
    "notices": _("Messages in the app, old ones"),
    "phone_codes": _("Codes by text message"),
    "phone_releases": _("Questions about phone numbers"),
    "sessions": _("Sessions of browsers"),
    "texts": _("Outbox of text messages"),
    "tries": _("Counts of tries"),
    "storage_cleared": _("Storage cleared: the tables were written anew"),
}
METHODS: dict[str, _StrOrPromise] = {
    "destroy key": _("the key is destroyed"),
    "blank": _("the field is emptied"),
    "delete row": _("the row is deleted"),
}
TABLES: dict[str, _StrOrPromise] = {
    "members.worker": _("person"),
    "members.application": _("application"),
    "access.account": _("account"),
    "storage": _("storage"),
}


def rule_in_words(code: str) -> str:
    """Return the words for a rule, or its code."""
    return str(RULES.get(code, code))


def table_in_words(label: str) -> str:
    """Return the words for what was erased, or the name of its table."""
    return str(TABLES.get(label, label))
