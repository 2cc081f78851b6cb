"""What personal data this floor holds, why, for how long, and how it is erased."""

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import PersonalField

_MEMBERSHIP = _("three years after the membership ends")
_APPLICATION = _("one year after it was closed; an approved one as long as the membership's records")

FIELDS = (
    PersonalField(
        "members.Worker",
        ("sealed_key", "sealed_id", "sealed_phone"),
        _("Your key, ID number and phone: to know you and to reach you"),
        _MEMBERSHIP,
        "destroy key",
    ),
    PersonalField(
        "members.Worker",
        ("name", "pinyin", "initials", "id_digest", "phone_digest", "birth_on", "sex", "employer_name"),
        _("To find you, to admit you once only, and to know which union is yours"),
        _MEMBERSHIP,
        "blank",
    ),
    PersonalField(
        "members.Application",
        ("sealed_key", "sealed_id", "sealed_phone"),
        _("Your key, ID number and phone as you gave them to join"),
        _APPLICATION,
        "destroy key",
    ),
    PersonalField(
        "members.Application",
        ("name", "id_digest", "phone_digest", "employer_name", "reasons", "progress_digest"),
        _("To route your application, to take one at a time, and to show you how it goes"),
        _APPLICATION,
        "blank",
    ),
    PersonalField(
        "members.ApplicationAct",
        ("reason",),
        _("What the union told you about your application"),
        _APPLICATION,
        "blank",
    ),
    PersonalField(
        "members.Contest",
        ("sealed_words",),
        _("Why you contest what was done to your application, in your own words"),
        _APPLICATION,
        "destroy key",
    ),
    PersonalField(
        "members.ApplicationDraft",
        ("sealed_values", "token_digest"),
        _("What you had typed when the signal was lost"),
        _("24 hours"),
        "delete row",
    ),
    PersonalField("members.Membership", ("end_reason",), _("Why your membership ended"), _MEMBERSHIP, "blank"),
    PersonalField(
        "members.MembershipEntry",
        ("reason", "evidence"),
        _("Each act upon your membership, and on what it rests"),
        _MEMBERSHIP,
        "blank",
    ),
    PersonalField(
        "members.PhoneRelease",
        ("phone_digest", "reason"),
        _("To find out whose number it is"),
        _("one year after the decision"),
        "delete row",
    ),
    PersonalField(
        "members.TransferRequest",
        ("reasons",),
        _("To show why another union fits you better"),
        _APPLICATION,
        "delete row",
    ),
    PersonalField(
        "members.Card",
        ("static_digest", "revoked_reason"),
        _("To know your card on paper, and which one was lost"),
        _MEMBERSHIP,
        "delete row",
    ),
    PersonalField(
        "members.CardCode",
        ("code_digest",),
        _("To know the code that you show at a counter"),
        _("one day after it expired"),
        "delete row",
    ),
)
