"""Races over welcome packs: one kit at two stations, the last piece for many; each with a control that must fail."""

from __future__ import annotations

from collections import Counter
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from nuanxin.benefits.actions.pack_stock import carry
from nuanxin.benefits.actions.packs import grant_packs, hand_out
from nuanxin.benefits.models import PackMovement, PackRight, PackStock
from nuanxin.kernel.ids import new_id
from nuanxin.organizations.queries.rules import forget_rules
from nuanxin.wiring import connect
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_roles
from tests.factories.members import make_member
from tests.factories.organizations import make_dated_rule, make_tree
from tests.factories.partners import at_counter, make_place, make_right, make_stock
from tests.races.test_applications import counted

pytestmark = pytest.mark.django_db(transaction=True)

_STATIONS = 10


def _books_agree() -> bool:
    """Answer whether every stock is the sum of its movements, and every hand-out is one right."""
    sums: Counter[Any] = Counter()
    for stock_id, amount in PackMovement.objects.values_list("stock_id", "amount"):
        sums[stock_id] += amount
    stocks = all(stock.on_hand == sums[stock.pk] >= 0 for stock in PackStock.objects.all())
    handed = PackMovement.objects.filter(kind="handed").count()
    return stocks and handed == PackRight.objects.filter(state="handed_out").count()


def test_one_kit_is_handed_out_by_one_of_many_stations() -> None:
    connect()
    tree = make_tree()
    member = make_member(union=tree.couriers)
    right = make_right(member)
    counters = []
    for _number in range(_STATIONS):
        place = make_place(union=tree.county)
        make_stock(place, on_hand=5)
        counters.append(at_counter(place))

    def hand(index: int) -> bool:
        actor, here = counters[index]
        return hand_out(actor=actor, worker=member.worker, here=here, key=str(right.pk), now=NOW).again

    assert counted(_STATIONS, hand) == {False: 1, "handed_out": _STATIONS - 1}
    assert _books_agree()
    assert sum(PackStock.objects.values_list("on_hand", flat=True)) == _STATIONS * 5 - 1


def test_twenty_taps_of_one_scan_are_one_kit() -> None:
    connect()
    tree = make_tree()
    member = make_member(union=tree.couriers)
    right = make_right(member)
    place = make_place(union=tree.county)
    make_stock(place, on_hand=5)
    actor, here = at_counter(place)

    def tap(_index: int) -> bool:
        return hand_out(actor=actor, worker=member.worker, here=here, key=str(right.pk), now=NOW).again

    assert counted(20, tap) == {False: 1, True: 19}
    assert _books_agree()


def test_the_last_piece_goes_to_one_of_many_members() -> None:
    connect()
    tree = make_tree()
    place = make_place(union=tree.county)
    stock = make_stock(place, on_hand=3)
    actor, here = at_counter(place)
    rights = [make_right(make_member(union=tree.couriers)) for _number in range(20)]

    def hand(index: int) -> str:
        hand_out(actor=actor, worker=rights[index].worker, here=here, key=str(rights[index].pk), now=NOW)
        return "handed"

    assert counted(20, hand) == {"handed": 3, "out_of_stock": 17}
    stock.refresh_from_db()
    assert stock.on_hand == 0
    assert _books_agree()
    assert PackRight.objects.filter(state="granted").count() == 17


def test_control_looking_first_hands_out_more_than_lies_there() -> None:
    """The same race with a look before the write, and without the constraint's help."""
    tree = make_tree()
    stock = make_stock(make_place(union=tree.county), on_hand=1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE benefits_packstock DROP CONSTRAINT pack_stock_not_below_zero")
    barrier = Barrier(20)

    def look_then_take(_index: int) -> str:
        lies = PackStock.objects.get(pk=stock.pk).on_hand > 0
        barrier.wait(timeout=60)
        if not lies:
            return "out_of_stock"
        PackStock.objects.filter(pk=stock.pk).update(on_hand=F("on_hand") - 1)
        return "handed"

    try:
        assert counted(20, look_then_take)["handed"] > 1
        assert PackStock.objects.get().on_hand < 0
    finally:
        PackMovement.objects.all()._raw_delete("default")
        PackStock.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE benefits_packstock ADD CONSTRAINT pack_stock_not_below_zero CHECK (on_hand >= 0)"
            )


def test_control_reading_the_state_first_hands_one_kit_out_several_times() -> None:
    """The same kit, with its state read before and written after: every station believes to be the first."""
    tree = make_tree()
    right = make_right(make_member(union=tree.couriers))
    place = make_place(union=tree.county)
    barrier = Barrier(_STATIONS)

    def read_then_write(_index: int) -> str:
        mine = PackRight.objects.get(pk=right.pk)
        barrier.wait(timeout=60)
        if mine.state != "granted":
            return "handed_out"
        mine.state, mine.handed_at, mine.place = "handed_out", NOW, place
        mine.save(update_fields=["state", "handed_at", "place"])
        return "handed"

    assert counted(_STATIONS, read_then_write)["handed"] > 1


def test_stock_carried_to_and_fro_at_once_is_neither_lost_nor_made() -> None:
    connect()
    tree = make_tree()
    make_roles()
    cadre = [actor_for("services", union=tree.county) for _number in range(16)]
    one = make_stock(make_place(union=tree.county), on_hand=8)
    other = make_stock(make_place(union=tree.county), on_hand=8)

    def go(index: int) -> bool:
        stock, to = (one, other) if index % 2 else (other, one)
        return carry(actor=cadre[index], stock=stock, to=to, amount=3, token=new_id(), now=NOW)

    counted(16, go)
    assert sum(PackStock.objects.values_list("on_hand", flat=True)) == 16
    assert _books_agree()


def test_two_looks_at_once_give_each_thing_once() -> None:
    connect()
    forget_rules()
    tree = make_tree()
    make_dated_rule(name="benefits.welcome_pack", value={"kit": True, "ticket": True}, union=tree.city)
    make_dated_rule(name="benefits.pack_days", value=90)
    for _number in range(12):
        make_member(union=tree.couriers, began_on=TODAY)
    given = counted(4, lambda _index: grant_packs(now=NOW))
    forget_rules()
    assert sum(count * times for count, times in given.items()) == 12
    assert PackRight.objects.count() == 24
