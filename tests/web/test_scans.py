"""What applies here: one scan, one list, one big button each; a doubled tap is harmless, a refusal explains itself."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from nuanxin.access.actions import add_staff, end_staff, revoke_device
from nuanxin.access.actors import actor_of_key
from nuanxin.benefits.models import PackRight, PackStock
from nuanxin.kernel.ids import new_id
from nuanxin.members.actions.cards import issue_code, print_card
from nuanxin.members.models import CardCheck, Membership
from nuanxin.organizations.models import PartnerContract
from nuanxin.web.counter.devices import COOKIE
from nuanxin.wiring import connect
from tests.factories.access import actor_for, make_client
from tests.factories.members import make_member
from tests.factories.organizations import Tree, make_tree
from tests.factories.partners import make_counter, make_place, make_right, make_stock

if TYPE_CHECKING:
    from uuid import UUID

    from nuanxin.organizations.models import PartnerPlace

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    connect()
    return make_tree()


@pytest.fixture
def place(tree: Tree) -> PartnerPlace:
    found = make_place(union=tree.county, name="东关驿站")
    make_stock(found, on_hand=3)
    return found


@pytest.fixture
def counter(place: PartnerPlace, client: Client) -> Client:
    client.cookies[COOKIE] = make_counter(place)[1]
    return client


@pytest.fixture
def member(tree: Tree) -> Membership:
    found = make_member(union=tree.couriers, name="王小芳")
    make_right(found, until=timezone.localdate() + timedelta(days=50))
    return found


def code_of(member: Membership, *, age: int = 0) -> str:
    now = timezone.now() - timedelta(seconds=age)
    return issue_code(actor=actor_of_key(make_client()[1], now), number=member.number, now=now).code


def scan_of(page: Any) -> str:
    found = re.search(r"/counter/scans/([0-9a-f-]{36})/act/", page.content.decode())
    assert found, page.content.decode()
    return found.group(1)


def tap(counter: Client, scan: str | UUID, **data: str) -> Any:
    right = PackRight.objects.order_by("pk").first()
    return counter.post(f"/counter/scans/{scan}/act/", {"kind": "pack", "key": str(right.pk if right else "")} | data)


def test_a_scan_shows_what_applies_and_one_tap_hands_it_out(counter: Client, member: Membership) -> None:
    page = counter.post("/counter/", {"code": code_of(member)})
    text = page.content.decode()
    for shown in ("有效会员", "王**", "新会员礼包", "发放", "ct-full-good"):
        assert shown in text, shown
    assert "小芳" not in text
    scan = scan_of(page)
    done = tap(counter, scan)
    assert done.status_code == 200
    assert "请发放" in done.content.decode()
    again = tap(counter, scan)
    assert again.status_code == 200
    assert "没有重复" in again.content.decode()
    assert (PackStock.objects.get().on_hand, PackRight.objects.get().state) == (2, "handed_out")
    listed = counter.get(f"/counter/scans/{scan}/").content.decode()
    assert "在东关驿站发放" in listed
    assert "/act/" not in listed


def test_a_form_that_comes_twice_is_one_scan(counter: Client, member: Membership) -> None:
    code = code_of(member)
    first, second = (counter.post("/counter/", {"code": code}) for _time in range(2))
    assert scan_of(first) == scan_of(second)


def test_the_same_code_at_another_counter_is_used(counter: Client, place: PartnerPlace, member: Membership) -> None:
    code = code_of(member)
    counter.post("/counter/", {"code": code})
    other = Client()
    other.cookies[COOKIE] = make_counter(place)[1]
    page = other.post("/counter/", {"code": code}).content.decode()
    assert 'data-answer="used"' in page
    assert "/act/" not in page


@pytest.mark.parametrize(
    ("code", "answer"), [("0000000000", "unknown"), ("expired", "expired"), ("NX2:" + "0" * 256, "forged")]
)
def test_codes_that_do_not_count_open_nothing(counter: Client, member: Membership, code: str, answer: str) -> None:
    typed = code_of(member, age=61) if code == "expired" else code
    page = counter.post("/counter/", {"code": typed}).content.decode()
    assert f'data-answer="{answer}"' in page
    assert "/act/" not in page
    assert "新会员礼包" not in page


def test_a_printed_card_opens_the_same(counter: Client, tree: Tree, member: Membership) -> None:
    paper = print_card(actor=actor_for("registrar", union=tree.county), number=member.number, now=timezone.now()).code
    page = counter.post("/counter/", {"kind": "printed", "code": paper})
    assert tap(counter, scan_of(page)).status_code == 200


@pytest.mark.parametrize("state", ["suspended", "ended"])
def test_nothing_applies_to_whoever_is_no_member_now(counter: Client, tree: Tree, state: str) -> None:
    member = make_member(union=tree.couriers, state=state)
    make_right(member)
    page = counter.post("/counter/", {"code": print_or_code(member, tree)}).content.decode()
    assert "/act/" not in page
    assert "新会员礼包" not in page


def print_or_code(member: Membership, tree: Tree) -> str:
    """Return a code; a card whose membership has ended gets none any more, so it is made before."""
    state, ended = member.state, member.ended_on
    Membership.objects.filter(pk=member.pk).update(state="active", ended_on=None, end_reason="")
    code = code_of(member)
    Membership.objects.filter(pk=member.pk).update(state=state, ended_on=ended, end_reason="left" if ended else "")
    return code


def test_refusals_are_told_with_what_to_do(counter: Client, place: PartnerPlace, member: Membership) -> None:
    scan = scan_of(counter.post("/counter/", {"code": code_of(member)}))
    PackStock.objects.update(on_hand=0)
    page = tap(counter, scan)
    assert page.status_code == 409
    assert "东关驿站" in page.content.decode()
    listed = counter.get(f"/counter/scans/{scan}/").content.decode()
    assert "会员手机" in listed
    PartnerContract.objects.update(kinds=["coupon"])
    assert tap(counter, scan).status_code == 403
    PartnerContract.objects.update(ended_at=timezone.now())
    assert tap(counter, scan).status_code == 409
    assert PackRight.objects.get().state == "granted"


def test_a_scan_belongs_to_its_device_and_ends_after_ten_minutes(
    counter: Client, place: PartnerPlace, member: Membership
) -> None:
    scan = scan_of(counter.post("/counter/", {"code": code_of(member)}))
    other = Client()
    other.cookies[COOKIE] = make_counter(place)[1]
    assert tap(other, scan).status_code == 404
    assert other.get(f"/counter/scans/{scan}/").status_code == 404
    assert tap(counter, new_id()).status_code == 404
    assert tap(counter, scan, kind="nothing").status_code == 404
    assert tap(counter, scan, key=str(new_id())).status_code == 404
    CardCheck.objects.filter(pk=scan).update(at=timezone.now() - timedelta(minutes=11))
    old = tap(counter, scan)
    assert old.status_code == 409
    assert "重新扫" in old.content.decode()
    assert PackRight.objects.get().state == "granted"


def test_a_revoked_device_is_told_so_between_scan_and_tap(
    tree: Tree, place: PartnerPlace, client: Client, member: Membership
) -> None:
    device, key = make_counter(place)
    client.cookies[COOKIE] = key
    scan = scan_of(client.post("/counter/", {"code": code_of(member)}))
    revoke_device(actor=actor_for("services", union=tree.county), device=device, now=timezone.now())
    assert tap(client, scan).status_code == 401
    assert PackRight.objects.get().state == "granted"


def test_whoever_left_does_nothing_from_the_next_tap_on(
    counter: Client, tree: Tree, place: PartnerPlace, member: Membership
) -> None:
    cadre = actor_for("services", union=tree.county)
    person, pin = add_staff(actor=cadre, partner=place.partner, name="孙丽", now=timezone.now())
    add_staff(actor=cadre, partner=place.partner, name="周强", now=timezone.now())
    page = counter.post("/counter/", {"code": code_of(member)}).content.decode()
    assert "/counter/people/" in page
    assert "/act/" not in page
    assert counter.post("/counter/people/", {"pin": "nobody"}).status_code == 422
    assert counter.post("/counter/people/", {"pin": pin}).status_code == 302
    assert "孙丽" in counter.get("/counter/").content.decode()
    scan = scan_of(counter.post("/counter/", {"code": code_of(member)}))
    end_staff(actor=cadre, staff=person, now=timezone.now())
    assert tap(counter, scan).status_code == 409
    assert PackRight.objects.get().state == "granted"
    counter.post("/counter/people/leave/")
    assert "孙丽" not in counter.get("/counter/").content.decode()


def test_the_partner_sees_its_own(counter: Client, member: Membership) -> None:
    tap(counter, scan_of(counter.post("/counter/", {"code": code_of(member)})))
    page = counter.get("/counter/place/").content.decode()
    for shown in ("东关驿站", PartnerContract.objects.get().number, "新会员礼包", "入会礼包"):
        assert shown in page, shown
    assert "王" not in page


def test_machines_name_who_stands_there(tree: Tree, place: PartnerPlace, client: Client, member: Membership) -> None:
    _device, key = make_counter(place)
    cadre = actor_for("services", union=tree.county)
    person, pin = add_staff(actor=cadre, partner=place.partner, name="孙丽", now=timezone.now())
    asked: dict[str, Any] = {"content_type": "application/json", "HTTP_AUTHORIZATION": f"Bearer {key}"}
    told = client.post("/api/v1/scans", {"code": code_of(member)}, **asked).json()
    assert (told["shut"], told["applies"]) == ("needs_staff", [])
    assert client.post("/api/v1/counters/people", {"digits": "nobody"}, **asked).status_code == 422
    stands = client.post("/api/v1/counters/people", {"digits": pin}, **asked).json()
    assert (stands["person"], stands["name"]) == (str(person.pk), "孙丽")
    body = {"code": code_of(member), "person": stands["person"]}
    told = client.post("/api/v1/scans", body, **asked).json()
    act = {"kind": "pack", "key": told["applies"][0]["key"]}
    without = client.post(f"/api/v1/scans/{told['scan']}/acts", act, **asked)
    assert (without.status_code, without.json()["code"]) == (409, "counter_needs_staff")
    done = client.post(f"/api/v1/scans/{told['scan']}/acts", act | {"person": stands["person"]}, **asked)
    assert done.status_code == 200
    assert PackRight.objects.get().staff_id == person.pk


def test_machines_are_told_the_same(place: PartnerPlace, client: Client, member: Membership) -> None:
    _device, key = make_counter(place)
    asked: dict[str, Any] = {"content_type": "application/json", "HTTP_AUTHORIZATION": f"Bearer {key}"}
    told = client.post("/api/v1/scans", {"code": code_of(member)}, **asked).json()
    assert (told["answer"], told["surname"], told["shut"]) == ("valid", "王**", None)
    [thing] = told["applies"]
    assert (thing["kind"], thing["title"], thing["act"], thing["refused"]) == ("pack", "新会员礼包", "hand_out", [])
    body = {"kind": thing["kind"], "key": thing["key"]}
    acts = [client.post(f"/api/v1/scans/{told['scan']}/acts", body, **asked) for _time in range(2)]
    assert [(done.status_code, done.json()["again"]) for done in acts] == [(200, False), (200, True)]
    told = client.post("/api/v1/scans", {"code": code_of(member)}, **asked).json()
    assert [reason["code"] for reason in told["applies"][0]["refused"]] == ["handed_out"]
    refused = client.post(f"/api/v1/scans/{told['scan']}/acts", body, **asked)
    assert (refused.status_code, refused.json()["code"]) == (409, "handed_out")
    forged = client.post("/api/v1/scans", {"code": "NX2:" + "0" * 256}, **asked).json()
    assert (forged["answer"], forged["scan"], forged["applies"]) == ("forged", None, [])
    machine = asked | {"HTTP_AUTHORIZATION": f"Bearer {make_client()[1]}"}
    assert client.post("/api/v1/scans", {"code": "1"}, **machine).status_code == 403
    assert client.post("/api/v1/scans", {"code": "1"}, content_type="application/json").status_code == 401
