"""Forming unions at the desk: fates, steps, trying again, invitations and what comes next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from nuanxin.access.models import Account, Post
from nuanxin.formation.actions.receiving import receive_permit
from nuanxin.formation.models import Invitation, PermitMessage, PermitSource
from nuanxin.formation.queries.invitations import secrets_of
from nuanxin.web.kit.masks import mask_name
from nuanxin.wiring import connect
from tests.factories.access import make_account, make_post, make_roles, sign_in
from tests.factories.formation import make_source, permit_of, qualification_of
from tests.factories.organizations import Tree, make_coverage, make_tree


@pytest.fixture
def tree(db: None) -> Tree:
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def source(tree: Tree) -> PermitSource:
    return make_source(union=tree.city)


@pytest.fixture
def organizer(tree: Tree) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    account = make_account(name="王敏")
    make_post(account=account, role="organizer", union=tree.city)
    sign_in(client, account)
    return client


def take(source: PermitSource, body: dict[str, Any]) -> PermitMessage:
    now = timezone.now()
    return receive_permit(source=source, body=body | {"at": now - timedelta(hours=1)}, now=now)


def test_the_list_shows_each_fate_and_is_filtered(organizer: Client, source: PermitSource) -> None:
    take(source, permit_of() | {"id": "good"})
    take(source, permit_of(region_code="371599") | {"id": "bad"})
    take(source, qualification_of() | {"id": "person"})
    page = organizer.get("/desk/formation/").content.decode()
    assert all(each in page for each in (">good<", ">bad<", ">person<", "carried out 2", "not carried out 1"))
    failed = organizer.get("/desk/formation/?state=failed").content.decode()
    assert ">bad<" in failed
    assert ">good<" not in failed
    people = organizer.get("/desk/formation/?kind=qualification_issued").content.decode()
    assert ">person<" in people
    assert ">bad<" not in people
    assert ">good<" not in organizer.get("/desk/formation/?until=2020-01-01").content.decode()
    assert organizer.get("/desk/formation/permits/excel/?state=failed").status_code == 200


def test_a_qualification_is_shown_masked(organizer: Client, source: PermitSource) -> None:
    message = take(source, qualification_of(name="欧阳小芳", phone="15400000088"))
    page = organizer.get(f"/desk/formation/permits/{message.pk}/").content.decode()
    assert mask_name("欧阳小芳") in page
    assert "欧阳小芳" not in page
    assert "15400000088" not in page
    assert "154****0088" in page


def test_a_failed_message_is_tried_again(organizer: Client, source: PermitSource, tree: Tree) -> None:
    type(tree.city).objects.filter(kind="federation").exclude(parent=None).update(closed_at=timezone.now())
    message = take(source, permit_of())
    page = organizer.get(f"/desk/formation/permits/{message.pk}/").content.decode()
    assert "No federation answers for this place yet." in page
    again = organizer.post(f"/desk/formation/permits/{message.pk}/again/", follow=True).content.decode()
    assert "It failed again" in again
    type(tree.city).objects.update(closed_at=None)
    done = organizer.post(f"/desk/formation/permits/{message.pk}/again/", follow=True).content.decode()
    assert "Carried out" in done
    assert "王敏" in done  # who tried it, in the log
    assert Invitation.objects.count() == 1
    assert organizer.post(f"/desk/formation/permits/{message.pk}/again/").status_code == 409


def test_an_invitation_goes_from_link_to_roster(
    organizer: Client, source: PermitSource, tree: Tree, client: Client
) -> None:
    take(source, permit_of(name="聊城快捷物流有限公司"))
    invitation = Invitation.objects.get()
    token, code = secrets_of(invitation)
    page = organizer.get(f"/desk/formation/invitations/{invitation.number}/").content.decode()
    assert f"{code[:5]}-{code[5:]}" in page
    opened = client.get(f"/i/{token}/")
    assert "聊城快捷物流有限公司" in opened.content.decode()
    invitation.refresh_from_db()
    assert invitation.state == "opened"
    form = {"contact": "李强", "contact_phone": "15400000012", "headcount": "30"}
    accepted = client.post(f"/i/{token}/", form)
    assert accepted.status_code == 200
    invitation.refresh_from_db()
    assert invitation.state == "accepted"
    assert invitation.account_id is not None
    account = Account.objects.get(pk=invitation.account_id)
    assert account.username in accepted.content.decode()
    assert Post.objects.get(account=account).enterprise == invitation.enterprise
    assert (invitation.enterprise.contact, invitation.enterprise.headcount) == ("李强", 30)
    page = organizer.get(f"/desk/formation/invitations/{invitation.number}/").content.decode()
    assert "Let a union cover it" in page
    assert code[:5] not in page
    make_coverage(enterprise=invitation.enterprise, union=tree.couriers)
    page = organizer.get(f"/desk/formation/invitations/{invitation.number}/").content.decode()
    assert "Let a union cover it" not in page
    assert tree.couriers.name in page
    again = client.post(f"/i/{token}/", form)
    assert account.username not in again.content.decode()
    assert Account.objects.filter(username__startswith="hr-").count() == 1


def test_by_the_typed_code_the_cadre_opens_the_sign_in(source: PermitSource, tree: Tree, client: Client) -> None:
    take(source, permit_of())
    invitation = Invitation.objects.get()
    code = secrets_of(invitation)[1]
    wrong = client.post("/invited/", {"code": "AAAAAAAAAA"})
    assert wrong.status_code == 422
    typed = client.post("/invited/", {"code": f" {code[:5].lower()} {code[5:]}"})
    assert typed.headers["Location"] == "/invited/answer/"
    form = {"contact": "李强", "contact_phone": "15400000012"}
    assert client.post("/invited/answer/", form).status_code == 200
    invitation.refresh_from_db()
    assert (invitation.state, invitation.account_id) == ("accepted", None)
    administrator = Client(headers={"Accept-Language": "en"})
    account = make_account()
    make_post(account=account, role="administrator", union=tree.nation)
    sign_in(administrator, account)
    address = f"/desk/formation/invitations/{invitation.number}/people-office/"
    assert administrator.get(address).status_code == 200
    shown = administrator.post(address)
    assert shown.status_code == 200
    assert "hr-" in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store"
    assert administrator.post(address).status_code == 409
    assert Account.objects.filter(username__startswith="hr-").count() == 1


def test_declining_tells_why_and_ends_it(organizer: Client, source: PermitSource, client: Client) -> None:
    take(source, permit_of())
    invitation = Invitation.objects.get()
    token = secrets_of(invitation)[0]
    assert client.get(f"/i/{token}/?answer=no").status_code == 200
    answer = client.post(f"/i/{token}/?answer=no", {"reason": "已有工会"})
    assert answer.status_code == 302
    invitation.refresh_from_db()
    assert (invitation.state, invitation.reason) == ("declined", "已有工会")
    assert "已有工会" in organizer.get(f"/desk/formation/invitations/{invitation.number}/").content.decode()
    late = client.post(f"/i/{token}/", {"contact": "李强", "contact_phone": "15400000012"})
    invitation.refresh_from_db()
    assert late.status_code == 200
    assert invitation.state == "declined"


def test_a_wrong_answer_changes_nothing(source: PermitSource, client: Client) -> None:
    take(source, permit_of())
    invitation = Invitation.objects.get()
    token = secrets_of(invitation)[0]
    for wrong in (
        {"contact": "", "contact_phone": "15400000012"},
        {"contact": "李强", "contact_phone": "0635"},
        {"contact": "李强", "contact_phone": "15400000012", "headcount": "many"},
    ):
        assert client.post(f"/i/{token}/", wrong).status_code == 422
    invitation.refresh_from_db()
    assert invitation.state == "sent"
    assert invitation.enterprise.headcount is None
    assert not Account.objects.filter(username__startswith="hr-").exists()


def test_an_administrator_lets_a_system_in(tree: Tree) -> None:
    client = Client(headers={"Accept-Language": "en"})
    account = make_account()
    make_post(account=account, role="administrator", union=tree.nation)
    sign_in(client, account)
    shown = client.post("/desk/formation/systems/new/", {"name": "交通局", "union": tree.city.code})
    source = PermitSource.objects.get()
    assert (source.union, source.signing) == (tree.city, "hmac-sha256")
    assert str(source.pk) in shown.content.decode()
    bad = client.post("/desk/formation/systems/new/", {"name": "邮政", "union": tree.city.code, "public_key": "no key"})
    assert bad.status_code == 422
    assert "交通局" in client.get("/desk/formation/systems/").content.decode()
    assert PermitSource.objects.count() == 1
