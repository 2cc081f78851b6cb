"""Headers and inline code, at every address there is, as everybody who may open it sees it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from nuanxin.web.kit.headers import NO_PAGE
from tests.house.matrix import CASES
from tests.house.test_permission_matrix import PEOPLE, World, _caller, standing, world

__all__ = ["standing", "world"]
POLICY = {
    "default-src 'none'", "base-uri 'none'", "object-src 'none'", "frame-src 'none'", "frame-ancestors 'none'",
    "script-src 'self'", "style-src 'self'", "font-src 'self'", "connect-src 'self'", "worker-src 'self'",
    "manifest-src 'self'", "form-action 'self'", "img-src 'self' data: blob:", "media-src 'self' blob:",
    "require-trusted-types-for 'script'", "trusted-types default",
}  # fmt: skip
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: Addresses whose answers may be kept, because their views say so: nothing personal is in them.
KEPT = {
    "open:manifest", "open:area_calendar", "open:union_calendar", "open:draw_file",
    "api:openapi-json", "api:meta", "api:regions", "api:union",
}  # fmt: skip


class InlineCode(HTMLParser):
    """Find what the policy of pages would refuse to run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name, value in attrs:
            if name.startswith(("on", "hx-on")) or name == "style":
                self.found.append(f"<{tag} {name}=…>")
            if name in {"href", "src", "action", "formaction"} and (value or "").strip().lower().startswith(
                "javascript"
            ):
                self.found.append(f"<{tag} {name}=javascript>")
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.inside = tag
        if tag in {"script", "link", "img", "iframe"}:
            address = given.get("src") or (given.get("href") if given.get("rel") == "stylesheet" else "") or ""
            if re.match(r"(?:https?:)?//", address):
                self.found.append(f"<{tag}> of {address}")

    def handle_data(self, data: str) -> None:
        if self.inside and data.strip():
            self.found.append(f"<{self.inside}> with code")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def test_the_check_finds_inline_code() -> None:
    """The control."""
    seen = InlineCode()
    seen.feed(
        '<p style="a" onclick="b"><script>c</script><style>d</style><a href="javascript:e"><script src="//f/g.js">'
    )
    assert len(seen.found) == 6


def check(name: str, answer: Any, where: str) -> None:
    """Assert everything that every answer owes."""
    kept = answer.headers
    assert {key: kept.get(key) for key in ALWAYS} == ALWAYS, where
    policy = kept["Content-Security-Policy"]
    is_page = "text/html" in kept.get("Content-Type", "")
    assert not is_page or set(policy.split("; ")) == POLICY, where
    assert is_page or policy == NO_PAGE or set(policy.split("; ")) == POLICY, where
    camera = "camera=(self)" if name.startswith(("counter:", "desk:ceremonies:")) else "camera=()"
    assert camera in kept["Permissions-Policy"], where
    assert "geolocation=()" in kept["Permissions-Policy"], where
    assert "no-store" in kept["Cache-Control"] or name in KEPT, (where, kept["Cache-Control"])
    assert "Server" not in kept, where
    if is_page:
        code = InlineCode()
        code.feed(answer.content.decode())
        assert code.found == [], where


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_page_carries_its_headers_and_no_inline_code(world: World, name: str) -> None:
    check_address(world, name, ("right",), ("zh-hans",), ("GET",))


@pytest.mark.full
@pytest.mark.parametrize("name", sorted(CASES))
def test_so_does_every_answer_to_everybody_in_both_languages(world: World, name: str) -> None:
    check_address(world, name, PEOPLE, ("zh-hans", "en"), ("GET", "HEAD"))


def check_address(
    world: World, name: str, people: tuple[str, ...], languages: tuple[str, ...], methods: tuple[str, ...]
) -> None:
    case = CASES[name]
    things = {part: thing(world) if callable(thing) else thing for part, thing in case.things.items()}
    address = reverse(name, kwargs=things) + case.query
    for person in people:
        client, headers = _caller(world, name, case, person)
        for language, method in product(languages, methods):
            client.cookies["language"] = language
            answer = client.generic(method, address, headers=headers)
            check(name, answer, f"{person}: {method} {address}")


def test_files_of_ours_carry_what_files_need(db: None) -> None:
    answer = Client().get("/static/nothing.js")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("base", "prefix", "secure"), [("https://union.example", "__Host-", True), ("http://127.0.0.1:8000", "", False)]
)
def test_cookies_belong_to_this_host_alone_where_the_address_is_encrypted(base: str, prefix: str, secure: bool) -> None:
    import json
    import subprocess
    import sys

    code = (
        "import json, nuanxin.settings as s; print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME,"
        " s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.SESSION_COOKIE_HTTPONLY]))"
    )
    environment = {"NUANXIN_BASE_URL": base, "PATH": "", "NUANXIN_SECRET_KEY": "x"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    names = [f"{prefix}nuanxin", f"{prefix}csrftoken"]
    assert json.loads(done.stdout) == [*names, secure, secure, secure, True]


def test_a_session_cookie_is_out_of_reach_of_scripts_and_other_sites(db: None) -> None:
    client = Client()
    client.get("/desk/sign-in/?next=/desk/access/me/")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
