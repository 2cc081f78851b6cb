"""The levels a division can stand on."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    """How far below the nation a division stands; the number never changes, the code's length follows from it."""

    PROVINCE = 1, _("Province")
    CITY = 2, _("City")
    COUNTY = 3, _("County or district")
    TOWNSHIP = 4, _("Township or subdistrict")
    VILLAGE = 5, _("Village or community")
