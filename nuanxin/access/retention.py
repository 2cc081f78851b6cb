"""What personal data this floor holds, and for how long."""

from nuanxin.records.retention import PersonalField

_POSTS = "as long as posts and the record name the account"

FIELDS = (
    PersonalField("access.Account", ("username", "name", "password"), "Lets you sign in", _POSTS, "blank"),
    PersonalField(
        "access.PhoneCode", ("phone_digest", "code_digest"), "Proves that a phone is yours", "two days", "delete row"
    ),
    PersonalField(
        "access.TrustedDevice",
        ("token_digest", "label"),
        "Knows your phone again, so that the code is enough",
        "until you sign out of it or the account ends",
        "delete row",
    ),
    PersonalField(
        "access.BrowserSession",
        ("session_data", "device"),
        "Keeps you signed in, and shows you where",
        "until you sign out or end it, thirty days at most",
        "delete row",
    ),
    PersonalField("access.StaffSession", ("reason",), "Says why a cadre reached further", _POSTS, "blank"),
    PersonalField("access.Absence", ("note",), "Says who stands in for whom", _POSTS, "blank"),
)
