"""Races around merges, with a control that must fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from threading import Barrier
from typing import Any

import pytest

from nuanxin.insight.queries.recount import recount
from nuanxin.kernel.refusals import Refusal
from nuanxin.members.actions.duplicates import say_distinct
from nuanxin.members.actions.duplicates_merge import merge, undo_merge
from nuanxin.members.actions.duplicates_sweep import AlreadySearching, next_sweep, start_sweep
from nuanxin.members.models import Duplicate, Membership, MembershipEntry, Merge, Sweep, Worker
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.duplicates import make_duplicate
from tests.factories.members import make_id_number, make_member
from tests.factories.organizations import Tree, make_tree
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "本人到窗口确认"


@pytest.fixture
def tree(transactional_db: None) -> Tree:
    connect()
    return make_tree()


def members(tree: Tree, count: int) -> list[Membership]:
    return [
        make_member(
            union=tree.couriers, name="王建国", id_number=make_id_number(birth_on=date(1985, 3, 12), serial=serial)
        )
        for serial in range(count)
    ]


def counted(count: int, work: Callable[[int], Any]) -> Counter[Any]:
    def result(index: int) -> Any:
        try:
            return work(index)
        except Refusal as refusal:
            return refusal.code

    return Counter(at_once(result, count))


def off() -> dict[tuple[str, str, Any, str], int]:
    """Return by how much tallies and rows differ: people made by hand were never counted, and must not be again."""
    return {(each.scope, each.slice, each.day, each.measure): each.tallied - each.counted for each in recount()}


def points_on() -> dict[Any, Any]:
    return dict(Worker.objects.exclude(merged_into=None).values_list("pk", "merged_into"))


def test_two_cadres_who_merge_a_pair_crosswise_make_one_merge(tree: Tree) -> None:
    cadres = [actor_for("registrar", union=tree.county) for _number in range(12)]
    one, other = members(tree, 2)
    pair = make_duplicate(one, other, union=tree.county)
    before = off()

    def act(index: int) -> str:
        keep = (one, other)[index % 2].worker_id
        merge(actor=cadres[index], duplicate_id=pair.pk, keep=keep, reason=REASON, now=NOW)
        return "merged"

    answers = counted(12, act)
    assert answers["merged"] == 1
    assert set(answers) <= {"merged", "already_moved", "already_merged"}
    assert (Merge.objects.count(), len(points_on())) == (1, 1)
    assert Membership.objects.filter(state="active").count() == 1
    assert MembershipEntry.objects.filter(act="merged").count() == 1
    assert off() == before


def test_control_reading_first_points_both_at_each_other(tree: Tree) -> None:
    one, other = members(tree, 2)
    barrier = Barrier(2)

    def read_then_write(index: int) -> str:
        kept, dropped = ((one, other), (other, one))[index]
        mine = Worker.objects.get(pk=dropped.worker_id)
        target = Worker.objects.get(pk=kept.worker_id)
        barrier.wait(timeout=60)
        if target.merged_into_id or mine.merged_into_id:
            return "already_merged"
        Worker.objects.filter(pk=mine.pk).update(merged_into=target)
        return "merged"

    assert counted(2, read_then_write)["merged"] == 2
    assert points_on() == {one.worker_id: other.worker_id, other.worker_id: one.worker_id}


def test_a_ring_of_three_pairs_merged_at_once_never_points_in_a_ring(tree: Tree) -> None:
    cadres = [actor_for("registrar", union=tree.county) for _number in range(3)]
    three = members(tree, 3)
    sides = [(three[0], three[1]), (three[1], three[2]), (three[2], three[0])]
    pairs = [make_duplicate(one, other, union=tree.county) for one, other in sides]
    before = off()

    def act(index: int) -> str:
        keep = sides[index][0].worker_id
        merge(actor=cadres[index], duplicate_id=pairs[index].pk, keep=keep, reason=REASON, now=NOW)
        return "merged"

    answers = counted(3, act)
    found = points_on()
    assert answers["merged"] == len(found) == Merge.objects.count()
    assert all(target not in found for target in found.values())
    assert Membership.objects.filter(state="active").count() == 3 - len(found)
    assert off() == before


def test_undone_by_many_is_undone_once_and_merged_or_distinct_is_one_of_them(tree: Tree) -> None:
    cadres = [actor_for("registrar", union=tree.county) for _number in range(8)]
    one, other = members(tree, 2)
    pair = make_duplicate(one, other, union=tree.county)
    before = off()

    def decide(index: int) -> str:
        if index % 2:
            return say_distinct(actor=cadres[index], duplicate_id=pair.pk, reason=REASON, now=NOW).state
        merge(actor=cadres[index], duplicate_id=pair.pk, keep=one.worker_id, reason=REASON, now=NOW)
        return "merged"

    answers = counted(8, decide)
    assert answers["merged"] + answers["distinct"] == 1
    assert bool(points_on()) is (answers["merged"] == 1)
    if not answers["merged"]:
        Duplicate.objects.update(state="open")
        merge(actor=cadres[0], duplicate_id=pair.pk, keep=one.worker_id, reason=REASON, now=NOW)

    def undo(index: int) -> str:
        undo_merge(actor=cadres[index], duplicate_id=pair.pk, reason=REASON, now=NOW)
        return "undone"

    assert counted(8, undo)["undone"] == 1
    assert points_on() == {}
    assert Membership.objects.filter(state="active").count() == 2
    assert off() == before


def test_searches_begun_at_once_are_one(tree: Tree) -> None:
    cadres = [actor_for("registrar", union=tree.county) for _number in range(8)]

    def begin(index: int) -> str:
        if index % 2:
            return "own" if next_sweep(now=NOW) else "none"
        try:
            start_sweep(actor=cadres[index], now=NOW)
        except AlreadySearching as refusal:
            return refusal.code
        return "begun"

    answers = counted(8, begin)
    assert answers["begun"] + answers["own"] == 1
    assert Sweep.objects.filter(state="running").count() == 1
