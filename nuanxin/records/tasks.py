"""Forgetting in time, and letting go of what erasures leave on disk."""

from __future__ import annotations

import subprocess
import sys

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.records.actions.erasing import forget_aged


@app.periodic(cron="40 * * * *")
@app.task(name="nuanxin.records.forget", queueing_lock="nuanxin.records.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Delete, every hour, what has ended by its own age: codes, drafts, sessions, texts, notices, first answers."""
    forget_aged(now=timezone.now())


@app.periodic(cron="30 4 * * *")
@app.task(name="nuanxin.records.clear_storage", queueing_lock="nuanxin.records.clear_storage", pass_context=False)
def clear_storage(timestamp: int) -> None:
    """Write anew, in the quiet hours, the tables in which something was erased.

    A command of its own: only the owner of the tables may, and this process is not the owner.
    """
    subprocess.run([sys.executable, "-m", "nuanxin.cli", "retention", "clear"], check=True)
