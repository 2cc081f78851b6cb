"""What personal data this floor holds, and for how long."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import Aged, PersonalField

_POSTS = _("as long as posts and the record name the account")
_ACCOUNT = (("account", "account"),)

FIELDS = (
    PersonalField(
        "access.Account",
        ("username", "name", "password"),
        _("Lets you sign in"),
        _POSTS,
        "blank",
        found_by=(("pk", "account"),),
    ),
    PersonalField(
        "access.PhoneCode",
        ("phone_digest", "code_digest"),
        _("Proves that a phone is yours"),
        _("two days"),
        "delete row",
        found_by=(("phone_digest", "phone"), ("subject_id", "subject")),
        due=Aged("phone_codes", "sent_at", timedelta(days=2)),
    ),
    PersonalField(
        "access.TrustedDevice",
        ("token_digest", "label"),
        _("Knows your phone again, so that the code is enough"),
        _("until you sign out of it or the account ends"),
        "delete row",
        found_by=_ACCOUNT,
    ),
    PersonalField(
        "access.LinkedIdentity",
        ("subject_digest",),
        _("Knows your WeChat or DingTalk again; what you are called there is not held"),
        _("until you unlink it or the account ends"),
        "delete row",
        found_by=_ACCOUNT,
    ),
    PersonalField(
        "access.PartnerStaff",
        ("name", "pin_digest"),
        _("Knows who serves at a partner's counter"),
        _POSTS,
        "blank",
    ),
    PersonalField("access.StaffSession", ("reason",), _("Says why a cadre reached further"), _POSTS, "blank"),
    PersonalField("access.Absence", ("note",), _("Says who stands in for whom"), _POSTS, "blank"),
    PersonalField(
        "access.BrowserSession",
        ("session_data", "device", "seen_at"),
        _("Keeps you signed in, and shows you where you are"),
        _("thirty days after you were last here, or until you sign out"),
        "delete row",
        found_by=_ACCOUNT,
        due=Aged("sessions", "expire_date", timedelta(0)),
    ),
    PersonalField(
        "access.Throttle",
        ("key",),
        _("Counts tries, so that nobody guesses or floods"),
        _("until the limit is over, a day at most"),
        "delete row",
        due=Aged("tries", "until", timedelta(0)),
    ),
)
