from django.apps import AppConfig


class FormationConfig(AppConfig):
    name = "nuanxin.formation"
    label = "formation"
