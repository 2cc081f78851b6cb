"""What personal data this floor holds, why, for how long, and how it is erased."""

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import BLANK, PersonalField

_AFTER = _("three years after the membership ends")

FIELDS = (
    PersonalField(
        "bookings.Booking",
        ("end_reason", "barred_until"),
        _("Why a place of yours was given back, and whether you did not come"),
        _AFTER,
        BLANK,
        found_by=(("worker", "worker"),),
    ),
    PersonalField(
        "bookings.Waiting",
        ("points", "said"),
        _("What you stated about yourself when you applied, and the points that came of it"),
        _AFTER,
        BLANK,
        found_by=(("worker", "worker"),),
    ),
)
