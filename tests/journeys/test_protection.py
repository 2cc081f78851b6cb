"""A browser does its work while somebody types; without JavaScript the form goes without. No page breaks the policy."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from nuanxin.access.models import Throttle
from nuanxin.kernel.secrets import digest
from tests.factories.members import make_fields
from tests.factories.organizations import Tree
from tests.journeys.steps import join

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
#: What a phone at a sixth of this machine's speed may take, in seconds.
SLOW_PHONE = 2.0


def unproved(name: str) -> int:
    """Return how many sendings without proof were counted from this machine."""
    held = Throttle.objects.filter(key=digest(f"throttle:{name}", "127.0.0.1")).first()
    return held.tries if held else 0


def test_the_work_is_done_in_the_background_and_quick_enough(phone: Callable[..., Page]) -> None:
    page = phone()
    broken: list[str] = []
    page.on("console", lambda line: broken.append(line.text) if "Security Policy" in line.text else None)
    took = []
    for _time in range(5):
        page.goto("/sign-in/")
        page.focus("[name=phone]")
        began = time.perf_counter()
        expect(page.locator("[data-proof]").first).not_to_have_value("", timeout=10_000)
        took.append(time.perf_counter() - began)
    answer = json.loads(b64decode(page.input_value("[data-proof]")))
    assert 180 <= answer["solution"]["counter"] < 360
    assert sorted(took)[2] * 6 <= SLOW_PHONE, took
    page.fill("[name=phone]", "13800138000")
    page.click(".nx-actions .btn-primary")
    expect(page.locator("[name=code]")).to_be_visible()
    assert unproved("codes_unproved") == 0
    assert broken == []


def test_a_form_sent_before_the_work_is_done_waits_for_it(phone: Callable[..., Page]) -> None:
    page = phone()
    page.goto("/sign-in/")
    page.evaluate("document.querySelector('[name=phone]').value = '13800138000'")
    page.evaluate("document.getElementById('sign-in-form').requestSubmit()")
    expect(page.locator("[name=code]")).to_be_visible()
    assert unproved("codes_unproved") == 0


@pytest.mark.parametrize("javascript", [True, False])
def test_joining_with_and_without_javascript(tree: Tree, phone: Callable[..., Page], javascript: bool) -> None:
    fields = make_fields(region_code="371502001")
    page = phone(javascript=javascript)
    broken: list[str] = []
    page.on("console", lambda line: broken.append(line.text) if "Security Policy" in line.text else None)
    page.goto(f"/u/{tree.couriers.code}")
    join(page, fields, "古楼", javascript=javascript)
    assert unproved("applications_unproved") == (0 if javascript else 1)
    assert broken == []
