"""Memberships: suspended, resumed, ended; each act dated, with its reason and its proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.rows import update
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved, check_move
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.credentials import withdraw_credentials
from nuanxin.members.actions.events import MembershipMoved, Where
from nuanxin.members.actions.searching import terms_of
from nuanxin.members.actions.telling import tell_member
from nuanxin.members.models import Membership, MembershipEntry, TransferRequest
from nuanxin.members.queries.memberships import get_member
from nuanxin.members.rules.erasure import ErasedPerson
from nuanxin.members.rules.memberships import (
    MOST_REASON,
    STATE_OF,
    WITHDRAWS,
    active_change,
    check_effective,
    check_end_reason,
    check_evidence,
    check_reason,
    check_revealable,
)
from nuanxin.members.states import MEMBERSHIP_MOVES, EndReason, MembershipAct, MembershipState, TransferState
from nuanxin.records.actions import attach, record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Application, Worker


@dataclass(frozen=True, slots=True)
class File:
    """A file given as proof."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """One act upon the standing of a membership, with what it rests on; the texts have been checked.

    :param effective_on: the day from which it holds; today when none is given.
    :param decided_by: the body that decided, such as a committee and the day of its meeting.
    :param columns: further columns that change with the standing.
    """

    act: MembershipAct
    reason: str = ""
    evidence: str = ""
    file: File | None = None
    effective_on: date | None = None
    basis: str = ""
    decided_by: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def suspend(
    *,
    actor: Actor,
    number: str,
    reason: str,
    evidence: str = "",
    file: File | None = None,
    effective_on: date | None = None,
    now: datetime,
) -> Membership:
    """Let a membership rest: the card says so, and the member is not counted as active.

    :param effective_on: the day from which it holds; today unless said otherwise.
    :raises NotFound: no such member, or out of reach.
    :raises NotAllowed: the post does not include changing memberships.
    :raises Invalid: no reason, or a day that cannot be.
    :raises Moved: it is not active (any more).
    """
    membership = _get(actor, number)
    reason = check_reason(reason)
    evidence = check_text(evidence, field="evidence", most=MOST_REASON)
    change = Change(MembershipAct.SUSPENDED, reason, evidence, file, effective_on)
    change_standing(actor, membership, change, now=now)
    tell_member(membership.worker, "membership.suspended", reason=reason, union_id=membership.union_id, now=now)
    return membership


@transaction.atomic
def resume(
    *,
    actor: Actor,
    number: str,
    reason: str,
    evidence: str = "",
    file: File | None = None,
    effective_on: date | None = None,
    now: datetime,
) -> Membership:
    """Let a resting membership go on.

    :raises Moved: it is not suspended (any more). Others as `suspend`.
    """
    membership = _get(actor, number)
    reason = check_reason(reason)
    evidence = check_text(evidence, field="evidence", most=MOST_REASON)
    change_standing(actor, membership, Change(MembershipAct.RESUMED, reason, evidence, file, effective_on), now=now)
    tell_member(membership.worker, "membership.resumed", union_id=membership.union_id, now=now)
    return membership


@transaction.atomic
def end(
    *,
    actor: Actor,
    number: str,
    end_reason: str,
    reason: str = "",
    evidence: str = "",
    file: File | None = None,
    effective_on: date | None = None,
    now: datetime,
) -> Membership:
    """End a membership: left, or deceased (membership rules of 2016, articles 19 to 24).

    Proof is needed, in words or as a file. The family of a deceased member is not written to. For expulsion and for
    members who do not take part any more see `endings`.

    :raises Invalid: an unknown end reason, no proof, or a day that cannot be.
    :raises Moved: it has ended already. Others as `suspend`.
    """
    membership = _get(actor, number)
    why = check_end_reason(end_reason)
    evidence = check_evidence(evidence, has_attachment=file is not None)
    reason = check_text(reason, field="reason", most=MOST_REASON)
    day = effective_on or local_day(now)
    columns = {"ended_on": day, "end_reason": why}
    change = Change(MembershipAct.ENDED, reason, evidence, file, day, columns=columns)
    change_standing(actor, membership, change, now=now)
    if why != EndReason.DECEASED:
        tell_member(
            membership.worker,
            "membership.ended",
            reason=reason or str(why.label),
            union_id=membership.union_id,
            now=now,
        )
    return membership


@transaction.atomic
def end_own(*, actor: Actor, membership: Membership, now: datetime) -> Membership:
    """End a membership at the member's own wish, from today: leaving is free (rules of 2016, article 19).

    The caller has fetched the member's own membership; whoever leaves needs neither reason nor proof.

    :raises Moved: it has ended already.
    """
    columns = {"ended_on": local_day(now), "end_reason": EndReason.LEFT}
    change_standing(actor, membership, Change(MembershipAct.ENDED, columns=columns), now=now)
    tell_member(
        membership.worker, "membership.ended", reason=str(EndReason.LEFT.label), union_id=membership.union_id, now=now
    )
    return membership


def _get(actor: Actor, number: str) -> Membership:
    membership = get_member(actor, number)
    actor.require(Permission.CHANGE_MEMBERSHIP, at=membership.union)
    return membership


def change_standing(actor: Actor, membership: Membership, change: Change, *, now: datetime) -> MembershipEntry:
    """Move a membership to another standing, write the entry, keep the proof, record, announce.

    Part of the caller's transaction; the caller has asked for permission and tells the member. A transfer that waits
    is closed when the membership rests or ends.

    :raises Invalid: a day of effect in the future, or before the person came to the union.
    :raises Moved: it is in another standing by now.
    """
    old, new = membership.state, STATE_OF[change.act]
    today = local_day(now)
    began_on = membership.came_on or membership.began_on
    day = check_effective(change.effective_on or today, began_on=began_on, today=today)
    terms = terms_of(membership.worker, union_path=membership.union.path, state=new)
    check_move(MEMBERSHIP_MOVES, old, new)
    columns = {"state": new, "terms": terms, "retained_for": "", "warned_until": None, **change.columns}
    # Also of the same union: whoever was transferred meanwhile counts, and is found, somewhere else.
    if not update(membership, met={"state": old, "union_id": membership.union_id}, changes=columns):
        raise Moved(old)
    for name, value in columns.items():
        setattr(membership, name, value)
    withdraw_credentials(membership, WITHDRAWS[new])
    if new in {MembershipState.SUSPENDED, MembershipState.ENDED}:
        close_transfers(membership, now=now)
    entry = write_entry(actor, membership, change, day, now=now)
    attachment = (
        attach(actor, entry, name=change.file.name, content=change.file.content, now=now) if change.file else None
    )
    record(
        actor,
        f"members.membership_{change.act}",
        membership,
        now=now,
        union_path=membership.union.path,
        personal={"reason": change.reason, "evidence": change.evidence},
        key=PersonKey(membership.worker.sealed_key),
        number=membership.number,
        before=str(old),
        after=str(new),
        effective_on=day.isoformat(),
        attachment=str(attachment.pk) if attachment else "",
    )
    announce(MembershipMoved(where_of_member(membership, now), membership, change.act, active_change(old, new)))
    return entry


def write_entry(actor: Actor, membership: Membership, change: Change, day: date, *, now: datetime) -> MembershipEntry:
    """Write one line of a membership's history. Part of the caller's transaction."""
    entry = MembershipEntry(
        membership=membership,
        at=now,
        effective_on=day,
        act=change.act,
        union_id=membership.union_id,
        account_id=actor.account_id,
        post_id=actor.post_id,
        reason=change.reason,
        evidence=change.evidence,
        basis=change.basis[:60],
        decided_by=change.decided_by,
    )
    entry.save(force_insert=True)
    return entry


def close_transfers(membership: Membership, *, but: TransferRequest | None = None, now: datetime) -> None:
    """Close requests for transfer that can no longer be carried out; `but` is the one that is just carried out."""
    waiting = TransferRequest.objects.filter(membership=membership, state=TransferState.REQUESTED)
    (waiting.exclude(pk=but.pk) if but else waiting).update(state=TransferState.LAPSED, closed_at=now)


def where_of_member(membership: Membership, now: datetime) -> Where:
    """Return where facts about a membership count."""
    worker = membership.worker
    return Where(
        day=local_day(now),
        union_path=membership.union.path,
        region_code=worker.region_id,
        group_code=worker.occupation_group_id,
        door_code=membership.door_id,
    )


@transaction.atomic
def reveal(*, actor: Actor, subject: Membership | Application, what: str, reason: str, now: datetime) -> str:
    """Return a person's whole ID number or phone, and write down who saw it and why.

    :param subject: a membership or an application, fetched by what the actor may see.
    :param what: `id` or `phone`.
    :raises NotAllowed: the post does not include revealing.
    :raises Invalid: no reason of at least four characters, or something that cannot be revealed.
    """
    actor.require(Permission.REVEAL, at=subject.union)
    what, reason = check_revealable(what), check_reason(reason)
    person: Worker | Application = subject.worker if isinstance(subject, Membership) else subject
    if person.erased_at is not None:
        raise ErasedPerson
    sealed = person.sealed_id if what == "id" else person.sealed_phone
    value = PersonKey(person.sealed_key).unseal(sealed)
    record(
        actor,
        "members.revealed",
        subject,
        now=now,
        union_path=subject.union.path if subject.union else "",
        personal={"reason": reason},
        key=PersonKey(person.sealed_key),
        number=subject.number,
        what=what,
    )
    return value
