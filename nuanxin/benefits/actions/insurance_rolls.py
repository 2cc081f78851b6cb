"""The roll goes to the insurer: as a workbook by hand, or part by part to the insurer's service. Each is an export."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actors import system
from nuanxin.access.states import Permission
from nuanxin.benefits.actions.insurance_lists import have_worked_on
from nuanxin.benefits.actions.insurance_returns import memory_folder
from nuanxin.benefits.models import InsuranceBatch, Insured, RollFile, RollPart
from nuanxin.benefits.queries.insurance_rolls import roll_lines
from nuanxin.benefits.rules.insurance_sheets import write_roll
from nuanxin.benefits.states.insurance import BATCH_MOVES, STANDING, BatchState
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved, move
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from nuanxin.benefits.queries.insurance_rolls import RollLine
    from nuanxin.kernel.actor import Actor

#: Lines of a workbook between two notes of how far it is.
BEAT = 2000


@transaction.atomic
def ask_roll(*, actor: Actor, batch: InsuranceBatch, now: datetime) -> RollFile:
    """Have the roll written as a workbook in the background; asked again, it is the same one, for a day.

    :raises NotAllowed: without `benefits.insure` there.
    :raises Moved: there is no list.
    """
    actor.require(Permission.INSURE, at=batch.union)
    if batch.state not in STANDING:
        raise Moved(batch.state)
    made, is_new = RollFile.objects.get_or_create(
        batch=batch, defaults={"asked_by_id": actor.account_id, "asked_at": now, "beat_at": now}
    )
    if is_new:
        have_worked_on(batch.pk)
    return made


def write_roll_file(*, batch_id: UUID) -> None:
    """Write the roll that was asked for, line by line, and seal it; killed, it begins anew.

    In plain it is in memory only, like the insurer's answer.
    """
    waiting = RollFile.objects.select_related("batch__plan").filter(batch=batch_id, sealed_content=b"").first()
    if waiting is None:
        return
    batch = waiting.batch
    file = io.BytesIO()
    count = write_roll(
        file,
        _counted(waiting, roll_lines(batch)),
        cover_from=batch.cover_from,
        cover_until=batch.cover_until,
        sum_insured=batch.plan.sum_insured,
        folder=memory_folder(),
    )
    sealed = PersonKey(batch.sealed_key).seal_bytes(file.getvalue())
    rows = RollFile.objects.filter(pk=waiting.pk, sealed_content=b"")
    rows.update(sealed_content=sealed, lines=count, beat_at=timezone.now())


def _counted(file: RollFile, lines: Iterator[RollLine]) -> Iterator[RollLine]:
    """Note every so many lines how far it is."""
    for count, line in enumerate(lines, start=1):
        if count % BEAT == 0:
            RollFile.objects.filter(pk=file.pk).update(lines=count, beat_at=timezone.now())
        yield line


@transaction.atomic
def take_roll(*, actor: Actor, batch: InsuranceBatch, now: datetime) -> bytes:
    """Return the workbook with ID numbers and phones in plain, and write down who took it.

    The first time the batch counts as handed over. The same list every time: it was frozen with them.

    :raises NotAllowed: without `benefits.insure` there.
    :raises Moved: there is no list.
    :raises Conflict: nobody asked for it within a day, or it is being written.
    """
    actor.require(Permission.INSURE, at=batch.union)
    if batch.state not in STANDING:
        raise Moved(batch.state)
    ready = RollFile.objects.filter(batch=batch).exclude(sealed_content=b"").first()
    if ready is None:
        raise Conflict("no_roll", _("The roll is not written yet. Ask for it, and wait some seconds."))
    if batch.state == BatchState.FROZEN:
        move(batch, BATCH_MOVES, BatchState.SENT, sent_at=now, beat_at=now)
    _write_down(actor, batch, "file", now)
    return PersonKey(batch.sealed_key).unseal_bytes(ready.sealed_content)


@transaction.atomic
def send_roll(*, actor: Actor, batch: InsuranceBatch, now: datetime) -> InsuranceBatch:
    """Have the roll sent to the insurer's service in the background, signed, part by part.

    :raises NotAllowed: without `benefits.insure` there.
    :raises Conflict: the insurer has no service.
    :raises Moved: there is no list, or it was handed over already.
    """
    actor.require(Permission.INSURE, at=batch.union)
    if not batch.plan.insurer.address:
        raise Conflict("no_service", _("This insurer takes no rolls by itself: download the file and hand it over."))
    move(batch, BATCH_MOVES, BatchState.SENDING, beat_at=now, trouble="")
    _write_down(actor, batch, "service", now)
    have_worked_on(batch.pk)
    return batch


def _write_down(actor: Actor, batch: InsuranceBatch, way: str, now: datetime) -> None:
    record(
        actor, "benefits.roll_exported", batch, now=now, union_path=batch.union.path,
        number=batch.number, count=batch.people, way=way, insurer=batch.plan.insurer.name,
    )  # fmt: skip


def part_body(batch: InsuranceBatch, part: RollPart) -> bytes:
    """Return the message with one part of a roll, as JSON."""
    plan = batch.plan
    told: dict[str, Any] = {
        "batch": batch.number,
        "part": part.number,
        "plan": plan.code,
        "cover_from": batch.cover_from.isoformat(),
        "cover_until": batch.cover_until.isoformat(),
        "sum_insured": str(plan.sum_insured),
        "people": [
            {
                "ref": each.line,
                "name": each.name,
                "id_kind": each.id_kind,
                "id_number": each.id_number,
                "phone": each.phone,
            }
            for each in roll_lines(batch, part.first_line, part.last_line)
        ],
    }
    return json.dumps(told, ensure_ascii=False).encode()


def end_body(batch: InsuranceBatch) -> bytes:
    """Return the message that completes a roll: how many parts and people, and the digest of the frozen list."""
    told = {
        "batch": batch.number,
        "parts": RollPart.objects.filter(batch=batch).count(),
        # whoever was erased since is not sent
        "people": Insured.objects.filter(batch=batch, worker__erased_at=None).count(),
        "sha256": bytes(batch.digest).hex(),
    }
    return json.dumps(told).encode()


@transaction.atomic
def note_part_sent(*, part: RollPart, receipt: str, now: datetime) -> None:
    """Write down that the insurer has one part."""
    RollPart.objects.filter(pk=part.pk, sent_at=None).update(sent_at=now, receipt=receipt[:80])
    InsuranceBatch.objects.filter(pk=part.batch_id).update(beat_at=now, trouble="")


@transaction.atomic
def note_roll_sent(*, batch: InsuranceBatch, now: datetime) -> None:
    """Write down that the insurer has the whole roll; once."""
    try:
        move(batch, BATCH_MOVES, BatchState.SENT, sent_at=now, beat_at=now, trouble="")
    except Moved:
        return
    record(
        system(), "benefits.roll_sent", batch, now=now, union_path=batch.union.path,
        number=batch.number, count=batch.people,
    )  # fmt: skip


@transaction.atomic
def note_trouble(*, batch_id: UUID, words: str, now: datetime) -> None:
    """Write down why sending rests; it is tried again by itself."""
    InsuranceBatch.objects.filter(pk=batch_id, state=BatchState.SENDING).update(trouble=words[:200], beat_at=now)
