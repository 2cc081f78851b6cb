"""Choices of the catalog."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    """How a service is got."""

    BOOK = "book", _("Book it here")
    SCAN = "scan", _("Show your member code there")
    APPLY = "apply", _("Ask your union")
    BY_ITSELF = "by_itself", _("Comes by itself")
    WALK_IN = "walk_in", _("Just go there")
    CALL = "call", _("Call")


class Unit(models.TextChoices):
    """What a target counts."""

    PERSON = "person", _("persons")
    TIME = "time", _("person-times")
    ENTERPRISE = "enterprise", _("enterprises")
    YUAN = "yuan", _("yuan")


class Standing(models.TextChoices):
    """How far a target is, against the share of its time that has passed."""

    DONE = "done", _("reached")
    AHEAD = "ahead", _("on time")
    BEHIND = "behind", _("behind")
    OVERDUE = "overdue", _("overdue")


#: Sources of deliveries that the catalog itself makes: written down at the desk, and taken back.
BY_HAND, CORRECTION = "desk", "correction"
