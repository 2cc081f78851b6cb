"""Policies come back: by a file at the desk or a signed message. Each is kept once, read, and then compared."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uuid_utils
from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actors import Actor as Concrete
from nuanxin.access.states import Permission
from nuanxin.benefits.actions.insurance_lists import have_worked_on
from nuanxin.benefits.models import InsuranceBatch, PolicyReturn, PolicyRow
from nuanxin.benefits.queries.insurance import find_insurer
from nuanxin.benefits.rules.insurance_rows import Said, is_header, read_cells, read_policy, recognize
from nuanxin.benefits.states.insurance import BATCH_MOVES, WITH_INSURER, BatchState, ReturnState, ReturnWay
from nuanxin.kernel.refusals import Conflict, Invalid, Refusal
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import PersonKey, unseal
from nuanxin.kernel.signatures import HMAC, BadSignature, check_clock, check_signature, signed_text
from nuanxin.kernel.states import Moved, move
from nuanxin.kernel.tables import open_table
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.rosters.copying import NULL, Target, raw, text
from nuanxin.members.queries.persons import id_digest
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from nuanxin.benefits.models import Insurer
    from nuanxin.kernel.actor import Actor
    from nuanxin.kernel.tables import Table

#: Policies of one message, and rows of one file.
MOST_OF_MESSAGE, MOST_ROWS = 5000, 200_000
MOST_BYTES = 31 * 1024 * 1024
CHUNK = 5000
_ROWS = Target(
    PolicyRow,
    "id batch_id back_id line ref policy_number name id_digest sealed_id cover_from cover_until sum_insured",
    is_replaced="f",
)


@transaction.atomic
def hand_in_policies(*, actor: Actor, batch: InsuranceBatch, name: str, content: bytes, now: datetime) -> PolicyReturn:
    """Take the insurer's file in; it is read and compared in the background. The same file again is the same return.

    :param name: of the file; shown in the record, never believed.
    :raises NotAllowed: without `benefits.insure` there.
    :raises Moved: the insurer does not have the list yet.
    :raises Invalid: empty, or too large.
    """
    actor.require(Permission.INSURE, at=batch.union)
    if not content or len(content) > MOST_BYTES:
        raise Invalid(
            "bad_size", _("Please choose the insurer's file: not empty, and 31 megabytes at most."), field="file"
        )
    digest = hashlib.sha256(content).digest()
    made, is_new = _keep(batch, ReturnWay.FILE, digest.hex()[:64], digest, True, actor, now)
    if not is_new:
        return made
    key = PersonKey(batch.sealed_key)
    PolicyReturn.objects.filter(pk=made.pk).update(sealed_content=key.seal_bytes(content))
    record(
        actor, "benefits.policies_handed_in", batch, now=now, union_path=batch.union.path,
        number=batch.number, size=len(content), sha256=digest.hex(), file=name[-120:],
    )  # fmt: skip
    have_worked_on(batch.pk)
    return made


def check_insurer(*, key: str, timestamp: str, signature: str, body: bytes, now: datetime) -> Insurer:
    """Return the insurer that signed a message just now.

    :raises BadSignature: unknown or revoked key, or a signature that does not fit; not told apart.
    :raises WrongClock: signed by that key, but more than five minutes ago or in the future.
    """
    insurer = find_insurer(key)
    if insurer is None:
        raise BadSignature
    check_signature(
        signing=HMAC,
        secret=unseal(insurer.sealed_secret).encode(),
        public_key=b"",
        given=signature,
        text=signed_text(timestamp, body),
    )
    check_clock(timestamp, now)
    return insurer


@transaction.atomic
def receive_policies(
    *, insurer: Insurer, batch: InsuranceBatch, body: Mapping[str, Any], now: datetime
) -> PolicyReturn:
    """Take a message of policies in from an insurer that signed it. The same message again is the same return.

    :param body: `id` of the message, `policies`, and `last` once the insurer has said everything.
    :raises Invalid: no id, no list of policies, or too many of them.
    :raises Conflict: the id was used for another message, or the insurer does not have the list yet.
    """
    external = check_text(body.get("id") or "", field="id", most=80)
    policies = body.get("policies")
    if not external:
        raise Invalid("missing", _("Please fill this in."), field="id")
    if not isinstance(policies, list) or not all(isinstance(each, dict) for each in policies):
        raise Invalid("wrong_type", _("This must be a list of policies."), field="policies")
    if len(policies) > MOST_OF_MESSAGE:
        raise Invalid("too_many", _("A message holds 5,000 policies at most: please send several."), field="policies")
    text_of = json.dumps(body, sort_keys=True, ensure_ascii=True, default=str).encode()
    actor = Concrete(kind="client", source_id=insurer.client_id, name=insurer.name)
    last = body.get("last") is True
    made, is_new = _keep(batch, ReturnWay.API, external, hashlib.sha256(text_of).digest(), last, actor, now)
    if not is_new:
        return made
    said = [(at, read_policy(each)) for at, each in enumerate(policies, start=1)]
    _copy(batch, made, said)
    PolicyReturn.objects.filter(pk=made.pk).update(rows=len(said), state=ReturnState.DONE)
    record(
        actor, "benefits.policies_received", batch, now=now, union_path=batch.union.path,
        number=batch.number, rows=len(said), message=external, last=last,
    )  # fmt: skip
    if last:
        have_worked_on(batch.pk)
    made.refresh_from_db()
    return made


def _keep(
    batch: InsuranceBatch, way: str, external: str, digest: bytes, last: bool, actor: Actor, now: datetime
) -> tuple[PolicyReturn, bool]:
    """Write a return down and answer whether it is a new one."""
    held = InsuranceBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    known = PolicyReturn.objects.filter(batch=batch, external_id=external).first()
    if known is not None:
        if bytes(known.body_digest) != digest:
            raise Conflict(
                "message_id_reused", _("This id was used for another message. Give each message an id of its own.")
            )
        return known, False
    if held.state not in WITH_INSURER:
        raise Moved(held.state)
    number = (PolicyReturn.objects.filter(batch=batch).aggregate(most=Max("number"))["most"] or 0) + 1
    made = PolicyReturn(
        batch=batch,
        number=number,
        way=way,
        external_id=external,
        body_digest=digest,
        is_last=last,
        by_id=actor.account_id,
        source_id=actor.source_id,
        received_at=now,
        beat_at=now,
    )
    try:
        insert(made)
    except IntegrityError:  # pragma: no cover - the batch is held
        raise Conflict("returned_twice", _("Somebody was quicker. Look again.")) from None
    return made, True


def read_return(*, return_id: UUID, now: datetime) -> None:
    """Read a file that was handed in, some thousand rows a transaction; killed, it goes on behind the last one."""
    back = PolicyReturn.objects.select_related("batch").get(pk=return_id)
    if back.state != ReturnState.READING:
        return
    done = PolicyRow.objects.filter(back=back).aggregate(most=Max("line"))["most"] or 0
    try:
        with _opened(back) as table:
            columns = recognize(table.headers)
            for chunk in _chunks((line, cells) for line, cells in table.rows() if line > done):
                said = [(line, read_cells(cells, columns)) for line, cells in chunk]
                with transaction.atomic():
                    _copy(back.batch, back, said)
                    _beat(back, len(said), now)
    except Refusal as refusal:
        PolicyReturn.objects.filter(pk=back.pk, state=ReturnState.READING).update(
            state=ReturnState.FAILED, failure=refusal.code[:40]
        )
        return
    PolicyReturn.objects.filter(pk=back.pk, state=ReturnState.READING).update(state=ReturnState.DONE, beat_at=now)


def _beat(back: PolicyReturn, count: int, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE benefits_policyreturn SET rows = rows + %s, beat_at = %s WHERE id = %s", [count, now, back.pk]
        )


def _chunks(rows: Iterable[tuple[int, tuple[str, ...]]]) -> Iterator[list[tuple[int, tuple[str, ...]]]]:
    chunk: list[tuple[int, tuple[str, ...]]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@contextmanager
def _opened(back: PolicyReturn) -> Iterator[Table]:
    content = PersonKey(back.batch.sealed_key).unseal_bytes(back.sealed_content)
    with tempfile.NamedTemporaryFile(dir=memory_folder()) as file:
        file.write(content)
        file.flush()
        del content
        yield open_table(
            Path(file.name),
            "policies",
            most_rows=MOST_ROWS,
            most_columns=60,
            most_bytes=MOST_BYTES,
            is_header=is_header,
        )


def memory_folder() -> str | None:
    """Return a folder that lies in memory, where there is one: ID numbers should touch no disk in plain."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - file of its own, readable by us alone


def _copy(batch: InsuranceBatch, back: PolicyReturn, said: Sequence[tuple[int, Said]]) -> None:
    head = f"\t{batch.pk.hex}\t{back.pk.hex}\t"
    seal = PersonKey(batch.sealed_key).seal
    _ROWS.copy(
        f"{uuid_utils.uuid7().hex}{head}{line}\t{each.ref or NULL}\t{text(each.policy_number)}\t{text(each.name)}\t"
        f"{raw(id_digest(each.id_number, each.id_kind))}\t{raw(seal(each.id_number))}\t"
        f"{each.cover_from or NULL}\t{each.cover_until or NULL}\t"
        f"{NULL if each.sum_insured is None else each.sum_insured}{_ROWS.end}"
        for line, each in said
    )


def note_returned(*, batch: InsuranceBatch, now: datetime) -> None:
    """Write down that policies have come back; part of reconciling."""
    if batch.state == BatchState.SENDING:
        move(batch, BATCH_MOVES, BatchState.SENT, sent_at=batch.sent_at or now, beat_at=now)
    if batch.state != BatchState.RETURNED:
        move(batch, BATCH_MOVES, BatchState.RETURNED, beat_at=now, settled_at=None)
