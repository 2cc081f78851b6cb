"""Book, give back, and the next in line is offered the place and takes it; made and watched at the desk."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from nuanxin.bookings.models import Booking, Offer, Waiting
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.members import make_member, worker_of
from tests.journeys.desk_steps import press

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

    from nuanxin.access.models import Account
    from tests.factories.organizations import Tree

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.timeout(600)]
#: A folder into which pictures of the pages go, when somebody wants to look at them.
PICTURES = os.environ.get("JOURNEY_PICTURES", "")


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page, when a folder for pictures is named."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"booking-{name}.png"), full_page=True)


def _with(page: Page, live_server: LiveServer, client: Client) -> Page:
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return page


def _desk(window: Callable[..., Page], live_server: LiveServer, tree: Tree) -> Page:
    account, client = make_account(name="王敏"), Client()
    make_post(account=account, role="services", union=tree.city)
    sign_in(client, account)
    return _with(window(viewport={"width": 1440, "height": 900}), live_server, client)


def _phone(window: Callable[..., Page], live_server: LiveServer, tree: Tree, name: str, *, javascript: bool) -> Page:
    member, client = make_member(union=tree.couriers, name=name), Client()
    worker_of(member)
    account: Account | None = member.worker.account
    assert account is not None
    client.force_login(account, backend=PHONE_CODE)
    return _with(window(javascript=javascript), live_server, client)


def _make_offer(desk: Page) -> Offer:
    """Make an offer with one session of one place, at the desk."""
    start, session = timezone.localtime() - timedelta(hours=1), timezone.localtime().date() + timedelta(days=20)
    desk.goto("/desk/bookings/new/")
    desk.select_option("[name=kind]", "event")
    desk.fill("[name=name]", "周末电影夜")
    desk.fill("[name=opens_at]", f"{start:%Y-%m-%dT%H:%M}")
    desk.get_by_role("button", name="有多少会员符合").click()
    expect(desk.locator("#preview")).to_contain_text("名会员中")
    picture(desk, "new")
    press(desk, "保存")
    desk.wait_for_url("**/places/")
    desk.fill("[name=t-first_day]", f"{session:%Y-%m-%d}")
    desk.fill("[name=t-windows]", "19:00-21:00")
    desk.fill("[name=t-sites]", "湖滨广场")
    desk.fill("[name=t-places]", "1")
    desk.locator("[name=t-places]").blur()
    expect(desk.locator("#sum")).to_contain_text("1 个名额，一个不差")
    picture(desk, "places")
    press(desk, "保存")
    press_link(desk, "发布")
    press(desk, "发布")
    return Offer.objects.get()


def press_link(page: Page, name: str) -> None:
    """Follow a link of the page by its words."""
    page.get_by_role("main").get_by_role("link", name=name, exact=True).click()


def _book(phone: Page, button: str) -> None:
    phone.goto("/")
    phone.get_by_role("link", name="预约和报名").click()
    phone.get_by_role("link", name="周末电影夜").click()
    phone.locator("[name=session]").first.check()
    phone.get_by_role("button", name=button).click()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_book_give_back_and_the_next_in_line_takes_the_place(
    window: Callable[..., Page], live_server: LiveServer, tree: Tree, javascript: bool
) -> None:
    first = _phone(window, live_server, tree, "赵长路", javascript=javascript)
    second = _phone(window, live_server, tree, "李小雨", javascript=javascript)
    desk = _desk(window, live_server, tree)
    offer = _make_offer(desk)
    _book(first, "就约这个")
    expect(first.get_by_role("main")).to_contain_text("湖滨广场")
    picture(first, "ticket")
    _book(second, "为我候补")
    expect(second.get_by_role("main")).to_contain_text("您在候补名单第 1 位")
    picture(second, "waiting")
    desk.goto(f"/desk/bookings/{offer.number}/waiting/")
    expect(desk.get_by_role("main")).to_contain_text("候补中")

    first.goto("/bookings/")
    first.get_by_role("link", name="周末电影夜").click()
    first.get_by_role("link", name="退回名额").click()
    expect(first.get_by_role("main")).to_contain_text("之前都可以退回")
    picture(first, "giving-back")
    first.get_by_role("button", name="是的，退回").click()
    expect(first.get_by_role("main")).to_contain_text("已退回")

    second.goto("/bookings/")
    second.get_by_role("link", name="周末电影夜").click()
    expect(second.get_by_role("main")).to_contain_text("为您保留了一个名额")
    picture(second, "offered")
    second.get_by_role("button", name="我要这个名额").click()
    expect(second.get_by_role("main")).to_contain_text("名额是您的了")
    assert sorted(Booking.objects.values_list("state", flat=True)) == ["booked", "cancelled"]
    assert Waiting.objects.get().state == "taken"
    desk.goto(f"/desk/bookings/{offer.number}/")
    expect(desk.get_by_role("main")).to_contain_text("1 / 1")
    picture(desk, "grid")
