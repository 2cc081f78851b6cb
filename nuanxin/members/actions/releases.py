"""A proved phone that another person holds: the county looks into it and releases it, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from nuanxin.access.states import Permission
from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import move
from nuanxin.members.actions.events import ApplicationRouted
from nuanxin.members.actions.searching import renew_terms
from nuanxin.members.actions.settle import minding_closed, settle, where_of
from nuanxin.members.actions.telling import tell_applicant
from nuanxin.members.models import Application, ApplicationAct, PhoneRelease, Worker
from nuanxin.members.queries.applications import get_release
from nuanxin.members.rules.review import check_reason
from nuanxin.members.states import APPLICATION_MOVES, RELEASE_MOVES, Act, ApplicationState, Decision, ReleaseState
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor


@transaction.atomic
def decide_release(*, actor: Actor, release_id: UUID, release: bool, reason: str, now: datetime) -> PhoneRelease:
    """Release a phone from the person who held it, or refuse to; the number moves, never the account.

    Released, the application that proved the phone goes on its way; refused, it is closed with the reason.

    :raises NotFound: the actor may not know of this request.
    :raises Invalid: no reason was written.
    :raises Moved: another cadre was quicker.
    """
    request = get_release(actor, release_id)
    actor.require(Permission.RELEASE_PHONES, at=request.union)
    reason = check_reason(Decision.REFUSE, reason)
    state = ReleaseState.RELEASED if release else ReleaseState.REFUSED
    move(request, RELEASE_MOVES, state, decided_at=now, decided_by_id=actor.account_id, reason=reason)
    application = request.application
    if application is None:
        raise NotFound
    if release:
        _take_phone(actor, request, now)
        _send_on(application, now)
    else:
        move(application, APPLICATION_MOVES, ApplicationState.REFUSED, closed_at=now, due_at=None)
        tell_applicant(application, Act.REFUSED, union_name=request.union.name, reason=reason, now=now)
    ApplicationAct(
        application=application,
        at=now,
        act=Act.PHONE_RELEASED if release else Act.REFUSED,
        union=request.union,
        account_id=actor.account_id,
        post_id=actor.post_id,
        reason=reason,
        basis="phone_release",
    ).save(force_insert=True)
    record(
        actor,
        f"members.phone_{state}",
        request,
        now=now,
        union_path=request.union.path,
        union=request.union.code,
        application=application.number,
    )
    return request


def _take_phone(actor: Actor, request: PhoneRelease, now: datetime) -> None:
    """Take the number from whoever held it: the person stays, and signs in again with a number of their own."""
    holder = request.holder
    key = PersonKey(holder.sealed_key)
    before = key.unseal(holder.sealed_phone)
    Worker.objects.filter(pk=holder.pk, phone_digest=request.phone_digest).update(
        phone_digest=None, sealed_phone=key.seal(""), phone_proved=False
    )
    renew_terms(holder.pk)
    record(
        actor,
        "members.phone_taken",
        holder,
        now=now,
        union_path=request.union.path,
        personal={"phone": before},
        key=key,
    )


def _send_on(application: Application, now: datetime) -> None:
    scanned = application.scanned_union.code if application.scanned_union else ""
    settlement = settle(application, scanned_code=scanned, now=now)
    with minding_closed():
        move(application, APPLICATION_MOVES, settlement.state, **settlement.changes(now))
    announce(ApplicationRouted(where_of(application, settlement.route.union.path, now), application))
    tell_applicant(application, Act.PHONE_RELEASED, union_name=settlement.route.union.name, now=now)
