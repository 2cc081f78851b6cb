"""Working rosters off, and taking up those whose worker was killed."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.members.actions.rosters import take_up_left, work_off
from nuanxin.members.actions.rosters.sharing import WORK


@app.task(name=WORK)
def work_off_roster(*, roster_id: str) -> None:
    """Check a roster, enroll its people, or tell them, as it stands."""
    work_off(UUID(roster_id))


@app.periodic(cron="* * * * * */5")
@app.task(name="members.take_up_rosters", queueing_lock="members.take_up_rosters", pass_context=False)
def take_up_rosters(timestamp: int) -> None:
    """Have rosters worked off that somebody left when killed, every five seconds."""
    take_up_left(now=timezone.now())
