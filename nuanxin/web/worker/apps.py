"""Register the door so that its templates are found."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    """The phone pages of workers."""

    name = "nuanxin.web.worker"
    label = "web_worker"
