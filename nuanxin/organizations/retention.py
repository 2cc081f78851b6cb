"""Personal fields of the organizations floor: who answers for a union or an enterprise, at work."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import PersonalField

_PURPOSE = _("Tells workers, and the unions above, whom to ask at work")
_KEEP = _("until somebody else answers for it")

FIELDS = (
    PersonalField("organizations.Union", ("contact", "contact_phone"), _PURPOSE, _KEEP, "blank"),
    PersonalField(
        "organizations.Enterprise",
        ("contact", "contact_phone"),
        _PURPOSE,
        _KEEP,
        "blank",
    ),
    PersonalField("organizations.Partner", ("contact", "contact_phone"), _PURPOSE, _KEEP, "blank"),
    PersonalField("organizations.PartnerPlace", ("phone",), _PURPOSE, _KEEP, "blank"),
)
