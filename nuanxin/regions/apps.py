"""Registers the package with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegionsConfig(AppConfig):
    """The divisions of China."""

    name = "nuanxin.regions"
    label = "regions"
    verbose_name = _("Regions")
