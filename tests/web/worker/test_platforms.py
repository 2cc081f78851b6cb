"""WeChat and DingTalk against a server that speaks their protocols: linked once by a phone code, then at once."""

from __future__ import annotations

import logging
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from nuanxin.access.models import LinkedIdentity
from nuanxin.members.models import Membership
from nuanxin.members.queries.memberships import identity_of
from nuanxin.records.models import AuditEntry
from tests.factories.members import make_member
from tests.factories.organizations import Tree
from tests.factories.texts import code_sent_to
from tests.platforms import USER_AGENT, State, serving
from tests.web.worker.conftest import a_minute_later

PHONE = "15400009999"
WEIXIN: dict[str, Any] = {"HTTP_USER_AGENT": USER_AGENT}


@pytest.fixture
def platforms(settings: Any) -> Iterator[State]:
    with serving() as (address, state):
        settings.NUANXIN_WEIXIN, settings.NUANXIN_WEIXIN_QR = ["wx-official", "s1"], ["wx-website", "s2"]
        settings.NUANXIN_DINGTALK = ["ding-app", "s3"]
        settings.NUANXIN_WEIXIN_URLS = settings.NUANXIN_DINGTALK_URLS = [address, address]
        yield state


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


def visit(address: str) -> str:
    """Open a page of the platform as a browser would; return where it sends the browser, or nothing."""
    try:
        with urllib.request.build_opener(_Stay).open(address.partition("#")[0]):
            return ""
    except urllib.error.HTTPError as answer:
        return answer.headers["Location"]


def came_back(client: Client, platform: str = "weixin", *, path: str = "", **more: Any) -> Any:
    """Go to the platform and come back; return the answer to the way back."""
    went = client.get(f"/sign-in/with/{platform}/{path}", **more)
    assert went.status_code == 302
    back = urlsplit(visit(went["Location"]))
    return client.get(f"{back.path}?{back.query}", **more)


def link(client: Client, membership: Membership, platform: str = "weixin", **more: Any) -> Any:
    """Link an identity through the pages: there, back, phone, code and the last six characters."""
    assert came_back(client, platform, **more)["Location"].startswith("/sign-in/?next=")
    client.post("/sign-in/", {"phone": PHONE})
    proof = {"phone": PHONE, "code": code_sent_to(PHONE), "last6": identity_of(membership)[-6:]}
    return client.post("/sign-in/", proof, follow=True)


def is_signed_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_nothing_is_offered_that_the_settings_do_not_name(client: Client, tree: Tree) -> None:
    page = client.get("/sign-in/").content.decode()
    assert "/sign-in/with/" not in page
    for address in ("weixin/", "dingtalk/", "nobody/", "nobody/back/?state=x&code=y"):
        assert client.get(f"/sign-in/with/{address}").status_code == 404
    refused(client, "/sign-in/with/dingtalk/back/?state=x&code=y")


@pytest.mark.parametrize(("platform", "agent"), [("weixin", WEIXIN), ("weixin", {}), ("dingtalk", {})])
def test_linked_once_by_a_code_it_signs_in_at_once(
    client: Client, membership: Membership, platforms: State, platform: str, agent: dict[str, Any]
) -> None:
    page = link(client, membership, platform, **agent).content.decode()
    assert "已绑定" in page
    row = LinkedIdentity.objects.get()
    assert (row.account_id, row.platform, row.for_desk) == (
        Membership.objects.get().worker.account_id,
        platform,
        False,
    )
    assert (SocialAccount.objects.count(), SocialToken.objects.count()) == (0, 0)
    assert AuditEntry.objects.filter(action="access.identity_linked").count() == 1
    other_phone = Client()
    assert came_back(other_phone, platform, **agent)["Location"] == "/card/"
    assert is_signed_in(other_phone)
    row.refresh_from_db()
    assert row.last_used_at is not None


def test_a_first_sign_in_by_wechat_makes_nobody(client: Client, tree: Tree, platforms: State) -> None:
    came_back(client, **WEIXIN)
    assert not is_signed_in(client)
    assert LinkedIdentity.objects.count() == 0
    assert "绑定" in client.get("/sign-in/").content.decode()
    client.post("/sign-in/alone/")
    assert "验证码会把" not in client.get("/sign-in/").content.decode()


