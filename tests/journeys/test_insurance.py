"""Gifted insurance in the browser: from a list that is frozen to a claim that is paid, at the desk and on the phone."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from nuanxin.benefits.actions.insurance_rolls import write_roll_file
from nuanxin.benefits.actions.insurance_working import work_on_list, work_on_returns
from nuanxin.benefits.models import Claim, InsuranceBatch, Policy
from nuanxin.benefits.queries.insurance_rolls import roll_lines
from nuanxin.kernel.clock import local_day
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.insurance import make_plan
from tests.factories.members import make_member, worker_of
from tests.factories.rosters import make_xlsx
from tests.journeys.desk_steps import fill, heading, press

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

    from nuanxin.members.models import Membership
    from tests.factories.organizations import Tree

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.timeout(600)]
#: A folder into which pictures of the pages go, when somebody wants to look at them.
PICTURES = os.environ.get("JOURNEY_PICTURES", "")
BILL = b"\x89PNG\r\n\x1a\n00"


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page, when a folder for pictures is named."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"insurance-{name}.png"), full_page=True)


def _with(page: Page, live_server: LiveServer, client: Client) -> Page:
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return page


def _desk(window: Callable[..., Page], live_server: LiveServer, tree: Tree) -> Page:
    account, client = make_account(name="王敏"), Client()
    make_post(account=account, role="services", union=tree.city)
    sign_in(client, account)
    return _with(window(viewport={"width": 1440, "height": 900}), live_server, client)


def _phone(window: Callable[..., Page], live_server: LiveServer, member: Membership) -> Page:
    client = Client()
    worker_of(member)
    account: Any = member.worker.account
    client.force_login(account, backend=PHONE_CODE)
    return _with(window(), live_server, client)


def _answer(batch: InsuranceBatch, *, wrong: str) -> bytes:
    """Return what the insurer sends back: right but for one sum, the days as Excel keeps them."""
    serial = (batch.cover_from - date(1899, 12, 30)).days
    rows = [
        [each.line, f"P{each.line:04d}", each.name, each.id_number.lower(), serial, f"{batch.cover_until:%Y年%m月%d日}",
         "1" if each.name == wrong else "100,000.00"]
        for each in roll_lines(batch)
    ]  # fmt: skip
    return make_xlsx(rows, ("序号", "保单号", "姓名", "证件号码", "保险起期", "保险止期", "保额"))


def _insure(desk: Page, tmp_path: Path) -> InsuranceBatch:
    """Freeze a list, take the roll, hand the insurer's answer in, and settle what differs."""
    desk.goto("/desk/insurance/")
    desk.get_by_role("link", name="新建批次").first.click()
    fill(desk, name="冬季第一批", union="聊城市总工会", cover_from=f"{local_day(timezone.now()):%Y-%m-%d}")
    press(desk, "下一步：看看有多少人")
    expect(desk.get_by_text("目前有2人符合条件")).to_be_visible()
    press(desk, "冻结名单")
    press(desk, "冻结名单")
    batch = InsuranceBatch.objects.get()
    expect(desk.get_by_text("正在冻结名单").first).to_be_visible()
    work_on_list(batch.pk)
    press(desk, "生成投保名册")
    expect(desk.get_by_text("正在写名册")).to_be_visible()
    write_roll_file(batch_id=batch.pk)
    with desk.expect_download() as taken:
        press(desk, "下载名册")
    assert taken.value.suggested_filename.endswith(".xlsx")
    batch = InsuranceBatch.objects.select_related("plan").get()
    (tmp_path / "back.xlsx").write_bytes(_answer(batch, wrong="李强"))
    desk.goto(f"/desk/insurance/{batch.number}/")
    picture(desk, "sent")
    desk.set_input_files("[name=file]", tmp_path / "back.xlsx")
    press(desk, "上传并核对")
    expect(desk.locator("#insurance-progress")).to_be_visible()
    work_on_returns(batch.pk)
    desk.goto(f"/desk/insurance/{batch.number}/differences/")
    picture(desk, "differences")
    press(desk, "处理这一类全部差异")
    desk.get_by_label("以保险公司为准").check()
    fill(desk, note="批改单已到")
    press(desk, "处理")
    work_on_returns(batch.pk)
    desk.goto(f"/desk/insurance/{batch.number}/")
    expect(desk.get_by_text("名单与保单逐人核对一致：名单2人＝保单2张")).to_be_visible()
    picture(desk, "agreed")
    return batch


def _claim(phone: Page, tmp_path: Path) -> None:
    """Make a claim under the certificate on the phone."""
    (tmp_path / "bill.png").write_bytes(BILL)
    phone.goto("/insurance/")
    phone.get_by_role("link", name="新就业形态劳动者意外伤害保险").click()
    heading(phone, "保险凭证")
    picture(phone, "certificate")
    phone.get_by_role("link", name="出险了，申请理赔").click()
    phone.fill("[name=words]", "雨天送餐路上摔倒，左手腕骨裂")
    phone.fill("[name=asked]", "860,50")
    phone.fill("[name=account]", "6222 0212 3456 7890 123")
    phone.set_input_files("[name=documents]", tmp_path / "bill.png")
    phone.get_by_role("button", name="提交理赔").click()
    expect(phone.get_by_text("请填写金额").first).to_be_visible()
    picture(phone, "refused-amount")
    phone.fill("[name=asked]", "860.50")
    phone.set_input_files("[name=documents]", tmp_path / "bill.png")
    phone.get_by_role("button", name="提交理赔").click()
    expect(phone.get_by_text("工会办理中")).to_be_visible()


def test_from_a_frozen_list_to_a_paid_claim(
    window: Callable[..., Page], live_server: LiveServer, tree: Tree, tmp_path: Path
) -> None:
    make_plan(union=tree.city)
    member = make_member(union=tree.couriers)
    make_member(union=tree.couriers, name="李强")
    desk, phone = _desk(window, live_server, tree), _phone(window, live_server, member)
    _insure(desk, tmp_path)
    assert Policy.objects.count() == 2
    _claim(phone, tmp_path)
    expect(phone.get_by_text("最迟")).to_be_visible()
    picture(phone, "claim-sent")
    address, number = phone.url, Claim.objects.get().number

    desk.goto("/desk/insurance/claims/")
    picture(desk, "claims")
    press(desk, number)
    press(desk, "要求补充材料")
    fill(desk, words="请补充诊断证明")
    picture(desk, "claim-returned")
    press(desk, "登记")
    phone.goto(address)
    expect(phone.get_by_text("请补充诊断证明")).to_be_visible()
    picture(phone, "claim-returned")
    phone.set_input_files("[name=documents]", tmp_path / "bill.png")
    phone.get_by_role("button", name="补充材料").click()
    expect(phone.get_by_text("工会办理中")).to_be_visible()

    for button, fields in (
        ("转交保险公司", {}),
        ("保险公司已核定", {"amount": "800"}),
        ("赔款已支付", {"amount": "800"}),
    ):
        desk.goto(f"/desk/insurance/claims/{number}/")
        press(desk, button)
        today = {"paid_on": f"{local_day(timezone.now()):%Y-%m-%d}"} if button == "赔款已支付" else {}
        fill(desk, **fields, **today)
        press(desk, "登记")
        expect(desk.get_by_text("已登记")).to_be_visible()
    picture(desk, "claim-paid")
    phone.goto(address)
    expect(phone.get_by_text("已赔付").first).to_be_visible()
    expect(phone.get_by_text("800.00元").first).to_be_visible()
    picture(phone, "claim-paid")
    assert str(Claim.objects.get().paid) == "800.00"
