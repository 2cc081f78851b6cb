from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "nuanxin.organizations"
    label = "organizations"