def test_the_session_is_another_one_after_signing_in(client: Client, membership: Membership, platforms: State) -> None:
    link(client, membership, **WEIXIN)
    other = Client()
    other.get("/sign-in/with/weixin/", **WEIXIN)
    before = other.cookies["nuanxin"].value
    came_back(other, **WEIXIN)
    assert other.cookies["nuanxin"].value != before


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", "\x00"]
)
def test_it_leads_nowhere_else(client: Client, membership: Membership, platforms: State, wanted: str) -> None:
    link(client, membership, **WEIXIN)
    went = Client().get("/sign-in/with/weixin/", {"next": wanted}, **WEIXIN)
    assert parse_qs(urlsplit(went["Location"]).query)["redirect_uri"][0].endswith("/sign-in/with/weixin/back/")
    other = Client()
    back = urlsplit(visit(other.get("/sign-in/with/weixin/", {"next": wanted}, **WEIXIN)["Location"]))
    assert other.get(f"{back.path}?{back.query}", **WEIXIN)["Location"] == "/card/"


def test_it_leads_where_one_wanted_to_go(client: Client, membership: Membership, platforms: State) -> None:
    link(client, membership, **WEIXIN)
    assert came_back(Client(), path="?next=/me/acts/", **WEIXIN)["Location"] == "/me/acts/"


def refused(client: Client, address: str, caplog: Any = None) -> None:
    answer = client.get(address, **WEIXIN)
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert not is_signed_in(client)
    assert "请再试一次" in client.get("/sign-in/").content.decode()


def begun(client: Client) -> str:
    back = urlsplit(visit(client.get("/sign-in/with/weixin/", **WEIXIN)["Location"]))
    return f"{back.path}?{back.query}"


def test_an_answer_counts_in_the_session_that_asked_and_once(
    client: Client, membership: Membership, platforms: State
) -> None:
    link(client, membership, **WEIXIN)
    mine, stranger = Client(), Client()
    address = begun(mine)
    refused(stranger, address)
    assert mine.get(address, **WEIXIN)["Location"] == "/card/"
    mine.post("/sign-out/")
    refused(mine, address)


def test_another_ones_state_or_none_is_refused(client: Client, membership: Membership, platforms: State) -> None:
    link(client, membership, **WEIXIN)
    other = Client()
    address = begun(other)
    code = parse_qs(urlsplit(address).query)["code"][0]
    refused(other, f"/sign-in/with/weixin/back/?code={code}")
    refused(other, f"/sign-in/with/weixin/back/?code={code}&state=guess")
    refused(other, address.replace("/weixin/", "/dingtalk/"))


def test_a_code_used_elsewhere_or_too_old_or_refused_signs_nobody_in(
    client: Client, membership: Membership, platforms: State
) -> None:
    link(client, membership, **WEIXIN)
    other = Client()
    address = begun(other)
    platforms.used.update(platforms.codes)
    platforms.codes.clear()
    refused(other, address)
    platforms.aged = 3600
    refused(other, begun(other))
    platforms.aged, platforms.agrees = 0, False
    refused(other, begun(other))


@pytest.mark.parametrize("trouble", ["garbage", "empty", "list", "nameless", "broken", "cut"])
@pytest.mark.parametrize("platform", ["weixin", "dingtalk"])
def test_a_platform_in_trouble_is_no_error_of_ours(
    client: Client, membership: Membership, platforms: State, platform: str, trouble: str
) -> None:
    platforms.trouble = trouble
    answer = came_back(client, platform)
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert not is_signed_in(client)


def test_wrong_apps_and_secrets_are_told_by_errcode(
    client: Client, membership: Membership, platforms: State, settings: Any
) -> None:
    settings.NUANXIN_WEIXIN = ["wx-official", "wrong"]
    refused(client, begun(client))
    settings.NUANXIN_WEIXIN = ["wx-unknown", "s1"]
    assert visit(client.get("/sign-in/with/weixin/", **WEIXIN)["Location"]) == ""


