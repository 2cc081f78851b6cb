"""Background work of the bookings floor: thin, idempotent, given plain values only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from nuanxin.access.actors import system
from nuanxin.bookings.actions.allocating import TELL
from nuanxin.bookings.actions.arriving import mark_no_shows
from nuanxin.bookings.actions.clockwork import close_past_lists, end_offers, fill_free, tell_allocated, turn_offers
from nuanxin.bookings.actions.draws_clockwork import tell_drawn, turn_draws
from nuanxin.bookings.actions.draws_drawing import TELL as TELL_DRAWN
from nuanxin.bookings.actions.ending import expire_holds
from nuanxin.bookings.actions.following import FOLLOW, follow_person


@app.periodic(cron="* * * * * */5")
@app.task(name="bookings.turn", queueing_lock="bookings.turn", pass_context=False)
def turn(timestamp: int) -> None:
    """Open and close offers, end holds whose time ran out, release shares and fill what is free, every five seconds."""
    now = timezone.now()
    turn_offers(now=now)
    expire_holds(actor=system(), now=now)
    fill_free(now=now)


@app.task(name=FOLLOW, retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def follow(*, worker_id: str) -> None:
    """Put a person's places where they belong, after two records were merged or a membership ended."""
    follow_person(worker_id=UUID(worker_id), now=timezone.now())


@app.periodic(cron="12 * * * *")
@app.task(name="bookings.look_back", queueing_lock="bookings.look_back", pass_context=False)
def look_back(timestamp: int) -> None:
    """Write down who did not come and end what is over, every hour."""
    now = timezone.now()
    mark_no_shows(actor=system(), now=now)
    close_past_lists(now=now)
    end_offers(now=now)


@app.task(name=TELL, retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def tell_whom_it_gave(*, offer_id: str, at: str) -> None:
    """Tell everybody whom priority or a draw gave a place."""
    tell_allocated(offer_id=UUID(offer_id), at=datetime.fromisoformat(at), now=timezone.now())


@app.periodic(cron="* * * * * */5")
@app.task(name="bookings.turn_draws", queueing_lock="bookings.turn_draws", pass_context=False)
def turn_all_draws(timestamp: int) -> None:
    """Freeze lists, reveal seeds and draw, each when its hour has come, every five seconds."""
    turn_draws(now=timezone.now())


@app.task(name=TELL_DRAWN, retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def tell_who_did_not_win(*, draw_id: str) -> None:
    """Tell everybody whom a draw gave no place."""
    tell_drawn(draw_id=UUID(draw_id), now=timezone.now())
