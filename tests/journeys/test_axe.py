"""Every page of the address table under axe: as whoever may open it, in both languages, for elders where there is one.

The pages come from the matrix of who may open what, so that a new page is looked at without a line here. Chromium is
handed what the views answer, with the built styles and scripts; axe judges by every rule it has for WCAG 2.0, 2.1 and
2.2 at the levels A and AA, and its own best practice.
"""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route

from nuanxin.web.kit.elder import COOKIE as ELDER
from tests.house.cases import Case
from tests.house.matrix import CASES
from tests.house.test_permission_matrix import World, _caller, standing, world  # noqa: F401 - fixtures
from tests.journeys.walks import WALKS, Walk

pytestmark = [pytest.mark.full, pytest.mark.browser]

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SITE = "http://testserver"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Widths in pixels of a phone and of a desk.
NARROW, WIDE = 375, 1440
_MEMBER_TABS = ("applications", "card", "checks", "proof", "ceremonies", "notices", "duplicates", "record")
#: Faces of one address that its bare form does not show.
FACES: dict[str, tuple[str, ...]] = {
    "desk:organizations:union": tuple(f"?tab={tab}" for tab in ("admission", "posts", "enterprises", "poster")),
    "desk:people:member": tuple(f"?tab={tab}" for tab in _MEMBER_TABS),
    "desk:routing:health": tuple(f"?list={name}" for name in ("collisions", "unreviewed", "caught")),
}


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """Return one window; what it asks for is answered by the client at hand."""
    context = chromium.new_context(locale="zh-CN", service_workers="block")
    yield context.new_page()
    context.close()


def _serve(page: Page, client: Client, document: Any) -> list[str]:
    """Answer the window: the page itself as it was answered, files from the build, all else from the client.

    :returns: a list that gathers what the build does not have.
    """
    missing: list[str] = []

    def answer(route: Route) -> None:
        address = urlsplit(route.request.url)
        if route.request.is_navigation_request():
            route.fulfill(status=200, body=document.content, content_type="text/html; charset=utf-8")
        elif address.path.startswith(settings.STATIC_URL):
            found = finders.find(address.path.removeprefix(settings.STATIC_URL))
            kind = mimetypes.guess_type(address.path)[0] or "application/octet-stream"
            if not found:
                missing.append(address.path)
            route.fulfill(path=str(found), content_type=kind) if found else route.fulfill(status=404)
        elif route.request.method == "GET" and address.netloc == "testserver":
            got = client.get(f"{address.path}?{address.query}")
            route.fulfill(status=got.status_code, body=got.getvalue(), content_type=got.headers.get("Content-Type", ""))
        else:
            route.abort()

    page.unroute_all()
    page.route("**/*", answer)
    return missing


def _icons_shown(page: Page) -> set[str]:
    """Return the names of the icons on a page."""
    links = page.evaluate("[...document.querySelectorAll('use')].map(use => use.getAttribute('href'))")
    return {link.partition("#")[2] for link in links}


@cache
def _icons_built() -> frozenset[str]:
    """Return the names of the icons in the sprite."""
    return frozenset(re.findall(r'<symbol id="([^"]+)"', Path(str(finders.find("icons.svg"))).read_text()))


def _judge(page: Page, client: Client, document: Any, where: str) -> list[str]:
    """Show a page, run axe over it, and return what it finds in words."""
    missing = _serve(page, client, document)
    width = WIDE if where.startswith("/desk/") else NARROW
    page.set_viewport_size({"width": width, "height": 812})
    page.goto(SITE + where, wait_until="load")
    page.wait_for_timeout(60)
    assert missing == [], "the pages are not built"
    assert _icons_shown(page) <= _icons_built(), "an icon is not in assets/icons.txt"
    # As tall as the page: a bar that stays in place while one scrolls covers whatever happens to lie below it.
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, 812)})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS
    )
    return [
        f"{where} [{page.evaluate('document.documentElement.lang')}]: {each['id']}: {each['help']}: "
        + json.dumps([node["html"][:160] for node in each["nodes"][:3]], ensure_ascii=False)
        for each in found["violations"]
    ]


def _is_page(answer: Any) -> bool:
    """Answer whether somebody sees it: no redirect, no file, and no fragment that a page fetches."""
    kind = answer.headers.get("Content-Type", "")
    assert answer.status_code < 500, answer.status_code
    return answer.status_code not in {301, 302} and kind.startswith("text/html") and b"<html" in answer.content[:300]


def _people(name: str, case: Case) -> list[str]:
    """Return as whom an address is opened: the right person, and a stranger where anybody may."""
    if name.startswith("worker:") and case.at == "anybody":
        return ["nobody", "worker"]
    return ["nobody" if case.at == "anybody" else "right"]


@pytest.mark.parametrize("name", sorted(name for name in CASES if not name.startswith("api:")))
def test_axe_finds_nothing(page: Page, world: World, name: str) -> None:  # noqa: F811 - the fixture
    case = CASES[name]
    things = {part: thing(world) if callable(thing) else thing for part, thing in case.things.items()}
    address = reverse(name, kwargs=things)
    on_phone = not name.startswith("desk:")
    wrong: list[str] = []
    for person in _people(name, case):
        client, _headers = _caller(world, name, case, person)
        for language in ("zh-hans", "en"):
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            for face in (case.query, *FACES.get(name, ())):
                wrong += _looked_at(page, client, case, address + face)
        if on_phone:
            client.cookies[ELDER] = "1"
            wrong += [f"elder: {each}" for each in _looked_at(page, client, case, address + case.query)]
    assert not wrong, "\n".join(wrong)


def _looked_at(page: Page, client: Client, case: Case, address: str) -> list[str]:
    """Judge what an address shows, and what it shows to an empty form."""
    wrong = []
    if "GET" in case.methods:
        shown = client.get(address)
        if _is_page(shown):
            wrong += _judge(page, client, shown, address)
    if "POST" in case.methods and "sign-out" not in address:
        sent = client.post(address, case.body)
        if _is_page(sent):
            wrong += [f"POST {each}" for each in _judge(page, client, sent, address)]
    return wrong


@pytest.mark.parametrize("elder", [False, True])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_axe_finds_nothing_on_the_way(
    page: Page,
    world: World,  # noqa: F811 - the fixture
    walk: Walk,
    language: str,
    elder: bool,
) -> None:
    wrong: list[str] = []
    seen = 0
    for client, address, answer in walk(world, {settings.LANGUAGE_COOKIE_NAME: language, ELDER: str(int(elder))}):
        if not elder or not address.startswith("/desk/"):
            assert _is_page(answer), (address, answer.status_code)
            wrong += _judge(page, client, answer, address)
            seen += 1
    assert not wrong, "\n".join(wrong)
    assert seen or elder
