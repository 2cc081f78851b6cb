"""Two at once: a union created below one that is moving, two pools for one city, two unions for one employer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from nuanxin.access.actors import system
from nuanxin.kernel.ids import random_letters
from nuanxin.kernel.refusals import Conflict, Refusal
from nuanxin.organizations.actions import cover_enterprise, create_union, move_union
from nuanxin.organizations.models import Coverage, Union
from nuanxin.organizations.states import UnionKind
from tests.factories import NOW, TODAY
from tests.factories.organizations import make_enterprise, make_tree, make_union

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(transaction=True)

FIELDS = {"name": "古城社区工会", "kind": "joint", "level": "village", "region": "371502001001"}


def _together(works: list[Callable[[], object]]) -> list[object]:
    """Do all at the same time, each on a connection of its own; a refusal is an answer like any other."""
    start = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            start.wait(10)
            return work()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def _below_a_moving_union(create: Callable[[Union], object]) -> list[str]:
    """Create something below a union while the transaction that moves it is still open; return the broken paths."""
    tree = make_tree()
    area = make_union(parent=tree.county, kind=UnionKind.AREA, region="371502001")
    moved = Event()

    def move() -> None:
        with transaction.atomic():
            move_union(actor=system(), union=tree.township, parent=area, now=NOW)
            moved.set()
            creating.wait(0.7)

    def below() -> None:
        moved.wait(10)
        create(tree.township)
        creating.set()

    creating = Event()
    answers = _together([move, below])
    assert answers == [None, None]
    rows = {row.pk: row for row in Union.objects.all()}
    return [
        row.path
        for row in rows.values()
        if row.path != f"{rows[row.parent_id].path if row.parent_id else '/'}{row.code}/"
    ]


def _carelessly(parent: Union) -> None:
    """Insert as it would be without keeping the tree still."""
    seen = Union.objects.get(pk=parent.pk)
    code = random_letters(8)
    Union.objects.create(
        code=code,
        name="古城社区工会",
        kind=UnionKind.JOINT,
        level="village",
        region_id="371502001001",
        parent=seen,
        path=f"{seen.path}{code}/",
        created_at=NOW,
    )


def test_control_a_careless_insert_below_a_moving_union_keeps_the_old_path() -> None:
    assert len(_below_a_moving_union(_carelessly)) == 1


def test_a_union_created_below_a_moving_one_gets_the_new_path() -> None:
    broken = _below_a_moving_union(lambda parent: create_union(actor=system(), parent=parent, fields=FIELDS, now=NOW))
    assert broken == []
    assert Union.objects.filter(name="古城社区工会").count() == 1


def test_crossing_moves_never_make_a_ring() -> None:
    tree = make_tree()
    first, second = (make_union(parent=tree.city, kind=UnionKind.NEW_EMPLOYMENT) for _each in range(2))
    answers = _together(
        [
            lambda: move_union(actor=system(), union=first, parent=second, now=NOW),
            lambda: move_union(actor=system(), union=second, parent=first, now=NOW),
        ]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Invalid", "Union"]


def test_two_pools_at_once_are_one() -> None:
    tree = make_tree()
    Union.objects.filter(pk=tree.pool.pk).update(closed_at=NOW)
    fields = {"name": "周转库", "kind": "pool", "level": "city", "region": "3715"}
    answers = _together(
        [lambda: create_union(actor=system(), parent=tree.city, fields=fields, now=NOW) for _each in range(4)]
    )
    assert sum(isinstance(answer, Union) for answer in answers) == 1
    assert [answer.code for answer in answers if isinstance(answer, Conflict)] == ["one_pool_per_region"] * 3


def test_one_employer_two_unions_at_once() -> None:
    tree = make_tree()
    unions = [make_union(parent=tree.county, kind=UnionKind.JOINT, level="basic") for _each in range(4)]
    firm = make_enterprise(union=unions[0])

    def cover(union: Union) -> Callable[[], object]:
        return lambda: cover_enterprise(actor=system(), enterprise=firm, union=union, on=TODAY, now=NOW)

    answers = _together([cover(union) for union in unions[1:]])
    assert all(isinstance(answer, Coverage) for answer in answers)
    assert Coverage.objects.filter(enterprise=firm, valid_until=None).count() == 1
    assert Coverage.objects.filter(enterprise=firm).count() == 2
