"""What personal data this floor holds, why, for how long, and how it is erased."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from nuanxin.members.rules.cards import CODE_KEPT
from nuanxin.members.rules.credentials import KEPT
from nuanxin.members.rules.limits import DRAFT_FOR
from nuanxin.records.retention import Aged, PersonalField

_MEMBERSHIP = _("three years after the membership ends")
_APPLICATION = _("one year after it was closed; an approved one as long as the membership's records")

FIELDS = (
    PersonalField(
        "members.Worker",
        ("sealed_key", "sealed_id", "sealed_phone"),
        _("Your key, ID number and phone: to know you and to reach you"),
        _MEMBERSHIP,
        "destroy key",
        found_by=(("pk", "worker"),),
    ),
    PersonalField(
        "members.Worker",
        (
            "name",
            "pinyin",
            "initials",
            "id_digest",
            "phone_digest",
            "birth_on",
            "sex",
            "employer",
            "employer_name",
            "account",
        ),
        _("To find you, to admit you once only, and to know which union is yours"),
        _MEMBERSHIP,
        "blank",
        found_by=(("pk", "worker"),),
    ),
    PersonalField(
        "members.Application",
        ("sealed_key", "sealed_id", "sealed_phone"),
        _("Your key, ID number and phone as you gave them to join"),
        _APPLICATION,
        "destroy key",
        found_by=(("pk", "application"),),
    ),
    PersonalField(
        "members.Application",
        (
            "name",
            "id_digest",
            "phone_digest",
            "birth_on",
            "sex",
            "employer",
            "employer_name",
            "reasons",
            "progress_digest",
        ),
        _("To route your application, to take one at a time, and to show you how it goes"),
        _APPLICATION,
        "blank",
        found_by=(("pk", "application"),),
    ),
    PersonalField(
        "members.ApplicationAct",
        ("reason",),
        _("What the union told you about your application"),
        _APPLICATION,
        "blank",
        found_by=(("application", "application"),),
    ),
    PersonalField(
        "members.Contest",
        ("sealed_words",),
        _("Why you contest what was done to your application, in your own words"),
        _APPLICATION,
        "destroy key",
        found_by=(("application", "application"),),
    ),
    PersonalField(
        "members.ApplicationDraft",
        ("sealed_values", "token_digest"),
        _("What you had typed when the signal was lost"),
        _("24 hours"),
        "delete row",
        due=Aged("drafts", "saved_at", DRAFT_FOR),
    ),
    PersonalField(
        "members.Membership",
        ("end_reason", "terms"),
        _("Why your membership ended, and the words by which your union finds you"),
        _MEMBERSHIP,
        "blank",
        found_by=(("worker", "worker"),),
    ),
    PersonalField(
        "members.MembershipEntry",
        ("reason", "evidence"),
        _("Each act upon your membership, and on what it rests"),
        _MEMBERSHIP,
        "blank",
        found_by=(("membership__worker", "worker"),),
    ),
    PersonalField(
        "members.PhoneRelease",
        ("phone_digest", "reason"),
        _("To find out whose number it is"),
        _("one year after the decision"),
        "delete row",
        found_by=(("holder", "worker"), ("application", "application")),
        due=Aged("phone_releases", "decided_at", timedelta(days=365)),
    ),
    PersonalField(
        "members.TransferRequest",
        ("reasons",),
        _("To show why another union fits you better"),
        _APPLICATION,
        "delete row",
        found_by=(("membership__worker", "worker"), ("application", "application")),
    ),
    PersonalField(
        "members.Card",
        ("static_digest", "revoked_reason"),
        _("To know your card on paper, and which one was lost"),
        _MEMBERSHIP,
        "delete row",
        found_by=(("membership__worker", "worker"),),
    ),
    PersonalField(
        "members.CardCode",
        ("code_digest",),
        _("To know the code that you show at a counter"),
        _("one day after it expired"),
        "delete row",
        found_by=(("card__membership__worker", "worker"),),
        due=Aged("card_codes", "expires_at", CODE_KEPT),
    ),
    PersonalField(
        "members.Credential",
        ("handle",),
        _("To know the offline codes of your card, and to shut out those of a lost one"),
        _("one day after they expired"),
        "delete row",
        found_by=(("card__membership__worker", "worker"),),
        due=Aged("credentials", "expires_at", KEPT),
    ),
    PersonalField(
        "members.CredentialUse",
        ("source_id", "first_at"),
        _("That an offline code counts once, whichever counter saw it"),
        _("one day after they expired"),
        "delete row",
        found_by=(("credential__card__membership__worker", "worker"),),
        due=Aged("credential_uses", "credential__expires_at", KEPT),
    ),
    PersonalField(
        "members.WorkerOccupation",
        ("group",),
        _("Your further trades, for what is offered to them"),
        _MEMBERSHIP,
        "delete row",
        found_by=(("worker", "worker"),),
    ),
)
