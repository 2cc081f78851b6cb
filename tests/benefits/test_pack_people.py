"""Welcome packs by person: found, granted again with a reason, taken back; and who may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from nuanxin.benefits.actions.pack_rights import grant_again, take_back
from nuanxin.benefits.actions.packs import hand_out
from nuanxin.benefits.models import PackMovement, PackRight, PackStock
from nuanxin.benefits.queries.pack_people import LATE, PeopleFilters, people_with_packs, right_of
from nuanxin.benefits.queries.packs import pack_numbers, packs_here
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.members.models import Membership
from nuanxin.messages.models import Notice
from nuanxin.organizations.queries.rules import forget_rules
from nuanxin.records.models import AuditEntry
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_account, make_post, sign_in
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_dated_rule
from tests.factories.partners import at_counter, make_place, make_right, make_stock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(db: None) -> Any:
    """Read the rules anew: each test has its own."""
    forget_rules()
    make_dated_rule(name="benefits.pack_days", value=90)
    yield
    forget_rules()


def read(right: PackRight) -> PackRight:
    return right_of(Membership.objects.get(pk=right.membership_id), right.pk)


def test_what_was_lost_is_granted_again_and_handed_out_once_more(tree: Tree) -> None:
    member, place = make_member(union=tree.couriers, with_account=True), make_place(union=tree.county)
    stock, right = make_stock(place, on_hand=2), make_right(member)
    counter, here = at_counter(place)
    hand_out(actor=counter, worker=member.worker, here=here, key=str(right.pk), now=NOW)
    keeper = actor_for("services", union=tree.county)
    made = grant_again(actor=keeper, right=read(right), reason="礼包被淋湿损坏", now=NOW)
    assert (made.pk != right.pk, made.state, made.until, made.reason) == (
        True, "granted", TODAY + timedelta(days=90), "礼包被淋湿损坏",
    )  # fmt: skip
    right.refresh_from_db()
    assert (right.state, right.place_id) == ("replaced", place.pk)
    entry = AuditEntry.objects.get(action="benefits.pack_granted_again")
    assert "淋湿" not in str(entry.detail)
    assert Notice.objects.filter(template="pack.granted").count() == 1
    with pytest.raises(Conflict):
        grant_again(actor=keeper, right=read(right), reason="再一次", now=NOW)
    with pytest.raises(Conflict):
        grant_again(actor=keeper, right=read(made), reason="还没领", now=NOW)
    assert [thing.key for thing in packs_here(member.worker, here, NOW)] == [str(made.pk)]
    counter, here = at_counter(place)
    hand_out(actor=counter, worker=member.worker, here=here, key=str(made.pk), now=NOW)
    assert (PackStock.objects.get(pk=stock.pk).on_hand, PackMovement.objects.filter(kind="handed").count()) == (0, 2)
    assert [(each.granted, each.handed_out) for each in pack_numbers(keeper)] == [(1, 1)]


def test_what_was_not_fetched_in_time_waits_once_more_and_what_is_not_due_is_taken_back(tree: Tree) -> None:
    keeper, late = actor_for("services", union=tree.city), make_right(make_member(union=tree.couriers), until=TODAY)
    tomorrow = NOW + timedelta(days=1)
    again = grant_again(actor=keeper, right=read(late), reason="住院未能领取", now=tomorrow)
    assert (again.pk, again.state, again.until) == (late.pk, "granted", TODAY + timedelta(days=91))
    take_back(actor=keeper, right=read(late), reason="重复登记", now=tomorrow)
    with pytest.raises(Conflict):
        take_back(actor=keeper, right=read(late), reason="重复登记", now=tomorrow)
    late.refresh_from_db()
    assert (late.state, late.reason) == ("withdrawn", "重复登记")
    assert PackRight.objects.count() == 1


def test_who_may_not_and_what_cannot_be_changes_nothing(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    right, insurance = make_right(member, until=TODAY - timedelta(days=1)), make_right(member, item="insurance")
    keeper = actor_for("services", union=tree.city)
    for who in (actor_for("reviewer", union=tree.city), actor_for("services", union=tree.township), worker_of(member)):
        for act in (grant_again, take_back):
            with pytest.raises((NotAllowed, NotFound)):
                act(actor=who, right=read(right), reason="x", now=NOW)
    with pytest.raises(Invalid):
        grant_again(actor=keeper, right=read(right), reason=" ", now=NOW)
    with pytest.raises(Conflict):
        grant_again(actor=keeper, right=read(insurance), reason="x", now=NOW)
    Membership.objects.filter(pk=member.pk).update(state="ended", ended_on=TODAY, end_reason="left")
    with pytest.raises(Conflict):
        grant_again(actor=keeper, right=read(right), reason="x", now=NOW)
    with pytest.raises(NotFound):
        right_of(make_member(union=tree.couriers), right.pk)
    assert list(PackRight.objects.values_list("state", flat=True)) == ["granted", "granted"]
    assert not AuditEntry.objects.filter(action__startswith="benefits.pack").exists()


def test_people_are_found_by_name_number_and_what_became_of_their_pack(tree: Tree) -> None:
    one, two = make_member(union=tree.couriers, name="赵铁柱"), make_member(union=tree.couriers, name="李强")
    make_right(one, until=TODAY - timedelta(days=1))
    make_right(two)
    make_member(union=tree.couriers)
    keeper = actor_for("services", union=tree.county)

    def found(**filters: str) -> list[Membership]:
        return list(people_with_packs(keeper, PeopleFilters(**filters), on=TODAY).order_by("pk"))

    assert found() == [one, two]
    assert found(text="铁柱") == found(text=one.number) == found(state=LATE) == [one]
    assert found(item="ticket") == found(text="没有此人") == []
    elsewhere = actor_for("services", union=tree.township)
    assert not people_with_packs(elsewhere, PeopleFilters(), on=TODAY).exists()


def test_the_desk_grants_again_and_the_phone_says_why(client: Client, tree: Tree) -> None:
    account = make_account()
    make_post(account=account, role="services", union=tree.city)
    sign_in(client, account)
    member = make_member(union=tree.couriers)
    right = make_right(member)
    assert member.number in client.get(reverse("desk:packs:people"), {"q": member.number}).content.decode()
    assert client.get(reverse("desk:packs:people"), {"q": "没有此人"}).status_code == 200
    person = reverse("desk:packs:person", args=[member.number])
    back = reverse("desk:packs:right", args=[member.number, right.pk, "back"])
    assert back in client.get(person).content.decode()
    assert client.get(back).status_code == 200
    assert client.post(back, {"reason": ""}).status_code == 422
    assert client.post(back, {"reason": "不在发放范围"}).headers["Location"] == person
    assert client.post(back, {"reason": "不在发放范围"}).status_code == 422
    phone, actor = Client(), worker_of(member)
    assert actor.account_id
    phone.force_login(member.worker.account, backend=PHONE_CODE)  # type: ignore[arg-type]
    assert "不在发放范围" in phone.get(reverse("worker:packs")).content.decode()
    again = reverse("desk:packs:right", args=[member.number, right.pk, "again"])
    assert client.post(again, {"reason": "核实无误"}).status_code == 302
    assert PackRight.objects.get().state == "granted"
