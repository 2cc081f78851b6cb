"""Steps of a cadre at the desk: each does one thing, as it is written on the buttons, and checks where it led."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.factories.access import SECRET

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: What somebody chooses instead of the one-time password.
OWN_PASSWORD = "骑手到哪里工会到哪里"


def press(page: Page, name: str) -> None:
    """Press the button, or follow the link, that says so; in the page itself, not in the navigation."""
    named = page.get_by_role("main")
    named.get_by_role("button", name=name, exact=True).or_(named.get_by_role("link", name=name, exact=True)).click()


def open_task(page: Page, name: str) -> None:
    """Choose a task in the left navigation, whatever number waits beside it."""
    page.locator("#nx-nav a", has=page.get_by_text(name, exact=True)).click()
    expect(page.locator("h1")).to_have_text(name)


def fill(page: Page, **fields: str) -> None:
    """Type into fields by their names."""
    for name, value in fields.items():
        page.fill(f"main [name={name}]", value)


def heading(page: Page, text: str) -> None:
    """Check which page is shown."""
    expect(page.locator("h1")).to_contain_text(text, timeout=15_000)


def sign_in_first_time(page: Page, username: str, one_time_password: str) -> None:
    """Sign in with a one-time password, choose an own one, bind an authenticator; ends on the home page."""
    page.goto("/desk/")
    fill(page, username=username, password=one_time_password)
    press(page, "登录")
    heading(page, "密码")
    fill(page, old=one_time_password, new=OWN_PASSWORD, again=OWN_PASSWORD)
    press(page, "保存并继续")
    heading(page, "验证器")
    secret = page.locator(".nx-key").inner_text()
    fill(page, code=format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    press(page, "绑定")
    expect(page.locator(".nx-codes li")).not_to_have_count(0)
    press(page, "我已保存")
    expect(page).to_have_url(re.compile(r"/desk/$"))


def sign_in(page: Page, username: str, password: str) -> None:
    """Sign in by password and the authenticator that tests share; ends on the home page."""
    page.goto("/desk/")
    fill(page, username=username, password=password)
    press(page, "登录")
    page.wait_for_selector("[name=code]")
    fill(page, code=format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))
    page.locator("main form .btn-primary").click()
    expect(page).to_have_url(re.compile(r"/desk/$"))


def choose_region(page: Page, text: str, code: str) -> None:
    """Search the region by what is typed, and choose it."""
    page.fill("[data-region-search]", text)
    page.locator(f"[data-region-code='{code}']").click()
    expect(page.locator("[data-region-value]")).to_have_value(code)
