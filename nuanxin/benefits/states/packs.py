"""States of welcome packs: what is in one, what became of it, and how stock moves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

#: Permissions that packs ask for; `access` says who holds them.
MANAGE_PACKS = "benefits.manage_packs"


class PackItem(models.TextChoices):
    """What a new member may get; the dated rule of the city says which of them."""

    KIT = "kit", _("Welcome kit")
    TICKET = "ticket", _("Film ticket")
    INSURANCE = "insurance", _("One year of accident insurance")


#: What lies on a shelf and is handed out by scan; the rest comes by itself.
SHELVED = (PackItem.KIT, PackItem.TICKET)


class RightState(models.TextChoices):
    """What became of one thing that a new member has a right to."""

    GRANTED = "granted", _("Ready for you")
    HANDED_OUT = "handed_out", _("Handed out")
    COVERED = "covered", _("Insured")
    AS_COUPON = "as_coupon", _("Among your coupons")
    WITHDRAWN = "withdrawn", _("Taken back")
    REPLACED = "replaced", _("Lost, granted again")


#: What went over a counter, or was had at a ceremony.
GONE = (RightState.HANDED_OUT, RightState.REPLACED)


class MovementKind(models.TextChoices):
    """Why stock changed."""

    IN = "in", _("Came in")
    OUT = "out", _("Taken out")
    HANDED = "handed", _("Handed out")
    MOVED_IN = "moved_in", _("Came from another place")
    MOVED_OUT = "moved_out", _("Went to another place")
    COUNTED = "counted", _("Counted")
