"""What the union does about one member's welcome pack: grants again what was lost, takes back what is not due."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.models import PackRight
from nuanxin.benefits.queries.packs import live_memberships
from nuanxin.benefits.rules.packs import DAYS, may_grant_again
from nuanxin.benefits.states.packs import MANAGE_PACKS, RightState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.text import check_text
from nuanxin.messages.actions import notify
from nuanxin.organizations.queries.rules import dated_rules
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor


@transaction.atomic
def grant_again(*, actor: Actor, right: PackRight, reason: object, now: datetime) -> PackRight:
    """Grant a thing again that was lost, was not fetched in time, or was taken back; the member is told.

    What went over a counter stays on record as replaced, with where and when; the new one counts its days from today.

    :param right: fetched by what the actor may see, with its worker and membership.
    :raises NotAllowed: without `benefits.manage_packs` at the member's union.
    :raises Invalid: no reason.
    :raises Conflict: it waits to be fetched still, comes by itself, its holder is no member, or somebody was quicker.
    """
    union, today = right.membership.union, local_day(now)
    actor.require(MANAGE_PACKS, at=union)
    words = _reason(reason)
    if not may_grant_again(right, on=today):
        raise Conflict("not_gone", _("This cannot be granted again: it can be fetched still, or comes by itself."))
    if not live_memberships(right).exists():
        raise Conflict("not_a_member", _("The membership has ended or rests: nothing can be handed out for now."))
    until = today + timedelta(days=dated_rules(DAYS, union=union, on=today)[DAYS].value)
    made = _anew(right, words, until, now) if right.state == RightState.HANDED_OUT else _reopened(right, words, until)
    _record(actor, "benefits.pack_granted_again", made, words, now)
    holder = right.worker.merged_into or right.worker
    if holder.account_id is not None:
        notify(
            account_id=holder.account_id, template="pack.granted", values={}, fact=f"pack:{made.pk}:{until}",
            link="/packs/", union_id=union.pk, now=now,
        )  # fmt: skip
    return made


@transaction.atomic
def take_back(*, actor: Actor, right: PackRight, reason: object, now: datetime) -> PackRight:
    """Take back what is not due to a member and was not fetched yet.

    :param right: fetched by what the actor may see, with its worker and membership.
    :raises NotAllowed: without `benefits.manage_packs` at the member's union.
    :raises Invalid: no reason.
    :raises NotFound: the person was erased.
    :raises Conflict: it is gone already.
    """
    actor.require(MANAGE_PACKS, at=right.membership.union)
    if right.worker.erased_at is not None:
        raise NotFound
    words = _reason(reason)
    _moved(right, RightState.GRANTED, state=RightState.WITHDRAWN, reason=words)
    _record(actor, "benefits.pack_taken_back", right, words, now)
    return right


def _reason(value: object) -> str:
    words = check_text(value, field="reason", most=200)
    if not words:
        raise Invalid("missing", _("Please say why, for whoever looks at it later."), field="reason")
    return words


def _anew(right: PackRight, words: str, until: date, now: datetime) -> PackRight:
    _moved(right, RightState.HANDED_OUT, state=RightState.REPLACED)
    made = PackRight(
        worker=right.worker,
        membership=right.membership,
        union_id=right.union_id,
        item=right.item,
        granted_at=now,
        source_note=right.source_note,
        reason=words,
        until=until,
    )
    insert(made)
    return made


def _reopened(right: PackRight, words: str, until: date) -> PackRight:
    _moved(right, right.state, state=RightState.GRANTED, reason=words, until=until)
    return right


def _moved(right: PackRight, before: str, **changes: object) -> None:
    rows = PackRight.objects.filter(pk=right.pk, state=before, until=right.until)
    if not rows.update(**changes):
        raise Conflict("changed_meanwhile", _("It changed meanwhile. Please look again."))
    for name, value in changes.items():
        setattr(right, name, value)


def _record(actor: Actor, action: str, right: PackRight, words: str, now: datetime) -> None:
    record(
        actor, action, right, now=now, union_path=right.membership.union.path, item=right.item,
        number=right.membership.number, key=PersonKey(right.worker.sealed_key), personal={"reason": words},
    )  # fmt: skip
