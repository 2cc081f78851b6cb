"""What personal data this floor holds, why, for how long, and how it is erased."""

from nuanxin.records.retention import PersonalField

_MEMBERSHIP = "three years after the membership ends"
_APPLICATION = "one year after it was closed; an approved one as long as the membership's records"

FIELDS = (
    PersonalField(
        "members.Worker",
        ("sealed_key", "sealed_id", "sealed_phone"),
        "Your key, ID number and phone: to know you and to reach you",
        _MEMBERSHIP,
        "destroy key",
    ),
    PersonalField(
        "members.Worker",
        ("name", "pinyin", "initials", "id_digest", "phone_digest", "birth_on", "sex", "employer_name"),
        "To find you, to admit you once only, and to know which union is yours",
        _MEMBERSHIP,
        "blank",
    ),
    PersonalField(
        "members.Application",
        ("sealed_key", "sealed_id", "sealed_phone"),
        "Your key, ID number and phone as you gave them to join",
        _APPLICATION,
        "destroy key",
    ),
    PersonalField(
        "members.Application",
        ("name", "id_digest", "phone_digest", "employer_name", "reasons", "progress_digest"),
        "To route your application, to take one at a time, and to show you how it goes",
        _APPLICATION,
        "blank",
    ),
    PersonalField(
        "members.ApplicationAct", ("reason",), "What the union told you about your application", _APPLICATION, "blank"
    ),
    PersonalField(
        "members.ApplicationDraft",
        ("sealed_values", "token_digest"),
        "What you had typed when the signal was lost",
        "24 hours",
        "delete row",
    ),
    PersonalField("members.Membership", ("end_reason",), "Why your membership ended", _MEMBERSHIP, "blank"),
    PersonalField(
        "members.MembershipEntry",
        ("reason", "evidence"),
        "Each act upon your membership, and on what it rests",
        _MEMBERSHIP,
        "blank",
    ),
    PersonalField(
        "members.PhoneRelease",
        ("phone_digest", "reason"),
        "To find out whose number it is",
        "one year after the decision",
        "delete row",
    ),
    PersonalField(
        "members.TransferRequest", ("reasons",), "To show why another union fits you better", _APPLICATION, "delete row"
    ),
    PersonalField(
        "members.Card",
        ("static_digest", "revoked_reason"),
        "To know your card on paper, and which one was lost",
        _MEMBERSHIP,
        "delete row",
    ),
    PersonalField(
        "members.CardCode",
        ("code_digest",),
        "To know the code that you show at a counter",
        "one day after it expired",
        "delete row",
    ),
)
