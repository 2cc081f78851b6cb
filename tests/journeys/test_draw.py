"""A lottery from entry to the recheck on the open page: a member, two cadres, and somebody who believes nobody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from nuanxin.bookings.actions.draws_clockwork import turn_draws
from nuanxin.bookings.models import Booking, Draw, Entry, Offer
from nuanxin.bookings.rules.draws import grouped
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.remember import forget
from nuanxin.members.models import Membership
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.bookings import make_open_offer
from tests.factories.draws import LINK, SOURCE, VALUE, enter
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree
from tests.journeys.desk_steps import fill, heading, press

pytestmark = [pytest.mark.browser, pytest.mark.full, pytest.mark.timeout(600)]
SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "recheck_draw.py"
PLACES = 6


def _with(page: Page, client: Client, live_server: LiveServer) -> Page:
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return page


def _cadre(window: Callable[..., Page], live_server: LiveServer, name: str, union: object) -> Page:
    account, client = make_account(name=name), Client()
    make_post(account=account, role="services", union=union)  # type: ignore[arg-type]
    sign_in(client, account)
    return _with(window(viewport={"width": 1440, "height": 900}), client, live_server)


def _hour_comes(**hours: timedelta) -> None:
    """Let entries close, or the hour of the value come: what was announced now lies so far from now."""
    now = timezone.now()
    if "closes" in hours:
        Offer.objects.update(closes_at=now + hours["closes"])
    Draw.objects.update(value_at=now + hours["value"])
    turn_draws(now=now)
    forget()


def _announced(first: Page, offer: Offer) -> str:
    """Announce the draw at the desk; return the promise."""
    first.goto("/desk/draws/")
    first.get_by_role("link", name=offer.name).click()
    press(first, "宣布抽签办法")
    hour = (timezone.now() + timedelta(hours=4)).astimezone(ZONE)
    fill(first, source=SOURCE, source_en="Closing index", source_link=LINK, value_at=f"{hour:%Y-%m-%dT%H:%M}")
    press(first, "宣布，不再更改")
    return first.locator("code.nx-key").first.inner_text()


def _entered(window: Callable[..., Page], live_server: LiveServer, member: Membership, offer: Offer) -> Page:
    """Let a member enter on the phone."""
    client = Client()
    worker_of(member)
    client.force_login(member.worker.account, backend=PHONE_CODE)  # type: ignore[arg-type]
    phone = _with(window(), client, live_server)
    phone.goto(f"/offers/{offer.number}/")
    phone.locator(".nx-actions .btn-primary").click()
    expect(phone.locator("#ticket-number")).to_have_text(grouped(Entry.objects.get().ticket))
    return phone


def _typed(first: Page, second: Page, offer: Offer) -> None:
    """Type the value by two people; the second has to read it on the page of its source."""
    first.goto(f"/desk/draws/{offer.number}/")
    press(first, "录入公开数值")
    fill(first, value=VALUE)
    press(first, "发布的就是这个数值")
    expect(first.get_by_role("main").get_by_role("link", name="核对确认数值")).to_have_count(0)
    second.goto(f"/desk/draws/{offer.number}/")
    expect(second.get_by_text(VALUE)).to_have_count(0)
    press(second, "核对确认数值")
    fill(second, value="1.00")
    press(second, "我看到的一致")
    expect(second.get_by_text("与第一个人录入的不一致").first).to_be_visible()
    fill(second, value=VALUE)
    press(second, "我看到的一致")
    heading(second, offer.name)
    turn_draws(now=timezone.now())
    forget()
    second.reload()
    expect(second.get_by_text(f"12 个签号，{PLACES} 个中签")).to_be_visible()


def _rechecked(nobody: Page, promise: str, file: Path, *, won: bool) -> None:
    """Recheck in the browser, by the script, and on a file in which somebody lies."""
    nobody.get_by_role("button", name="在这个浏览器里核验").click()
    result = nobody.locator("[data-recheck-result]")
    expect(result).to_have_attribute("data-agrees", "true", timeout=15_000)
    expect(result).to_contain_text("，中签" if won else "未中签")
    with nobody.expect_download() as taken:
        nobody.get_by_role("link", name="公开文件").click()
    taken.value.save_as(file)
    done = subprocess.run([sys.executable, "-I", str(SCRIPT), str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert promise in done.stdout

    def lie(route: object) -> None:
        text = file.read_text(encoding="utf-8").replace(VALUE, "3834.8912")
        route.fulfill(body=text, content_type="application/json")  # type: ignore[attr-defined]

    nobody.route("**/public.json", lie)
    nobody.get_by_role("button", name="在这个浏览器里核验").click()
    expect(result).to_have_attribute("data-agrees", "false", timeout=15_000)


def test_from_entry_to_recheck(
    window: Callable[..., Page], live_server: LiveServer, tree: Tree, tmp_path: Path
) -> None:
    now = timezone.now()
    hours: dict[str, Any] = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(hours=2)}
    offer = make_open_offer(union=tree.city, way="lottery", places=PLACES, waits=True, **hours)
    page = f"/draws/{offer.number}/"
    first, second = (_cadre(window, live_server, name, tree.city) for name in ("王敏", "李强"))
    promise = _announced(first, offer)
    nobody, member = window(), make_member(union=tree.couriers)
    nobody.goto(page)
    expect(nobody.locator("#commitment")).to_have_text(promise)
    phone = _entered(window, live_server, member, offer)
    ticket = Entry.objects.get().ticket
    for _number in range(11):
        enter(make_member(union=tree.couriers), Draw.objects.get(), now=timezone.now())

    _hour_comes(closes=timedelta(minutes=-1), value=timedelta(hours=1))
    nobody.goto(page)
    digest = nobody.locator("#digest").inner_text()
    nobody.fill("#ticket", grouped(ticket))
    nobody.get_by_role("button", name="查找").click()
    expect(nobody.get_by_text("这个签号在名单上")).to_be_visible()

    _hour_comes(value=timedelta(minutes=-5))
    _typed(first, second, offer)
    won = Booking.objects.filter(worker=member.worker).exists()
    phone.goto(f"/offers/{offer.number}/ticket/")
    expect(phone.get_by_text("恭喜，您中签了" if won else "没有中签，已为您候补")).to_be_visible()
    phone.get_by_role("link", name="抽签公开页").click()
    expect(phone.locator("#ticket")).to_have_value(ticket)

    nobody.goto(f"{page}?ticket={ticket}")
    expect(nobody.locator("#commitment")).to_have_text(promise)
    expect(nobody.locator("#digest")).to_have_text(digest)
    _rechecked(nobody, promise, tmp_path / "draw.json", won=won)
    plain = window(javascript=False)
    plain.goto(f"{page}?ticket={ticket}")
    expect(plain.get_by_text("抽签顺序第")).to_be_visible()
    expect(plain.get_by_role("button", name="在这个浏览器里核验")).to_have_count(0)
