"""A union that is dissolved or merged: its members, applications and transfers go on elsewhere, in the same act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.rows import insert, pipelined
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import move
from nuanxin.members.actions.closing import refuse_while_needed
from nuanxin.members.actions.events import MembersTransferred, Where
from nuanxin.members.actions.memberships import where_of_member
from nuanxin.members.actions.review import make_step, write_act
from nuanxin.members.actions.settle import limit
from nuanxin.members.actions.telling import tell_applicant
from nuanxin.members.models import Application, Membership, MembershipEntry, PhoneRelease, TransferRequest
from nuanxin.members.queries.dissolving import Destinations, alike, work_of
from nuanxin.members.rules.terms import path_words, terms
from nuanxin.members.states import (
    APPLICATION_MOVES,
    OPEN,
    WAITING,
    Act,
    ApplicationState,
    MembershipAct,
    MembershipState,
    ReleaseState,
    TransferState,
)
from nuanxin.messages.actions import send_text
from nuanxin.organizations.actions.events import UnionClosed
from nuanxin.organizations.models import Union

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from nuanxin.organizations.actions.events import UnionDissolved

#: Name of the task that tells everybody afterwards.
TELL = "members.tell_carried"
_AT_ONCE = 500
_CARRY = """
UPDATE members_membership SET union_id = %(union)s, came_on = %(day)s, terms = CASE WHEN terms IS NULL THEN NULL ELSE
    ARRAY(SELECT unnest(terms) EXCEPT SELECT unnest(%(left)s::bigint[]) UNION SELECT unnest(%(met)s::bigint[])) END
WHERE id = ANY(%(ids)s)
"""


def carry_people(event: UnionDissolved) -> None:
    """Bring everybody of a dissolved union on; hears `UnionDissolved` in its transaction.

    Memberships keep number, card and standing (trade union law 2021, article 13: they may be kept when the union
    ends). Whoever is told is told afterwards, by a task.
    """
    on = local_day(event.now)
    destinations = Destinations(event.union, event.heir, on)
    targets: dict[UUID, list[UUID]] = {}
    # nobody moves a member meanwhile, or approves an applicant: both need the union to be open, and it is held
    list(Membership.objects.select_for_update().filter(union=event.union).order_by("pk").values_list("pk"))
    for work, ids in alike(event.union):
        targets.setdefault(destinations.of(work).id, []).extend(ids)
    unions = Union.objects.select_for_update(no_key=True).in_bulk(sorted(targets))
    moves: list[tuple[UUID, Where, Where]] = []
    for union_id, ids in targets.items():
        moves += _carry_members(event, unions[union_id], ids)
    if moves:
        announce(MembersTransferred(moves))
    _carry_applications(event, destinations)
    _carry_releases(event)
    TransferRequest.objects.filter(to_union=event.union, state=TransferState.REQUESTED).update(
        state=TransferState.LAPSED, closed_at=event.now
    )
    refuse_while_needed(UnionClosed(event.union, event.now))
    if targets:
        app.configure_task(TELL).defer(union_id=str(event.union.pk), at=event.now.isoformat())


def _carry_members(event: UnionDissolved, target: Union, ids: Sequence[UUID]) -> list[tuple[UUID, Where, Where]]:
    """Bring memberships under another union; return the active ones, with where they counted and count now."""
    day = local_day(event.now)
    left, met = path_words(event.union.path), path_words(target.path)
    rows = Membership.objects.select_related("worker", "union").defer("terms").filter(pk__in=ids).order_by("pk")
    counted = []
    for row in rows:
        before = where_of_member(row, event.now)
        if row.state == MembershipState.ACTIVE:
            row.union = target
            counted.append((row.pk, before, where_of_member(row, event.now)))
    with connection.cursor() as cursor:
        cursor.execute(
            _CARRY,
            {"union": target.pk, "day": day, "left": terms(left - met), "met": terms(met), "ids": list(ids)},
        )
    for start in range(0, len(ids), _AT_ONCE):
        insert(*(_entry(event, target, pk) for pk in ids[start : start + _AT_ONCE]))
    waiting = TransferRequest.objects.filter(membership__in=ids, state=TransferState.REQUESTED)
    waiting.filter(to_union=target).update(state=TransferState.LAPSED, closed_at=event.now)
    waiting.update(from_union=target)
    return counted


def _entry(event: UnionDissolved, target: Union, membership_id: UUID) -> MembershipEntry:
    return MembershipEntry(
        membership_id=membership_id,
        at=event.now,
        effective_on=local_day(event.now),
        act=MembershipAct.TRANSFERRED,
        union=target,
        from_union=event.union,
        account_id=event.actor.account_id,
        post_id=event.actor.post_id,
        reason=event.reason[:500],
        basis="merge" if event.heir else "dissolve",
    )


def _carry_applications(event: UnionDissolved, destinations: Destinations) -> None:
    """Bring open applications on: those that wait begin anew there, a returned one is corrected for the other union."""
    held = Application.objects.select_for_update().filter(union=event.union, state__in=OPEN).order_by("pk")
    for application in held:
        target = Union.objects.get(pk=destinations.of(work_of(application)).id)
        application.union = event.union
        step = make_step("passed_on", event.union, target, reason=event.reason)
        changes: dict[str, Any] = {"union": target, "reasons": [*application.reasons, step], "came_at": event.now}
        if application.state in WAITING:
            due = limit(target, "members.accept_days", event.now)
            move(application, APPLICATION_MOVES, ApplicationState.SUBMITTED, due_at=due, **changes)
        else:
            Application.objects.filter(pk=application.pk).update(**changes)
        write_act(
            event.actor,
            application,
            Act.PASSED_ON,
            event.union,
            to_union=target,
            reason=event.reason,
            basis="merge" if event.heir else "dissolve",
            now=event.now,
        )
        tell_applicant(application, Act.PASSED_ON, union_name=target.name, reason=event.reason, now=event.now)


def _carry_releases(event: UnionDissolved) -> None:
    """Have held phones released by the heir, or by the union above."""
    waiting = PhoneRelease.objects.filter(union=event.union, state=ReleaseState.OPEN)
    waiting.update(union=event.heir or event.union.parent)


def tell_carried(*, union_id: UUID, at: datetime) -> int:
    """Tell everybody whom the end of a union has brought elsewhere, each once; return how many.

    :param at: when it was; may be killed and called again at any time: one fact is told once.
    """
    moved = MembershipEntry.objects.filter(from_union=union_id, at=at, act=MembershipAct.TRANSFERRED)
    done, last = 0, UUID(int=0)
    while rows := list(
        moved.select_related("membership__worker", "union").filter(pk__gt=last).order_by("pk")[:_AT_ONCE]
    ):
        with transaction.atomic(), pipelined():
            done += sum(_tell(entry) for entry in rows)
        last = rows[-1].pk
    return done


def _tell(entry: MembershipEntry) -> bool:
    worker = entry.membership.worker
    key = PersonKey(worker.sealed_key)
    phone = "" if key.is_destroyed else key.unseal(worker.sealed_phone)
    if phone:
        send_text(
            phone=phone,
            template="transfer.carried",
            values={
                "union": entry.union.name,
                "reason": entry.reason,
                "call": entry.union.contact_phone or "12351",
                "link": f"{settings.NUANXIN_BASE_URL}/card/",
            },
            fact=str(entry.pk),
            union_id=entry.union_id,
            link="/card/",
            now=timezone.now(),
        )
    return bool(phone)
