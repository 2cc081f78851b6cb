"""Folds and acts side by side, with live threads: nothing is lost, nothing counts twice, at no moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction

from nuanxin.access.actors import system
from nuanxin.insight.actions import carry_tallies, fold
from nuanxin.insight.models import TallyDelta, TallyTotal
from nuanxin.insight.queries import tallies
from nuanxin.organizations.models import Union
from tests.factories import NOW
from tests.factories.insight import announce_fact, where
from tests.factories.organizations import Tree, make_tree
from tests.insight.test_tallies import Moved

pytestmark = pytest.mark.django_db(transaction=True)
ACTS = 60


@pytest.fixture
def tree() -> Tree:
    """Give a tree that the threads can see."""
    return make_tree()


def _together(*works: Callable[[], object]) -> list[BaseException]:
    """Run works at once, each in a thread and on a connection of its own; return what they raised."""
    raised: list[BaseException] = []
    ready = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            ready.wait()
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def _folded(code: str) -> tuple[int, int]:
    total = TallyTotal.objects.get(scope=f"u:{code}", slice="")
    return total.applications, total.active


def test_folds_beside_acts_count_each_act_once(tree: Tree) -> None:
    def act() -> None:
        for _ in range(ACTS):
            announce_fact("apply", where(tree.couriers))
            announce_fact("admit", where(tree.couriers))

    def gather() -> None:
        for _ in range(ACTS):
            fold(limit=5)

    assert _together(act, act, gather, gather, gather) == []
    while fold():
        pass
    assert _folded(tree.couriers.code) == (2 * ACTS, 2 * ACTS)
    assert _folded(tree.nation.code) == (2 * ACTS, 2 * ACTS)


def test_control_a_fold_that_reads_and_then_deletes_counts_twice(tree: Tree) -> None:
    """Without taking its rows while it reads them, a fold meets another's: the threads above do overlap."""
    for _ in range(ACTS):
        announce_fact("apply", where(tree.couriers))
    both_have_read = threading.Barrier(2)

    @transaction.atomic
    def gather() -> None:
        read = list(TallyDelta.objects.values_list("pk", "applications"))
        both_have_read.wait(10)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO insight_tallytotal AS t (scope, slice, applications, admissions, refusals, active) "
                "VALUES (%s, '', %s, 0, 0, 0) "
                "ON CONFLICT (scope, slice) DO UPDATE SET applications = t.applications + excluded.applications",
                [f"u:{tree.couriers.code}", sum(applications for _pk, applications in read)],
            )
        TallyDelta.objects.filter(pk__in=[pk for pk, _applications in read]).delete()

    assert _together(gather, gather) == []
    assert _folded(tree.couriers.code)[0] == 2 * ACTS


def test_who_reads_while_folds_run_sees_every_act_once(tree: Tree) -> None:
    for _ in range(ACTS):
        announce_fact("admit", where(tree.couriers))
    seen: list[int] = []

    def read() -> None:
        asked = (tallies(system(), now=NOW, union=tree.city.code, by="group") for _ in range(30))
        seen.extend(table.total.active for table in asked)

    def gather() -> None:
        for _ in range(ACTS):
            fold(limit=1)

    assert _together(read, gather, read) == []
    assert set(seen) == {ACTS}


def test_control_reading_in_two_statements_loses_what_was_folded_between(tree: Tree) -> None:
    for _ in range(ACTS):
        announce_fact("admit", where(tree.couriers))
    folded = sum(TallyTotal.objects.filter(scope=f"u:{tree.city.code}", slice="").values_list("active", flat=True))
    assert _together(fold) == []
    waiting = sum(TallyDelta.objects.values_list("active", flat=True))
    assert folded + waiting == 0


def test_a_fold_that_meets_a_move_counts_under_the_new_path(tree: Tree) -> None:
    """The fold starts while the move is not committed: it waits, and then counts where the union stands."""
    announce_fact("admit", where(tree.couriers))
    fold()
    announce_fact("admit", where(tree.couriers))
    carried = threading.Event()

    def move() -> None:
        with transaction.atomic():
            new = f"{tree.new_employment.path}{tree.couriers.code}/"
            Union.objects.filter(pk=tree.couriers.pk).update(path=new, parent=tree.new_employment)
            carry_tallies(Moved(tree.couriers.path, new))
            carried.set()
            waits = (
                "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE insight%%'"
            )
            with connection.cursor() as cursor:
                for _ in range(200):
                    cursor.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.02)")
                    cursor.execute(waits)
                    if cursor.fetchone():
                        return
        raise AssertionError("the fold did not wait for the move")

    def gather() -> None:
        carried.wait(10)
        fold()

    assert _together(move, gather) == []
    assert _folded(tree.couriers.code)[1] == 2
    assert _folded(tree.new_employment.code)[1] == 2
    assert _folded(tree.county.code)[1] == 0
    assert _folded(tree.city.code)[1] == 2
