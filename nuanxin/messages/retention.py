"""What personal data this floor holds, and for how long."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import Aged, PersonalField

FIELDS = (
    PersonalField(
        "notices.TextMessage",
        ("sealed_phone", "sealed_text", "phone_digest"),
        _("Carries a text message to your phone"),
        _("number and text until it is sent, the row for seven days"),
        "delete row",
        found_by=(("phone_digest", "phone"),),
        due=Aged("texts", "created_at", timedelta(days=7)),
    ),
    PersonalField(
        "notices.Notice",
        ("values",),
        _("Tells you what happened, in the app"),
        _("one year"),
        "delete row",
        found_by=(("account_id", "account"),),
        due=Aged("notices", "created_at", timedelta(days=365)),
    ),
)
