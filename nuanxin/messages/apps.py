from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "nuanxin.messages"
    label = "notices"
    verbose_name = "messages"
