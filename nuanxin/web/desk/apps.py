"""Register the desk so that its templates are found."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The cadres' door."""

    name = "nuanxin.web.desk"
    label = "web_desk"
