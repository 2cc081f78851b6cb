"""Forgetting in time: codes and counts of tries."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.access.actions import forget_codes, forget_throttles

KEEP = timedelta(days=2)


@app.periodic(cron="40 * * * *")
@app.task(name="nuanxin.access.forget", queueing_lock="nuanxin.access.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Delete codes and counts that no limit looks at any more."""
    now = timezone.now()
    forget_codes(before=now - KEEP)
    forget_throttles(before=now)
