"""Background work of the formation floor: thin, idempotent."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.formation.actions.carrying import carry_out
from nuanxin.formation.actions.invitations import lapse_invitations
from nuanxin.formation.actions.offers import lapse_offers
from nuanxin.formation.queries.permits import left_waiting
from nuanxin.formation.queries.sources import actor_of_source

#: How long a message may wait before it is taken for one whose process was killed.
_LEFT = timedelta(minutes=1)


@app.periodic(cron="* * * * *")
@app.task(name="formation.take_up_permits", queueing_lock="formation.take_up_permits", pass_context=False)
def take_up_permits(timestamp: int) -> None:
    """Carry messages out that were kept when the process was killed, every minute."""
    now = timezone.now()
    for message in left_waiting(before=now - _LEFT):
        carry_out(actor=actor_of_source(message.source), message_id=message.pk, now=now)


@app.periodic(cron="20 * * * *")
@app.task(name="formation.lapse", queueing_lock="formation.lapse", pass_context=False)
def lapse(timestamp: int) -> None:
    """Let invitations and offers go whose time ran out, every hour."""
    now = timezone.now()
    lapse_invitations(now=now)
    lapse_offers(now=now)
