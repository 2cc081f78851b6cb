"""Carrying messages away, and forgetting them in time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from nuanxin.kernel.secrets import unseal
from nuanxin.messages.actions import DELIVER, claim, forget_notices, forget_texts, settle
from nuanxin.messages.states import TextState
from nuanxin.messages.tasks.gateways import DeliveryError, gateway

TRIES = 5
KEEP_TEXTS = timedelta(days=7)
KEEP_NOTICES = timedelta(days=365)


@app.task(name=DELIVER, queue="texts", retry=RetryStrategy(max_attempts=TRIES, exponential_wait=3))
def deliver_text(text_id: str) -> None:
    """Carry one text message to the gateway: again after a failure, five times at most, never after success."""
    message = claim(UUID(text_id))
    if message is None:
        return
    try:
        gateway().send(unseal(message.sealed_phone), unseal(message.sealed_text))
    except DeliveryError as error:
        given_up = message.attempts >= TRIES
        state = TextState.FAILED if given_up else TextState.QUEUED
        settle(message, state=state, error=str(error), now=timezone.now())
        if not given_up:
            raise
    else:
        settle(message, state=TextState.SENT, now=timezone.now())


@app.periodic(cron="20 3 * * *")
@app.task(name="nuanxin.messages.forget", queueing_lock="nuanxin.messages.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Delete texts after a week and notices after a year."""
    now = timezone.now()
    forget_texts(before=now - KEEP_TEXTS)
    forget_notices(before=now - KEEP_NOTICES)
