"""Personal fields of the organizations floor: who answers for a union or an enterprise, at work."""

from __future__ import annotations

from nuanxin.records.retention import PersonalField

_PURPOSE = "Tells workers, and the unions above, whom to ask at work"

FIELDS = (
    PersonalField(
        "organizations.Union", ("contact", "contact_phone"), _PURPOSE, "until somebody else answers for it", "blank"
    ),
    PersonalField(
        "organizations.Enterprise",
        ("contact", "contact_phone"),
        _PURPOSE,
        "until somebody else answers for it",
        "blank",
    ),
)
