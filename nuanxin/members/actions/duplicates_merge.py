"""Two records made one person, and made two again.

The record that is dropped stays with its whole history and points on to the one that is kept: whoever asks for its
number finds the person. Every value that changes is written down, before and after; what is sealed stays sealed.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved, move
from nuanxin.members.actions.credentials import withdraw_credentials
from nuanxin.members.actions.events import MembershipMoved, MergeUndone, PersonsMerged
from nuanxin.members.actions.memberships import where_of_member
from nuanxin.members.actions.searching import note_due, renew_terms, terms_of
from nuanxin.members.actions.telling import tell_member
from nuanxin.members.models import (
    Card,
    Credential,
    Duplicate,
    DuplicateKey,
    Membership,
    MembershipEntry,
    Merge,
    Worker,
)
from nuanxin.members.queries.duplicates import get_duplicate, last_merge, record_of_worker
from nuanxin.members.rules.memberships import active_change, check_reason
from nuanxin.members.rules.merging import (
    IDENTITY,
    PHONE,
    CannotUndo,
    changed_since,
    check_mergeable,
    reasons_against,
)
from nuanxin.members.states import (
    DUPLICATE_MOVES,
    MEMBERSHIP_MOVES,
    DuplicateState,
    EndReason,
    MembershipAct,
    MembershipState,
    Withdrawn,
)
from nuanxin.organizations.models import Union
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.queries.duplicates import Record

#: What a merge changes of a membership that ends with it.
_MEMBERSHIP = ("state", "ended_on", "end_reason", "retained_for", "warned_until")
_SEALED = ("sealed_id", "sealed_phone", "id_digest", "phone_digest")


@transaction.atomic
def merge(
    *,
    actor: Actor,
    duplicate_id: UUID,
    keep: UUID,
    identity_of: UUID | None = None,
    phone_of: UUID | None = None,
    reason: str,
    now: datetime,
) -> Merge:
    """Make two records one person: one stays, the other ends, and its number leads to the one that stays.

    Cards of the one that ends are revoked. Both histories stay as they are; numbers of members are told of the change.

    :param keep: the person whose record stays, with its member number.
    :param identity_of: whose name and document are right; the kept one's unless said otherwise.
    :param phone_of: whose phone is in use; the kept one's unless it has none.
    :raises NotFound: no such pair, or one of the two is out of reach: then the union above decides.
    :raises Invalid: no reason, somebody who is not one of the two, or the ended one would be kept.
    :raises CannotMerge: an application or a transfer is open, or one was merged or erased.
    :raises Moved: it was decided already.
    """
    duplicate = get_duplicate(actor, duplicate_id)
    actor.require(Permission.MERGE, at=duplicate.union)
    reason = check_reason(reason)
    kept, dropped = _locked(duplicate, keep)
    ours, theirs = record_of_worker(kept), record_of_worker(dropped)
    check_mergeable(ours.standing, theirs.standing)
    _decide(actor, duplicate, DuplicateState.MERGED, reason, now)
    made = Merge(duplicate=duplicate, kept=kept, dropped=dropped, union=duplicate.union, merged_at=now,
                 account_id=actor.account_id, post_id=actor.post_id, reason=reason)  # fmt: skip
    made.snapshot = {
        "membership": _end(actor, theirs, ours, reason, now),
        "cards": _revoke_cards(dropped, now),
        **_join(kept, dropped, identity_of=identity_of, phone_of=phone_of),
    }
    made.save(force_insert=True)
    _renew(kept, dropped)
    DuplicateKey.objects.filter(worker=dropped).delete()
    _record(actor, made, "members.persons_merged", reason, now)
    announce(PersonsMerged(kept.pk, dropped.pk))
    tell_member(kept, "membership.merged", reason=ours.standing.number, union_id=made.union_id, now=now)
    return made


@transaction.atomic
def undo_merge(*, actor: Actor, duplicate_id: UUID, reason: str, now: datetime) -> Merge:
    """Make two of one again: every value as it was before the merge, the ended membership in force once more.

    The pair waits to be decided again. Cards that were revoked work again; offline codes are fetched anew.

    :raises NotFound: no such pair in reach, or it is not merged.
    :raises Invalid: no reason.
    :raises CannotUndo: one of the two was changed since in a way that cannot be taken back.
    :raises Moved: somebody was quicker.
    """
    duplicate = get_duplicate(actor, duplicate_id)
    actor.require(Permission.MERGE, at=duplicate.union)
    reason = check_reason(reason)
    made = last_merge(duplicate)
    if made is None:
        raise Moved(duplicate.state)
    kept, dropped = _locked(duplicate, made.kept_id)
    _check_undoable(made, kept, dropped)
    _decide(actor, duplicate, DuplicateState.LATER, reason, now)
    undone = Merge.objects.filter(pk=made.pk, undone_at=None)
    if not undone.update(undone_at=now, undone_by_id=actor.account_id, undo_reason=reason):
        raise Moved(duplicate.state)
    _part(made, kept, dropped)
    _resume(actor, made, dropped, reason, now)
    Card.objects.filter(pk__in=made.snapshot["cards"]).update(revoked_at=None, revoked_reason="")
    _renew(kept, dropped)
    note_due(dropped.pk)
    _record(actor, made, "members.merge_undone", reason, now)
    announce(MergeUndone(kept.pk, dropped.pk))
    tell_member(kept, "membership.unmerged", union_id=made.union_id, now=now)
    made.undone_at = now
    return made


def _locked(duplicate: Duplicate, keep: UUID) -> tuple[Worker, Worker]:
    """Lock both people, and whoever was merged into them, in the order of ids; return who is kept, and who is not.

    :raises Moved: while it waited for the lock, somebody else was merged into one of the two.
    """
    both = (duplicate.one_id, duplicate.other_id)
    if keep not in both:
        raise Invalid("unknown_choice", _("This is not one of the choices."), field="keep")
    concerned = Worker.objects.filter(Q(pk__in=both) | Q(merged_into__in=both))
    locked = {row.pk: row for row in concerned.select_for_update().order_by("pk")}
    if concerned.exclude(pk__in=locked).exists():
        raise Moved(duplicate.state)
    (drop,) = set(both) - {keep}
    return locked[keep], locked[drop]


def _decide(actor: Actor, duplicate: Duplicate, state: DuplicateState, reason: str, now: datetime) -> None:
    move(
        duplicate,
        DUPLICATE_MOVES,
        state,
        decided_at=now,
        decided_by_id=actor.account_id,
        post_id=actor.post_id,
        reason=reason,
        union_id=duplicate.union.pk,
    )


def _end(actor: Actor, theirs: Record, ours: Record, reason: str, now: datetime) -> dict[str, Any] | None:
    """End the membership in force of the record that is dropped, if it has one; return what was changed."""
    membership = next((row for row in theirs.memberships if row.state != MembershipState.ENDED), None)
    if membership is None:
        return None
    membership.worker = theirs.worker
    old, today = membership.state, max(local_day(now), membership.began_on)
    before = {name: _plain(getattr(membership, name)) for name in _MEMBERSHIP}
    withdrawn = Credential.objects.filter(card__membership=membership).values_list("pk", "withdrawn")
    before["credentials"] = {str(pk): why for pk, why in withdrawn}
    move(
        membership,
        MEMBERSHIP_MOVES,
        MembershipState.ENDED,
        ended_on=today,
        end_reason=EndReason.MERGED,
        retained_for="",
        warned_until=None,
        terms=terms_of(theirs.worker, union_path=membership.union.path, state=MembershipState.ENDED),
    )
    withdraw_credentials(membership, Withdrawn.ENDED)
    _entry(actor, membership, MembershipAct.MERGED, today, reason, ours.standing.number, now)
    change = active_change(old, MembershipState.ENDED)
    announce(MembershipMoved(where_of_member(membership, now), membership, MembershipAct.MERGED, change))
    after = {name: _plain(getattr(membership, name)) for name in ("state", "ended_on", "end_reason", "union_id")}
    return {"id": str(membership.pk), "before": before, "after": after}


def _resume(actor: Actor, made: Merge, dropped: Worker, reason: str, now: datetime) -> None:
    """Put the membership that had ended with the merge back in force, exactly as it was."""
    kept = made.snapshot["membership"]
    if kept is None:
        return
    membership = Membership.objects.select_related("union").get(pk=kept["id"])
    membership.worker = dropped
    before = dict(kept["before"])
    credentials: dict[str, str] = before.pop("credentials")
    values = {name: _typed(name, value) for name, value in before.items()}
    values["terms"] = terms_of(dropped, union_path=membership.union.path, state=values["state"])
    met = Membership.objects.filter(pk=membership.pk, state=MembershipState.ENDED, end_reason=EndReason.MERGED)
    if not met.update(**values):
        raise Moved(membership.state)
    for name, value in values.items():
        setattr(membership, name, value)
    for why in set(credentials.values()):
        mine = [pk for pk, each in credentials.items() if each == why]
        Credential.objects.filter(pk__in=mine).update(withdrawn=why)
    _entry(actor, membership, MembershipAct.UNMERGED, local_day(now), reason, "", now)
    change = active_change(MembershipState.ENDED, membership.state)
    announce(MembershipMoved(where_of_member(membership, now), membership, MembershipAct.UNMERGED, change))


def _entry(
    actor: Actor, membership: Membership, act: MembershipAct, day: date, reason: str, evidence: str, now: datetime
) -> None:
    MembershipEntry(
        membership=membership,
        at=now,
        effective_on=day,
        act=act,
        union_id=membership.union_id,
        account_id=actor.account_id,
        post_id=actor.post_id,
        reason=reason,
        evidence=evidence,
    ).save(force_insert=True)


def _revoke_cards(dropped: Worker, now: datetime) -> list[str]:
    live = Card.objects.filter(membership__worker=dropped, revoked_at=None)
    cards = list(live.values_list("pk", flat=True))
    Card.objects.filter(pk__in=cards, revoked_at=None).update(revoked_at=now, revoked_reason="merged")
    return [str(pk) for pk in cards]


def _join(kept: Worker, dropped: Worker, *, identity_of: UUID | None, phone_of: UUID | None) -> dict[str, Any]:
    """Point the dropped record on, and give the kept one the right identity and phone; return what was changed."""
    before = {"kept": _values(kept), "dropped": _values(dropped)}
    ours, theirs = PersonKey(kept.sealed_key), PersonKey(dropped.sealed_key)
    if identity_of not in (None, kept.pk, dropped.pk) or phone_of not in (None, kept.pk, dropped.pk):
        raise Invalid("unknown_choice", _("This is not one of the choices."), field="identity_of")
    if identity_of == dropped.pk:
        numbers = ours.unseal(kept.sealed_id), theirs.unseal(dropped.sealed_id)
        for name in IDENTITY:
            mine, other = getattr(kept, name), getattr(dropped, name)
            setattr(kept, name, other)
            setattr(dropped, name, mine)
        kept.sealed_id, dropped.sealed_id = ours.seal(numbers[1]), theirs.seal(numbers[0])
    wants_phone = phone_of == dropped.pk or (phone_of is None and kept.phone_digest is None)
    if wants_phone and dropped.phone_digest is not None:
        kept.sealed_phone = ours.seal(theirs.unseal(dropped.sealed_phone))
        kept.phone_digest = dropped.phone_digest
    dropped.sealed_phone, dropped.phone_digest = theirs.seal(""), None
    dropped.merged_into_id = kept.pk
    _save(kept, dropped)
    followers = Worker.objects.filter(merged_into=dropped)
    names = [str(pk) for pk in followers.order_by("pk").values_list("pk", flat=True)]
    followers.update(merged_into=kept)
    return {"before": before, "after": {"kept": _values(kept), "dropped": _values(dropped)}, "followers": names}


def _part(made: Merge, kept: Worker, dropped: Worker) -> None:
    """Give both records every value that they had before."""
    for side, worker in (("kept", kept), ("dropped", dropped)):
        for name in _touched(made.snapshot, side):
            setattr(worker, name, _typed(name, made.snapshot["before"][side][name]))
    Worker.objects.filter(pk__in=made.snapshot["followers"], merged_into=kept).update(merged_into=dropped)
    try:
        with transaction.atomic():
            _save(kept, dropped)
    except IntegrityError:
        # the kept one's former number or document was taken by somebody else meanwhile
        raise CannotUndo(reasons_against(["taken"])) from None


def _save(*workers: Worker) -> None:
    """Write two people whose unique values may have changed places: the first write leaves room for the second."""
    names = [*IDENTITY, *PHONE, "merged_into_id"]
    for worker in workers:
        Worker.objects.filter(pk=worker.pk).update(id_digest=worker.pk.bytes, phone_digest=None)
    for worker in workers:
        Worker.objects.filter(pk=worker.pk).update(**{name: getattr(worker, name) for name in names})


def _check_undoable(made: Merge, kept: Worker, dropped: Worker) -> None:
    """Refuse, with every reason, what would not bring back exactly what was there."""
    changed: set[str] = set()
    for side, worker in (("kept", kept), ("dropped", dropped)):
        after = made.snapshot["after"][side]
        changed |= set(changed_since({name: after[name] for name in _touched(made.snapshot, side)}, _values(worker)))
        if worker.erased_at is not None:
            changed.add("erased_at")
    if kept.merged_into_id is not None:
        changed.add("merged_into_id")
    ended = made.snapshot["membership"]
    if ended is not None:
        membership = Membership.objects.get(pk=ended["id"])
        changed |= set(
            changed_since(ended["after"], {name: _plain(getattr(membership, name)) for name in ended["after"]})
        )
        # held, so that it is not dissolved in this moment
        if not Union.objects.select_for_update(no_key=True).filter(pk=membership.union_id, closed_at=None):
            changed.add("closed_at")
    freed = made.snapshot["before"]["dropped"]["phone_digest"]
    if (
        freed
        and Worker.objects.filter(phone_digest=bytes.fromhex(freed)).exclude(pk__in=[kept.pk, dropped.pk]).exists()
    ):
        changed.add("taken")
    if changed:
        raise CannotUndo(reasons_against(changed))


def _renew(kept: Worker, dropped: Worker) -> None:
    renew_terms(kept.pk)
    renew_terms(dropped.pk)


def _values(worker: Worker) -> dict[str, Any]:
    return {name: _plain(getattr(worker, name)) for name in (*IDENTITY, *PHONE, "merged_into_id")}


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it: bytes in hexadecimal digits, days and ids as text."""
    if value is None or isinstance(value, bool):
        return value
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _SEALED:
        return bytes.fromhex(value)
    return date.fromisoformat(value) if name in ("birth_on", "ended_on", "warned_until") else value


def _record(actor: Actor, made: Merge, action: str, reason: str, now: datetime) -> None:
    record(
        actor,
        action,
        made,
        now=now,
        union_path=made.union.path,
        personal={"reason": reason},
        key=PersonKey(made.kept.sealed_key),
        kept=str(made.kept_id),
        dropped=str(made.dropped_id),
        changed=_changed_names(made.snapshot),
    )


def _changed_names(snapshot: dict[str, Any]) -> list[str]:
    return sorted({*_touched(snapshot, "kept"), *_touched(snapshot, "dropped")})


def _touched(snapshot: dict[str, Any], side: str) -> list[str]:
    """Return which values of one of the two a merge changed."""
    before, after = snapshot["before"][side], snapshot["after"][side]
    return [name for name in before if before[name] != after[name]]
