"""The counter's pages: enrolled by a code, answered in one look, shut out at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from nuanxin.access.actions import create_device, revoke_device
from nuanxin.access.actors import actor_of_key
from nuanxin.access.models import Account, PartnerDevice
from nuanxin.members.actions.cards import issue_code, print_card
from nuanxin.members.models import CardCheck, CardCode
from nuanxin.members.rules.cards import MOST_GUESSES, qr_payload
from nuanxin.web.counter.answers import FACES
from nuanxin.web.counter.devices import COOKIE
from tests.factories.access import actor_for, make_client, make_device
from tests.factories.members import make_member
from tests.factories.organizations import Tree, make_tree

if TYPE_CHECKING:
    from nuanxin.members.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    return make_tree()


@pytest.fixture
def counter(tree: Tree, client: Client) -> Client:
    client.cookies[COOKIE] = make_device(union=tree.city, partner="聊城市人民医院")[1]
    return client


def fresh_code(member: Membership, *, age: int = 0) -> str:
    now = timezone.now() - timedelta(seconds=age)
    return issue_code(actor=actor_of_key(make_client()[1], now), number=member.number, now=now).code


def test_nobody_is_sent_to_enroll(client: Client) -> None:
    response = client.get("/counter/")
    assert (response.status_code, response["Location"]) == (302, "/counter/enroll/?next=%2Fcounter%2F")
    assert client.post("/counter/", {"code": "1234567890"}).status_code == 302
    assert not CardCheck.objects.exists()


def test_a_cadre_at_the_desk_is_no_counter(tree: Tree, client: Client) -> None:
    actor = actor_for("administrator", union=tree.nation)
    assert actor.account_id is not None
    client.force_login(Account.objects.get(pk=actor.account_id))
    assert client.get("/counter/").status_code == 302


def test_a_phone_is_enrolled_by_the_link_of_its_qr_code(tree: Tree, client: Client) -> None:
    now = timezone.now()
    admin = actor_for("administrator", union=tree.city, now=now)
    _, code = create_device(actor=admin, union=tree.city, partner="聊城市人民医院", name="1号窗口", now=now)
    page = client.get("/counter/enroll/", {"code": code})
    assert f'value="{code}"' in page.content.decode()
    response = client.post("/counter/enroll/", {"code": f" {code.lower()} "})
    assert (response.status_code, response["Location"]) == (302, "/counter/")
    cookie = response.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["path"] == "/counter/"
    assert cookie["samesite"] == "Lax"
    home = client.get("/counter/").content.decode()
    assert "聊城市人民医院" in home
    assert "1号窗口" in home
    again = Client().post("/counter/enroll/", {"code": code})
    assert again.status_code == 422
    assert COOKIE not in again.cookies


def test_the_answer_shows_surname_badge_and_union_only(tree: Tree, counter: Client) -> None:
    member = make_member(union=tree.couriers, name="王小芳", phone="15400000001")
    page = counter.post("/counter/", {"code": fresh_code(member)}).content.decode()
    for shown in ("有效会员", "王**", "快递员", tree.couriers.name, "ct-full-good"):
        assert shown in page, shown
    for hidden in ("小芳", "15400000001", member.number):
        assert hidden not in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_answer_has_a_word_of_its_own(tree: Tree, counter: Client, language: str) -> None:
    member = make_member(union=tree.couriers, group="truck_driver")
    clerk = actor_for("registrar", union=tree.county)
    first = print_card(actor=clerk, number=member.number, now=timezone.now()).code
    print_card(actor=clerk, number=member.number, now=timezone.now())
    used = fresh_code(member)
    counter.post("/counter/", {"code": used})
    codes = {
        "valid": qr_payload(fresh_code(member)),
        "used": used,
        "expired": fresh_code(member, age=61),
        "unknown": "0000000000",
        "revoked": first,
    }
    words = set()
    for answer, code in codes.items():
        page = counter.post("/counter/", {"code": code}, headers={"accept-language": language}).content.decode()
        assert f'data-answer="{answer}"' in page
        words.add(page.partition("<h1>")[2].partition("<")[0])
    assert len(words) == len(codes)
    assert set(FACES) >= set(codes)


def test_a_printed_card_is_typed_into_its_own_field(tree: Tree, counter: Client) -> None:
    member = make_member(union=tree.couriers)
    code = print_card(actor=actor_for("registrar", union=tree.county), number=member.number, now=timezone.now()).code
    page = counter.post("/counter/", {"kind": "printed", "code": code.lower()}).content.decode()
    assert 'data-answer="valid"' in page
    response = counter.post("/counter/", {"kind": "printed", "code": "ABC"})
    assert response.status_code == 422
    assert '<details class="card" open' in response.content.decode()
    assert 'value="ABC"' in response.content.decode()


def test_a_cut_code_is_mended_on_the_page(tree: Tree, counter: Client) -> None:
    for code in ("", "123", "\x00", "💳", "1" * 400):
        response = counter.post("/counter/", {"code": code})
        assert response.status_code == 422, code
        assert 'role="alert"' in response.content.decode()
    assert not CardCheck.objects.exists()


def test_recent_checks_have_no_names(tree: Tree, counter: Client) -> None:
    member = make_member(union=tree.couriers, name="王小芳")
    counter.post("/counter/", {"code": fresh_code(member)})
    counter.post("/counter/", {"code": "0000000000"})
    page = counter.get("/counter/").content.decode()
    assert "2次" in page
    assert page.index("无此码") < page.index("有效会员")
    assert "王" not in page.partition('id="recent"')[2].partition("</section>")[0]


def test_a_guessing_counter_must_wait(tree: Tree, counter: Client) -> None:
    device = PartnerDevice.objects.get()
    CardCheck.objects.bulk_create(
        CardCheck(at=timezone.now(), source_id=device.pk, answer="unknown") for _ in range(MOST_GUESSES)
    )
    code = fresh_code(make_member(union=tree.couriers))
    response = counter.post("/counter/", {"code": code})
    assert response.status_code == 422
    assert "十分钟" in response.content.decode()
    assert CardCode.objects.get().used_at is None


def test_a_revoked_device_is_shut_out_with_its_next_tap(tree: Tree, counter: Client) -> None:
    code = fresh_code(make_member(union=tree.couriers))
    now = timezone.now()
    device = PartnerDevice.objects.get()
    revoke_device(actor=actor_for("administrator", union=tree.city, now=now), device=device, now=now)
    response = counter.post("/counter/", {"code": code})
    assert response.status_code == 401
    assert "停用" in response.content.decode()
    assert response.cookies[COOKIE].value == ""
    assert CardCode.objects.get().used_at is None


def test_no_other_kind_of_key_opens_the_counter(tree: Tree, client: Client) -> None:
    client.cookies[COOKIE] = make_client()[1]
    assert client.get("/counter/").status_code == 401


def test_forms_are_protected_from_other_sites(tree: Tree) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies[COOKIE] = make_device(union=tree.city)[1]
    code = fresh_code(make_member(union=tree.couriers))
    assert strict.post("/counter/", {"code": code}).status_code == 403
    assert CardCode.objects.get().used_at is None
