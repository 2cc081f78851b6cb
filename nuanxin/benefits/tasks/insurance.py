"""Working on batches of gifted insurance, and taking up those whose worker was killed."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.benefits.actions.insurance_lists import WORK
from nuanxin.benefits.actions.insurance_rolls import (
    end_body,
    note_part_sent,
    note_roll_sent,
    note_trouble,
    part_body,
    write_roll_file,
)
from nuanxin.benefits.actions.insurance_working import take_up_left, work_on_list, work_on_returns
from nuanxin.benefits.models import InsuranceBatch, RollPart
from nuanxin.benefits.states.insurance import BatchState
from nuanxin.benefits.tasks.insurers import HttpInsurer, InsurerError


@app.task(name=WORK)
def work_on_batch(*, batch_id: str) -> None:
    """Freeze, write, send, read, compare or issue, as the batch stands."""
    pk = UUID(batch_id)
    work_on_list(pk)
    write_roll_file(batch_id=pk)
    send_parts(pk)
    work_on_returns(pk)


def send_parts(batch_id: UUID) -> None:
    """Send the parts of a roll that the insurer does not have yet, then say that it is whole.

    Killed, it goes on with the first part without a receipt; what the insurer does not take is tried again by itself.
    """
    batch = InsuranceBatch.objects.select_related("plan__insurer", "union").filter(pk=batch_id).first()
    if batch is None or batch.state != BatchState.SENDING:
        return
    service = HttpInsurer(batch.plan.insurer)
    try:
        for part in RollPart.objects.filter(batch=batch, sent_at=None).order_by("number"):
            now = timezone.now()
            receipt = service.send_part(batch.number, part.number, part_body(batch, part), now)
            note_part_sent(part=part, receipt=receipt, now=now)
        service.complete(batch.number, end_body(batch), timezone.now())
    except InsurerError as error:
        note_trouble(batch_id=batch.pk, words=str(error), now=timezone.now())
        return
    note_roll_sent(batch=batch, now=timezone.now())


@app.periodic(cron="* * * * * */10")
@app.task(name="benefits.take_up_batches", queueing_lock="benefits.take_up_batches", pass_context=False)
def take_up_batches(timestamp: int) -> None:
    """Have batches worked on that somebody left when killed, every ten seconds."""
    take_up_left(now=timezone.now())
