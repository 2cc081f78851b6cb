"""Deliveries are written once, never changed, and everything is counted from them."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction

from nuanxin.access.actors import Actor, actor_of_account, system
from nuanxin.catalog.actions import (
    Served,
    carry_services,
    deliver,
    deliver_by_hand,
    deliver_many,
    fold,
    recount,
    take_back,
)
from nuanxin.catalog.models import Delivery, Reached, ServiceTally, Uncounted
from nuanxin.catalog.queries.counts import Counts, counts_below, counts_by_month, counts_of, counts_of_services
from nuanxin.catalog.queries.deliveries import deliveries_of_worker, search_deliveries
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal
from nuanxin.members.actions.duplicates_merge import merge, undo_merge
from nuanxin.organizations.models import Union
from nuanxin.records.models import AuditEntry
from nuanxin.wiring import connect
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_account, make_post
from tests.factories.catalog import make_delivery, make_service
from tests.factories.duplicates import make_duplicate
from tests.factories.members import make_member
from tests.factories.organizations import Tree, make_enterprise, make_tree

YEAR = TODAY.year
pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    return make_tree()


def cadre(union: Union, role: str = "services") -> Actor:
    """Return somebody with a post at a union."""
    post = make_post(role=role, union=union)
    return actor_of_account(post.account, NOW)


def _counts(union: Union, counter: str = "", slice_: str = "") -> Counts:
    return counts_of(union, YEAR).get((counter, slice_), Counts())


def _same_before_and_after_folding(union: Union, counter: str = "", slice_: str = "") -> Counts:
    """Return what is counted, which a fold and a recount must not change."""
    fresh = _counts(union, counter, slice_)
    while fold():
        pass
    assert _counts(union, counter, slice_) == fresh
    recount()
    assert _counts(union, counter, slice_) == fresh
    return fresh


def test_each_source_is_delivered_once(tree: Tree) -> None:
    service, member = make_service(union=tree.city), make_member(union=tree.couriers)
    told: dict[str, Any] = {"actor": system(), "service": service.code, "worker_id": member.worker_id, "now": NOW}
    first = deliver(**told, source_kind="booking", source_id="b1")
    assert first is not None
    assert deliver(**told, source_kind="booking", source_id="b1") is None
    assert deliver(**told, source_kind="booking", source_id="b2") is not None
    row = Delivery.objects.get(pk=first)
    assert (row.union_id, row.group_code, row.day, row.times, row.cost) == (
        tree.couriers.pk,
        "courier",
        TODAY,
        1,
        Decimal(180),
    )
    assert Delivery.objects.count() == Uncounted.objects.count() == 2


def test_a_service_that_nobody_entered_counts_nowhere(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    assert (
        deliver(actor=system(), service="x", worker_id=member.worker_id, source_kind="a", source_id="1", now=NOW)
        is None
    )
    assert not Delivery.objects.exists()


def test_a_delivery_serves_one_person_or_one_enterprise(tree: Tree) -> None:
    service = make_service(union=tree.city)
    with pytest.raises(IntegrityError, match="delivery_serves_one"), transaction.atomic():
        deliver(actor=system(), service=service.code, source_kind="a", source_id="1", now=NOW)
    assert not Delivery.objects.exists()


def test_persons_once_a_year_times_and_cost_always(tree: Tree) -> None:
    check_up, film = make_service(union=tree.city), make_service(union=tree.city, area_id="culture", cost_each=30)
    one, two = make_member(union=tree.couriers), make_member(union=tree.township)
    for member, service in ((one, check_up), (one, check_up), (two, check_up), (one, film)):
        make_delivery(service, member)
    assert counts_of_services([check_up.pk], YEAR) == {check_up.pk: Counts(2, 0, 3, Decimal(540))}
    assert _same_before_and_after_folding(tree.city) == Counts(2, 0, 4, Decimal(570))
    assert _same_before_and_after_folding(tree.city, f"s:{check_up.code}") == Counts(2, 0, 3, Decimal(540))
    assert _same_before_and_after_folding(tree.city, "a:culture") == Counts(1, 0, 1, Decimal(30))
    assert _same_before_and_after_folding(tree.couriers) == Counts(1, 0, 3, Decimal(390))
    assert _same_before_and_after_folding(tree.city, "", "g:courier").people == 2
    assert sum(each.counts.people for each in counts_below(tree.city, YEAR, "")) == 2
    of_services = counts_of_services([check_up.pk, film.pk], YEAR)
    assert (of_services[check_up.pk], of_services[film.pk].people) == (Counts(2, 0, 3, Decimal(540)), 1)
    assert counts_by_month(tree.city, YEAR, "")[TODAY.month].times == 4
    assert counts_of(tree.city, YEAR - 1) == {}


def test_enterprises_are_counted_as_such(tree: Tree) -> None:
    service, firm = make_service(union=tree.city), make_enterprise()
    for nth in range(2):
        told: dict[str, Any] = {"source_kind": "visit", "source_id": f"{nth}", "enterprise_id": firm.pk, "now": NOW}
        assert deliver(actor=system(), service=service.code, **told)
    assert _same_before_and_after_folding(tree.city) == Counts(0, 1, 2, Decimal(360))


def test_many_at_once_count_as_one_by_one(tree: Tree) -> None:
    service = make_service(union=tree.city)
    members = [make_member(union=tree.couriers) for _ in range(3)]
    served = [
        Served(service.code, TODAY, "policy", f"p{nth}", worker_id=members[nth % 3].worker_id) for nth in range(7)
    ]
    assert deliver_many(actor=system(), served=served, now=NOW) == 7
    assert deliver_many(actor=system(), served=served, now=NOW) == 0
    assert _same_before_and_after_folding(tree.city) == Counts(3, 0, 7, Decimal(1260))


def test_folds_of_any_size_come_to_the_same(tree: Tree) -> None:
    service = make_service(union=tree.city)
    one, two = make_member(union=tree.couriers), make_member(union=tree.township)
    for member in (one, two, one, one, two):
        make_delivery(service, member)
    fold(limit=2)
    assert _counts(tree.city) == Counts(2, 0, 5, Decimal(900))
    fold(limit=1)
    assert _counts(tree.city) == Counts(2, 0, 5, Decimal(900))
    while fold(limit=1):
        pass
    assert _counts(tree.city) == Counts(2, 0, 5, Decimal(900))
    assert fold() == 0


def test_taking_back_counts_as_if_it_had_never_been(tree: Tree) -> None:
    service = make_service(union=tree.city)
    one, two = make_member(union=tree.couriers), make_member(union=tree.township)
    wrong = make_delivery(service, one)
    make_delivery(service, two)
    fold()
    entry = take_back(actor=cadre(tree.city), delivery_id=wrong, reason="登记重复", now=NOW)
    assert (entry.times, entry.cost, entry.day, entry.corrects_id) == (-1, Decimal(-180), TODAY, wrong)
    assert _same_before_and_after_folding(tree.city) == Counts(1, 0, 1, Decimal(180))
    assert _counts(tree.couriers) == Counts(0, 0, 0, Decimal(0))
    assert not Reached.objects.filter(subject_id=one.worker_id).exists()
    assert AuditEntry.objects.filter(action="catalog.delivery_taken_back").count() == 1


def test_who_was_served_before_stays_counted_there_when_the_later_one_is_taken_back(tree: Tree) -> None:
    service, member = make_service(union=tree.city), make_member(union=tree.couriers)
    early = make_delivery(service, member, day=TODAY - timedelta(days=40))
    make_delivery(service, member)
    fold()
    take_back(actor=cadre(tree.city), delivery_id=early, reason="未到场", now=NOW)
    assert counts_by_month(tree.city, YEAR, "") == {
        (TODAY - timedelta(days=40)).month: Counts(0, 0, 0, Decimal(0)),
        TODAY.month: Counts(1, 0, 1, Decimal(180)),
    }


@pytest.mark.parametrize("again", [True, False])
def test_a_delivery_is_taken_back_once_and_a_counter_entry_never(tree: Tree, again: bool) -> None:
    service, member = make_service(union=tree.city), make_member(union=tree.couriers)
    wrong, actor = make_delivery(service, member), cadre(tree.city)
    entry = take_back(actor=actor, delivery_id=wrong, reason="登记重复", now=NOW)
    with pytest.raises(Conflict):
        take_back(actor=actor, delivery_id=wrong if again else entry.pk, reason="登记重复", now=NOW)
    assert Delivery.objects.count() == 2
    assert _counts(tree.city).times == 0


def test_taking_back_is_refused_without_reason_reach_or_permission(tree: Tree) -> None:
    service, member = make_service(union=tree.city), make_member(union=tree.couriers)
    wrong = make_delivery(service, member)
    elsewhere = make_post(role="services", union=tree.township)
    for actor, reason, refusal in (
        (cadre(tree.city), " ", Invalid),
        (actor_of_account(elsewhere.account, NOW), "登记重复", NotFound),
        (cadre(tree.city, "leader"), "登记重复", NotFound),
        (actor_of_account(make_account(), NOW), "登记重复", NotFound),
    ):
        with pytest.raises(refusal):
            take_back(actor=actor, delivery_id=wrong, reason=reason, now=NOW)
    assert Delivery.objects.count() == 1
    assert not AuditEntry.objects.filter(action__startswith="catalog.").exists()


def _by_hand(actor: Actor, service: str, number: str, **changes: Any) -> Any:
    usual: dict[str, Any] = {"service": service, "member_number": number, "day": TODAY, "source_id": "f1", "now": NOW}
    return deliver_by_hand(actor=actor, **usual | changes)


def test_by_hand_once_and_recorded(tree: Tree) -> None:
    service, member = make_service(union=tree.city), make_member(union=tree.couriers)
    _by_hand(cadre(tree.city), service.code, member.number, cost=Decimal(5), place="驿站")
    with pytest.raises(Conflict):
        _by_hand(cadre(tree.city), service.code, member.number)
    row = Delivery.objects.get()
    assert (row.cost, row.place, row.source_kind, row.account_id is None) == (Decimal(5), "驿站", "desk", False)
    assert AuditEntry.objects.filter(action="catalog.delivered_by_hand").count() == 1


def test_by_hand_refused(tree: Tree) -> None:
    service = make_service(union=tree.city, ends_on=TODAY)
    ended = make_service(union=tree.city, starts_on=date(YEAR - 1, 1, 1), ends_on=date(YEAR - 1, 12, 31))
    member = make_member(union=tree.couriers)
    right, nowhere = cadre(tree.city), cadre(tree.township)
    cases: list[tuple[Actor, dict[str, Any], type[Refusal]]] = [
        (right, {"day": TODAY + timedelta(days=1)}, Invalid),
        (right, {"service": ended.code}, Invalid),
        (right, {"cost": Decimal(-1)}, Invalid),
        (right, {"cost": Decimal("NaN")}, Invalid),
        (right, {"service": "nothing"}, NotFound),
        (right, {"member_number": "37150000000000"}, NotFound),
        (nowhere, {}, NotFound),
        (cadre(tree.city, "reviewer"), {}, NotAllowed),
    ]
    for actor, changes, refusal in cases:
        with pytest.raises(refusal):
            _by_hand(
                actor, changes.pop("service", service.code), changes.pop("member_number", member.number), **changes
            )
    assert not Delivery.objects.exists()


def test_a_moved_union_takes_its_numbers_along(tree: Tree) -> None:
    service, member = make_service(union=tree.city), make_member(union=tree.couriers)
    make_delivery(service, member)
    fold()
    old = tree.couriers.path

    class Moved:
        old_path = old
        new_path = f"{tree.township.path}{tree.couriers.code}/"

    Union.objects.filter(pk=tree.couriers.pk).update(path=Moved.new_path, parent=tree.township)
    carry_services(Moved())
    tree.couriers.refresh_from_db()
    assert _counts(tree.township).people == 1
    before = set(ServiceTally.objects.exclude(times=0).values_list("scope", "counter", "slice", "people", "times"))
    recount()
    assert set(ServiceTally.objects.values_list("scope", "counter", "slice", "people", "times")) == before


@pytest.mark.parametrize("folded", [0, 1, 2])
def test_two_records_of_one_person_count_once_and_as_two_again_when_that_is_undone(tree: Tree, folded: int) -> None:
    connect()
    check_up, film = make_service(union=tree.city), make_service(union=tree.city, area_id="culture")
    kept, dropped = make_member(union=tree.couriers), make_member(union=tree.township)
    make_delivery(check_up, dropped, day=TODAY - timedelta(days=40))
    make_delivery(check_up, kept)
    make_delivery(film, dropped)
    if folded:
        fold(limit=folded)
    pair, registrar = make_duplicate(kept, dropped, union=tree.county), actor_for("registrar", union=tree.county)
    told: dict[str, Any] = {"actor": registrar, "duplicate_id": pair.pk, "reason": "本人到窗口确认", "now": NOW}
    merge(**told, keep=kept.worker_id)
    assert _counts(tree.city) == Counts(1, 0, 3, Decimal(540))
    assert _counts(tree.couriers) == Counts(0, 0, 1, Decimal(180))
    assert counts_by_month(tree.township, YEAR, "")[(TODAY - timedelta(days=40)).month].people == 1
    assert _same_before_and_after_folding(tree.city, f"s:{check_up.code}") == Counts(1, 0, 2, Decimal(360))
    assert counts_of_services([film.pk], YEAR) == {film.pk: Counts(1, 0, 1, Decimal(180))}
    make_delivery(film, kept)
    assert _same_before_and_after_folding(tree.city, "a:culture") == Counts(1, 0, 2, Decimal(360))
    assert deliveries_of_worker(kept.worker_id).count() == 4
    assert search_deliveries(cadre(tree.city), member=kept.number).count() == 4
    undo_merge(**told)
    assert _counts(tree.couriers).people == _counts(tree.township).people == 1
    assert _same_before_and_after_folding(tree.city) == Counts(2, 0, 4, Decimal(720))
    assert deliveries_of_worker(kept.worker_id).count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_source_told_by_many_threads_at_once_counts_once() -> None:
    tree = make_tree()
    service, member = make_service(union=tree.city), make_member(union=tree.couriers)
    ready, written = threading.Barrier(6), []

    def tell(source: str) -> None:
        ready.wait()
        try:
            told: dict[str, Any] = {"worker_id": member.worker_id, "source_kind": "scan", "source_id": source}
            written.append(deliver(actor=system(), service=service.code, now=NOW, **told))
            fold(limit=1)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tell, args=[source]) for source in ("a", "a", "a", "a", "b", f"{uuid4()}")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(each is not None for each in written) == Delivery.objects.count() == 3
    while fold():
        pass
    assert _counts(tree.city) == Counts(1, 0, 3, Decimal(540))
