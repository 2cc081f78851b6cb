"""What personal data this floor holds, why, for how long, and how it is erased."""

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import PersonalField

_MEMBERSHIP = _("three years after the membership ends")
_UNTIL = _("until you take it back, or three years after the membership ends")

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
        "activities.Arrival",
        ("reason",),
        _("What was decided about your arrival at the check-up bus, and why"),
        _MEMBERSHIP,
        "blank",
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
    # photos before consents: by these they are found
    PersonalField(
        "activities.EventPhoto",
        ("caption",),
        _("Photos of events on which you can be seen, as you agreed"),
        _UNTIL,
        "delete row",
        found_by=(("people__consent__worker", "worker"),),
    ),
    PersonalField(
        "activities.EventConsent",
        ("given_at", "withdrawn_at"),
        _("That you agreed to be seen on photos of one event, and when you took it back"),
        _UNTIL,
        "delete row",
        found_by=(("worker", "worker"),),
    ),
    PersonalField(
        "activities.CalendarFeed",
        ("token_digest",),
        _("The secret link by which your calendar follows your bookings"),
        _UNTIL,
        "delete row",
        found_by=(("worker", "worker"),),
    ),
)
