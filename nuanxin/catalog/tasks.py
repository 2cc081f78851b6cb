"""Background work of the catalog."""

from __future__ import annotations

from procrastinate.contrib.django import app

from nuanxin.catalog.actions.counting import FOLD_SIZE, fold


@app.periodic(cron="* * * * * */15")
@app.task(name="catalog.fold", queueing_lock="catalog.fold", pass_context=False)
def fold_deliveries(timestamp: int) -> None:
    """Count waiting deliveries into the tallies; what comes in meanwhile waits for the next time."""
    while fold() == FOLD_SIZE:
        pass
