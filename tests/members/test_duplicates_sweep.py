"""The search through the registry: what it finds, that it goes on after a kill, and that it looks at changes only."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from nuanxin.kernel.documents import digest_text
from nuanxin.kernel.refusals import NotAllowed
from nuanxin.kernel.secrets import PersonKey, digest
from nuanxin.members.actions import duplicates_sweep
from nuanxin.members.actions.corrections import correct_name
from nuanxin.members.actions.duplicates_sweep import AlreadySearching, next_sweep, run_sweep, start_sweep
from nuanxin.members.models import Duplicate, DuplicateDue, DuplicateKey, Membership, Sweep, Worker
from nuanxin.members.states import DuplicateState, SweepKind, SweepState
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.members import make_id_number, make_member, make_worker
from tests.factories.organizations import Tree

BORN = date(1985, 3, 12)


def clock() -> Any:
    return NOW


def sweep() -> Sweep:
    found = next_sweep(now=NOW)
    assert found is not None
    return run_sweep(sweep_id=found.pk, clock=clock)


def twice(tree: Tree, *, second: str = "王建国", born: date = BORN, **fields: Any) -> tuple[Membership, Membership]:
    """Make one person who was registered twice, the second time with a slip in the number."""
    first = make_member(union=tree.couriers, name="王建国", id_number=make_id_number(birth_on=BORN, serial=1))
    number = make_id_number(birth_on=born, serial=2 if born == BORN else 1)
    return first, make_member(union=tree.village, name=second, id_number=number, **fields)


def found() -> list[tuple[str, str]]:
    return [(row.one.name, row.other.name) for row in Duplicate.objects.select_related("one", "other").order_by("pk")]


@pytest.mark.parametrize(
    ("second", "born"),
    [
        ("王建国", BORN),
        ("王国建", BORN),
        ("王健国", BORN),
        ("王建国", date(1985, 12, 3)),
        ("王建国", date(1985, 3, 21)),
        ("王建国", date(1985, 3, 13)),
        ("王建国", date(1985, 8, 12)),
        ("王建国", date(1995, 3, 12)),
        ("王建国", date(1958, 3, 12)),
        ("王国健", date(1985, 3, 11)),
    ],
)
def test_one_person_twice_is_found(tree: Tree, second: str, born: date) -> None:
    first, again = twice(tree, second=second, born=born)
    for number in range(20):
        make_member(union=tree.couriers, name="王建国", id_number=make_id_number(birth_on=date(1970 + number, 6, 7)))
    done = sweep()
    assert (done.kind, done.state, done.people, done.looked_at, done.found) == ("full", "done", 22, 22, 1)
    row = Duplicate.objects.get()
    assert {row.one_id, row.other_id} == {first.worker_id, again.worker_id}
    assert row.union == tree.county
    assert row.points == sum(points for _field, _level, points in row.evidence)


def test_an_old_number_of_fifteen_digits_is_the_same_person_exactly(tree: Tree) -> None:
    first, _again = twice(tree)
    worker = make_worker(name="完全不同")
    number = PersonKey(first.worker.sealed_key).unseal(first.worker.sealed_id)
    old = number[:6] + number[8:17]
    key = PersonKey(worker.sealed_key)
    Worker.objects.filter(pk=worker.pk).update(
        sealed_id=key.seal(old), id_digest=digest("id", digest_text("resident_id", old)), birth_on=BORN
    )
    other = make_member(union=tree.couriers, worker=Worker.objects.get(pk=worker.pk))
    sweep()
    pairs = {frozenset((row.one_id, row.other_id)) for row in Duplicate.objects.all()}
    assert frozenset((first.worker_id, other.worker_id)) in pairs
    assert DuplicateKey.objects.get(old_number=True).worker_id == worker.pk


def test_chance_and_family_are_not_found(tree: Tree) -> None:
    make_member(union=tree.couriers, name="王建国", id_number=make_id_number(birth_on=BORN, serial=1))
    far = make_id_number(birth_on=BORN, serial=399, area="110105")
    make_member(union=tree.village, name="王建国", id_number=far, phone="15498765432")
    make_member(union=tree.couriers, name="王建军", id_number=make_id_number(birth_on=BORN, serial=2))
    make_member(union=tree.couriers, name="李建国", id_number=make_id_number(birth_on=BORN, serial=3))
    sweep()
    assert found() == []


def test_a_second_look_finds_nothing_new_and_keeps_what_was_decided(tree: Tree) -> None:
    twice(tree)
    sweep()
    Duplicate.objects.update(state=DuplicateState.DISTINCT, decided_at=NOW)
    start_sweep(actor=actor_for("registrar", union=tree.county), now=NOW)
    done = run_sweep(sweep_id=Sweep.objects.get(state="running").pk, clock=clock)
    assert (done.found, Duplicate.objects.get().state) == (0, "distinct")


def test_later_looks_go_through_whoever_is_new_or_has_changed(tree: Tree) -> None:
    first, again = twice(tree, second="李小龙")
    sweep()
    assert found() == []
    assert next_sweep(now=NOW) is None
    registrar = actor_for("registrar", union=tree.city)
    correct_name(actor=registrar, number=again.number, name="王国建", evidence="身份证", now=NOW)
    assert list(DuplicateDue.objects.values_list("worker", flat=True)) == [again.worker_id]
    done = sweep()
    assert (done.kind, done.looked_at, done.found) == (SweepKind.CHANGED, 1, 1)
    assert not DuplicateDue.objects.exists()
    correct_name(actor=registrar, number=again.number, name="李小龙", evidence="身份证", now=NOW)
    sweep()
    assert found() == []
    third = make_member(union=tree.couriers, name="王建国", id_number=make_id_number(birth_on=BORN, serial=4))
    assert sweep().looked_at == 1
    row = Duplicate.objects.get()
    assert {row.one_id, row.other_id} == {first.worker_id, third.worker_id}


def test_a_killed_search_goes_on_where_it_was(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates_sweep, "COMPARED", 3)
    twice(tree)
    for number in range(12):
        make_member(union=tree.couriers, name=f"李小{'一二三四五六七八九十百千'[number]}")
    running = next_sweep(now=NOW)
    assert running is not None
    calls = iter(range(100))

    def killed() -> Any:
        if next(calls) > 3:
            raise KeyboardInterrupt
        return NOW

    with pytest.raises(KeyboardInterrupt):
        run_sweep(sweep_id=running.pk, clock=killed)
    half = Sweep.objects.get()
    assert half.state == SweepState.RUNNING
    assert 0 < half.looked_at < 14
    assert next_sweep(now=NOW + timedelta(minutes=1)) is None
    taken = next_sweep(now=NOW + timedelta(minutes=10))
    assert taken is not None
    done = run_sweep(sweep_id=taken.pk, clock=clock)
    assert (done.state, done.people, done.looked_at, done.found) == ("done", 14, 14, 1)


def test_one_search_at_a_time_and_only_by_who_may(tree: Tree) -> None:
    with pytest.raises(NotAllowed):
        start_sweep(actor=actor_for("reviewer", union=tree.county), now=NOW)
    registrar = actor_for("registrar", union=tree.county)
    start_sweep(actor=registrar, now=NOW)
    with pytest.raises(AlreadySearching):
        start_sweep(actor=registrar, now=NOW)
    assert Sweep.objects.count() == 1
