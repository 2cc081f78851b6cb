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
    "group_chats": _("Chats of cadres that were removed"),
    "notices": _("Messages in the app, old ones"),
    "phone_codes": _("Codes by text message"),
    "phone_releases": _("Questions about phone numbers"),
    "sessions": _("Sessions of browsers"),
    "texts": _("Outbox of text messages"),
    "tries": _("Counts of tries"),
    "insured": _("Lists of gifted insurance"),
    "policy_rows": _("Answers of insurers"),
    "policy_files": _("Files of insurers"),
    "roll_files": _("Rolls as files"),
    "insurance_keys": _("Keys of insurance batches"),
    "claims": _("Claims on insurance"),
    "claim_steps": _("Steps of claims"),
    "storage_cleared": _("Storage cleared: the tables were written anew"),
}
METHODS: dict[str, _StrOrPromise] = {
    "destroy key": _("the key is destroyed"),
    "blank": _("the field is emptied"),
    "delete row": _("the row is deleted"),
}
TABLES: dict[str, _StrOrPromise] = {
    "storage": _("storage"),
    "records.auditentry": _("entry of the audit"),
    "records.idempotencykey": _("answer to a repeated request"),
    "records.attachment": _("file given as evidence"),
    "notices.textmessage": _("text message"),
    "notices.notice": _("message in the app"),
    "notices.address": _("address beside the phone"),
    "notices.preference": _("choice of ways"),
    "notices.groupchat": _("chat of cadres"),
    "organizations.union": _("union"),
    "organizations.enterprise": _("enterprise"),
    "access.account": _("account"),
    "access.phonecode": _("code by text message"),
    "access.trusteddevice": _("trusted phone"),
    "access.linkedidentity": _("linked WeChat or DingTalk"),
    "access.staffsession": _("reach beyond one's post"),
    "access.absence": _("absence and delegate"),
    "access.browsersession": _("signed-in browser"),
    "access.throttle": _("count of tries"),
    "members.worker": _("person"),
    "members.application": _("application"),
    "members.applicationact": _("act upon an application"),
    "members.contest": _("objection"),
    "members.applicationdraft": _("draft of an application"),
    "members.membership": _("membership"),
    "members.membershipentry": _("act upon a membership"),
    "members.phonerelease": _("question about a phone number"),
    "members.transferrequest": _("transfer"),
    "members.card": _("member card"),
    "members.cardcode": _("card code"),
    "members.credential": _("credential of an offline card"),
    "members.credentialuse": _("use of an offline code"),
    "members.workeroccupation": _("further trade"),
    "benefits.insured": _("line of an insurance list"),
    "benefits.policyrow": _("policy as an insurer reported it"),
    "benefits.policyreturn": _("file of an insurer"),
    "benefits.rollfile": _("roll as a file"),
    "benefits.insurancebatch": _("batch of gifted insurance"),
    "benefits.claim": _("claim on insurance"),
    "benefits.claimstep": _("step of a claim"),
}


def rule_in_words(code: str) -> str:
    """Return the words for a rule, or its code."""
    return str(RULES.get(code, code))


def table_in_words(label: str) -> str:
    """Return the words for what was erased, or the name of its table."""
    return str(TABLES.get(label, label))
