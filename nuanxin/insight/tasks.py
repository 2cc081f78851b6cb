"""Background work of tallies."""

from __future__ import annotations

from procrastinate.contrib.django import app

from nuanxin.insight.actions import fold
from nuanxin.insight.actions.folding import FOLD_SIZE


@app.periodic(cron="* * * * * */15")
@app.task(name="insight.fold", queueing_lock="insight.fold", pass_context=False)
def fold_tallies(timestamp: int) -> None:
    """Count waiting deltas into tallies; what comes in meanwhile waits for the next time."""
    while fold() == FOLD_SIZE:
        pass
