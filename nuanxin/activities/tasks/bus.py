"""Reminding people, and excusing whoever did not come to a time that was moved."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.activities.actions.breakdown import excuse_moved
from nuanxin.activities.actions.reminding import remind


@app.periodic(cron="5,35 * * * *")
@app.task(name="activities.remind", queueing_lock="activities.remind", pass_context=False)
def remind_people(timestamp: int) -> None:
    """Remind of tomorrow in the evening, and of today in the morning."""
    remind(now=timezone.now())


@app.periodic(cron="7 * * * *")
@app.task(name="activities.excuse", queueing_lock="activities.excuse", pass_context=False)
def excuse(timestamp: int) -> None:
    """Let those go who could not come to a time that was moved."""
    excuse_moved(now=timezone.now())
