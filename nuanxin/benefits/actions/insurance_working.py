"""Whatever a batch waits for, from wherever it stands; and finding those that somebody left behind when killed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from nuanxin.benefits.actions.insurance_lists import WORK, freeze_list
from nuanxin.benefits.actions.insurance_reconciling import issue_next, reconcile
from nuanxin.benefits.actions.insurance_returns import read_return
from nuanxin.benefits.models import InsuranceBatch, Policy, PolicyReturn
from nuanxin.benefits.rules.insurance import LEFT_AFTER, PART
from nuanxin.benefits.states.insurance import BatchState, ReturnState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.rows import pipelined
from nuanxin.kernel.secrets import PersonKey
from nuanxin.messages.actions import send_text

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def work_on_list(batch_id: UUID) -> None:
    """Freeze a list that waits for it."""
    if InsuranceBatch.objects.filter(pk=batch_id, state=BatchState.FREEZING).exists():
        freeze_list(batch_id=batch_id, now=timezone.now())


def work_on_returns(batch_id: UUID) -> None:
    """Read what came back, compare it, issue what agrees, and tell whoever is insured now.

    Each step is a transaction of its own or many; whoever is killed loses the one in hand, and whoever calls this
    again goes on.
    """
    waiting = PolicyReturn.objects.filter(batch=batch_id, state=ReturnState.READING).order_by("number")
    for back in waiting.values_list("pk", flat=True):
        read_return(return_id=back, now=timezone.now())
    now = timezone.now()
    reconcile(batch_id=batch_id, now=now)
    while issue_next(batch_id=batch_id, day=local_day(now), now=now):
        pass
    while _tell_next(batch_id):
        pass


@transaction.atomic
def _tell_next(batch_id: UUID) -> bool:
    """Tell some thousand people that they are insured; each once."""
    batch = InsuranceBatch.objects.select_for_update(of=("self",)).select_related("plan", "union").get(pk=batch_id)
    rows = Policy.objects.filter(batch=batch).select_related("worker")
    if batch.told_to is not None:
        rows = rows.filter(pk__gt=batch.told_to)
    chosen = list(rows.order_by("pk")[:PART])
    if not chosen:
        return False
    now = timezone.now()
    with pipelined():
        for policy in chosen:
            worker = policy.worker
            if worker.erased_at is not None:
                continue
            send_text(
                phone=PersonKey(worker.sealed_key).unseal(worker.sealed_phone),
                template="insurance.issued",
                values={
                    "union": batch.union.name,
                    "plan": batch.plan.name,
                    "until": batch.cover_until.isoformat(),
                    "link": f"{settings.NUANXIN_BASE_URL}/insurance/",
                },
                fact=str(policy.pk),
                union_id=batch.union_id,
                now=now,
            )
    InsuranceBatch.objects.filter(pk=batch.pk).update(told_to=chosen[-1].pk)
    return True


_LEFT = """
UPDATE benefits_insurancebatch SET beat_at = %(now)s
WHERE state IN ('freezing', 'sending') AND beat_at < %(left)s RETURNING id
"""
_UNWRITTEN = """
UPDATE benefits_rollfile SET beat_at = %(now)s WHERE beat_at < %(left)s AND sealed_content = '' RETURNING batch_id
"""
_UNREAD = """
UPDATE benefits_policyreturn SET beat_at = %(now)s
WHERE beat_at < %(left)s
  AND (state = 'reading' OR (state = 'done' AND is_last AND reconciled_at IS NULL)) RETURNING batch_id
"""
_UNFINISHED = """
SELECT b.id FROM benefits_insurancebatch b
WHERE b.state IN ('returned', 'settled') AND b.beat_at < %(left)s AND EXISTS (
  SELECT FROM benefits_policy p WHERE p.batch_id = b.id AND (b.told_to IS NULL OR p.id > b.told_to))
"""


def take_up_left(*, now: datetime) -> int:
    """Have the batches worked on on which nobody has worked for a while: whoever did was killed. Return how many."""
    left: set[UUID] = set()
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (_LEFT, _UNWRITTEN, _UNREAD, _UNFINISHED):
            cursor.execute(statement, {"now": now, "left": now - LEFT_AFTER})
            left |= {row[0] for row in cursor.fetchall()}
    for pk in left:
        with suppress(AlreadyEnqueued), transaction.atomic():
            app.configure_task(WORK, queueing_lock=f"insurance:{pk}").defer(batch_id=str(pk))
    return len(left)
