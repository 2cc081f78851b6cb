"""Carrying texts away: each second what is due, by its own gateway."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.kernel.secrets import unseal
from nuanxin.messages.actions.carrying import (
    claim,
    forget_unsent,
    give_back,
    hold,
    note_outlet,
    settle_failed,
    settle_sent,
)
from nuanxin.messages.actions.spreading import as_values, fall_back, spread_notices, spread_texts
from nuanxin.messages.queries.outlets import quiet, ways_set_up
from nuanxin.messages.states import Channel
from nuanxin.messages.tasks.gateways import gateway
from nuanxin.messages.tasks.parcels import DeliveryError, Parcel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nuanxin.messages.models import TextMessage

#: Messages taken in hand at once: so many at most are carried before what has become urgent meanwhile.
BATCH = 50
#: After so many failures one after the other a gateway is left alone until the next pause is over.
MOST_FAILURES = 5


@app.periodic(cron="* * * * * */1")
@app.task(name="nuanxin.messages.deliver_texts", queue="texts", queueing_lock="nuanxin.messages.deliver_texts")
def deliver_texts(timestamp: int) -> None:
    """Spread what was told and carry to the gateways, every second, what is due; what fails is tried again later.

    In the quiet hours only what is urgent leaves the house.
    """
    ways = ways_set_up()
    while spread_notices(channels=ways, now=timezone.now(), most=BATCH) == BATCH:
        pass
    while True:
        now = timezone.now()
        is_quiet = quiet().is_quiet(now)
        if is_quiet:
            held = hold(now=now, until=quiet().allowed(now), most=BATCH)
            spread_texts(held, channels=ways, now=now)
        messages = claim(now=now, most=BATCH, is_quiet=is_quiet)
        if messages:
            _carry(spread_texts(messages, channels=ways, now=now))
        elif not (is_quiet and len(held) == BATCH):
            break


def _carry(messages: Sequence[TextMessage]) -> None:
    by_channel: dict[str, list[TextMessage]] = defaultdict(list)
    for message in messages:
        by_channel[message.channel].append(message)
    for channel, rows in by_channel.items():
        _carry_by(channel, rows)


def _carry_by(channel: str, messages: Sequence[TextMessage]) -> None:
    """Hand texts to one gateway; one that fails again and again gets no more of them for now."""
    sent, errors, in_a_row = [], [], 0
    for index, message in enumerate(messages):
        try:
            gateway(channel).send(_parcel(message))
        except DeliveryError as error:
            errors.append(str(error))
            in_a_row += 0 if error.for_good else 1
            if settle_failed(message, error=str(error), for_good=error.for_good):
                fall_back(message, channels=ways_set_up(), now=timezone.now())
        else:
            sent.append(message)
            in_a_row = 0
        if in_a_row >= MOST_FAILURES:
            give_back(messages[index + 1 :])
            break
    settle_sent(sent, now=timezone.now())
    note_outlet(channel, sent=len(sent), errors=errors, now=timezone.now())


def _parcel(message: TextMessage) -> Parcel:
    return Parcel(
        text_id=message.pk,
        address=unseal(message.sealed_address),
        text=unseal(message.sealed_text),
        template=message.template,
        values=as_values(message) if message.channel == Channel.WEIXIN else {},
        link=message.link,
    )


@app.periodic(cron="23 * * * *")
@app.task(name="nuanxin.messages.forget_unsent", queue="texts", queueing_lock="nuanxin.messages.forget_unsent")
def forget_failed_texts(timestamp: int) -> None:
    """Let texts that failed days ago forget address and words, every hour."""
    forget_unsent(now=timezone.now())
