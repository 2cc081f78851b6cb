"""Searching for records that may be one person, in the background; a search that was killed goes on."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.members.actions.duplicates_sweep import SWEEP, next_sweep, run_sweep


@app.task(name=SWEEP, pass_context=False)
def sweep_duplicates(*, sweep_id: str) -> None:
    """Carry out a search that somebody asked for."""
    run_sweep(sweep_id=UUID(sweep_id), clock=timezone.now)


@app.periodic(cron="*/10 * * * *")
@app.task(name="members.look_for_duplicates", queueing_lock="members.look_for_duplicates", pass_context=False)
def look_for_duplicates(timestamp: int) -> None:
    """Go on with a search that was killed, or compare whoever is new or has changed with everybody."""
    sweep = next_sweep(now=timezone.now())
    if sweep is not None:
        run_sweep(sweep_id=sweep.pk, clock=timezone.now)
