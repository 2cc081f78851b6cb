"""The signed-in worker: sign-in with and without proof, card, code, own data; strangers see none of it."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils import timezone

from nuanxin.access.models import Account, LinkedIdentity, TrustedDevice
from nuanxin.members.models import Card, CardCode, Membership
from nuanxin.members.queries.memberships import identity_of, phone_of
from nuanxin.messages.models import TextMessage
from nuanxin.records.models import AuditEntry
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree
from tests.factories.texts import code_sent_to
from tests.web.worker.conftest import a_minute_later, signed_in

PAGES = (
    "/card/",
    "/card/code/",
    "/card/lost/",
    "/me/",
    "/me/messages/",
    "/me/phone/",
    "/me/acts/",
    "/me/checks/",
    "/me/consents/",
    "/me/export/",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_ones_own_is_there_signed_in_and_leads_to_the_sign_in_otherwise(member: Client, path: str) -> None:
    for language in ("zh-hans", "en"):
        member.cookies["language"] = language
        page = member.get(path)
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
    stranger = Client().get(path)
    assert (stranger.status_code, stranger["Location"].split("?")[0]) == (302, "/sign-in/")


def test_the_code_alone_is_not_enough_on_a_new_phone(membership: Membership, client: Client) -> None:
    client.post("/sign-in/", {"phone": "15400009999"})
    code = code_sent_to("15400009999")
    assert client.post("/sign-in/", {"phone": "15400009999", "code": code}).status_code == 422
    wrong = client.post("/sign-in/", {"phone": "15400009999", "code": code, "last6": "000000"})
    assert wrong.status_code == 422
    assert client.get("/card/").status_code == 302
    assert not TrustedDevice.objects.exists()


def test_a_trusted_phone_needs_the_code_only(member: Client) -> None:
    member.post("/sign-out/")
    assert member.get("/card/").status_code == 302
    a_minute_later()
    member.post("/sign-in/", {"phone": "15400009999"})
    answer = member.post("/sign-in/", {"phone": "15400009999", "code": code_sent_to("15400009999")})
    assert answer["Location"] == "/card/"


def test_a_number_that_nobody_has_is_answered_alike_and_sent_nothing(tree: Tree, client: Client) -> None:
    page = client.post("/sign-in/", {"phone": "15411112222"})
    assert page.status_code == 200
    assert 'name="code"' in page.content.decode()
    assert not TextMessage.objects.exists()


def test_after_signing_in_one_lands_where_one_wanted_to_go_and_never_elsewhere(
    membership: Membership, client: Client
) -> None:
    worker_of(membership)
    last6 = identity_of(membership)[-6:]
    for wanted, lands in (("/me/export/", "/me/export/"), ("https://evil.example/", "/card/")):
        browser = Client()
        a_minute_later()
        browser.post("/sign-in/", {"phone": "15400009999", "next": wanted})
        proof = {"phone": "15400009999", "code": code_sent_to("15400009999"), "last6": last6, "next": wanted}
        assert browser.post("/sign-in/", proof)["Location"] == lands


def test_the_card_shows_person_union_number_and_badge(member: Client, membership: Membership, tree: Tree) -> None:
    text = member.get("/card/").content.decode()
    assert all(part in text for part in ("王小芳", tree.couriers.name, "快递员"))
    assert membership.number in text.replace(" ", "")


def test_each_look_at_the_code_is_a_new_code_for_a_minute(member: Client) -> None:
    first, second = (member.get("/card/code/").context["digits"] for _ in range(2))
    assert first != second
    assert len(first.replace(" ", "")) == 10
    assert CardCode.objects.count() == 2


def test_an_ended_membership_has_no_code(tree: Tree, client: Client) -> None:
    membership = make_member(union=tree.couriers, state="ended", phone="15400009999")
    worker_of(membership)
    member = signed_in(client, "15400009999")
    assert member.get("/card/code/")["Location"] == "/card/"
    assert "会员卡不再有效" in member.get("/card/").content.decode()
    assert not CardCode.objects.exists()


def test_a_lost_phone_is_shut_out_and_this_one_goes_on(member: Client, membership: Membership) -> None:
    lost = Client()
    a_minute_later()
    signed_in(lost, "15400009999")
    assert lost.get("/me/").status_code == 200
    # A cadre's own password, if there is one, stays: sessions end by their rows.
    account = Account.objects.get()
    account.set_password("a cadre's own word")
    account.save(update_fields=["password"])
    for client in (member, lost):
        client.force_login(account, backend=PHONE_CODE)
    LinkedIdentity.objects.create(account=account, platform="weixin", subject_digest=b"x", linked_at=timezone.now())
    old = Card.objects.get(membership=membership)
    assert member.get("/card/lost/").status_code == 200
    assert Card.objects.get(membership=membership, revoked_at=None) == old
    assert member.post("/card/lost/").status_code == 302
    assert Card.objects.get(membership=membership, revoked_at=None) != old
    assert member.get("/me/").status_code == 200
    assert lost.get("/me/").status_code == 302
    assert not LinkedIdentity.objects.exists()  # the lost phone's WeChat opens nothing either
    assert not TrustedDevice.objects.filter(revoked_at=None).exists()


def test_ones_own_data_is_masked(member: Client, membership: Membership) -> None:
    text = member.get("/me/").content.decode()
    assert identity_of(membership) not in text
    assert "15400009999" not in text
    assert "154****9999" in text


def test_changing_the_number_takes_its_code_and_the_id(member: Client, membership: Membership) -> None:
    member.post("/me/phone/", {"phone": "15400008888"})
    proof = {"phone": "15400008888", "code": code_sent_to("15400008888"), "last6": identity_of(membership)[-6:]}
    assert member.post("/me/phone/", proof | {"code": "1"}).status_code == 422
    membership.refresh_from_db()
    assert phone_of(Membership.objects.get(pk=membership.pk)) == "15400009999"
    assert member.post("/me/phone/", proof).status_code == 302
    assert phone_of(Membership.objects.get(pk=membership.pk)) == "15400008888"


def test_the_copy_of_everything_is_asked_for_written_down_and_complete(member: Client, membership: Membership) -> None:
    member.get("/me/export/")
    assert not AuditEntry.objects.filter(action="members.exported").exists()
    file = member.post("/me/export/", {"as": "file"})
    assert json.loads(file.content)["person"]["id_number"] == identity_of(membership)
    page = member.post("/me/export/", {"as": "page"})
    assert identity_of(membership) in page.content.decode()
    assert AuditEntry.objects.filter(action="members.exported").count() == 2


def test_the_copy_reads_in_the_readers_language(member: Client) -> None:
    text = member.post("/me/export/", {"as": "page"}).content.decode()
    assert all(word in text for word in ("出生日期", "会籍变动", "入会", "2026年"))
    assert "birth_on" not in text
    member.cookies["language"] = "en"
    assert "Date of birth" in member.post("/me/export/", {"as": "page"}).content.decode()


def test_messages_are_read_when_one_says_so(tree: Tree, membership: Membership, client: Client) -> None:
    worker_of(membership)
    signed_in(client, "15400009999")
    a_minute_later()
    member = signed_in(Client(), "15400009999")
    assert member.get("/me/messages/").context["notices"][0].is_read is False
    assert member.post("/me/messages/read/").status_code == 302
    assert all(notice.is_read for notice in member.get("/me/messages/").context["notices"])


def test_the_home_of_a_member_has_the_card_on_top(member: Client, tree: Tree) -> None:
    text = member.get("/").content.decode()
    assert text.index("nx-card") < text.index("nx-tiles")
    assert tree.couriers.name in text


def test_the_home_of_a_stranger_leads_in(tree: Tree, client: Client) -> None:
    text = client.get("/").content.decode()
    assert all(f'href="{path}"' in text for path in ("/join/", "/progress/", "/sign-in/", "tel:12351", "/states/"))
