"""Signing in as people in the field do: inside WeChat, with a permit at the join form, with a passkey at the desk."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import CDPSession, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from nuanxin.access.models import LinkedIdentity
from nuanxin.members.models import Application
from nuanxin.members.queries.memberships import identity_of
from tests.factories.access import SECRET, make_account, make_post
from tests.factories.members import make_fields, make_member
from tests.factories.organizations import Tree
from tests.factories.texts import code_sent_to
from tests.journeys.desk_steps import press, sign_in
from tests.journeys.steps import ACTION, act, agree_and_send, prove_phone, say_where
from tests.platforms import USER_AGENT, State, serving

PASSWORD = "three green lanterns"
pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE_NUMBER = "15400009999"


@pytest.fixture
def platforms(settings: Any, live_server: LiveServer) -> Iterator[State]:
    with serving() as (address, state):
        settings.NUANXIN_BASE_URL = live_server.url
        settings.NUANXIN_WEIXIN, settings.NUANXIN_WEIXIN_QR = ["wx-official", "s1"], ["wx-website", "s2"]
        settings.NUANXIN_DINGTALK = ["ding-app", "s3"]
        settings.NUANXIN_WEIXIN_URLS = settings.NUANXIN_DINGTALK_URLS = [address, address]
        yield state


def code_now() -> str:
    return str(format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))


def forget_code() -> None:
    """Let the code of this half minute count once more."""
    row = Authenticator.objects.get(type="totp")
    Authenticator.objects.filter(pk=row.pk).update(data={"secret": row.data["secret"]})


def test_inside_wechat_one_code_links_and_then_a_tap_is_enough(
    phone: Callable[..., Page], tree: Tree, platforms: State
) -> None:
    membership = make_member(union=tree.couriers, name="王小芳", phone=PHONE_NUMBER)
    page = phone(user_agent=USER_AGENT)
    page.goto("/sign-in/?next=/me/")
    page.get_by_text("用微信登录").click()
    expect(page.get_by_text("绑定")).not_to_have_count(0)
    page.fill("[name=phone]", PHONE_NUMBER)
    page.locator(ACTION).click()
    page.wait_for_selector("[name=code]")
    page.fill("[name=code]", code_sent_to(PHONE_NUMBER))
    page.fill("[name=last6]", identity_of(membership)[-6:])
    act(page, r"/me/$")
    expect(page.locator("body")).to_contain_text("微信已绑定")
    assert LinkedIdentity.objects.count() == 1

    later = phone(user_agent=USER_AGENT)
    later.goto("/card/")
    expect(later).to_have_url(re.compile("/sign-in/"))
    later.get_by_text("用微信登录").click()
    expect(later).to_have_url(re.compile(r"/card/(#.*)?$"))
    later.goto("/me/links/")
    later.get_by_role("button", name="解除绑定微信").click()
    expect(later.locator("body")).to_contain_text("已解除绑定")
    assert LinkedIdentity.objects.count() == 0


@pytest.mark.parametrize("javascript", [True, False])
def test_a_permit_holder_joins(phone: Callable[..., Page], tree: Tree, javascript: bool) -> None:
    fields = make_fields(id_kind="hk_macao_permit", id_number="H12345678", name="陈大文", region_code="371502001")
    page = phone(javascript=javascript)
    page.goto("/join/")
    page.fill("[name=name]", fields["name"])
    page.get_by_role("button", name="我用其他证件").click()
    expect(page.locator("[name=name]")).to_have_value(fields["name"])
    page.locator("label:has(input[value=hk_macao_permit])").click()
    page.fill("[name=id_number]", fields["id_number"])
    page.fill("[name=birth_on]", "1990-03-15")
    page.locator("label:has(input[name=sex][value=M])").click()
    page.fill("[name=phone]", fields["phone"])
    act(page, r"/join/place/$")
    say_where(page, fields, "古楼", javascript=javascript)
    agree_and_send(page)
    prove_phone(page, fields["phone"])
    application = Application.objects.get()
    assert (application.state, application.id_kind, application.sex) == ("submitted", "hk_macao_permit", "M")


def authenticator(page: Page, **options: Any) -> tuple[CDPSession, str]:
    """Give a page's browser a device with passkeys, that says yes by itself."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    usual = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": usual | options})
    return session, made["authenticatorId"]


