"""What a cadre decides of two records that may be one person, short of a merge: not the same, or later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from nuanxin.access.states import Permission
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import move
from nuanxin.kernel.text import check_text
from nuanxin.members.queries.duplicates import get_duplicate
from nuanxin.members.rules.memberships import MOST_REASON, check_reason
from nuanxin.members.states import DUPLICATE_MOVES, DuplicateState
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Duplicate


@transaction.atomic
def say_distinct(*, actor: Actor, duplicate_id: UUID, reason: str, now: datetime) -> Duplicate:
    """Say that two records are two people. No search ever offers the pair again.

    :raises NotFound: no such pair, or one of the two is out of reach: then the union above decides.
    :raises Invalid: no reason of at least four characters.
    :raises Moved: it was decided already.
    """
    return _decide(actor, duplicate_id, DuplicateState.DISTINCT, check_reason(reason), now)


@transaction.atomic
def put_off(*, actor: Actor, duplicate_id: UUID, reason: str = "", now: datetime) -> Duplicate:
    """Put a pair off, or take up again one that was said to be two people.

    :raises Moved: it was put off or merged already. Others as `say_distinct`.
    """
    reason = check_text(reason, field="reason", most=MOST_REASON)
    return _decide(actor, duplicate_id, DuplicateState.LATER, reason, now)


@transaction.atomic
def say_distinct_of_many(*, actor: Actor, duplicate_ids: Sequence[UUID], reason: str, now: datetime) -> int:
    """Say of several pairs that they are two people each: all of them or none; return how many.

    :raises NotFound: one of them is out of reach. Others as `say_distinct`.
    """
    reason = check_reason(reason)
    for duplicate_id in sorted(set(duplicate_ids)):
        _decide(actor, duplicate_id, DuplicateState.DISTINCT, reason, now)
    return len(set(duplicate_ids))


def _decide(actor: Actor, duplicate_id: UUID, state: DuplicateState, reason: str, now: datetime) -> Duplicate:
    duplicate = get_duplicate(actor, duplicate_id)
    actor.require(Permission.MERGE, at=duplicate.union)
    if duplicate.state == DuplicateState.MERGED:
        # only `undo_merge` takes a merge back
        state = DuplicateState.MERGED
    before = duplicate.state
    move(
        duplicate,
        DUPLICATE_MOVES,
        state,
        decided_at=now,
        decided_by_id=actor.account_id,
        post_id=actor.post_id,
        reason=reason,
    )
    record(
        actor,
        f"members.duplicate_{state}",
        duplicate,
        now=now,
        union_path=duplicate.union.path,
        personal={"reason": reason},
        key=PersonKey(duplicate.one.sealed_key),
        before=str(before),
        one=str(duplicate.one_id),
        other=str(duplicate.other_id),
    )
    return duplicate
