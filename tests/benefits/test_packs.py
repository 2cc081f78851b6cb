"""Welcome packs: given once by the rule of the day, handed out once from stock that is there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from nuanxin.benefits.actions.insurance_reconciling import Issued, PoliciesIssued
from nuanxin.benefits.actions.pack_stock import carry, count_stock, keep_stock, mark_low, take_in, take_out
from nuanxin.benefits.actions.packs import grant_packs, hand_out, note_covered
from nuanxin.benefits.models import PackMark, PackMovement, PackRight, PackStock
from nuanxin.benefits.queries.packs import (
    StockFilters,
    list_stocks,
    my_pack,
    pack_numbers,
    packs_here,
    shelves,
    sum_of_movements,
)
from nuanxin.catalog.models import Delivery
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal
from nuanxin.members.actions.cards import issue_code
from nuanxin.members.actions.ceremonies import hand_out_kit
from nuanxin.members.actions.review import decide
from nuanxin.members.models import Membership
from nuanxin.messages.models import Notice
from nuanxin.organizations.queries.rules import forget_rules
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.catalog import make_service
from tests.factories.ceremonies import make_ceremony
from tests.factories.members import make_application, make_member, worker_of
from tests.factories.organizations import Tree, make_dated_rule
from tests.factories.partners import at_counter, make_contract, make_place, make_right, make_stock

ALL = {"kit": True, "ticket": True, "insurance": True}


@pytest.fixture(autouse=True)
def fresh_rules() -> Any:
    """Read the rules anew: each test has its own."""
    forget_rules()
    yield
    forget_rules()


def rule(tree: Tree, value: dict[str, bool] | None = None, **fields: Any) -> None:
    make_dated_rule(name="benefits.welcome_pack", value=value or ALL, union=tree.city, source_note="市总2026", **fields)
    make_dated_rule(name="benefits.pack_days", value=90)


def state_of(right: PackRight) -> tuple[str, Any, Any]:
    right.refresh_from_db()
    return right.state, right.place_id, right.scan_id


def test_whoever_is_approved_gets_what_the_rule_of_the_day_gives(tree: Tree) -> None:
    rule(tree)
    application = make_application(union=tree.couriers)
    decide(actor=actor_for("reviewer", union=tree.couriers), number=application.number, decision="approve", now=NOW)
    assert grant_packs(now=NOW) == 1
    rights = PackRight.objects.order_by("item")
    assert [(right.item, right.state, right.until) for right in rights] == [
        ("insurance", "granted", None),
        ("kit", "granted", TODAY + timedelta(days=90)),
        ("ticket", "granted", TODAY + timedelta(days=90)),
    ]
    assert {right.source_note for right in rights} == {"市总2026"}
    assert grant_packs(now=NOW) == 0
    assert PackRight.objects.count() == 3


def test_who_joined_before_the_rule_or_elsewhere_gets_nothing(tree: Tree) -> None:
    rule(tree, valid_from=TODAY)
    make_member(union=tree.couriers, began_on=TODAY - timedelta(days=1))
    make_member(union=tree.province, began_on=TODAY)
    make_member(union=tree.couriers, began_on=TODAY, state="ended")
    # the nation's default gives nothing
    make_dated_rule(name="benefits.welcome_pack", value=dict.fromkeys(ALL, False), valid_from=TODAY - timedelta(900))
    assert grant_packs(now=NOW) == 0
    assert not PackRight.objects.exists()


def test_rejoining_gives_nothing_a_second_time(tree: Tree) -> None:
    rule(tree, {"kit": True})
    first = make_member(union=tree.couriers, began_on=TODAY)
    assert grant_packs(now=NOW) == 1
    Membership.objects.filter(pk=first.pk).update(state="ended", ended_on=TODAY, end_reason="left")
    make_member(union=tree.township, began_on=TODAY, worker=first.worker)
    assert grant_packs(now=NOW) == 0
    assert PackRight.objects.count() == 1


def test_a_member_whose_transaction_ended_late_is_not_left_out(tree: Tree) -> None:
    """Ids are made before transactions end: what was not to be seen is looked at again for five minutes."""
    rule(tree, {"kit": True})
    now = timezone.now()
    late = make_member(union=tree.couriers, began_on=TODAY, state="ended")
    make_member(union=tree.couriers, began_on=TODAY)
    assert grant_packs(now=now) == 1
    assert PackMark.objects.get().upto < late.pk
    Membership.objects.filter(pk=late.pk).update(state="active", ended_on=None, end_reason="")
    assert grant_packs(now=now) == 1
    assert grant_packs(now=now + timedelta(hours=1)) == 0
    assert PackMark.objects.get().upto > late.pk


def test_it_is_told_in_the_app(tree: Tree) -> None:
    rule(tree, {"kit": True})
    member = make_member(union=tree.couriers, began_on=TODAY, with_account=True)
    grant_packs(now=NOW)
    grant_packs(now=NOW)
    told = [(notice.account_id, notice.template, notice.link) for notice in Notice.objects.all()]
    assert told == [(member.worker.account_id, "pack.granted", "/packs/")]


def test_a_scan_hands_the_kit_out_once_from_the_shelf(tree: Tree) -> None:
    place = make_place(union=tree.county)
    stock = make_stock(place, on_hand=2)
    member = make_member(union=tree.couriers)
    right = make_right(member)
    actor, here = at_counter(place)
    [thing] = packs_here(member.worker, here, NOW)
    assert (thing.kind, thing.key, thing.act, thing.refused) == ("pack", str(right.pk), "hand_out", ())
    done = hand_out(actor=actor, worker=member.worker, here=here, key=thing.key, now=NOW)
    assert not done.again
    assert state_of(right) == ("handed_out", place.pk, here.scan_id)
    again = hand_out(actor=actor, worker=member.worker, here=here, key=thing.key, now=NOW)
    assert again.again
    stock.refresh_from_db()
    assert (stock.on_hand, sum_of_movements(stock)) == (1, 1)
    assert PackMovement.objects.filter(kind="handed", right=right).count() == 1
    assert AuditEntry.objects.filter(action="benefits.pack_handed_out").count() == 1
    [thing] = packs_here(member.worker, here, NOW)
    assert [reason.code for reason in thing.refused] == ["handed_out"]


def test_refusals_change_nothing(tree: Tree) -> None:
    place, empty = make_place(union=tree.county), make_place(union=tree.county)
    stock = make_stock(place)
    make_stock(empty, on_hand=0)
    member, other = make_member(union=tree.couriers), make_member(union=tree.couriers)
    right = make_right(member)
    late = make_right(other, until=TODAY - timedelta(days=1))
    gone = make_right(make_member(union=tree.couriers, state="ended"))
    insured = make_right(member, item="insurance")
    actor, here = at_counter(place)
    cases: list[tuple[Any, Any, PackRight, str]] = [
        (*at_counter(empty), right, "out_of_stock"),
        (*at_counter(place, kinds=["coupon"]), right, "not_here"),
        (at_counter(empty)[0], here, right, "not_here"),
        (actor, here, late, "pack_expired"),
        (actor, here, gone, "not_a_member"),
        (actor, here, insured, "not_found"),
    ]
    for who, where, what, code in cases:
        with pytest.raises(Refusal) as refused:
            hand_out(actor=who, worker=what.worker, here=where, key=str(what.pk), now=NOW)
        assert refused.value.code == code
    for worker, key in ((other.worker, str(right.pk)), (member.worker, "x"), (member.worker, str(new_id()))):
        with pytest.raises(NotFound):
            hand_out(actor=actor, worker=worker, here=here, key=key, now=NOW)
    stock.refresh_from_db()
    assert stock.on_hand == 10
    assert not PackMovement.objects.filter(kind="handed").exists()
    assert set(PackRight.objects.values_list("state", flat=True)) == {"granted"}


def test_what_another_station_handed_out_is_told_with_place_and_day(tree: Tree) -> None:
    first, second = make_place(union=tree.county, name="东关驿站"), make_place(union=tree.county)
    make_stock(first)
    make_stock(second)
    member = make_member(union=tree.couriers)
    right = make_right(member)
    actor, here = at_counter(first)
    hand_out(actor=actor, worker=member.worker, here=here, key=str(right.pk), now=NOW)
    actor, here = at_counter(second)
    with pytest.raises(Conflict) as refused:
        hand_out(actor=actor, worker=member.worker, here=here, key=str(right.pk), now=NOW)
    assert refused.value.code == "handed_out"
    assert "东关驿站" in str(refused.value.message)


def test_the_shelf_cannot_go_below_zero_by_any_way(tree: Tree) -> None:
    place = make_place(union=tree.county)
    stock = make_stock(place, on_hand=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        PackStock.objects.filter(pk=stock.pk).update(on_hand=-1)


def test_stock_comes_goes_moves_and_is_counted(tree: Tree) -> None:
    cadre = actor_for("services", union=tree.county)
    here, there = make_place(union=tree.county), make_place(union=tree.county)
    stock = keep_stock(actor=cadre, place=here, item="kit", now=NOW)
    assert keep_stock(actor=cadre, place=here, item="kit", now=NOW).pk == stock.pk
    other = keep_stock(actor=cadre, place=there, item="kit", now=NOW)
    token = new_id()
    assert take_in(actor=cadre, stock=stock, amount=50, note="第一批", token=token, now=NOW)
    assert not take_in(actor=cadre, stock=stock, amount=50, note="第一批", token=token, now=NOW)
    assert take_out(actor=cadre, stock=stock, amount=5, note="破损", token=new_id(), now=NOW)
    sent = new_id()
    assert carry(actor=cadre, stock=stock, to=other, amount=20, token=sent, now=NOW)
    assert not carry(actor=cadre, stock=stock, to=other, amount=20, token=sent, now=NOW)
    assert count_stock(actor=cadre, stock=stock, counted=24, seen=25, token=new_id(), now=NOW)
    mark_low(actor=cadre, stock=stock, low_at=30, now=NOW)
    stock.refresh_from_db()
    other.refresh_from_db()
    assert (stock.on_hand, other.on_hand, stock.low_at) == (24, 20, 30)
    assert [sum_of_movements(each) for each in (stock, other)] == [24, 20]
    assert PackMovement.objects.filter(transfer_id=sent).count() == 2
    assert [row.pk for row in list_stocks(cadre, StockFilters(state="low"))] == [stock.pk]


def test_movements_that_cannot_be_are_refused_and_change_nothing(tree: Tree) -> None:
    cadre, stranger = actor_for("services", union=tree.county), actor_for("leader", union=tree.county)
    place, other_place = make_place(union=tree.county), make_place(union=tree.county)
    stock, other = make_stock(place, on_hand=3), make_stock(other_place, on_hand=0)
    ticket = make_stock(other_place, item="ticket", on_hand=0)
    with pytest.raises(Conflict) as refused:
        take_out(actor=cadre, stock=stock, amount=4, note="破损", token=new_id(), now=NOW)
    assert refused.value.code == "not_enough"
    with pytest.raises(Conflict):
        carry(actor=cadre, stock=stock, to=other, amount=4, token=new_id(), now=NOW)
    with pytest.raises(Conflict) as refused:
        count_stock(actor=cadre, stock=stock, counted=9, seen=5, token=new_id(), now=NOW)
    assert refused.value.code == "changed_meanwhile"
    for amount in (0, -1, 100_001, True, "5", None):
        with pytest.raises(Invalid):
            take_in(actor=cadre, stock=stock, amount=amount, token=new_id(), now=NOW)
    with pytest.raises(Invalid):
        take_out(actor=cadre, stock=stock, amount=1, note=" ", token=new_id(), now=NOW)
    for to in (stock, ticket):
        with pytest.raises(Invalid):
            carry(actor=cadre, stock=stock, to=to, amount=1, token=new_id(), now=NOW)
    with pytest.raises(Invalid):
        keep_stock(actor=cadre, place=place, item="insurance", now=NOW)
    with pytest.raises(NotAllowed):
        take_in(actor=stranger, stock=stock, amount=1, token=new_id(), now=NOW)
    stock.refresh_from_db()
    assert (stock.on_hand, PackMovement.objects.filter(stock=stock).count()) == (3, 1)
    assert not PackMovement.objects.filter(stock=other).exists()


def test_places_are_named_nearest_first_and_only_where_something_lies(tree: Tree) -> None:
    home = "371502001001"
    far = make_place(union=tree.county, region="3715", name="市总驿站")
    near = make_place(union=tree.county, region=home, name="古城驿站")
    town = make_place(union=tree.county, region="371502001", name="古楼驿站")
    empty = make_place(union=tree.county, region=home, name="空站")
    shut = make_place(union=tree.county, region=home, name="关站", closed_at=NOW)
    no_contract = make_place(union=tree.county, region=home, name="无约")
    make_contract(partner=no_contract.partner, kinds=["coupon"], valid_from=TODAY)
    for place in (far, near, town, shut, no_contract):
        make_stock(place, on_hand=1)
    make_stock(empty, on_hand=0)
    found = shelves(home, items=["kit", "ticket"], on=TODAY)
    assert [(shelf.place.name, shelf.shared, shelf.items) for shelf in found] == [
        ("古城驿站", 12, ("kit",)),
        ("古楼驿站", 9, ("kit",)),
        ("市总驿站", 4, ("kit",)),
    ]


def test_a_member_sees_the_own_pack_and_cadres_see_numbers(tree: Tree) -> None:
    member, other = make_member(union=tree.couriers), make_member(union=tree.township)
    make_right(member, item="insurance")
    make_right(member)
    make_right(other)
    assert [right.item for right in my_pack(worker_of(member))] == ["kit", "insurance"]
    numbers = {line.item: (line.granted, line.handed_out, line.waiting) for line in pack_numbers(
        actor_for("services", union=tree.county)
    )}  # fmt: skip
    assert numbers == {"kit": (2, 0, 2), "insurance": (1, 0, 1)}
    assert pack_numbers(actor_for("leader", union=tree.county)) == []


@pytest.mark.parametrize("before", [True, False], ids=["kit first", "right first"])
def test_a_kit_of_a_joining_ceremony_is_the_kit_of_the_pack(tree: Tree, before: bool) -> None:
    rule(tree, {"kit": True, "ticket": True})
    ceremony, cadre = make_ceremony(union=tree.township, state="open"), actor_for("reviewer", union=tree.township)
    member = make_member(union=tree.township, began_on=TODAY)
    code = issue_code(actor=worker_of(member), number=member.number, now=NOW).code
    if not before:
        assert grant_packs(now=NOW) == 1
    hand_out_kit(actor=cadre, ceremony=ceremony, code=code, now=NOW)
    assert grant_packs(now=NOW) == int(before)
    kit = PackRight.objects.get(item="kit")
    assert (kit.state, kit.place_id, kit.handed_at) == ("handed_out", None, NOW)
    place = make_place(union=tree.county)
    make_stock(place)
    actor, here = at_counter(place)
    assert [reason.code for reason in packs_here(member.worker, here, NOW)[0].refused] == ["handed_out"]
    with pytest.raises(Conflict):
        hand_out(actor=actor, worker=member.worker, here=here, key=str(kit.pk), now=NOW)
    assert PackRight.objects.get(item="ticket").state == "granted"


def test_what_was_handed_out_is_one_delivery(tree: Tree) -> None:
    make_service(union=tree.city, code="welcome_pack")
    place = make_place(union=tree.county, name="东关驿站")
    make_stock(place)
    member = make_member(union=tree.couriers)
    right = make_right(member)
    actor, here = at_counter(place)
    for _time in range(2):
        hand_out(actor=actor, worker=member.worker, here=here, key=str(right.pk), now=NOW)
    told = Delivery.objects.values_list("service_id", "worker_id", "union_id", "place", "source_kind", "source_id")
    assert list(told) == [
        ("welcome_pack", member.worker_id, member.union_id, "东关驿站", "pack", str(right.pk)),
    ]


def test_insurance_that_is_in_force_is_noted(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    right = make_right(member, item="insurance")
    kit = make_right(member)
    issued = [Issued(new_id(), member.worker_id, member.union_id)]
    note_covered(PoliciesIssued("batch", "plan", Decimal(30), issued, TODAY, NOW))  # type: ignore[arg-type]
    assert (state_of(right)[0], state_of(kit)[0]) == ("covered", "granted")
