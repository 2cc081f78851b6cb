"""What personal data this floor holds, why, for how long, and how it is erased."""

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import PersonalField

FIELDS = (
    PersonalField(
        "catalog.Delivery",
        ("reason",),
        _("Why a service noted for you by mistake was taken back; that somebody was served stays counted"),
        _("three years after the membership ends"),
        "blank",
        found_by=(("worker", "worker"),),
    ),
)
