"""What the hour does to draws by itself: freezes, reveals, draws, tells. Each by itself, idempotent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from nuanxin.access.actors import system
from nuanxin.bookings.actions.draws_deciding import reveal
from nuanxin.bookings.actions.draws_drawing import draw_lots
from nuanxin.bookings.actions.draws_freezing import freeze
from nuanxin.bookings.models import Draw, Entry
from nuanxin.bookings.rules.draws import grouped
from nuanxin.bookings.states import DrawState, OfferState, WaitingState
from nuanxin.kernel.refusals import Refusal
from nuanxin.kernel.secrets import PersonKey
from nuanxin.messages.actions import send_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

#: People told in one transaction.
_AT_ONCE = 200


def turn_draws(*, now: datetime) -> int:
    """Freeze lists whose entries have closed, reveal seeds whose value is confirmed, draw; return how many steps.

    A seed that cannot be opened is waited for until the value alone decides; a list that was not frozen in time waits
    for a cadre to announce another hour.
    """
    count = 0
    over = Q(offer__closes_at__lte=now) | Q(offer__state=OfferState.CLOSED)
    for draw in _draws(over, state=DrawState.ANNOUNCED, value_at__gt=now):
        count += _done(freeze, draw, now)
    for draw in _draws(state=DrawState.CONFIRMED):
        count += _done(reveal, draw, now)
    for draw in _draws(state=DrawState.REVEALED):
        count += _done(draw_lots, draw, now)
    return count


def _draws(*conditions: Q, **more: object) -> list[Draw]:
    rows = Draw.objects.filter(*conditions, **more).exclude(
        offer__state__in=(OfferState.CANCELLED, OfferState.ENDED, OfferState.DRAFT)
    )
    return list(rows.select_related("offer__union").order_by("pk"))


def _done(work: Callable[..., object], draw: Draw, now: datetime) -> bool:
    """Do one thing by itself; what is refused waits for a cadre, whom the page tells why."""
    try:
        work(actor=system(), draw=draw, now=now)
    except Refusal:
        return False
    return True


def tell_drawn(*, draw_id: UUID, now: datetime) -> int:
    """Tell everybody who won nothing, in the drawn order; return how many. Taken up anew where it was killed.

    Winners are told of their place by whoever gave it.
    """
    count = 0
    while some := _tell_some(draw_id, now):
        count += some
    return count


@transaction.atomic
def _tell_some(draw_id: UUID, now: datetime) -> int:
    draw = Draw.objects.select_for_update(of=("self",)).select_related("offer").get(pk=draw_id)
    rows = list(
        Entry.objects.filter(draw=draw, position__gt=draw.told, position__lte=draw.told + _AT_ONCE)
        .select_related("waiting__worker")
        .order_by("position")
    )
    if not rows:
        return 0
    for row in rows:
        if row.waiting.state in (WaitingState.WAITING, WaitingState.CLOSED):
            _tell(draw, row, now)
    Draw.objects.filter(pk=draw.pk).update(told=F("told") + len(rows))
    return len(rows)


def _tell(draw: Draw, entry: Entry, now: datetime) -> None:
    worker = entry.waiting.worker
    if not worker.sealed_phone:
        return
    waits = entry.waiting.state == WaitingState.WAITING
    send_text(
        phone=PersonKey(worker.sealed_key).unseal(worker.sealed_phone),
        template="booking.drawn_waiting" if waits else "booking.not_drawn",
        values={
            "name": draw.offer.name,
            "ticket": grouped(entry.ticket),
            "position": str(entry.position),
            "count": str(draw.tickets),
            "link": f"{settings.NUANXIN_BASE_URL}/offers/{draw.offer.number}/ticket/",
        },
        union_id=draw.offer.union_id,
        now=now,
    )
