"""Freezing a list: asked for by a cadre, carried out in the background by one transaction, never changed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import uuid_utils
from django.db import connection, transaction
from procrastinate.contrib.django import app

from nuanxin.access.actors import system
from nuanxin.access.states import Permission
from nuanxin.benefits.models import InsuranceBatch, Insured, RollPart
from nuanxin.benefits.queries.insurance_lists import eligible_rows
from nuanxin.benefits.rules.insurance import digest_of, mark_of, parts_of
from nuanxin.benefits.states.insurance import BATCH_MOVES, BatchState
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.states import move
from nuanxin.members.actions.rosters.copying import Target, raw, text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

#: Name of the task that does whatever a batch waits for.
WORK = "benefits.work_on_batch"
_LIST = Target(
    Insured,
    "id batch_id line worker_id membership_id union_id number name id_kind id_digest sealed_id sealed_phone mark",
)
#: One list after the other: who is on one that is being frozen is seen by the next.
_IN_TURN = "SELECT id FROM benefits_insuranceplan ORDER BY id FOR UPDATE"


@transaction.atomic
def freeze_batch(*, actor: Actor, batch: InsuranceBatch, now: datetime) -> InsuranceBatch:
    """Have the list of a batch frozen in the background: who is eligible then is on it, and nobody else ever.

    :param batch: fetched by what the actor may see.
    :raises NotAllowed: without `benefits.insure` there.
    :raises Moved: it is frozen already, or somebody was quicker.
    """
    actor.require(Permission.INSURE, at=batch.union)
    move(batch, BATCH_MOVES, BatchState.FREEZING, beat_at=now, trouble="")
    record(actor, "benefits.freeze_asked", batch, now=now, union_path=batch.union.path, number=batch.number)
    have_worked_on(batch.pk)
    return batch


def have_worked_on(batch_id: UUID) -> None:
    """Have the background do what a batch waits for, once this transaction is certain."""
    app.configure_task(WORK).defer(batch_id=str(batch_id))


@transaction.atomic
def freeze_list(*, batch_id: UUID, now: datetime) -> bool:
    """Write down who is eligible now, with the digest of the whole; answer whether there is a list now.

    One transaction and one reading of the members: killed in between, nothing was written, and it begins anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IN_TURN)
    batch = InsuranceBatch.objects.select_for_update(of=("self",)).select_related("union", "plan").get(pk=batch_id)
    if batch.state != BatchState.FREEZING:
        return False
    rows = eligible_rows(batch)
    if not rows:
        move(batch, BATCH_MOVES, BatchState.DRAFT, beat_at=now, trouble="nobody")
        return False
    digest = _write(batch, rows)
    RollPart.objects.bulk_create(
        RollPart(id=new_id(), batch=batch, number=number, first_line=first, last_line=last)
        for number, first, last in parts_of(len(rows))
    )
    move(batch, BATCH_MOVES, BatchState.FROZEN, people=len(rows), digest=digest, frozen_at=now, beat_at=now)
    record(
        system(), "benefits.list_frozen", batch, now=now, union_path=batch.union.path,
        number=batch.number, people=len(rows), sha256=digest.hex(),
    )  # fmt: skip
    return True


def _write(batch: InsuranceBatch, rows: list[tuple[Any, ...]]) -> bytes:
    """COPY the list and return its digest."""
    key = batch.pk.hex
    marks: list[bytes] = []
    lines: list[str] = []
    for line, row in enumerate(rows, start=1):
        worker, membership, union, number, name, kind, digest, sealed_id, sealed_phone = row
        mark = mark_of(line, number, name, bytes(digest))
        marks.append(mark)
        lines.append(
            f"{uuid_utils.uuid7().hex}\t{key}\t{line}\t{worker.hex}\t{membership.hex}\t{union.hex}\t{number}\t"
            f"{text(name)}\t{kind}\t{raw(digest)}\t{raw(sealed_id)}\t{raw(sealed_phone)}\t{raw(mark)}{_LIST.end}"
        )
    _LIST.copy(lines)
    return digest_of(marks)