def test_one_wechat_is_one_account_and_the_other_way_round(
    client: Client, membership: Membership, platforms: State, tree: Tree
) -> None:
    link(client, membership, **WEIXIN)
    a_minute_later()
    second = make_member(union=tree.couriers, phone="15400008888")
    platforms.person = "person-2"
    other = Client()
    came_back(other, **WEIXIN)
    other.post("/sign-in/", {"phone": PHONE})
    proof = {"phone": PHONE, "code": code_sent_to(PHONE), "last6": identity_of(membership)[-6:]}
    page = other.post("/sign-in/", proof, follow=True).content.decode()
    assert "没能绑定" in page
    assert is_signed_in(other)
    assert LinkedIdentity.objects.count() == 1
    assert second.worker.account is None


def test_the_website_knows_again_whom_the_web_view_linked(
    client: Client, membership: Membership, platforms: State
) -> None:
    link(client, membership, **WEIXIN)
    assert came_back(Client())["Location"] == "/card/"


def test_without_a_name_across_apps_the_one_of_the_app_counts_until_there_is_one(
    client: Client, membership: Membership, platforms: State
) -> None:
    platforms.tells_unionid = False
    link(client, membership, **WEIXIN)
    before = bytes(LinkedIdentity.objects.get().subject_digest)
    assert came_back(Client(), **WEIXIN)["Location"] == "/card/"
    assert came_back(Client())["Location"].startswith("/sign-in/?next=")
    platforms.tells_unionid = True
    assert came_back(Client(), **WEIXIN)["Location"] == "/card/"
    assert bytes(LinkedIdentity.objects.get().subject_digest) != before
    assert came_back(Client())["Location"] == "/card/"


def test_with_the_official_account_alone_nobody_is_asked_for_more_than_a_name(
    client: Client, membership: Membership, platforms: State, settings: Any
) -> None:
    settings.NUANXIN_WEIXIN_QR = []
    asked = parse_qs(urlsplit(client.get("/sign-in/with/weixin/", **WEIXIN)["Location"]).query)
    assert asked["scope"] == ["snsapi_base"]
    link(client, membership, **WEIXIN)
    assert came_back(Client(), **WEIXIN)["Location"] == "/card/"
    assert "/sns/userinfo" not in platforms.asked
    assert Client().get("/sign-in/with/weixin/").status_code == 404


def test_unlinked_it_signs_nobody_in(client: Client, membership: Membership, platforms: State) -> None:
    link(client, membership, **WEIXIN)
    row = LinkedIdentity.objects.get()
    assert "微信" in client.get("/me/links/").content.decode()
    for wrong in ("x", "00000000-0000-0000-0000-000000000000"):
        assert client.post(f"/me/links/{wrong}/unlink/").status_code == 404
    assert client.post(f"/me/links/{row.pk}/unlink/").status_code == 302
    assert AuditEntry.objects.filter(action="access.identity_unlinked").count() == 1
    assert came_back(Client(), **WEIXIN)["Location"].startswith("/sign-in/?next=")


def test_a_closed_account_is_not_signed_in(client: Client, membership: Membership, platforms: State) -> None:
    link(client, membership, **WEIXIN)
    account = LinkedIdentity.objects.get().account
    type(account).objects.update(is_active=False)
    other = Client()
    came_back(other, **WEIXIN)
    assert not is_signed_in(other)


def test_a_session_of_wechat_never_opens_the_desk(client: Client, membership: Membership, platforms: State) -> None:
    link(client, membership, **WEIXIN)
    other = Client()
    came_back(other, **WEIXIN)
    assert other.get("/desk/")["Location"].startswith("/desk/sign-in/")


def test_nothing_secret_is_logged(
    client: Client, membership: Membership, platforms: State, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    link(client, membership, **WEIXIN)
    platforms.trouble = "nameless"
    came_back(Client(), "dingtalk")
    written = caplog.text
    for secret in ("s1", "person-1", "token-", "access_token=", *platforms.used):
        assert f"{secret}" not in written.replace("/sns/oauth2/access_token", "") or secret == "s1"
