"""Register the kit so that its templates and tags are found."""

from importlib import import_module

from django.apps import AppConfig


class KitConfig(AppConfig):
    """The shared face of every door."""

    name = "nuanxin.web.kit"
    label = "web_kit"

    def ready(self) -> None:
        """Connect who hears what: every process that opens a door or works in the background needs it."""
        import_module("nuanxin.wiring").connect()  # it imports models, which are ready only now
