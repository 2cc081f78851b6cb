"""Kinds of mobile events."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventKind(models.TextChoices):
    """What an event is about."""

    SPORT = "sport", _("Sports")
    FILM = "film", _("Film")
    LAW = "law", _("Law")
    TRAINING = "training", _("Training")
    HEALTH = "health", _("Health")
    CULTURE = "culture", _("Culture")
    OTHER = "other", _("Other")


#: Kind of the offers of events, and code of the service that they deliver.
KIND, SERVICE = "event", "mobile_event"
