from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "nuanxin.members"
    label = "members"
