"""From a refusal over the objection with a file to the second decision, on the phone and at two desks."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import ViewportSize, expect

from nuanxin.members.models import Application, Contest, Membership
from nuanxin.members.queries.applications import progress_token
from tests.factories.access import make_account, make_post
from tests.factories.members import make_application
from tests.journeys import desk_steps as desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from nuanxin.organizations.models import Union
    from tests.factories.organizations import Tree

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK: ViewportSize = {"width": 1440, "height": 900}
PASSWORD = "把工会建到劳动者身边"
WORDS = "我在东昌府区送快递三年了，站点可以证明，请再看看。"
#: A folder into which pictures of the pages go, when somebody wants to look at them.
PICTURES = os.environ.get("JOURNEY_PICTURES", "")


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page, when a folder for pictures is named."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"contest-{name}.png"), full_page=True)


def cadre(window: Callable[..., Page], username: str, name: str, union: Union) -> Page:
    """Return a desk at which a reviewer of a union is signed in."""
    account = make_account(username=username, name=name, password=PASSWORD)
    make_post(account=account, role="reviewer", union=union, valid_from=timezone.now())
    page = window(viewport=DESK)
    desk.sign_in(page, username, PASSWORD)
    return page


def decide(page: Page, application: Application, how: str, button: str, reason: str = "") -> None:
    """Take a decision on an application at the desk."""
    page.goto(f"/desk/review/{application.number}/{how}/")
    if reason:
        desk.fill(page, reason=reason)
    desk.press(page, button)
    desk.heading(page, "王小芳")


def object_with_a_file(page: Page, tree: Tree, file: Path, *, javascript: bool) -> None:
    """Object to the refusal on the phone, with a photo of the work permit."""
    page.get_by_role("link", name="我不同意这个结果").click()
    page.fill("[name=words]", WORDS)
    page.set_input_files("[name=file]", str(file))
    picture(page, f"form-{'js' if javascript else 'plain'}")
    page.get_by_role("button", name="提交给上级工会").click()
    expect(page.get_by_role("main")).to_contain_text(WORDS)
    expect(page.get_by_role("main")).to_contain_text(f"{tree.county.name}正在核查")
    picture(page, f"sent-{'js' if javascript else 'plain'}")


def send_back(page: Page) -> None:
    """Find the objection on the home page of the upper union, read both sides, and have it decided anew."""
    page.goto("/desk/?tab=contests")
    picture(page, "desk-home")
    page.locator("tr", has_text="王*芳").get_by_role("link", name="审核", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(WORDS)
    expect(page.get_by_role("main")).to_contain_text("未能核实在本区工作")
    page.locator("input[name=decision][value=send_back]").check()
    desk.fill(page, reason="站点证明属实，请重新办理")
    picture(page, "desk-contest")
    desk.press(page, "作出决定")
    desk.heading(page, "异议")
    picture(page, "desk-decided")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_refused_objected_sent_back_and_admitted(
    window: Callable[..., Page], tree: Tree, tmp_path: Path, javascript: bool
) -> None:
    now = timezone.now()
    application = make_application(union=tree.couriers, started_at=now, due_at=now + timedelta(days=1))
    refuser = cadre(window, "refuser", "张拒绝", tree.couriers)
    colleague = cadre(window, "colleague", "李同事", tree.couriers)
    county = cadre(window, "county", "赵上级", tree.county)
    decide(refuser, application, "refuse", "不同意", "未能核实在本区工作")

    permit = tmp_path / "工牌.pdf"
    permit.write_bytes(b"%PDF-1.7 permit")
    worker = window(javascript=javascript)
    worker.goto(f"/a/{progress_token(application.pk)}")
    expect(worker.get_by_role("main")).to_contain_text("未能核实在本区工作")
    picture(worker, "refused")
    object_with_a_file(worker, tree, permit, javascript=javascript)
    send_back(county)

    worker.reload()
    expect(worker.get_by_role("main")).to_contain_text("由另一人重新办理")
    picture(worker, "sent-back")
    refuser.goto(f"/desk/review/{application.number}/")
    expect(refuser.get_by_role("main")).to_contain_text("须由其他人办理")
    expect(refuser.get_by_role("link", name="同意", exact=True)).to_have_count(0)
    picture(refuser, "desk-barred")
    decide(colleague, application, "approve", "同意")

    worker.reload()
    expect(worker.locator(".nx-story h2").first).to_contain_text("欢迎您")
    picture(worker, "welcome")
    assert (Contest.objects.get().state, Membership.objects.get().union) == ("sent_back", tree.couriers)
