"""A collective joining ceremony with two phones, a desk and a big screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from nuanxin.members.actions.cards import issue_code
from nuanxin.members.models import Membership
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.ceremonies import make_ceremony
from tests.factories.members import make_fields, worker_of
from tests.factories.organizations import Tree
from tests.journeys.desk_steps import press
from tests.journeys.steps import ACTION, agree_and_send, prove_phone, say_where, say_who

pytestmark = [pytest.mark.browser, pytest.mark.full, pytest.mark.timeout(600)]


def _desk(window: Callable[..., Page], live_server: LiveServer, tree: Tree) -> Page:
    account, client = make_account(name="王敏"), Client()
    make_post(account=account, role="reviewer", union=tree.township)
    sign_in(client, account)
    page = window(viewport={"width": 1440, "height": 900})
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return page


def _join(phone: Page, code: str) -> str:
    fields = make_fields()
    phone.goto(f"/c/{code}")
    phone.locator(ACTION).first.click()
    say_who(phone, fields)
    say_where(phone, fields, "古城社区")
    agree_and_send(phone)
    prove_phone(phone, fields["phone"])
    return str(fields["phone"])


def test_a_ceremony_with_two_phones(window: Callable[..., Page], live_server: LiveServer, tree: Tree) -> None:
    ceremony = make_ceremony(union=tree.township, shows_names=True)
    desk, screen = _desk(window, live_server, tree), _desk(window, live_server, tree)
    desk.goto(f"/desk/ceremonies/{ceremony.number}/")
    press(desk, "开始入会")
    screen.goto(f"/desk/ceremonies/{ceremony.number}/screen/")
    for phone in (window(), window()):
        _join(phone, ceremony.code)
    expect(screen.locator("#ceremony-numbers .display-1").first).to_have_text("2", timeout=15_000)
    desk.reload()
    press(desk, "全部批准（2 人）")
    expect(screen.locator("#ceremony-numbers .display-1").nth(1)).to_have_text("2", timeout=15_000)
    for member in Membership.objects.select_related("worker__account"):
        shown = issue_code(actor=worker_of(member), number=member.number, now=timezone.now()).code
        desk.fill("main [name=code]", shown)
        press(desk, "发放")
        expect(desk.get_by_role("main").locator(".alert-success").or_(desk.locator(".toast")).first).to_be_visible()
    expect(screen.locator("#ceremony-numbers .display-1").nth(2)).to_have_text("2", timeout=15_000)
    minutes = desk.request.get(f"/desk/ceremonies/{ceremony.number}/minutes.pdf")
    assert minutes.body().startswith(b"%PDF-")
