"""Register the kit so that its templates and tags are found."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    """The shared face of every door."""

    name = "nuanxin.web.kit"
    label = "web_kit"
