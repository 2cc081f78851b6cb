"""Settling differences: the union says what becomes of each that no later return of the insurer mends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.benefits.actions.insurance_lists import have_worked_on
from nuanxin.benefits.models import Difference
from nuanxin.benefits.states.insurance import SETTLEMENTS, DifferenceState, Settlement
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.benefits.models import InsuranceBatch
    from nuanxin.kernel.actor import Actor


@transaction.atomic
def settle_differences(
    *,
    actor: Actor,
    batch: InsuranceBatch,
    kind: str,
    settlement: str,
    note: object,
    one: UUID | None = None,
    now: datetime,
) -> int:
    """Settle the open differences of one kind, or one of them, and return how many; policies follow by themselves.

    :param note: why, for whoever looks at it later.
    :raises NotAllowed: without `benefits.insure` there.
    :raises Invalid: no note, or a settlement that does not fit.
    :raises Conflict: nothing of that is open any more.
    """
    actor.require(Permission.INSURE, at=batch.union)
    words = check_text(note, field="note", most=200)
    if settlement not in SETTLEMENTS.get(kind, ()):
        raise Invalid("bad_settlement", _("A difference of this kind cannot be settled so."), field="settlement")
    if not words:
        raise Invalid("missing", _("Please say why, for whoever looks at it later."), field="note")
    rows = Difference.objects.filter(batch=batch, kind=kind, state=DifferenceState.OPEN)
    if one is not None:
        rows = rows.filter(pk=one)
    if settlement == Settlement.ACCEPT:
        # what cannot be a policy at all is not taken, whoever says so
        rows = rows.exclude(row__cover_from=None).exclude(row__cover_until=None).exclude(row__sum_insured=None)
    count = rows.update(
        state=DifferenceState.SETTLED,
        settlement=settlement,
        note=words,
        settled_at=now,
        settled_by=actor.account_id,
    )
    if not count:
        raise Conflict("nothing_open", _("Nothing of that is open any more. Look again."))
    record(
        actor, "benefits.differences_settled", batch, now=now, union_path=batch.union.path,
        number=batch.number, kind=kind, settlement=settlement, count=count, note=words,
    )  # fmt: skip
    have_worked_on(batch.pk)
    return count


@transaction.atomic
def note_differences_taken(*, actor: Actor, batch: InsuranceBatch, now: datetime) -> None:
    """Write down that somebody took the differences of a batch in plain.

    :raises NotAllowed: without `benefits.insure` there.
    """
    actor.require(Permission.INSURE, at=batch.union)
    count = Difference.objects.filter(batch=batch).count()
    record(
        actor, "benefits.differences_exported", batch, now=now, union_path=batch.union.path,
        number=batch.number, count=count,
    )  # fmt: skip
