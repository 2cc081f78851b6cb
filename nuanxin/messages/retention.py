"""What personal data this floor holds, and for how long."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import Aged, PersonalField

_ACCOUNT = (("account_id", "account"),)

FIELDS = (
    PersonalField(
        "notices.TextMessage",
        ("sealed_address", "sealed_text", "sealed_values", "address_digest", "masked"),
        _("Carries a text to your phone, your mailbox or WeChat, and shows that it went"),
        _("address and text until it is sent, seven days at most; that it went for ninety days"),
        "delete row",
        found_by=(("address_digest", "phone"), *_ACCOUNT),
        due=Aged("texts", "created_at", timedelta(days=90)),
    ),
    PersonalField(
        "notices.Notice",
        ("values",),
        _("Tells you what happened, in the app"),
        _("one year"),
        "delete row",
        found_by=_ACCOUNT,
        due=Aged("notices", "created_at", timedelta(days=365)),
    ),
    PersonalField(
        "notices.Address",
        ("sealed_address", "address_digest"),
        _("Reaches you by e-mail or WeChat, if you want that"),
        _("until you take it away or the account ends"),
        "delete row",
        found_by=_ACCOUNT,
    ),
    PersonalField(
        "notices.GroupChat",
        ("sealed_address", "address_digest"),
        _("Tells the cadres of a union in their chat what waits for them"),
        _("until ninety days after the chat was removed"),
        "delete row",
        due=Aged("group_chats", "removed_at", timedelta(days=90)),
    ),
    PersonalField(
        "notices.Preference",
        ("channels",),
        _("Knows by which ways you want to be told"),
        _("until the account ends"),
        "delete row",
        found_by=_ACCOUNT,
    ),
)
