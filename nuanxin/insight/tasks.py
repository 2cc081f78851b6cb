"""Background work of tallies."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.insight.actions import count_assurance, fold
from nuanxin.insight.actions.folding import FOLD_SIZE


@app.periodic(cron="* * * * * */15")
@app.task(name="insight.fold", queueing_lock="insight.fold", pass_context=False)
def fold_tallies(timestamp: int) -> None:
    """Count waiting deltas into tallies; what comes in meanwhile waits for the next time."""
    while fold() == FOLD_SIZE:
        pass


@app.periodic(cron="7 * * * *")
@app.task(name="insight.count_assurance", queueing_lock="insight.count_assurance", pass_context=False)
def count_levels(timestamp: int) -> None:
    """Count, each hour, how many active members stand at which level of assurance."""
    count_assurance(now=timezone.now())
