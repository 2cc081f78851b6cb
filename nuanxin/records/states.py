"""On whose account something was erased."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Because(models.TextChoices):
    """Why an erasure was carried out just then."""

    RULE = "rule", _("its time had come")
    PERSON = "person", _("the person asked for it")
    RESTORED = "restored", _("done again after a restore")
