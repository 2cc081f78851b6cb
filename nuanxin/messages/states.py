"""The life of one text message."""

from django.db import models


class TextState(models.TextChoices):
    """Where a text message is on its way."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


MOVES = {
    TextState.QUEUED: frozenset({TextState.SENT, TextState.FAILED, TextState.QUEUED}),
    TextState.SENT: frozenset[str](),
    TextState.FAILED: frozenset({TextState.QUEUED}),
}
