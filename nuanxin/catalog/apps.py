from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "nuanxin.catalog"
    label = "catalog"
