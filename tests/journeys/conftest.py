"""A running server, the small tree of Liaocheng, and Chromium as a phone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from pytest_django.live_server_helper import LiveServer

from nuanxin.wiring import connect
from tests.factories.access import make_roles
from tests.factories.organizations import Tree, make_tree

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE: ViewportSize = {"width": 375, "height": 812}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the machine's Chromium once."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        # The driver keeps an event loop in this thread; our queries run beside it, never inside it.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def tree(transactional_db: None) -> Tree:
    """Make the tree, the code lists and the roles, and connect the hearers."""
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def window(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Return a maker of windows, each somebody's own, with or without JavaScript; an error in a page fails the test."""
    errors: list[str] = []
    contexts = []

    def make(*, javascript: bool = True, viewport: ViewportSize = PHONE, user_agent: str | None = None) -> Page:
        context = chromium.new_context(
            viewport=viewport,
            java_script_enabled=javascript,
            base_url=live_server.url,
            locale="zh-CN",
            user_agent=user_agent,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def phone(window: Callable[..., Page], tree: Tree) -> Callable[..., Page]:
    """Return a maker of phones, 375 by 812, beside the small tree."""
    return window
