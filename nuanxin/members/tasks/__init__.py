"""Background work of the members floor: thin, idempotent, given plain values only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from nuanxin.members.actions.clockwork import drop_unconfirmed, escalate_overdue, lapse_uncorrected, settle_transfers
from nuanxin.members.actions.dissolving import TELL, tell_carried
from nuanxin.members.actions.erasure import erase_due
from nuanxin.members.actions.reminders import escalate_contests, note_overdue_at_the_top, remind
from nuanxin.members.actions.rights import close_due_accounts
from nuanxin.members.actions.verification import VERIFY, identity_of_waiting, mark_verified
from nuanxin.members.tasks import cells  # noqa: F401 - its own tasks, where there are several cells
from nuanxin.members.tasks.assurance import reverify, verify_person
from nuanxin.members.tasks.duplicates import look_for_duplicates, sweep_duplicates
from nuanxin.members.tasks.rosters import take_up_rosters, work_off_roster
from nuanxin.members.tasks.verifiers import VerifierError, verifier
from nuanxin.records.actions.erasing import forget_aged
from nuanxin.records.actions.logbook import complete_log

__all__ = [
    "look_for_duplicates",
    "reverify",
    "sweep_duplicates",
    "take_up_rosters",
    "verify_person",
    "work_off_roster",
]


@app.periodic(cron="* * * * *")
@app.task(name="members.watch_limits", queueing_lock="members.watch_limits", pass_context=False)
def watch_limits(timestamp: int) -> None:
    """Remind of limits that end soon, escalate, lapse and settle what is overdue, every minute."""
    now = timezone.now()
    remind(now=now)
    escalate_overdue(now=now)
    note_overdue_at_the_top(now=now)
    escalate_contests(now=now)
    lapse_uncorrected(now=now)
    settle_transfers(now=now)


@app.periodic(cron="*/10 * * * *")
@app.task(name="members.forget_unfinished", queueing_lock="members.forget_unfinished", pass_context=False)
def forget_unfinished(timestamp: int) -> None:
    """Delete unconfirmed applications and drafts that are a day old."""
    now = timezone.now()
    drop_unconfirmed(now=now)
    forget_aged(now=now, codes=["drafts"])


@app.periodic(cron="30 3 * * *")
@app.task(name="members.erase_due", queueing_lock="members.erase_due", pass_context=False)
def erase_what_is_due(timestamp: int) -> None:
    """Close accounts whose days to think again are over, and erase, by the retention register, what is due."""
    now = timezone.now()
    close_due_accounts(now=now)
    erase_due(now=now)
    complete_log()


@app.task(name=TELL, retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def tell_whom_a_union_left(*, union_id: str, at: str) -> None:
    """Tell everybody whom the end of a union has brought elsewhere."""
    tell_carried(union_id=UUID(union_id), at=datetime.fromisoformat(at))


@app.task(name=VERIFY, retry=RetryStrategy(max_attempts=8, exponential_wait=5, retry_exceptions={VerifierError}))
def verify_identity(*, application_id: str) -> None:
    """Ask the verifier about an application that still waits; a mismatch changes nothing: the reviewer decides."""
    bureau = verifier()
    identity = identity_of_waiting(UUID(application_id))
    if bureau and identity and bureau.matches(*identity):
        mark_verified(application_id=UUID(application_id), verified_by=bureau.name, now=timezone.now())
