"""Coupons with real phones: the rush with its line, a coupon at a partner's counter, and with no network at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from nuanxin.benefits.models import CouponClash, LineEntry, Redemption
from nuanxin.benefits.rules.line import shuffled
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.models import Booking
from nuanxin.kernel.remember import forget
from nuanxin.members.actions.cards import issue_code
from nuanxin.web.counter.devices import COOKIE
from tests.factories.coupons import make_coupon_kind, make_issue
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree
from tests.factories.partners import make_counter, make_place
from tests.journeys.steps import ACTION
from tests.journeys.test_airplane import show, wait_until_kept

pytestmark = [pytest.mark.browser, pytest.mark.full, pytest.mark.timeout(900)]


def _phone(window: Callable[..., Page], live_server: LiveServer, member: Any, **more: Any) -> Page:
    client = Client()
    client.force_login(member.worker.account)
    page = window(**more)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return page


def _kind(tree: Tree, shop: Any, **fields: Any) -> Any:
    today = timezone.localdate()
    return make_coupon_kind(
        union=tree.city,
        places=[(shop.partner, None)],
        valid_from=today - timedelta(days=1),
        until=today + timedelta(days=30),
        **fields,
    )


def test_a_rush_with_the_line(window: Callable[..., Page], live_server: LiveServer, tree: Tree) -> None:
    """Three phones for two coupons: one without JavaScript, one that reloads; the third hears that none is left."""
    forget("benefits.line.")
    shop = make_place(union=tree.city, name="动力健身馆")
    now = timezone.now()
    issue = make_issue(
        _kind(tree, shop),
        stock=2,
        has_line=True,
        per_second=1,
        opens_at=now + timedelta(seconds=25),
        closes_at=now + timedelta(days=1),
    )
    number = issue.offer.number
    members = [make_member(union=tree.couriers, with_account=True) for _number in range(3)]
    phones = [_phone(window, live_server, member, javascript=order != 2) for order, member in enumerate(members)]
    for phone in phones:
        phone.goto("/coupons/")
        phone.locator(f"a[href='/coupons/{number}/']").click()
        phone.locator(ACTION).click()
        expect(phone.locator("[data-when=before]")).to_be_visible(timeout=30_000)
    assert LineEntry.objects.filter(is_early=True).count() == 3
    takers = {}
    for order, phone in enumerate(phones[:2]):
        expect(phone.locator("[data-when=waiting], [data-when=turn]").locator("visible=true")).to_have_count(
            1, timeout=60_000
        )
        takers[order] = phone
    phones[1].reload()
    entries = {each.worker_id: each for each in LineEntry.objects.all()}
    line_seed, early = bytes(issue.seed), 3
    places = {
        shuffled(line_seed, early, entries[member.worker_id].nth): phone
        for member, phone in zip(members, phones, strict=True)
    }
    for place in (1, 2):
        phone = places[place]
        if phone is phones[2]:
            phone.reload()
        button = phone.locator("form[action$='/take/'] button")
        expect(button).to_be_visible(timeout=30_000)
        button.click()
        expect(phone).to_have_url(re.compile(r"/coupons/$"), timeout=20_000)
        expect(phone.locator(".nx-coupon")).to_contain_text("1.99")
    last = places[3]
    last.reload()
    expect(last.locator("[data-when=out]")).to_be_visible(timeout=20_000)
    assert Booking.objects.filter(offer=issue.offer).count() == 2


def test_a_coupon_at_a_counter(window: Callable[..., Page], live_server: LiveServer, tree: Tree) -> None:
    forget("benefits.line.")
    shop = make_place(union=tree.city, name="东关便利店")
    now = timezone.now()
    issue = make_issue(_kind(tree, shop), opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=1))
    member = make_member(union=tree.couriers, with_account=True)
    phone = _phone(window, live_server, member)
    phone.goto(f"/coupons/{issue.offer.number}/")
    phone.locator("form[action$='/take/'] button").click()
    expect(phone.locator(".nx-coupon")).to_contain_text("1.99", timeout=20_000)
    _device, key = make_counter(shop)
    counter = window()
    counter.context.add_cookies([{"name": COOKIE, "value": key, "url": live_server.url}])
    counter.goto("/counter/")
    shown = issue_code(actor=worker_of(member), number=member.number, now=timezone.now()).code
    counter.locator("form.ct-code input[name=code]").first.fill(shown)
    counter.locator("form.ct-code input[name=code]").first.press("Enter")
    expect(counter.locator("body")).to_contain_text("清凉券", timeout=20_000)
    counter.locator("form[action$='/act/'] button").first.click()
    expect(counter.locator("body")).to_contain_text("1.99", timeout=20_000)
    assert Redemption.objects.get().state == "redeemed"
    phone.goto("/coupons/")
    expect(phone.locator("main")).to_contain_text("东关便利店")


def _cut_off(page: Page, path: str, ready: str) -> None:
    """Open a page until it is ready and kept, then cut the network."""
    page.goto(path)
    expect(page.locator(ready)).to_be_visible(timeout=15_000)
    wait_until_kept(page, path)
    page.context.set_offline(True)


def test_coupons_with_no_network(window: Callable[..., Page], live_server: LiveServer, tree: Tree) -> None:
    """Two members at a counter that may redeem one a day alone: the second finds the button gone. One has no coupon."""
    shop = make_place(union=tree.city, name="东关便利店")
    now = timezone.now()
    issue = make_issue(
        _kind(tree, shop, offline_limit=1), opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=1)
    )
    members = [make_member(union=tree.couriers, with_account=True) for _number in range(2)]
    book(actor=worker_of(members[0]), offer=issue.offer_id, session=None, worker=members[0].worker_id, now=now)
    cards = [_phone(window, live_server, member) for member in members]
    counters = [window(), window()]
    for card in cards:
        _cut_off(card, "/card/offline/", "[data-part=code]")
    for counter in counters:
        key = make_counter(shop)[1]
        counter.context.add_cookies([{"name": COOKIE, "value": key, "url": live_server.url}])
        _cut_off(counter, "/counter/", "[data-sync=ready]")
        counter.reload()

    def scan(counter: Page, card: Page) -> Any:
        counter.locator("form.ct-code input[name=code]").first.fill(show(card))
        counter.locator("form.ct-code input[name=code]").first.press("Enter")
        return counter.locator("#ct-sheet")

    sheet = scan(counters[0], cards[0])
    expect(sheet).to_contain_text("清凉券")
    sheet.locator("[data-take]").click()
    expect(sheet.locator("[data-taken]")).to_be_visible()
    counters[0].locator("[data-sheet-close]").click()
    sheet = scan(counters[0], cards[0])
    expect(sheet.locator("[data-full]")).to_be_visible()
    expect(sheet.locator("[data-take]")).to_be_hidden()
    counters[0].locator("[data-sheet-close]").click()
    scan(counters[1], cards[1]).locator("[data-take]").click()
    counters[1].locator("[data-sheet-close]").click()
    assert not Redemption.objects.exists()
    for counter in counters:
        counter.context.set_offline(False)
        expect(counter.locator("#ct-offline [data-none-waiting]")).to_be_visible(timeout=15_000)
    assert Redemption.objects.get().worker_id == members[0].worker_id
    clash = CouponClash.objects.get()
    assert (clash.why, clash.worker_id) == ("no_coupon", members[1].worker_id)
    expect(counters[1].locator("#ct-offline [data-clash]:not([hidden])")).to_have_count(1)
    counters[1].goto("/counter/coupons/")
    expect(counters[1].locator("main")).to_contain_text("会员没有这种券")
    expect(counters[1].locator("main")).to_contain_text("待处理")
