"""A rider moves: by one scan within the city; to another city as both unions agree; and thinks better of it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import ViewportSize, expect

from nuanxin.insight.queries import recount
from nuanxin.members.models import Membership, TransferRequest
from tests.factories.access import make_account, make_post
from tests.factories.insight import announce_fact, where
from tests.factories.members import make_id_number, make_member, make_phone
from tests.journeys import desk_steps as desk
from tests.journeys import steps
from tests.members.moves_scene import make_beijing

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from nuanxin.organizations.models import Union
    from tests.factories.organizations import Tree

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK: ViewportSize = {"width": 1440, "height": 900}
PASSWORD = "把工会建到劳动者身边"
#: A folder into which pictures of the pages go, when somebody wants to look at them.
PICTURES = os.environ.get("JOURNEY_PICTURES", "")


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page, when a folder for pictures is named."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"transfer-{name}.png"), full_page=True)


def rider(window: Callable[..., Page], tree: Tree, *, javascript: bool = True) -> tuple[Page, Membership]:
    """Return the phone of a courier of the township's union, signed in."""
    phone, id_number = make_phone(), make_id_number()
    member = make_member(union=tree.township, phone=phone, id_number=id_number)
    announce_fact("admit", where(tree.township, day=member.began_on))
    page = window(javascript=javascript)
    steps.sign_in(page, phone, id_number[-6:])
    return page, member


def cadre(window: Callable[..., Page], username: str, name: str, union: Union) -> Page:
    """Return a desk at which a reviewer of a union is signed in."""
    account = make_account(username=username, name=name, password=PASSWORD)
    make_post(account=account, role="reviewer", union=union, valid_from=timezone.now())
    page = window(viewport=DESK)
    desk.sign_in(page, username, PASSWORD)
    return page


def scan(page: Page, union: Union) -> None:
    """Open what the code on a union's poster says."""
    page.goto(f"/u/{union.code}")


def answer(page: Page, name: str, *, agrees: bool, reason: str = "") -> None:
    """Find a transfer in the list of those to answer, and answer it."""
    desk.open_task(page, "转会")
    picture(page, f"desk-list-{name}")
    page.get_by_role("main").get_by_role("link", name="去核查", exact=True).first.click()
    desk.heading(page, "转会")
    page.locator(f"input[name=agrees][value={'yes' if agrees else 'no'}]").check()
    if reason:
        desk.fill(page, reason=reason)
    picture(page, f"desk-one-{name}")
    desk.press(page, "作出决定")
    expect(page.locator("h1")).to_have_text("转会")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_one_scan_and_one_tap(window: Callable[..., Page], tree: Tree, javascript: bool) -> None:
    page, member = rider(window, tree, javascript=javascript)
    expect(page.get_by_role("main")).to_contain_text(tree.township.name)
    picture(page, "card-before")
    scan(page, tree.couriers)
    expect(page.get_by_role("main")).to_contain_text("立即办好")
    picture(page, "scan")
    steps.act(page, r"/card/transfers/[^/]+/$")
    expect(page.get_by_role("main")).to_contain_text(f"您现在是{tree.couriers.name}的会员")
    picture(page, "done")
    page.goto("/card/")
    expect(page.locator(".nx-card")).to_contain_text(tree.couriers.name)
    expect(page.locator(".nx-card")).to_contain_text(re.compile(r"\s*".join(member.number)))
    page.goto("/me/acts/")
    expect(page.get_by_role("main")).to_contain_text(tree.township.name)
    picture(page, "history")
    scan(page, tree.couriers)
    expect(page.get_by_role("main")).to_contain_text("不用再办")
    fresh = Membership.objects.get(pk=member.pk)
    assert (fresh.union, fresh.number, recount()) == (tree.couriers, member.number, [])


def test_to_another_city_as_both_unions_agree(window: Callable[..., Page], tree: Tree) -> None:
    beijing = make_beijing(tree)
    page, member = rider(window, tree)
    here = cadre(window, "here", "张转出", tree.township)
    there = cadre(window, "there", "李转入", beijing)
    page.goto("/card/")
    page.get_by_role("link", name="转到其他工会").click()
    picture(page, "place")
    steps.choose_area(page, "多福巷", "110101001001")
    steps.act(page, r"go=1")
    expect(page.get_by_role("main")).to_contain_text(beijing.name)
    picture(page, "offer")
    steps.act(page, r"/card/transfers/[^/]+/$")
    expect(page.get_by_role("main")).to_contain_text("转会正在办理")
    picture(page, "waiting")
    page.goto("/card/")
    expect(page.get_by_role("main")).to_contain_text(f"正在转到{beijing.name}")
    picture(page, "card-waiting")
    answer(there, "there", agrees=True)
    answer(here, "here", agrees=True)
    picture(here, "desk-answered")
    page.get_by_role("link", name=re.compile("正在转到")).click()
    expect(page.get_by_role("main")).to_contain_text(f"您现在是{beijing.name}的会员")
    picture(page, "done-elsewhere")
    there.goto(f"/desk/people/{member.number}/")
    expect(there.get_by_role("main")).to_contain_text("会籍经历")
    picture(there, "desk-profile")
    member.worker.refresh_from_db()
    assert (member.worker.region_id, TransferRequest.objects.get().state, recount()) == ("110101001001", "done", [])


def test_refused_with_a_reason_and_cancelled(window: Callable[..., Page], tree: Tree) -> None:
    beijing = make_beijing(tree)
    page, member = rider(window, tree)
    there = cadre(window, "there", "李转入", beijing)
    scan(page, beijing)
    expect(page.get_by_role("main")).to_contain_text("前答复")
    steps.act(page, r"/card/transfers/[^/]+/$")
    answer(there, "refuse", agrees=False, reason="请先由站点出具用工证明")
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("请先由站点出具用工证明")
    picture(page, "refused")
    scan(page, beijing)
    steps.act(page, r"/card/transfers/[^/]+/$")
    page.get_by_role("link", name="撤回转会").click()
    picture(page, "cancel")
    page.get_by_role("button", name="确认撤回").click()
    expect(page.get_by_role("main")).to_contain_text("您留在原工会")
    assert Membership.objects.get(pk=member.pk).union == tree.township
