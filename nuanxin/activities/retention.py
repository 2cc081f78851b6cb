"""What personal data this floor holds, why, for how long, and how it is erased."""

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import PersonalField

_MEMBERSHIP = _("three years after the membership ends")

FIELDS: tuple[PersonalField, ...] = (
    PersonalField(
        "activities.CheckResult",
        ("sealed_report", "sealed_finding"),
        _("The report of your check-up: only you and the clinic can open it"),
        _MEMBERSHIP,
        "delete row",
        found_by=(("worker", "worker"),),
    ),
    PersonalField(
        "activities.Companion",
        ("sealed_name", "sealed_relation"),
        _("Who comes along with you: for tickets and rooms"),
        _MEMBERSHIP,
        "delete row",
        found_by=(("booking__worker", "worker"),),
    ),
)
