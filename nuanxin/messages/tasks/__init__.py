"""Carrying messages away."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.kernel.secrets import unseal
from nuanxin.messages.actions import claim, settle_failed, settle_sent
from nuanxin.messages.tasks.gateways import DeliveryError, gateway

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
                outlet.send(unseal(message.sealed_address), unseal(message.sealed_text))
            except DeliveryError as error:
                settle_failed(message, error=str(error))
            else:
                sent.append(message)
        settle_sent(sent, now=timezone.now())
