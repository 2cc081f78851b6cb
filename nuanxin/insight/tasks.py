"""Background work of tallies."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.insight.actions import count_assurance, fold, fold_doors, recount_doors
from nuanxin.insight.actions.doors import FRESH_DAYS, SETTLING_DAYS
from nuanxin.insight.actions.folding import FOLD_SIZE
from nuanxin.kernel.clock import local_day


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


@app.periodic(cron="* * * * *")
@app.task(name="insight.count_doors", queueing_lock="insight.count_doors", pass_context=False)
def count_doors(timestamp: int) -> None:
    """Gather the steps through doors, and count what became of the applications of these days, each minute."""
    while fold_doors() == FOLD_SIZE:
        pass
    today = local_day(timezone.now())
    recount_doors(since=today - timedelta(days=FRESH_DAYS - 1), until=today)


@app.periodic(cron="40 2 * * *")
@app.task(name="insight.settle_doors", queueing_lock="insight.settle_doors", pass_context=False)
def settle_doors(timestamp: int) -> None:
    """Count anew, each night, what became of the applications of the last two months."""
    today = local_day(timezone.now())
    recount_doors(since=today - timedelta(days=SETTLING_DAYS), until=today)
