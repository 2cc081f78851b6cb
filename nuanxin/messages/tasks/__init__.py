"""Carrying messages away, and forgetting them in time."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.kernel.secrets import unseal
from nuanxin.messages.actions import claim, forget_notices, forget_texts, settle_failed, settle_sent
from nuanxin.messages.tasks.gateways import DeliveryError, gateway

KEEP_TEXTS = timedelta(days=7)
KEEP_NOTICES = timedelta(days=365)
#: Messages taken in hand at once.
BATCH = 200


@app.periodic(cron="* * * * * */1")
@app.task(name="nuanxin.messages.deliver_texts", queue="texts", queueing_lock="nuanxin.messages.deliver_texts")
def deliver_texts(timestamp: int) -> None:
    """Carry to the gateway, every second, what is due in the outbox; what fails is tried again later, five times."""
    outlet = gateway()
    while messages := claim(now=timezone.now(), most=BATCH):
        sent = []
        for message in messages:
            try:
                outlet.send(unseal(message.sealed_phone), unseal(message.sealed_text))
            except DeliveryError as error:
                settle_failed(message, error=str(error))
            else:
                sent.append(message)
        settle_sent(sent, now=timezone.now())


@app.periodic(cron="20 3 * * *")
@app.task(name="nuanxin.messages.forget", queueing_lock="nuanxin.messages.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Delete texts after a week and notices after a year."""
    now = timezone.now()
    forget_texts(before=now - KEEP_TEXTS)
    forget_notices(before=now - KEEP_NOTICES)
