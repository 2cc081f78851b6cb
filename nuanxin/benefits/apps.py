from django.apps import AppConfig


class BenefitsConfig(AppConfig):
    name = "nuanxin.benefits"
    label = "benefits"
