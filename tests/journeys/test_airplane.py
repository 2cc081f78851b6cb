"""Airplane mode: neither the phone nor the counter has a network, and every kind of code is named rightly."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from nuanxin.kernel.remember import forget
from nuanxin.members.actions.cards import replace_card
from nuanxin.members.models import CardCheck
from nuanxin.members.queries.memberships import identity_of
from nuanxin.members.rules.credentials import ALPHABET, unpack
from nuanxin.web.counter.devices import COOKIE
from tests.factories.access import make_device
from tests.factories.members import make_member, worker_of
from tests.journeys import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from nuanxin.members.models import Membership
    from tests.factories.organizations import Tree

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE_NUMBER = "15400009999"
#: What a page remembers of how long it took to judge one code, in milliseconds.
DURATIONS = "() => performance.getEntriesByName('nuanxin-verify').map((entry) => entry.duration)"
#: Whether the page and every file it names are kept.
KEPT = """async (path) => {
  const page = await (await caches.open('nuanxin-pages')).match(path);
  const files = page ? [...(await page.text()).matchAll(/(?:src|href)="(\\/static\\/[^"#?]+)/g)] : [];
  return files.length > 0 && (await Promise.all(files.map((found) => caches.match(found[1])))).every(Boolean);
}"""


@pytest.fixture
def membership(tree: Tree) -> Membership:
    made = make_member(union=tree.couriers, name="王小芳", phone=PHONE_NUMBER)
    worker_of(made)
    return made


@pytest.fixture
def card(phone: Callable[..., Page], membership: Membership) -> Page:
    """Return the member's phone on the page of the offline code, ready for the mountains."""
    page = phone()
    page.clock.install(time=timezone.now())
    steps.sign_in(page, PHONE_NUMBER, identity_of(membership)[-6:])
    page.goto("/card/offline/")
    expect(page.locator("[data-part=code]")).to_be_visible(timeout=15_000)
    wait_until_kept(page, "/card/offline/")
    page.context.set_offline(True)
    return page


def make_counter(page: Page, tree: Tree) -> Page:
    """Make a window a counter that has its keys and its list, and no network any more."""
    key = make_device(union=tree.city)[1]
    page.context.add_cookies([{"name": COOKIE, "value": key, "url": f"{_origin(page)}/counter/"}])
    page.goto("/counter/")
    expect(page.locator("[data-sync=ready]")).to_be_visible(timeout=15_000)
    wait_until_kept(page, "/counter/")
    page.context.set_offline(True)
    return page


def _origin(page: Page) -> str:
    page.goto("/healthz")
    return re.sub(r"/healthz$", "", page.url)


def wait_until_kept(page: Page, path: str) -> None:
    for _look in range(100):
        if page.evaluate(KEPT, path):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{path} was not kept")


def show(card: Page) -> str:
    """Open the offline code anew, as for a visit, and read its picture."""
    card.goto("/card/offline/")
    return read(card)


def read(card: Page) -> str:
    """Read the code off a picture of 200 by 200."""
    code = card.locator("[data-offline-qr]")
    expect(code).to_be_visible()
    picture = Image.open(io.BytesIO(code.screenshot())).convert("L").resize((200, 200))
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    assert len(found) == 1
    return str(found[0].text)


def check(counter: Page, code: str) -> tuple[str, str]:
    """Type a code at the counter; return the answer and everything the screen says."""
    counter.locator("form.ct-code input[name=code]").first.fill(code)
    counter.locator("form.ct-code input[name=code]").first.press("Enter")
    shown = counter.locator("#ct-sheet [data-answer]")
    expect(shown).to_be_visible()
    told = shown.get_attribute("data-answer") or "", shown.inner_text()
    counter.locator("[data-sheet-close]").click()
    expect(counter.locator("#ct-sheet")).to_be_hidden()
    return told


def flip(code: str, place: int) -> str:
    """Change one character."""
    other = ALPHABET[(ALPHABET.index(code[place]) + 1) % len(ALPHABET)]
    return code[:place] + other + code[place + 1 :]


def at(page: Page, moment: datetime) -> None:
    """Set a phone's clock; its page does not notice but by looking."""
    page.clock.set_system_time(moment)


def now_of(page: Page) -> datetime:
    milliseconds: float = page.evaluate("Date.now()")
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.get_current_timezone())


def test_the_picture_is_version_9_and_both_pages_open_with_no_network(
    card: Page, phone: Callable[..., Page], tree: Tree
) -> None:
    code = show(card)
    assert re.fullmatch(r"NX2:[0-9A-Z $%*+\-./:]{256}", code)
    side = card.locator("[data-offline-qr]").get_attribute("viewBox")
    assert side == f"0 0 {4 + 53 + 4} {4 + 53 + 4}", "version 9 has 53 modules, beside four of quiet"
    expect(card.locator("#nx-kept")).to_contain_text("没有网络 · 显示的是")
    expect(card.locator("main")).to_contain_text("王小芳")
    assert unpack(show(card)).handle != unpack(code).handle, "each visit shows another credential"
    card.goto("/card/code/")
    expect(card.locator("[data-offline-qr]")).to_be_visible()
    card.goto("/me/")
    expect(card.locator("main")).to_contain_text("没有网络")

    counter = make_counter(phone(), tree)
    counter.reload()
    expect(counter.locator("#nx-kept")).to_contain_text("没有网络 · 显示的是")
    answer, words = check(counter, code)
    assert answer == "valid"
    for shown in ("有效会员", "王**", "快递员"):
        assert shown in words
    assert "小芳" not in words
    assert check(counter, code)[0] == "valid", "within two minutes the same scan is the same answer"
    assert check(counter, "123 456 7890")[0] == "needs_network"


def test_every_wrong_code_is_named_rightly(card: Page, phone: Callable[..., Page], tree: Tree) -> None:
    counter = phone()
    start = now_of(card)
    counter.clock.install(time=start)
    make_counter(counter, tree)
    good = show(card)

    # The control: but for the signature the forged codes say just what the good one says.
    for place in (180, 259):
        forged = flip(good, place)
        assert (unpack(forged).handle, unpack(forged).moment) == (unpack(good).handle, unpack(good).moment)
        assert check(counter, forged)[0] == "forged"
    assert check(counter, good)[0] == "valid"
    at(counter, now_of(counter) + timedelta(seconds=121))
    assert check(counter, good)[0] == "replayed"

    old = show(card)
    at(counter, unpack(old).moment + timedelta(minutes=5, seconds=20))
    answer, words = check(counter, old)
    assert (answer, "5" in words) == ("stale", True)
    at(counter, unpack(old).moment + timedelta(days=1, minutes=1))
    assert check(counter, old)[0] == "expired"

    # The phone's clock runs five minutes ahead, then behind: the second code as late as the first is no picture.
    minute = now_of(card).replace(second=0, microsecond=0) + timedelta(minutes=1)
    at(counter, minute)
    at(card, minute + timedelta(minutes=5))
    answer, words = check(counter, show(card))
    assert (answer, "5" in words) == ("clock", True)
    at(card, now_of(counter) - timedelta(minutes=9))
    assert [check(counter, show(card))[0] for _try in range(2)] == ["stale", "clock"]
    assert check(counter, good[:100])[0] == "unknown"


def test_an_old_list_says_so_and_still_checks_the_rest(card: Page, phone: Callable[..., Page], tree: Tree) -> None:
    counter = phone()
    tomorrow = now_of(card) + timedelta(hours=25, minutes=30)
    counter.clock.install(time=now_of(card))
    make_counter(counter, tree)
    for page in (card, counter):
        at(page, tomorrow)
    counter.reload()
    expect(counter.locator("[data-sync=old]")).to_contain_text("25")
    answer, words = check(counter, show(card))
    assert answer == "valid"
    for shown in ("25", "王**"):
        assert shown in words
    assert check(counter, flip(show(card), 259))[0] == "forged"


def test_a_lost_card_is_refused_after_the_next_sync_and_checks_are_sent(
    card: Page, phone: Callable[..., Page], tree: Tree, membership: Membership
) -> None:
    counter = make_counter(phone(), tree)
    assert check(counter, show(card))[0] == "valid"
    expect(counter.locator("#ct-offline [data-waiting]")).to_have_text("1")
    replace_card(actor=worker_of(membership), number=membership.number, reason="lost", now=timezone.now())
    assert check(counter, show(card))[0] == "valid", "no news reaches a counter without a network"
    forget()  # the list is made anew every few seconds
    counter.context.set_offline(False)
    expect(counter.locator("#ct-offline [data-none-waiting]")).to_be_visible(timeout=15_000)
    expect(counter.locator("#ct-offline [data-clash]:not([hidden])")).to_have_count(1)
    counter.context.set_offline(True)
    answer, words = check(counter, show(card))
    assert (answer, "王" in words) == ("revoked", False)
    rows: Any = CardCheck.objects.filter(membership_id=membership.pk).order_by("at")
    assert [row.answer for row in rows] == ["valid", "revoked"]

    card.context.set_offline(False)
    card.goto("/me/checks/")
    expect(card.locator("main")).to_contain_text("聊城市人民医院")


def test_what_is_kept_goes_with_the_member_and_the_lost_card(card: Page, membership: Membership) -> None:
    held = "async () => (await indexedDB.databases()).map((each) => each.name)"
    assert "nuanxin-card" in card.evaluate(held)
    card.context.set_offline(False)
    card.goto("/me/")
    card.get_by_role("button", name="退出登录").click()
    expect(card.locator("main")).to_contain_text("已退出")
    assert "nuanxin-card" not in card.evaluate(held)
    assert not card.evaluate(KEPT, "/card/offline/")
    wait_until_kept(card, "/offline/")
    card.context.set_offline(True)
    card.goto("/card/offline/")
    expect(card.locator("main")).not_to_contain_text("王小芳")


def test_a_slow_phone_judges_and_says_how_long_it_took(
    card: Page, phone: Callable[..., Page], tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    counter = make_counter(phone(), tree)
    session = counter.context.new_cdp_session(counter)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    for _visit in range(5):
        assert check(counter, show(card))[0] == "valid"
    took = sorted(counter.evaluate(DURATIONS))
    with capsys.disabled():
        print(f"\noffline verification, CPU 6 times slower: {took[0]:.1f} to {took[-1]:.1f} ms, median {took[2]:.1f}")
    assert len(took) == 5


def test_the_server_takes_the_offline_code_too(card: Page, phone: Callable[..., Page], tree: Tree) -> None:
    counter = make_counter(phone(), tree)
    code = show(card)
    counter.context.set_offline(False)
    assert check(counter, code)[0] == "valid"
    assert CardCheck.objects.get().answer == "valid"
