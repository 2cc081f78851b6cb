"""From nothing but the code lists to the first member: everything is set up at the desk, nothing in a shell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import ViewportSize, expect

from nuanxin.access.actions import create_first_administrator, seed_roles
from nuanxin.members.models import Application, Membership
from nuanxin.organizations.actions import seed_code_lists
from nuanxin.organizations.models import Union
from nuanxin.wiring import connect
from tests.factories.members import make_fields
from tests.factories.regions import make_liaocheng_regions
from tests.journeys import desk_steps as desk
from tests.journeys import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK: ViewportSize = {"width": 1440, "height": 900}
COURIERS = "东昌府区快递行业工会联合会"
PLANNED = {"山东省总工会", "聊城市总工会", "聊城市新就业形态群体工会周转库", "东昌府区总工会", "茌平区总工会"}


@pytest.fixture
def administrator(transactional_db: None) -> tuple[str, str]:
    """Install as `bin/nuanxin setup` and `bin/nuanxin administrator` do; return how the administrator signs in."""
    connect()
    seed_roles()
    seed_code_lists(timezone.now())
    make_liaocheng_regions()
    made = create_first_administrator(username="admin", now=timezone.now())
    return made.account.username, made.password


def _set_up_the_city(page: Page) -> None:
    desk.press(page, "去设置工会")
    desk.choose_region(page, "聊城", "3715")
    desk.press(page, "先看看会创建什么")
    desk.heading(page, "将要创建")
    for name in PLANNED:
        expect(page.get_by_role("cell", name=name, exact=True)).to_be_visible()
    assert not Union.objects.filter(parent__isnull=False).exists(), "a preview writes nothing"
    desk.press(page, "创建 5 个工会")
    desk.heading(page, "工会")
    expect(page.get_by_text("再走四步就能迎来第一位会员")).to_be_visible()
    assert set(Union.objects.filter(parent__isnull=False).values_list("name", flat=True)) == PLANNED


def _create_the_couriers_union(page: Page) -> None:
    page.goto(f"/desk/organizations/unions/{Union.objects.get(name='东昌府区总工会').code}/")
    desk.press(page, "新建下级工会")
    page.select_option("[name=kind]", "industry")
    desk.fill(page, name=COURIERS, contact="王敏", contact_phone="0635-8240000", working_hours="周一至周五 8:30–17:30")
    desk.choose_region(page, "东昌府", "371502")
    desk.press(page, "新建")
    desk.heading(page, COURIERS)
    expect(page.get_by_text("接下来请设置它吸收哪些劳动者")).to_be_visible()


def _admit_couriers(page: Page) -> None:
    desk.press(page, "新增入会规则")
    page.select_option("[name=employers]", "uncovered")
    page.locator("label:has(input[name=occupation_groups][value=courier])").click()
    desk.fill(page, source_note="聊城市总工会〔2026〕12号")
    desk.press(page, "保存")
    expect(page.get_by_text("聊城市总工会〔2026〕12号")).to_be_visible()


def _appoint_a_reviewer(page: Page) -> str:
    """Return the one-time password of the reviewer's new account."""
    desk.open_task(page, "账号")
    desk.press(page, "新建账号")
    desk.fill(page, name="王敏", username="wangmin0000")
    desk.press(page, "新建")
    password = page.locator("#secret").inner_text()
    desk.press(page, "授予职务")
    expect(page.locator("[name=username]")).to_have_value("wangmin0000")
    page.select_option("[name=role]", label="入会审核员")
    desk.fill(page, union=COURIERS)
    desk.press(page, "授予")
    expect(page.get_by_role("row", name=re.compile(rf"王敏.*入会审核员.*{COURIERS}"))).to_be_visible()
    return password


def _download_the_poster(page: Page) -> bytes:
    page.goto(f"/desk/organizations/unions/{Union.objects.get(name=COURIERS).code}/")
    desk.press(page, "海报与二维码")
    with page.expect_download() as waited:
        desk.press(page, "二维码（PNG）")
    return Path(waited.value.path()).read_bytes()


def _approve(page: Page, application: Application) -> None:
    desk.open_task(page, "入会申请")
    expect(page.locator("tbody tr")).to_have_count(1)
    desk.press(page, "同意")
    desk.heading(page, application.name)
    desk.press(page, "同意")
    expect(page.get_by_text("已成为会员")).to_be_visible()


def _close_in_vain(page: Page) -> None:
    page.goto(f"/desk/organizations/unions/{Union.objects.get(name=COURIERS).code}/")
    desk.press(page, "撤销工会")
    desk.fill(page, reason="与市级联合会合并")
    desk.press(page, "撤销工会")
    expect(page.get_by_role("alert")).to_contain_text("该工会还有会员1人")
    expect(page.locator("[name=reason]")).to_have_value("与市级联合会合并")
    assert Union.objects.get(name=COURIERS).closed_at is None


def test_an_empty_installation_until_its_first_member(
    window: Callable[..., Page], administrator: tuple[str, str]
) -> None:
    admin = window(viewport=DESK)
    desk.sign_in_first_time(admin, *administrator)
    _set_up_the_city(admin)
    _create_the_couriers_union(admin)
    _admit_couriers(admin)
    password = _appoint_a_reviewer(admin)
    poster = _download_the_poster(admin)

    phone, fields = window(), make_fields(region_code="371502001")
    steps.scan(phone, poster)
    expect(phone.locator("h2").first).to_have_text(COURIERS)
    progress = steps.join(phone, fields, "古楼")
    application = Application.objects.get(union__name=COURIERS)
    assert (application.state, application.door_id) == ("submitted", "poster")

    reviewer = window(viewport=DESK)
    desk.sign_in_first_time(reviewer, "wangmin0000", password)
    _approve(reviewer, application)

    member = Membership.objects.get()
    assert (member.application_id, member.union.name, member.state) == (application.pk, COURIERS, "active")
    phone.goto(progress)
    expect(phone.locator("main")).to_contain_text(member.number)
    steps.sign_in(phone, fields["phone"], fields["id_number"][-6:])
    expect(phone.locator("main")).to_contain_text(COURIERS)

    _close_in_vain(admin)
