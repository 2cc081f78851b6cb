"""New members get their welcome pack, every ten seconds."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.benefits.actions.packs import grant_packs
from nuanxin.benefits.actions.tickets import give_tickets


@app.periodic(cron="* * * * * */10")
@app.task(name="benefits.grant_packs", queueing_lock="benefits.grant_packs", pass_context=False)
def give_packs(timestamp: int) -> None:
    """Give what the dated rule says to whoever joined since the last look, and film tickets as coupons."""
    now = timezone.now()
    grant_packs(now=now)
    give_tickets(now=now)
