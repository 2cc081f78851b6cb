"""Rows of the messages floor."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from nuanxin.kernel.ids import new_id
from nuanxin.messages.states import CHATS, Channel, Kind, TextState


class Notice(models.Model):
    """One fact told to one account, in the app: a template's name and the plain values that fill it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account_id = models.UUIDField()
    template = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True)
    #: Names the fact: the same fact is told once.
    fact = models.CharField(max_length=120)
    #: The union that tells it; none for what concerns an account alone.
    union_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    #: When the background sent it on by the person's other ways.
    spread_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "template", "fact"], name="notice_once_per_fact")]
        indexes = [
            models.Index(fields=["account_id", "-created_at"], name="notice_inbox"),
            models.Index(fields=["account_id"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["created_at"], condition=Q(spread_at=None), name="notice_to_spread"),
        ]


class GroupChat(models.Model):
    """A chat of a union's cadres at WeCom or DingTalk; its address is a secret and held sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    union_id = models.UUIDField()
    channel = models.CharField(max_length=8, choices=Channel.choices)
    name = models.CharField(max_length=60)
    sealed_address = models.BinaryField()
    address_digest = models.BinaryField()
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["union_id", "address_digest"], condition=Q(removed_at=None), name="group_chat_once"
            ),
            models.CheckConstraint(condition=Q(channel__in=sorted(CHATS)), name="group_chat_channel"),
        ]


class TextMessage(models.Model):
    """One text on its way to one address: a phone, a mailbox, somebody at WeChat, a chat of cadres.

    Address and text are sealed under the installation's key and erased once they are sent.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.SMS)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.CODE)
    state = models.CharField(max_length=9, choices=TextState.choices, default=TextState.QUEUED)
    template = models.CharField(max_length=60)
    #: Names the fact: it goes to the same address once.
    fact = models.CharField(max_length=120)
    sealed_address = models.BinaryField()
    address_digest = models.BinaryField()
    #: The address as it may be shown.
    masked = models.CharField(max_length=80, blank=True)
    sealed_text = models.BinaryField()
    #: What filled the template, for other ways that word it themselves; nothing for codes.
    sealed_values = models.BinaryField(default=b"")
    #: Page that somebody signed in is led to.
    link = models.CharField(max_length=200, blank=True)
    union_id = models.UUIDField(null=True)
    account_id = models.UUIDField(null=True)
    notice = models.ForeignKey(Notice, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    chat = models.ForeignKey(GroupChat, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    is_urgent = models.BooleanField(default=False)
    attempts = models.SmallIntegerField(default=0)
    #: Not before this moment: a try that fails, or a worker that dies with the message in hand, moves it on.
    try_at = models.DateTimeField()
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    #: When a receipt last said what became of it.
    receipt_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address_digest", "template", "fact"], name="text_once_per_fact")
        ]
        indexes = [
            models.Index(fields=["created_at"], name="text_age"),
            models.Index(fields=["is_urgent", "try_at", "id"], condition=Q(state=TextState.QUEUED), name="text_due"),
            models.Index(fields=["union_id", "created_at"], condition=~Q(union_id=None), name="text_of_union"),
            models.Index(fields=["created_at"], condition=Q(state=TextState.FAILED), name="text_failed"),
            models.Index(fields=["notice"], condition=~Q(notice=None), name="text_of_notice"),
            models.Index(fields=["account_id"], condition=~Q(account_id=None), name="text_of_account"),
        ]


class Preference(models.Model):
    """By which ways an account wants to be told one kind of notice; the kind's own ways where there is no row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    channels = ArrayField(models.CharField(max_length=8, choices=Channel.choices))
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "kind"], name="preference_once")]


class Address(models.Model):
    """Where an account is reached beside the phone: a mailbox it has confirmed, or itself at WeChat."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account_id = models.UUIDField()
    channel = models.CharField(max_length=8, choices=Channel.choices)
    sealed_address = models.BinaryField()
    address_digest = models.BinaryField()
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "channel"], name="address_one_each")]


class Outlet(models.Model):
    """How one way out has fared: when it last worked, when it last failed, and why."""

    channel = models.CharField(max_length=8, choices=Channel.choices, primary_key=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)
    #: Failures since the last success.
    failures = models.IntegerField(default=0)
