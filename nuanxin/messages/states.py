"""Kinds of notices, the ways to people, and the life of what is on its way."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a notice is about: people choose for each kind by which ways they are told."""

    CODE = "code", _("Codes")
    SECURITY = "security", _("Safety of my account")
    APPLICATION = "application", _("Decisions on my application")
    MEMBERSHIP = "membership", _("My membership")
    PROGRESS = "progress", _("How things go on")
    WORK = "work", _("My work at the desk")


class Channel(models.TextChoices):
    """A way to somebody: their own, or the chat of a union's cadres."""

    APP = "app", _("in the app")
    WEIXIN = "weixin", _("WeChat")
    SMS = "sms", _("text message")
    EMAIL = "email", _("e-mail")
    WECOM = "wecom", _("WeCom group")
    DINGTALK = "dingtalk", _("DingTalk group")


#: Chats of cadres, as against the ways to one person.
CHATS = frozenset({Channel.WECOM, Channel.DINGTALK})


class TextState(models.TextChoices):
    """Where a text is on its way."""

    QUEUED = "queued", _("on its way")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("arrived")
    READ = "read", _("read")
    FAILED = "failed", _("failed")


#: A receipt may come before the gateway's own answer is written down, doubled, or out of order: the better news stands.
MOVES = {
    TextState.QUEUED: frozenset({TextState.SENT, TextState.DELIVERED, TextState.READ, TextState.FAILED}),
    TextState.SENT: frozenset({TextState.DELIVERED, TextState.READ, TextState.FAILED}),
    TextState.DELIVERED: frozenset({TextState.READ}),
    TextState.READ: frozenset[str](),
    TextState.FAILED: frozenset({TextState.QUEUED, TextState.DELIVERED, TextState.READ}),
}
