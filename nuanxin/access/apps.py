from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "nuanxin.access"
    label = "access"
