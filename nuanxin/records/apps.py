from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "nuanxin.records"
    label = "records"
