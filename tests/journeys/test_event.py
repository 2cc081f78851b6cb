"""A mobile event in the browser: planned, signed up for, let in by scan, counted, and followed by a calendar."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from nuanxin.activities.models import Event
from nuanxin.bookings.models import Booking, Session
from nuanxin.catalog.models import Delivery
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.catalog import make_service
from tests.factories.members import make_member, worker_of
from tests.journeys.desk_steps import fill, heading, press
from tests.journeys.steps import show_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

    from tests.factories.organizations import Tree

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.timeout(600)]
#: A folder into which pictures of the pages go, when somebody wants to look at them.
PICTURES = os.environ.get("JOURNEY_PICTURES", "")


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page, when a folder for pictures is named."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"event-{name}.png"), full_page=True)


def _with(page: Page, live_server: LiveServer, client: Client) -> Page:
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return page


def _desk(window: Callable[..., Page], live_server: LiveServer, tree: Tree) -> Page:
    account, client = make_account(name="王敏"), Client()
    make_post(account=account, role="services", union=tree.city)
    sign_in(client, account)
    return _with(window(viewport={"width": 1440, "height": 900}), live_server, client)


def _phone(window: Callable[..., Page], live_server: LiveServer, tree: Tree) -> Page:
    member, client = make_member(union=tree.couriers), Client()
    worker_of(member)
    account: Any = member.worker.account
    client.force_login(account, backend=PHONE_CODE)
    return _with(window(), live_server, client)


def _plan(desk: Page) -> Event:
    """Begin a program, plan two events a line each, and announce them."""
    day = timezone.localtime() + timedelta(days=1)
    desk.goto("/desk/events/")
    press(desk, "新建计划")
    fill(
        desk, union="聊城市总工会", name="流动暖新·冬季行动", starts_on=f"{day:%Y-%m-%d}",
        ends_on=f"{day + timedelta(days=60):%Y-%m-%d}",
    )  # fmt: skip
    press(desk, "下一步：安排活动")
    lines = f"{day:%Y-%m-%d} 19:00-21:00 | 露天电影夜 | 古城区文化广场 | 60 | 电影"
    fill(desk, plan=f"{lines}\n{day:%Y-%m-%d} 9点到11点 | 急救 | 站前驿站 | 30")
    press(desk, "保存安排")
    expect(desk.get_by_text("第2行").first).to_be_visible()
    fill(desk, plan=f"{lines}\n{day:%Y-%m-%d} 09:00-11:00 | 急救与安全骑行 | 站前驿站 | 30 | 培训")
    press(desk, "保存安排")
    desk.get_by_role("button", name="发布").click()
    expect(desk.get_by_role("link", name="急救与安全骑行")).to_be_visible()
    picture(desk, "program")
    return Event.objects.get(offer__name="露天电影夜")


def test_from_a_line_of_a_plan_to_the_calendar_of_who_came(
    window: Callable[..., Page], live_server: LiveServer, tree: Tree
) -> None:
    make_service(union=tree.city, code="mobile_event")
    desk, phone = _desk(window, live_server, tree), _phone(window, live_server, tree)
    event = _plan(desk)

    phone.goto("/events/")
    picture(phone, "list")
    phone.get_by_role("link", name="露天电影夜").click()
    phone.get_by_role("link", name="报名").click()
    expect(phone.get_by_role("button", name="就约这个")).to_be_visible()
    picture(phone, "offer")
    phone.get_by_role("button", name="就约这个").click()
    expect(phone).to_have_url(re.compile("/bookings/"))
    assert Booking.objects.get().state == "booked"
    phone.goto(f"/events/{event.pk}/")
    phone.get_by_role("button", name="同意，可以拍我").click()
    expect(phone.get_by_role("link", name=re.compile("撤回"))).to_be_visible()
    picture(phone, "mine")

    # the day has come
    starts = timezone.now() - timedelta(minutes=5)
    Session.objects.filter(offer=event.offer_id).update(starts_at=starts, ends_at=starts + timedelta(hours=2))
    code = show_code(phone)
    desk.goto(f"/desk/events/e/{event.pk}/")
    press(desk, "入场核验")
    fill(desk, code=code)
    press(desk, "放行入场")
    expect(desk.get_by_text("已入场")).to_be_visible()
    picture(desk, "door")
    fill(desk, code=show_code(phone))
    press(desk, "放行入场")
    expect(desk.get_by_text(re.compile("已于.*签到")).first).to_be_visible()
    desk.goto(f"/desk/events/e/{event.pk}/")
    heading(desk, "露天电影夜")
    picture(desk, "event")
    assert (Booking.objects.get().state, Delivery.objects.filter(service_id="mobile_event").count()) == (
        "checked_in",
        1,
    )

    phone.goto("/me/calendar/")
    phone.locator("main form button").first.click()
    link = phone.locator("main code").inner_text()
    picture(phone, "calendar")
    feed = Client().get("/calendar/" + link.rsplit("/", 1)[1])
    assert "SUMMARY:露天电影夜" in feed.content.decode()
    city = Client().get(f"/calendar/unions/{tree.city.code}.ics").content.decode()
    assert city.count("BEGIN:VEVENT") == 2