@pytest.fixture
def cadre(window: Callable[..., Page], tree: Tree) -> Page:
    account = make_account(username="liqiang", name="李强", password=PASSWORD)
    make_post(account=account, role="reviewer", union=tree.couriers)
    page = window(viewport=DESK)
    sign_in(page, "liqiang", PASSWORD)
    return page


def make_passkey(page: Page) -> None:
    page.goto("/desk/access/me/passkeys/")
    press(page, "继续")
    forget_code()
    page.fill("main [name=code]", code_now())
    page.locator("main form .btn-primary").click()
    page.fill("main [name=name]", "值班室电脑")
    press(page, "创建通行密钥")


def leave(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/desk/sign-in/")


def test_a_cadre_makes_a_passkey_signs_in_with_it_and_removes_it(cadre: Page) -> None:
    device, pk = authenticator(cadre)
    make_passkey(cadre)
    expect(cadre.locator("main")).to_contain_text("值班室电脑")
    held = device.send("WebAuthn.getCredentials", {"authenticatorId": pk})["credentials"]
    assert [(each["rpId"], each["isResidentCredential"]) for each in held] == [("localhost", True)]
    leave(cadre)
    press(cadre, "用通行密钥登录")
    expect(cadre).to_have_url(re.compile(r"/desk/$"))

    cadre.goto("/desk/access/me/passkeys/")
    press(cadre, "移除")
    expect(cadre.locator("main [name=code]")).to_have_count(1)
    forget_code()
    cadre.fill("main [name=code]", code_now())
    cadre.locator("main form .btn-primary").click()
    press(cadre, "移除")
    expect(cadre.locator("main")).to_contain_text("还没有通行密钥")
    leave(cadre)
    press(cadre, "用通行密钥登录")
    expect(cadre.locator("body")).to_contain_text("这个通行密钥在这里不能用")


def test_a_device_that_does_not_check_its_holder_is_no_passkey(cadre: Page) -> None:
    authenticator(cadre, isUserVerified=False)
    make_passkey(cadre)
    expect(cadre.locator("[data-passkey-failed]")).to_be_visible()
    assert Authenticator.objects.filter(type="webauthn").count() == 0


def test_an_answer_is_taken_once(cadre: Page) -> None:
    authenticator(cadre)
    make_passkey(cadre)
    expect(cadre.locator("main")).to_contain_text("值班室电脑")
    leave(cadre)
    sent: list[str] = []
    cadre.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    press(cadre, "用通行密钥登录")
    expect(cadre).to_have_url(re.compile(r"/desk/$"))
    leave(cadre)
    token = cadre.locator("form[data-passkey] [name=csrfmiddlewaretoken]").input_value()
    replayed = re.sub(r"csrfmiddlewaretoken=[^&]*", f"csrfmiddlewaretoken={token}", sent[-1])
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": cadre.url}
    answer = cadre.request.post("/desk/sign-in/passkey/", data=replayed, headers=headers, max_redirects=0)
    assert (answer.status, answer.headers["location"]) == (302, "/desk/sign-in/")


def test_dingtalk_stands_for_the_password_and_never_for_the_code(cadre: Page, platforms: State) -> None:
    cadre.goto("/desk/access/me/links/")
    press(cadre, "绑定钉钉")
    forget_code()
    cadre.fill("main [name=code]", code_now())
    cadre.locator("main form .btn-primary").click()
    press(cadre, "绑定钉钉")
    expect(cadre.locator("main")).to_contain_text("代替密码")
    leave(cadre)
    press(cadre, "用钉钉登录")
    expect(cadre).to_have_url(re.compile("/desk/sign-in/code/"))
    cadre.goto("/desk/")
    expect(cadre).to_have_url(re.compile("/desk/sign-in/"))
    forget_code()
    cadre.goto("/desk/sign-in/code/")
    cadre.fill("main [name=code]", code_now())
    cadre.locator("main form .btn-primary").first.click()
    expect(cadre).to_have_url(re.compile(r"/desk/$"))
