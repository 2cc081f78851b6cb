"""Receipts: what gateways say became of texts. Doubled, late and out of order they change nothing that stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from nuanxin.messages.actions.spreading import fall_back
from nuanxin.messages.models import TextMessage
from nuanxin.messages.rules.receipts import Receipt, states_before
from nuanxin.messages.states import TextState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime


def take_receipts(*, receipts: Iterable[Receipt], channels: Collection[str], now: datetime) -> int:
    """Take what a gateway says, one by one; return how many said something new.

    What failed goes by the person's next way.

    :param channels: the ways that this installation has.
    """
    return sum(_take(receipt, channels, now) for receipt in receipts)


@transaction.atomic
def _take(receipt: Receipt, channels: Collection[str], now: datetime) -> bool:
    rows = TextMessage.objects.filter(
        pk=receipt.text_id, state__in=states_before(receipt.state), attempts__gt=0, chat=None
    )
    if receipt.state == TextState.FAILED:
        # What is still on its way may be tried again; only what the gateway had taken can fail there.
        rows = rows.filter(state=TextState.SENT)
    if not rows.update(state=receipt.state, receipt_at=now, last_error=receipt.error):
        return False
    if receipt.state == TextState.FAILED:
        fall_back(TextMessage.objects.get(pk=receipt.text_id), channels=channels, now=now)
    return True
