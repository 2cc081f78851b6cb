"""The whole main job: joined by phone, approved at the desk, the card checked at a counter, the city grown by one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import ViewportSize, expect

from nuanxin.access.actions import create_device
from nuanxin.members.models import Application, ApplicationAct, CardCheck, Membership
from nuanxin.web.desk.organizations.posters import poster_png
from tests.factories.access import actor_for, make_account, make_post
from tests.factories.members import make_fields
from tests.journeys import desk_steps as desk
from tests.journeys import steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

    from tests.factories.organizations import Tree

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK: ViewportSize = {"width": 1440, "height": 900}
PASSWORD = "把工会建到劳动者身边"


@pytest.fixture
def desktop(chromium: Browser, live_server: LiveServer, tree: Tree) -> Iterator[Callable[..., Page]]:
    """Return a maker of desk browsers, with or without JavaScript."""
    contexts = []

    def make(*, javascript: bool = True) -> Page:
        context = chromium.new_context(
            viewport=DESK, java_script_enabled=javascript, base_url=live_server.url, locale="zh-CN"
        )
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def active_members(page: Page) -> int:
    """Read the number of active members off the dashboard."""
    page.goto("/desk/insight/")
    card = page.locator(".nx-stat", has_text="有效会员").first
    if not card.count():
        expect(page.get_by_text("还没有数据")).to_be_visible()
        return 0
    return int(re.sub(r"\D", "", card.locator(".nx-stat-value").inner_text()))


def approve(page: Page, application: Application) -> None:
    """Find the applicant on the home page, read what approving does, and do it."""
    page.goto("/desk/")
    row = page.locator("tr", has_text="王*芳")
    expect(row).to_contain_text("扫码工会")
    row.get_by_role("link", name="同意", exact=True).click()
    expect(page.get_by_text("不能撤回")).to_be_visible()
    assert not Membership.objects.exists()
    page.get_by_role("main").get_by_role("button", name="同意", exact=True).click()
    expect(page.locator("h1")).to_have_text("王小芳")
    expect(page.get_by_text(Membership.objects.get().number)).to_be_visible()
    assert ApplicationAct.objects.filter(application=application, act="approved").count() == 1


def check_at_the_counter(page: Page, tree: Tree, digits: str) -> None:
    """Enroll a hospital's phone by its code, then check the member's."""
    actor = actor_for("administrator", union=tree.city)
    _device, code = create_device(
        actor=actor, union=tree.city, partner="聊城市人民医院", name="1号窗口", now=timezone.now()
    )
    page.goto("/counter/enroll/")
    page.fill("[name=code]", code)
    page.locator("form .btn-primary").click()
    expect(page).to_have_url(re.compile(r"/counter/$"))
    page.locator("[name=code]").first.fill(digits)
    page.locator("[name=code]").first.press("Enter")
    answer = page.locator("[data-answer]")
    expect(answer).to_have_attribute("data-answer", "valid")
    expect(answer).to_contain_text(tree.couriers.name)
    assert "小芳" not in answer.inner_text()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_from_the_poster_over_the_desk_to_the_counter_and_the_dashboard(
    phone: Callable[..., Page], desktop: Callable[..., Page], tree: Tree, javascript: bool
) -> None:
    account = make_account(username="reviewer", name="王敏", password=PASSWORD)
    make_post(account=account, role="reviewer", union=tree.county, valid_from=timezone.now())
    cadre = desktop(javascript=javascript)
    desk.sign_in(cadre, "reviewer", PASSWORD)
    before = active_members(cadre)
    courier, fields = phone(), make_fields(name="王小芳", region_code="371502001")
    steps.scan(courier, poster_png(tree.couriers))
    progress = steps.join(courier, fields, "古楼")
    approve(cadre, Application.objects.get())
    courier.goto(progress)
    expect(courier.locator(".nx-story h2")).to_contain_text("欢迎您")
    steps.sign_in(courier, fields["phone"], fields["id_number"][-6:])
    check_at_the_counter(phone(), tree, steps.show_code(courier))
    assert CardCheck.objects.get().answer == "valid"
    assert active_members(cadre) == before + 1


def test_two_reviewers_at_once_one_decision_the_other_is_told(
    phone: Callable[..., Page], desktop: Callable[..., Page], tree: Tree
) -> None:
    courier, fields = phone(), make_fields(name="王小芳", region_code="371502001")
    courier.goto(f"/u/{tree.couriers.code}")
    steps.join(courier, fields, "古楼")
    number = Application.objects.get().number
    pages = []
    for username, name in (("first", "张先到"), ("second", "李后来")):
        account = make_account(username=username, name=name, password=PASSWORD)
        make_post(account=account, role="reviewer", union=tree.couriers, valid_from=timezone.now())
        page = desktop()
        desk.sign_in(page, username, PASSWORD)
        page.goto(f"/desk/review/{number}/approve/")
        pages.append(page)
    for page in pages:
        page.get_by_role("main").get_by_role("button", name="同意", exact=True).click()
    expect(pages[1].get_by_role("main")).to_contain_text("张先到比您先一步办理了")
    expect(pages[1].get_by_role("main")).to_contain_text("您没有改动任何内容")
    assert Membership.objects.count() == 1
