"""Partners: contracts, places, counters and people; what ends counts from the very next tap."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from nuanxin.access.actions import add_staff, create_device, end_staff, renew_pin, revoke_device, stand_at_counter
from nuanxin.access.actors import BadKey, actor_of_key
from nuanxin.access.models import PartnerDevice, PartnerStaff
from nuanxin.access.queries.counters import counter_of
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, TooMany
from nuanxin.organizations.actions.partners import (
    close_place,
    create_partner,
    edit_partner,
    edit_place,
    end_contract,
    end_partner,
    open_place,
    sign_contract,
)
from nuanxin.organizations.models import Partner, PartnerContract, PartnerPlace
from nuanxin.organizations.queries.partners import PartnerFilters, contract_in_force, get_partner, list_partners
from nuanxin.organizations.rules.partners import allowed, contract_on, standing
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_device
from tests.factories.organizations import Tree, make_tree
from tests.factories.partners import make_contract, make_counter, make_partner, make_place

pytestmark = pytest.mark.django_db

PARTNER = {"name": "动力健身馆", "kind": "gym", "contact": "赵经理", "contact_phone": "0635-8240000"}
CONTRACT: dict[str, Any] = {
    "number": "2026-健身-01",
    "valid_from": TODAY,
    "until": TODAY + timedelta(days=364),
    "kinds": ["pack", "coupon"],
    "day_cap": "200",
    "month_cap": "20000",
    "settlement_day": 5,
}
PLACE = {"name": "东昌店", "address": "东昌西路8号", "hours": "每天 8:00–22:00", "phone": "0635-8240001"}


@pytest.fixture
def tree() -> Tree:
    return make_tree()


def test_a_partner_is_entered_bound_and_given_a_place(tree: Tree) -> None:
    cadre = actor_for("services", union=tree.county)
    partner = create_partner(actor=cadre, union=tree.county, fields=PARTNER, now=NOW)
    contract = sign_contract(actor=cadre, partner=partner, fields=CONTRACT, now=NOW)
    place = open_place(actor=cadre, partner=partner, fields=PLACE, region="371502001001", now=NOW)
    assert (contract.kinds, contract.valid_until) == (["coupon", "pack"], TODAY + timedelta(days=365))
    assert contract_in_force(partner, on=TODAY) == contract
    assert contract_in_force(partner, on=TODAY + timedelta(days=365)) is None
    edit_partner(actor=cadre, partner=partner, fields=PARTNER | {"contact": "钱经理"}, now=NOW)
    edit_place(actor=cadre, place=place, fields=PLACE | {"name": "西关店"}, region="371502001", now=NOW)
    assert (get_partner(cadre, partner.pk).contact, place.name, place.region_id) == ("钱经理", "西关店", "371502001")
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "organizations.partner_created",
        "organizations.contract_signed",
        "organizations.place_opened",
    }


def test_what_cannot_be_is_refused_and_changes_nothing(tree: Tree) -> None:
    cadre, stranger = actor_for("services", union=tree.county), actor_for("leader", union=tree.county)
    partner = make_partner(union=tree.county, name="动力健身馆")
    with pytest.raises(Conflict):
        create_partner(actor=cadre, union=tree.county, fields=PARTNER, now=NOW)
    with pytest.raises(NotAllowed):
        create_partner(actor=stranger, union=tree.county, fields=PARTNER, now=NOW)
    with pytest.raises(NotFound):
        create_partner(actor=actor_for("services", union=tree.township), union=tree.city, fields=PARTNER, now=NOW)
    for wrong in ({"name": ""}, {"kind": "bank"}, {"contact_phone": "call me"}):
        with pytest.raises(Invalid):
            create_partner(actor=cadre, union=tree.county, fields=PARTNER | wrong, now=NOW)
    terms: tuple[dict[str, Any], ...] = (
        {"number": ""},
        {"until": None},
        {"until": TODAY - timedelta(days=1)},
        {"until": date(2199, 1, 1)},
        {"kinds": []},
        {"kinds": ["everything"]},
        {"day_cap": "0"},
        {"month_cap": "-1"},
        {"month_cap": "many"},
        {"settlement_day": 31},
    )
    for term in terms:
        with pytest.raises(Invalid):
            sign_contract(actor=cadre, partner=partner, fields=CONTRACT | term, now=NOW)
    for fields, region in (
        (PLACE | {"name": ""}, "3715"),
        (PLACE | {"address": " "}, "3715"),
        (PLACE, "99"),
        (PLACE, ""),
    ):
        with pytest.raises(Invalid):
            open_place(actor=cadre, partner=partner, fields=fields, region=region, now=NOW)
    assert [model.objects.count() for model in (Partner, PartnerContract, PartnerPlace)] == [1, 0, 0]


def test_a_new_contract_takes_the_place_of_the_old_one(tree: Tree) -> None:
    partner = make_partner(union=tree.county)
    old = make_contract(partner=partner, kinds=["coupon"])
    new = make_contract(partner=partner, kinds=["pack"], valid_from=TODAY + timedelta(days=10))
    assert contract_in_force(partner, on=TODAY) == old
    assert contract_in_force(partner, on=TODAY + timedelta(days=10)) == new
    assert contract_on([old, new], TODAY + timedelta(days=9)) == old
    assert [standing(each, TODAY).code for each in (old, new)] == ["current", "coming"]
    assert standing(old, old.valid_until).code == "over"
    assert standing(old, old.valid_until - timedelta(days=30)).code == "expiring"
    assert allowed(["coupon", "pack"], [], ["pack", "event"]) == {"pack"}


def test_ending_counts_from_the_next_scan(tree: Tree) -> None:
    cadre = actor_for("services", union=tree.county)
    place = make_place(union=tree.county)
    device = actor_of_key(make_counter(place, kinds=["pack", "event"])[1], NOW)
    counter = counter_of(device, staff_id=None, now=NOW)
    assert (counter.shut, set(counter.kinds)) == ("", {"pack", "event"})
    contract = PartnerContract.objects.select_related("partner__union").get()
    with pytest.raises(Invalid):
        end_contract(actor=cadre, contract=contract, reason=" ", now=NOW)
    end_contract(actor=cadre, contract=contract, reason="违约", now=NOW)
    counter = counter_of(device, staff_id=None, now=NOW)
    assert (counter.shut, counter.kinds) == ("no_contract", frozenset())
    with pytest.raises(Conflict):
        end_contract(actor=cadre, contract=contract, reason="违约", now=NOW)
    make_contract(partner=place.partner)
    close_place(actor=cadre, place=place, now=NOW)
    assert counter_of(device, staff_id=None, now=NOW).shut == "place_closed"
    end_partner(actor=cadre, partner=place.partner, now=NOW)
    assert counter_of(device, staff_id=None, now=NOW).shut == "partner_ended"
    for again in (
        lambda: close_place(actor=cadre, place=place, now=NOW),
        lambda: end_partner(actor=cadre, partner=place.partner, now=NOW),
        lambda: sign_contract(actor=cadre, partner=place.partner, fields=CONTRACT, now=NOW),
        lambda: open_place(actor=cadre, partner=place.partner, fields=PLACE, region="3715", now=NOW),
    ):
        with pytest.raises(Conflict):
            again()


def test_a_counter_without_a_place_only_checks(tree: Tree) -> None:
    device = actor_of_key(make_device(union=tree.county)[1], NOW)
    assert counter_of(device, staff_id=None, now=NOW).shut == "no_place"
    with pytest.raises(NotFound):
        counter_of(actor_for("services", union=tree.county), staff_id=None, now=NOW)
    with pytest.raises(NotFound):
        stand_at_counter(actor=device, pin="123456", now=NOW)


def test_devices_of_partners_are_enrolled_and_shut_out_by_whoever_looks_after_partners(tree: Tree) -> None:
    cadre, stranger = actor_for("services", union=tree.county), actor_for("leader", union=tree.county)
    place = make_place(union=tree.county)
    told: dict[str, Any] = {"union": tree.county, "partner": "站", "name": "1号", "now": NOW}
    device, _code = create_device(actor=cadre, place=place, kinds=["pack"], **told)
    assert (device.place, device.kinds) == (place, ["pack"])
    with pytest.raises(NotAllowed):
        create_device(actor=cadre, **told)
    with pytest.raises(NotAllowed):
        create_device(actor=stranger, place=place, **told)
    with pytest.raises(Invalid):
        create_device(actor=cadre, place=place, kinds=["all"], **told)
    enrolled, key = make_counter(place)
    revoke_device(actor=cadre, device=enrolled, now=NOW)
    with pytest.raises(BadKey):
        actor_of_key(key, NOW)
    assert PartnerDevice.objects.count() == 2


def test_people_stand_at_a_counter_by_six_digits_until_they_leave(tree: Tree) -> None:
    cadre = actor_for("services", union=tree.county)
    place = make_place(union=tree.county)
    elsewhere = make_place(union=tree.county, partner=place.partner)
    device = actor_of_key(make_counter(place)[1], NOW)
    person, pin = add_staff(actor=cadre, partner=place.partner, name="孙丽", kinds=["pack"], now=NOW)
    assert counter_of(device, staff_id=None, now=NOW).shut == "needs_staff"
    counter = stand_at_counter(actor=device, pin=f" {pin[:3]} {pin[3:]}", now=NOW)
    assert (counter.staff_id, counter.staff_name, *counter.kinds, counter.shut) == (person.pk, "孙丽", "pack", "")
    assert counter_of(device, staff_id=person.pk, now=NOW).kinds == {"pack"}
    fresh = renew_pin(actor=cadre, staff=person, now=NOW)
    _other, theirs = add_staff(actor=cadre, partner=place.partner, name="周强", place=elsewhere, now=NOW)
    end_staff(actor=cadre, staff=person, now=NOW)
    assert counter_of(device, staff_id=person.pk, now=NOW).staff_id is None
    for wrong in (pin, fresh, theirs, "", "000000x", None):
        with pytest.raises(Invalid):
            stand_at_counter(actor=device, pin=wrong, now=NOW)
    with pytest.raises(Conflict):
        end_staff(actor=cadre, staff=person, now=NOW)
    with pytest.raises(Conflict):
        renew_pin(actor=cadre, staff=person, now=NOW)
    with pytest.raises(NotAllowed):
        add_staff(actor=actor_for("leader", union=tree.county), partner=place.partner, name="某", now=NOW)
    assert PartnerStaff.objects.filter(ended_at=None).count() == 1
    # nobody serves at this place any more, so whoever holds the phone does
    assert counter_of(device, staff_id=None, now=NOW).shut == ""


def test_digits_cannot_be_guessed(tree: Tree) -> None:
    place = make_place(union=tree.county)
    add_staff(actor=actor_for("services", union=tree.county), partner=place.partner, name="孙丽", now=NOW)
    device = actor_of_key(make_counter(place)[1], NOW)
    for _try in range(10):
        with pytest.raises(Invalid):
            stand_at_counter(actor=device, pin="12345x", now=NOW)
    with pytest.raises(TooMany):
        stand_at_counter(actor=device, pin="12345x", now=NOW)


def test_partners_are_found_by_name_number_kind_area_and_contract(tree: Tree) -> None:
    cadre = actor_for("services", union=tree.county)
    gym = make_partner(union=tree.county, name="动力健身馆", kind="gym")
    make_contract(partner=gym, valid_until=TODAY + timedelta(days=5))
    make_place(union=tree.county, partner=gym, region="371502001001")
    shop = make_partner(union=tree.county, name="惠民超市", kind="shop")
    ended = make_partner(union=tree.county, name="老店", ended_at=NOW)
    make_partner(union=tree.city, name="市里的")

    def found(**filters: str) -> list[str]:
        rows = list_partners(cadre, PartnerFilters(**filters), on=TODAY)
        return sorted(partner.name for partner in rows)

    number = gym.contracts.get().number
    assert found() == sorted([gym.name, shop.name])
    assert found(text="健身") == found(text=number) == found(kind="gym") == found(region="371502") == [gym.name]
    assert found(state="expiring") == found(state="current") == [gym.name]
    assert found(state="without") == [shop.name]
    assert found(state="ended") == [ended.name]
