"""Keeping search terms true: written with the membership, renewed with whatever they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Q

from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Membership
from nuanxin.members.rules.assurance import words_of_level
from nuanxin.members.rules.terms import path_words, scope_word, terms, words_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.members.models import Worker
    from nuanxin.organizations.actions.events import UnionMoved

#: Memberships read at a time where all that have no terms yet get theirs.
_AT_A_TIME = 2000


def terms_of(worker: Worker, *, union_path: str, state: str) -> list[int]:
    """Return the search terms of a worker's membership; none of somebody who was erased, whom nobody finds."""
    key = PersonKey(worker.sealed_key)
    if key.is_destroyed:
        return []
    return terms(
        words_of(
            name=worker.name,
            pinyin=worker.pinyin,
            initials=worker.initials,
            phone=key.unseal(worker.sealed_phone),
            group=worker.occupation_group_id,
            region=worker.region_id,
            employer_id=worker.employer_id,
            union_path=union_path,
            state=state,
            proved=words_of_level(worker.assurance, phone_proved=worker.phone_proved),
        )
    )


def renew_terms(worker_id: UUID) -> None:
    """Write the search terms of all memberships of a person anew, after anything they are made of has changed.

    Part of the transaction of whoever changed it. The next search for duplicates looks at the person again.
    """
    _renew(Membership.objects.filter(worker_id=worker_id))
    note_due(worker_id)


def note_due(worker_id: UUID) -> None:
    """Note that somebody is to be looked at again by the search for duplicates.

    The line is written although it is there: a search that has just read the person waits, or is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_duplicatedue (worker_id) VALUES (%s)"
            " ON CONFLICT (worker_id) DO UPDATE SET worker_id = excluded.worker_id",
            [worker_id],
        )


def carry_terms(event: UnionMoved) -> None:
    """Bring everybody below a moved union under the unions it came under; hears `UnionMoved` in its transaction."""
    left, met = path_words(event.old_path), path_words(event.new_path)
    scope = scope_word(event.old_path)
    if not scope or left == met:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_membership SET terms = "
            "ARRAY(SELECT unnest(terms) EXCEPT SELECT unnest(%s::bigint[]) UNION SELECT unnest(%s::bigint[])) "
            "WHERE terms @> %s::bigint[]",
            [terms(left - met), terms(met), terms([scope])],
        )


def list_members() -> int:
    """Write the search terms of memberships that have none yet; return how many. Called when an installation starts."""
    done = 0
    while True:
        with transaction.atomic():
            unlisted = Membership.objects.filter(Q(terms=None)).order_by("pk").values_list("pk", flat=True)
            wanted = list(unlisted[:_AT_A_TIME])
            if not wanted:
                return done
            _renew(Membership.objects.filter(pk__in=wanted))
            done += len(wanted)


def _renew(rows: QuerySet[Membership]) -> None:
    found = rows.select_related("worker", "union").defer("terms")
    fresh = [(terms_of(row.worker, union_path=row.union.path, state=row.state), row.pk) for row in found]
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE members_membership SET terms = %s::bigint[] WHERE id = %s", fresh)
