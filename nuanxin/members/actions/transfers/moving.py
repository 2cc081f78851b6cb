"""Bringing a membership under another union: the only place that does, but for the bulk path of rosters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.rows import insert, update
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved
from nuanxin.members.actions.events import MembershipTransferred
from nuanxin.members.actions.memberships import close_transfers, where_of_member
from nuanxin.members.actions.searching import renew_terms, terms_of
from nuanxin.members.actions.settle import UnionClosed
from nuanxin.members.models import Membership, MembershipEntry, TransferRequest, Worker
from nuanxin.members.states import (
    MembershipAct,
    MembershipState,
)
from nuanxin.organizations.models import Union
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor


def move_membership(
    actor: Actor,
    membership: Membership,
    *,
    to_union: Union,
    basis: str,
    reason: str = "",
    transfer: TransferRequest | None = None,
    now: datetime,
) -> None:
    """Bring a membership under another union: the only code that does, but for the bulk path of rosters.

    Same number, same card, nothing withdrawn. Part of the caller's transaction; the caller has asked for permission.

    :param basis: the dated rule, or `consent`, `silence`, `merge`, `dissolve`…: it stays in the history.
    :raises UnionClosed: the union has closed meanwhile. Moved: the membership is elsewhere, or in another standing.
    """
    left, from_union = where_of_member(membership, now), membership.union
    to_union.path = _open_path(to_union)
    worker, day = membership.worker, local_day(now)
    if transfer is not None and transfer.region_id:
        _write_work(actor, worker, transfer, now)
    fresh = terms_of(worker, union_path=to_union.path, state=membership.state)
    changes = {"union_id": to_union.pk, "came_on": day, "terms": fresh}
    if not update(membership, met={"union_id": from_union.pk, "state": membership.state}, changes=changes):
        raise Moved(membership.state)
    membership.union, membership.came_on = to_union, day
    _write_down(actor, membership, from_union, basis=basis, reason=reason, transfer=transfer, now=now)
    came = where_of_member(membership, now)
    active = int(membership.state == MembershipState.ACTIVE)
    announce(MembershipTransferred(left, came, membership, active))


def _write_down(
    actor: Actor,
    membership: Membership,
    from_union: Union,
    *,
    basis: str,
    reason: str,
    transfer: TransferRequest | None,
    now: datetime,
) -> None:
    """Write the line of the history, close other requests, record. The membership is with its new union already."""
    insert(
        MembershipEntry(
            membership=membership,
            at=now,
            effective_on=local_day(now),
            act=MembershipAct.TRANSFERRED,
            union=membership.union,
            from_union=from_union,
            account_id=actor.account_id,
            post_id=actor.post_id,
            reason=reason,
            evidence=str(transfer.pk) if transfer else "",
            basis=basis[:60],
        )
    )
    close_transfers(membership, but=transfer, now=now)
    record(
        actor,
        "members.membership_transferred",
        membership,
        now=now,
        union_path=membership.union.path,
        personal={"reason": reason},
        key=PersonKey(membership.worker.sealed_key),
        number=membership.number,
        from_union=from_union.code,
        to_union=membership.union.code,
        basis=basis,
    )


def _write_work(actor: Actor, worker: Worker, request: TransferRequest, now: datetime) -> None:
    """Write where the member works from now on."""
    before = worker.employer.name if worker.employer else worker.employer_name
    Worker.objects.filter(pk=worker.pk, erased_at=None).update(
        region_id=request.region_id, employer_id=request.employer_id, employer_name=request.employer_name
    )
    worker.region_id = request.region_id or worker.region_id
    worker.employer, worker.employer_name = request.employer, request.employer_name
    renew_terms(worker.pk)
    after = worker.employer.name if worker.employer else worker.employer_name
    if before != after:
        record(
            actor,
            "members.work_corrected",
            worker,
            now=now,
            personal={"before": before, "after": after},
            key=PersonKey(worker.sealed_key),
        )


def _open_path(union: Union) -> str:
    """Return an open union's path, held until the transaction ends: it neither closes nor moves meanwhile.

    :raises UnionClosed: it has closed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT path FROM organizations_union WHERE id = %s AND closed_at IS NULL FOR SHARE", [union.pk])
        found = cursor.fetchone()
    if found is None:
        raise UnionClosed
    return str(found[0])
