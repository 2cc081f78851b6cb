"""Register the door so that its templates are found."""

from django.apps import AppConfig


class CounterConfig(AppConfig):
    """The pages of partners' counters."""

    name = "nuanxin.web.counter"
    label = "web_counter"
