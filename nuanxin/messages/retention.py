"""What personal data this floor holds, and for how long."""

from nuanxin.records.retention import PersonalField

FIELDS = (
    PersonalField(
        "notices.TextMessage",
        ("sealed_phone", "sealed_text", "phone_digest"),
        "Carries a text message to your phone",
        "number and text until it is sent, the row for seven days",
        "delete row",
    ),
    PersonalField("notices.Notice", ("values",), "Tells you what happened, in the app", "one year", "delete row"),
)
