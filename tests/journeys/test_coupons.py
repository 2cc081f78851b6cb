"""Coupons with real phones: the rush with its line, and a coupon at a partner's counter."""

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

from nuanxin.benefits.models import LineEntry, Redemption
from nuanxin.benefits.rules.line import shuffled
from nuanxin.bookings.models import Booking
from nuanxin.kernel.remember import forget
from nuanxin.members.actions.cards import issue_code
from nuanxin.web.counter.devices import COOKIE
from tests.factories.coupons import make_coupon_kind, make_issue
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree
from tests.factories.partners import make_counter, make_place
from tests.journeys.steps import ACTION

pytestmark = [pytest.mark.browser, pytest.mark.full, pytest.mark.timeout(900)]


def _phone(window: Callable[..., Page], live_server: LiveServer, member: Any, **more: Any) -> Page:
    client = Client()
    client.force_login(member.worker.account)
    page = window(**more)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return page


def _kind(tree: Tree, shop: Any) -> Any:
    today = timezone.localdate()
    return make_coupon_kind(
        union=tree.city,
        places=[(shop.partner, None)],
        valid_from=today - timedelta(days=1),
        until=today + timedelta(days=30),
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
