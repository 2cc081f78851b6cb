"""Forgetting in time what is held only for those who send again."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.records.actions import forget_idempotency_keys

KEEP_ANSWERS = timedelta(days=2)


@app.periodic(cron="40 3 * * *")
@app.task(name="nuanxin.records.forget", queueing_lock="nuanxin.records.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Delete first answers after two days: whoever sends again does so within a day."""
    forget_idempotency_keys(before=timezone.now() - KEEP_ANSWERS)
