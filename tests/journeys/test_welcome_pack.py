"""From approval to the kit: a new member, a station with a scanner, and what the desk sees of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from nuanxin.benefits.models import PackRight, PackStock
from nuanxin.benefits.tasks.packs import give_packs
from nuanxin.members.models import Application
from nuanxin.organizations.queries.rules import forget_rules
from nuanxin.web.counter.devices import COOKIE
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.members import make_fields
from tests.factories.organizations import Tree, make_dated_rule
from tests.factories.partners import make_counter, make_place, make_stock
from tests.journeys import steps
from tests.journeys.desk_steps import press

pytestmark = [pytest.mark.browser, pytest.mark.full, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def rules() -> Iterator[None]:
    """Read the rules anew: they are this test's own."""
    forget_rules()
    yield
    forget_rules()


def _desk(window: Callable[..., Page], live_server: LiveServer, role: str, union: object) -> Page:
    account, client = make_account(name="王敏"), Client()
    make_post(account=account, role=role, union=union)  # type: ignore[arg-type]
    sign_in(client, account)
    page = window(viewport={"width": 1440, "height": 900})
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return page


def test_from_approval_to_the_kit(window: Callable[..., Page], live_server: LiveServer, tree: Tree) -> None:
    make_dated_rule(name="benefits.welcome_pack", value={"kit": True, "insurance": True}, union=tree.city)
    make_dated_rule(name="benefits.pack_days", value=180)
    near = make_place(union=tree.county, region="371502001001", name="古城驿站")
    make_stock(make_place(union=tree.county, region="3715", name="市总驿站"), on_hand=5)
    make_stock(near, on_hand=2)
    scanner = window()
    scanner.context.add_cookies(
        [{"name": COOKIE, "value": make_counter(near)[1], "url": f"{live_server.url}/counter/", "httpOnly": True}]
    )
    phone, fields = window(), make_fields()
    phone.goto(f"/u/{tree.township.code}")
    progress = steps.join(phone, fields, "古城")

    desk = _desk(window, live_server, "reviewer", tree.city)
    number = Application.objects.get().number
    desk.goto(f"/desk/review/{number}/approve/")
    press(desk, "同意")
    expect(desk).not_to_have_url(re.compile("approve"))
    give_packs(0)
    assert sorted(PackRight.objects.values_list("item", flat=True)) == ["insurance", "kit"]

    phone.goto(progress)
    steps.sign_in(phone, fields["phone"], fields["id_number"][-6:])
    phone.goto("/packs/")
    expect(phone.get_by_text("待领取")).to_be_visible()
    assert [name.inner_text() for name in phone.locator("h2 + section strong").all()] == ["古城驿站", "市总驿站"]
    code = steps.show_code(phone)

    scanner.goto("/counter/")
    scanner.fill("#id_code", code)
    scanner.press("#id_code", "Enter")
    scanner.get_by_role("button", name="发放").click()
    expect(scanner.get_by_text("请发放：新会员礼包")).to_be_visible()
    scanner.go_back()
    scanner.goto("/counter/place/")
    expect(scanner.get_by_text("新会员礼包").first).to_be_visible()

    phone.goto("/packs/")
    expect(phone.get_by_text("已发放")).to_be_visible()
    assert PackStock.objects.get(place=near).on_hand == 1
    keeper = _desk(window, live_server, "services", tree.city)
    keeper.goto("/desk/packs/")
    keeper.get_by_role("link", name="古城驿站").click()
    expect(keeper.get_by_role("cell", name="已发放")).to_be_visible()
