"""Steps of journeys, to be put together: each does one thing a person does and checks that it worked."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from nuanxin.access.actions import forgive
from tests.factories.texts import code_sent_to

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: The action at the thumb.
ACTION = ".nx-actions .btn-primary"


def read_code(picture: bytes) -> str:
    """Return what the QR code in a picture says."""
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert len(found) == 1, "exactly one code is on the picture"
    return str(found[0].text)


def scan(page: Page, poster: bytes) -> None:
    """Scan a poster and open what its code says, on the server at hand."""
    page.goto(urlsplit(read_code(poster)).path)


def act(page: Page, leads_to: str) -> None:
    """Press the action at the thumb, and wait for the page it leads to."""
    page.locator(ACTION).first.click()
    expect(page).to_have_url(re.compile(leads_to), timeout=15_000)


def say_who(page: Page, fields: dict[str, Any]) -> None:
    """Step 1: name, ID number, phone."""
    for name in ("name", "id_number", "phone"):
        page.fill(f"[name={name}]", fields[name])
    act(page, r"/join/place/$")


def choose_area(page: Page, text: str, code: str, *, javascript: bool = True) -> None:
    """Search the area by what is typed, and choose it."""
    if javascript:
        page.fill("[data-region-search]", text)
        page.locator(f"[data-region-code='{code}']").click()
        expect(page.locator("[data-region-value]")).to_have_value(code)
        return
    page.fill("[data-region-search]", text)
    page.locator("[data-region-panel] .input-group button").click()
    page.locator(f"button[name=region_code][value='{code}']").click()
    expect(page.locator("input[name=region_code]")).to_have_value(code)


def say_where(page: Page, fields: dict[str, Any], area: str, *, javascript: bool = True) -> None:
    """Step 2: area and trade."""
    choose_area(page, area, fields["region_code"], javascript=javascript)
    page.locator(f"label:has(input[value={fields['occupation_group']}])").click()
    act(page, r"/join/send/$")


def agree_and_send(page: Page) -> None:
    """Step 3: agree to what is needed, and send."""
    for name in ("pledge", "processing", "identity"):
        page.check(f"[name={name}]")
    act(page, r"/a/[^/]+/code/$")


def prove_phone(page: Page, phone: str) -> None:
    """Type the code from the text message."""
    page.fill("[name=code]", code_sent_to(phone))
    act(page, r"/a/[^/]+$")


def join(page: Page, fields: dict[str, Any], area: str, *, javascript: bool = True) -> str:
    """Go from the union's page to the progress page; return its address."""
    act(page, r"/join/$")
    say_who(page, fields)
    say_where(page, fields, area, javascript=javascript)
    agree_and_send(page)
    prove_phone(page, fields["phone"])
    return page.url


def sign_in(page: Page, phone: str, last6: str) -> None:
    """Sign in as a member on a new phone; ends on the card. The minute between two codes is over."""
    forgive(name="codes_minute", subject=phone)
    page.goto("/sign-in/")
    page.fill("[name=phone]", phone)
    page.locator(ACTION).click()
    page.wait_for_selector("[name=last6]")
    page.fill("[name=code]", code_sent_to(phone))
    page.fill("[name=last6]", last6)
    act(page, r"/card/$")


def show_code(page: Page) -> str:
    """Open the member code; return its ten digits, read off the page."""
    page.goto("/card/code/")
    return re.sub(r"\D", "", page.locator(".nx-digits").inner_text())
