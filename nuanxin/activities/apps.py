from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "nuanxin.activities"
    label = "activities"
