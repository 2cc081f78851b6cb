from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "nuanxin.insight"
    label = "insight"
