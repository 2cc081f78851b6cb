"""Two records made one person and two again: what changes, what is refused, and that undoing brings all back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from nuanxin.access.actors import Actor, system
from nuanxin.insight.queries.recount import recount
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound, Refusal
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved
from nuanxin.members.actions.corrections import correct_name, correct_phone
from nuanxin.members.actions.duplicates import put_off, say_distinct, say_distinct_of_many
from nuanxin.members.actions.duplicates_merge import merge, undo_merge
from nuanxin.members.actions.duplicates_sweep import next_sweep, run_sweep
from nuanxin.members.actions.erasure import erase_worker
from nuanxin.members.models import Card, Duplicate, Membership, MembershipEntry, Merge, Worker
from nuanxin.members.queries.duplicates import (
    duplicates_of,
    get_duplicate,
    records_of,
    similar_to,
    suggested_keep,
    visible_duplicates,
)
from nuanxin.members.queries.erasure import due_workers
from nuanxin.members.queries.memberships import get_member
from nuanxin.members.queries.persons import id_digest, phone_digest, standing
from nuanxin.members.queries.workers import worker_of_phone
from nuanxin.members.rules.erasure import StillNeeded
from nuanxin.members.rules.merging import CannotMerge, CannotUndo
from nuanxin.organizations.models import Union
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.members import make_application, make_id_number, make_member
from tests.factories.organizations import Tree

BORN = date(1985, 3, 12)
LATER = NOW + timedelta(hours=1)
REASON = "本人到窗口确认"


class Scene:
    """Two records of one person, the pair that was found, and the county's registrar."""

    def __init__(self, tree: Tree, **second: Any) -> None:
        self.numbers = [make_id_number(birth_on=BORN, serial=serial) for serial in (1, 2)]
        self.phones = ["15451111111", "15452222222"]
        self.older = make_member(union=tree.couriers, name="王建国", id_number=self.numbers[0], phone=self.phones[0])
        given: dict[str, Any] = {
            "name": "王国建",
            "id_number": self.numbers[1],
            "phone": self.phones[1],
            "began_on": TODAY - timedelta(days=9),
        } | second
        self.newer = make_member(union=tree.village, **given)
        one, other = sorted((self.older.worker, self.newer.worker), key=lambda worker: worker.pk)
        self.pair = Duplicate.objects.create(one=one, other=other, union=tree.county, points=36, found_at=NOW)
        self.registrar = actor_for("registrar", union=tree.county)

    def merge(self, actor: Actor | None = None, **options: Any) -> Merge:
        given: dict[str, Any] = {"keep": self.older.worker_id, "reason": REASON, "now": NOW} | options
        return merge(actor=actor or self.registrar, duplicate_id=self.pair.pk, **given)

    def undo(self, **options: Any) -> Merge:
        given: dict[str, Any] = {"reason": "其实是两个人", "now": LATER} | options
        return undo_merge(actor=self.registrar, duplicate_id=self.pair.pk, **given)


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return everything a merge may touch, but for what is only ever appended."""
    found: dict[str, list[dict[str, Any]]] = {}
    for model in (Worker, Membership, Card):
        found[model.__name__] = [
            {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
            for row in model.objects.order_by("pk").values()
        ]
    return found


def off() -> dict[tuple[str, str, Any, str], int]:
    """Return by how much tallies and rows differ: people made by hand were never counted, and must not be again."""
    return {(each.scope, each.slice, each.day, each.measure): each.tallied - each.counted for each in recount()}


@pytest.fixture
def scene(tree: Tree) -> Scene:
    return Scene(tree)


def test_the_older_record_is_suggested(scene: Scene) -> None:
    one, other = records_of(get_duplicate(scene.registrar, scene.pair.pk))
    assert suggested_keep(one, other) == suggested_keep(other, one) == scene.older.worker_id
    assert (one.live_cards, len(one.entries)) == (1, 1)


def test_a_merge_keeps_one_membership_and_both_histories(scene: Scene, tree: Tree) -> None:
    before = off()
    made = scene.merge()
    older, newer = Membership.objects.get(pk=scene.older.pk), Membership.objects.get(pk=scene.newer.pk)
    assert (older.state, newer.state, newer.end_reason, newer.ended_on) == ("active", "ended", "merged", TODAY)
    assert newer.worker.merged_into_id == older.worker_id
    assert list(
        MembershipEntry.objects.filter(membership=newer).order_by("at", "pk").values_list("act", flat=True)
    ) == [
        "admitted",
        "merged",
    ]
    assert Card.objects.filter(membership=newer, revoked_at=None).count() == 0
    assert Card.objects.filter(membership=older, revoked_at=None).count() == 1
    assert (made.kept_id, made.dropped_id) == (older.worker_id, newer.worker_id)
    assert get_member(scene.registrar, newer.number) == older
    assert AuditEntry.objects.filter(action="members.persons_merged", subject_id=made.pk).count() == 1
    assert off() == before
    assert list(visible_duplicates(scene.registrar).values_list("state", flat=True)) == ["merged"]


def test_whoever_comes_with_either_document_is_the_person_that_stayed(scene: Scene) -> None:
    scene.merge()
    for number in scene.numbers:
        known = standing(of_id=id_digest(number), of_phone=phone_digest("15499999999"))
        assert known.membership == scene.older
        assert known.worker is not None
        assert known.worker.pk == scene.older.worker_id
    found = worker_of_phone(scene.phones[0])
    assert found is not None
    assert found.pk == scene.older.worker_id
    assert worker_of_phone(scene.phones[1]) is None


def test_the_right_identity_and_the_phone_in_use_are_taken_from_the_other_record(scene: Scene) -> None:
    scene.merge(identity_of=scene.newer.worker_id, phone_of=scene.newer.worker_id)
    worker = Worker.objects.get(pk=scene.older.worker_id)
    key = PersonKey(worker.sealed_key)
    assert (worker.name, key.unseal(worker.sealed_id)) == ("王国建", scene.numbers[1])
    assert (key.unseal(worker.sealed_phone), bytes(worker.phone_digest or b"")) == (
        scene.phones[1],
        phone_digest(scene.phones[1]),
    )
    dropped = Worker.objects.get(pk=scene.newer.worker_id)
    assert PersonKey(dropped.sealed_key).unseal(dropped.sealed_id) == scene.numbers[0]
    assert dropped.phone_digest is None
    assert get_member(scene.registrar, scene.newer.number).worker.name == "王国建"


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("state", ["active", "suspended", "retained", "ended"])
def test_undoing_brings_every_value_back(tree: Tree, state: str, *, swap: bool) -> None:
    scene = Scene(tree, state=state)
    before, tallies = rows(), off()
    options: dict[str, Any] = {"identity_of": scene.newer.worker_id, "phone_of": scene.newer.worker_id} if swap else {}
    scene.merge(**options)
    assert rows() != before
    assert off() == tallies
    scene.undo()
    assert rows() == before
    assert off() == tallies
    scene.pair.refresh_from_db()
    assert scene.pair.state == "later"
    acts = MembershipEntry.objects.filter(membership=scene.newer).order_by("at", "pk").values_list("act", flat=True)
    assert list(acts) == (["admitted"] if state == "ended" else ["admitted", "merged", "unmerged"])
    scene.merge(now=LATER)
    scene.undo()
    assert rows() == before


def test_only_an_ended_record_is_dropped_for_one_in_force(tree: Tree) -> None:
    scene = Scene(tree, state="ended")
    with pytest.raises(Invalid) as refusal:
        scene.merge(keep=scene.newer.worker_id)
    assert refusal.value.code == "keeps_ended"


def make_open_application(scene: Scene, tree: Tree) -> None:
    make_application(union=tree.couriers, id_number=scene.numbers[1])


def erase(scene: Scene, _tree: Tree) -> None:
    Worker.objects.filter(pk=scene.newer.worker_id).update(
        name="", pinyin="", initials="", employer_name="", birth_on=None, phone_digest=None, sealed_key=b"",
        sealed_id=b"", sealed_phone=b"", erased_at=NOW,
    )  # fmt: skip


def take_elsewhere(scene: Scene, tree: Tree) -> None:
    third = make_member(union=tree.couriers)
    Worker.objects.filter(pk=scene.newer.worker_id).update(merged_into=third.worker)


@pytest.mark.parametrize(
    ("hinder", "code"),
    [(make_open_application, "application_open"), (erase, "erased"), (take_elsewhere, "already_merged")],
)
def test_what_must_be_finished_first(scene: Scene, tree: Tree, hinder: Any, code: str) -> None:
    hinder(scene, tree)
    before = rows()
    with pytest.raises(CannotMerge) as refusal:
        scene.merge()
    assert (refusal.value.code, rows()) == (code, before)
    assert not Merge.objects.exists()
    scene.pair.refresh_from_db()
    assert scene.pair.state == "open"


def test_refusals_change_nothing(scene: Scene, tree: Tree) -> None:
    before = rows()
    outside = actor_for("registrar", union=tree.couriers)
    cases: list[tuple[type[Refusal], Any]] = [
        (Invalid, lambda: scene.merge(reason="x")),
        (Invalid, lambda: scene.merge(keep=new_id())),
        (Invalid, lambda: scene.merge(phone_of=new_id())),
        (NotFound, lambda: scene.merge(actor=outside)),
        (NotFound, lambda: scene.merge(actor=actor_for("reviewer", union=tree.county))),
        (NotFound, lambda: say_distinct(actor=outside, duplicate_id=scene.pair.pk, reason=REASON, now=NOW)),
        (NotFound, lambda: say_distinct(actor=scene.registrar, duplicate_id=new_id(), reason=REASON, now=NOW)),
        (Invalid, lambda: say_distinct(actor=scene.registrar, duplicate_id=scene.pair.pk, reason="", now=NOW)),
        (Moved, scene.undo),
    ]
    for kind, act in cases:
        with pytest.raises(kind):
            act()
    assert (rows(), Merge.objects.count(), Duplicate.objects.get().state) == (before, 0, "open")


def test_a_union_below_decides_nothing_and_the_one_above_both_does(scene: Scene, tree: Tree) -> None:
    assert [scene.pair] == list(visible_duplicates(scene.registrar))
    assert duplicates_of(actor_for("registrar", union=tree.city), scene.older.worker_id) == [scene.pair]
    assert not visible_duplicates(actor_for("registrar", union=tree.village)).exists()
    Membership.objects.filter(pk=scene.newer.pk).update(union=tree.province)
    with pytest.raises(NotFound):
        get_duplicate(scene.registrar, scene.pair.pk)
    assert get_duplicate(actor_for("registrar", union=tree.province), scene.pair.pk).union == tree.province


def test_two_people_stay_two_and_many_at_once(scene: Scene) -> None:
    say_distinct_of_many(actor=scene.registrar, duplicate_ids=[scene.pair.pk], reason="双胞胎，已核对", now=NOW)
    with pytest.raises(Moved):
        scene.merge()
    assert Duplicate.objects.get().state == "distinct"
    put_off(actor=scene.registrar, duplicate_id=scene.pair.pk, now=NOW)
    assert Duplicate.objects.get().state == "later"
    scene.merge()
    with pytest.raises(Moved):
        put_off(actor=scene.registrar, duplicate_id=scene.pair.pk, now=NOW)


def new_name(scene: Scene) -> None:
    correct_name(actor=scene.registrar, number=scene.older.number, name="王建军", evidence="身份证", now=NOW)


def new_phone(scene: Scene) -> None:
    correct_phone(actor=scene.registrar, number=scene.older.number, phone="15453333333", evidence="身份证", now=NOW)


def taken_phone(scene: Scene) -> None:
    other = Membership.objects.exclude(pk__in=[scene.older.pk, scene.newer.pk]).get()
    correct_phone(actor=scene.registrar, number=other.number, phone=scene.phones[0], evidence="身份证", now=NOW)


def dissolved_union(scene: Scene) -> None:
    ended = Membership.objects.get(end_reason="merged")
    Union.objects.filter(pk=ended.union_id).update(closed_at=NOW)


@pytest.mark.parametrize("change", [new_name, new_phone, taken_phone, dissolved_union])
def test_what_was_changed_since_is_not_lost(scene: Scene, tree: Tree, change: Any) -> None:
    make_member(union=tree.couriers)
    scene.merge(identity_of=scene.newer.worker_id, phone_of=scene.newer.worker_id)
    change(scene)
    before = rows()
    with pytest.raises(CannotUndo) as refusal:
        scene.undo()
    assert refusal.value.why
    assert rows() == before
    assert Merge.objects.get().undone_at is None


def test_what_the_merge_had_not_touched_may_change_and_stays(scene: Scene) -> None:
    scene.merge()
    new_phone(scene)
    scene.undo()
    worker = Worker.objects.get(pk=scene.older.worker_id)
    assert PersonKey(worker.sealed_key).unseal(worker.sealed_phone) == "15453333333"


def test_three_records_become_one_and_are_undone_from_the_last(scene: Scene, tree: Tree) -> None:
    scene.merge()
    third = make_member(union=tree.couriers, name="王建国", id_number=make_id_number(birth_on=BORN, serial=5))
    one, other = sorted((scene.older.worker_id, third.worker_id))
    pair = Duplicate.objects.create(one_id=one, other_id=other, union=tree.county, points=30, found_at=NOW)
    merge(actor=scene.registrar, duplicate_id=pair.pk, keep=third.worker_id, reason=REASON, now=NOW)
    assert get_member(scene.registrar, scene.newer.number) == third
    with pytest.raises(Conflict) as refusal:
        scene.undo()
    assert refusal.value.code == "cannot_undo"
    undo_merge(actor=scene.registrar, duplicate_id=pair.pk, reason=REASON, now=NOW)
    assert get_member(scene.registrar, scene.newer.number) == scene.older
    scene.undo()
    assert get_member(scene.registrar, scene.newer.number) == scene.newer


def test_a_reviewer_sees_who_may_be_the_applicant(scene: Scene, tree: Tree, django_assert_max_num_queries: Any) -> None:
    found = next_sweep(now=NOW)
    assert found is not None
    run_sweep(sweep_id=found.pk, clock=lambda: NOW)
    number = make_id_number(birth_on=BORN, serial=3)
    application = make_application(union=tree.couriers, name="王健国", id_number=number)
    reviewer = actor_for("reviewer", union=tree.county)
    with django_assert_max_num_queries(5):
        similar = similar_to(reviewer, application, now=NOW)
    assert {each.membership for each in similar} == {scene.older, scene.newer}
    assert similar[0].score.points >= similar[1].score.points
    far = actor_for("reviewer", union=tree.new_employment)
    assert [each.membership for each in similar_to(far, application, now=NOW)] == [None, None]
    stranger = make_application(union=tree.couriers, name="李娜")
    assert similar_to(reviewer, stranger, now=NOW) == []


def test_erasing_the_person_erases_the_merged_record_too(scene: Scene) -> None:
    scene.merge()
    long_ago = TODAY - timedelta(days=5 * 366)
    Membership.objects.update(began_on=long_ago, ended_on=long_ago, state="ended")
    assert [due.pk for due in due_workers(TODAY)] == [scene.older.worker_id]
    with pytest.raises(StillNeeded):
        erase_worker(actor=system(), worker_id=scene.newer.worker_id, rule="x", now=NOW)
    assert erase_worker(actor=system(), worker_id=scene.older.worker_id, rule="x", now=NOW)
    assert list(Worker.objects.values_list("name", "sealed_id", "erased_at")) == [("", b"", NOW)] * 2
    assert not Merge.objects.exists()
    assert not Duplicate.objects.exists()
