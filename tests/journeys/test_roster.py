"""A roster with forty kinds of faults: each is said, mended in the file of rows to mend, sent again, enrolled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import ViewportSize, expect
from python_calamine import CalamineWorkbook

from nuanxin.members.actions.rosters import work_off
from nuanxin.members.models import Membership, Roster
from nuanxin.members.queries.memberships import identity_of, phone_of
from tests.factories.access import make_account, make_post
from tests.factories.members import make_member
from tests.journeys import desk_steps as desk
from tests.journeys.roster_faults import FAULTS, HEAD, ID, NAME, PHONE, faulty, good, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.factories.organizations import Tree

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.full]

DESK: ViewportSize = {"width": 1440, "height": 900}
PASSWORD = "把工会建到劳动者身边"


def upload(page: Page, path: Path, union: str) -> Roster:
    """Hand a file in as a clerk does; the page then shows how far it is."""
    page.goto("/desk/")
    desk.open_task(page, "名册入会")
    desk.press(page, "上传名册")
    desk.fill(page, union=union)
    page.set_input_files("main [name=file]", path)
    page.check("main [name=agreed]")
    desk.press(page, "上传并检查")
    expect(page.get_by_text("正在检查名册")).to_be_visible()
    roster = Roster.objects.order_by("-pk").first()
    assert roster is not None
    return roster


def worked_off(page: Page, roster: Roster) -> None:
    """Leave the page while the work goes on, and find the roster again."""
    page.goto("/desk/")
    work_off(roster.pk)
    desk.open_task(page, "名册入会")
    page.get_by_role("link", name=roster.number).click()
    desk.heading(page, roster.number)


def number_on(page: Page, label: str) -> int:
    """Read one of the counts."""
    return int(re.sub(r"\D", "", page.locator(".nx-stat", has_text=label).locator(".nx-stat-value").inner_text()))


def downloaded(page: Page, path: Path) -> list[list[str]]:
    """Download the rows to mend, and return their cells."""
    with page.expect_download() as started:
        desk.press(page, "下载待修改的行")
    started.value.save_as(path)
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return [[str(cell) for cell in row] for row in rows]


def test_forty_kinds_of_faults_are_said_mended_and_enrolled(
    window: Callable[..., Page], tree: Tree, tmp_path: Path
) -> None:
    assert len(FAULTS) >= 40
    account = make_account(username="clerk", name="王敏", password=PASSWORD)
    make_post(account=account, role="registrar", union=tree.city)
    held = make_member(union=tree.couriers, name="李静")
    twice = good(60)
    with_faults = [faulty(number) for number in range(len(FAULTS))]
    clashes = _clashes(held)
    rows = [*(good(n) for n in range(70, 73)), *with_faults, *clashes, twice, twice]
    page = window(viewport=DESK)
    desk.sign_in(page, "clerk", PASSWORD)

    roster = upload(page, write(tmp_path / "花名册.xlsx", rows, odd=True), tree.couriers.code)
    worked_off(page, roster)
    expect(page.get_by_text("行被隐藏，没有读取")).to_be_visible()
    expect(page.get_by_text("个单元格是公式")).to_be_visible()
    assert number_on(page, "需要修改") >= len(FAULTS)
    assert page.get_by_role("link", name="全部办理入会").count() == 0, "rows are left out by choice only"
    errors = downloaded(page, tmp_path / "errors.xlsx")
    assert errors[0][: len(HEAD)] == list(HEAD)
    said = {line[-1] for line in errors[1:]}
    for number, (_change, words) in enumerate(FAULTS):
        assert any(f"原文件第{number + 6}行" in text and words in text for text in said), (number, words)
    assert Membership.objects.count() == 1, "nobody is enrolled by looking"

    mended = [_mend(row, number) for number, row in enumerate(errors[1:])]
    again = upload(page, write(tmp_path / "改好.xlsx", mended), tree.couriers.code)
    work_off(again.pk)
    expect(page.get_by_text("所有行都可以办理")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="全部办理入会").click()
    expect(page.get_by_text("系统会通知本人")).to_be_visible()
    desk.press(page, "办理入会")
    expect(page.get_by_text("正在办理入会")).to_be_visible()
    worked_off(page, again)
    expect(page.get_by_text("办理完毕")).to_be_visible()
    assert Membership.objects.filter(state="active").count() == 1 + len(mended)


def _clashes(held: Membership) -> list[list[str]]:
    """Return rows that contradict the registry: another person's phone, and an ID number under another name."""
    of_held, of_name = good(80), good(81)
    of_held[PHONE] = phone_of(held)
    of_name[ID], of_name[NAME] = identity_of(held), "别人"
    return [of_held, of_name]


def _mend(row: list[str], number: int) -> list[str]:
    """Mend a row as its last column says: here by a person in whose row nothing is wrong."""
    kept = good(number)
    if row[NAME].startswith("王") and "姓名" not in row[-1]:
        kept[NAME] = row[NAME]
    return kept
