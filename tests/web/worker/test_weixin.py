"""WeChat's JS-SDK against a local server that speaks its protocol: token, ticket, signature."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from nuanxin.web.kit.weixin import forget_tickets, signature_of
from tests.factories.organizations import Tree

INSIDE = {"user-agent": "Mozilla/5.0 MicroMessenger/8.0.50"}


class Weixin(BaseHTTPRequestHandler):
    """Gives a token for the right secret, and a ticket for the token."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        right = self.path == "/cgi-bin/stable_token" and (body["appid"], body["secret"]) == ("wx1", "s3")
        right = right and body["grant_type"] == "client_credential" and body["force_refresh"] is False
        self._say({"access_token": "T0", "expires_in": 7200} if right else {"errcode": 40125, "errmsg": "bad secret"})

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self.server.asked.append(address.path)  # type: ignore[attr-defined]
        right = parse_qs(address.query) == {"access_token": ["T0"], "type": ["jsapi"]}
        ticket = {"errcode": 0, "errmsg": "ok", "ticket": "sM4AO", "expires_in": 7200}
        self._say(ticket if right else {"errcode": 40001, "errmsg": "bad token"})

    def _say(self, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def weixin(settings: Any) -> Iterator[list[str]]:
    forget_tickets()
    server = HTTPServer(("127.0.0.1", 0), Weixin)
    server.asked = []  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    settings.NUANXIN_WEIXIN = ["wx1", "s3"]
    settings.NUANXIN_WEIXIN_URLS = ["", f"http://127.0.0.1:{server.server_port}"]
    settings.NUANXIN_BASE_URL = "https://union.example.cn"
    yield server.asked  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    forget_tickets()


def test_the_signature_is_the_one_of_wechats_own_example() -> None:
    signed = signature_of(
        ticket="sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
        nonce="Wm3WZYTPz0wzccnW",
        timestamp=1414587457,
        url="http://mp.weixin.qq.com?params=value",
    )
    assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_a_page_gets_its_signature_and_the_ticket_is_fetched_once(db: None, client: Client, weixin: list[str]) -> None:
    url = "https://union.example.cn/u/AB12?d=wechat"
    for _time in range(3):
        told = client.get("/weixin/signature/", {"url": f"{url}#top"}).json()
        text = f"jsapi_ticket=sM4AO&noncestr={told['nonceStr']}&timestamp={told['timestamp']}&url={url}"
        assert told["appId"] == "wx1"
        assert told["signature"] == hashlib.sha1(text.encode()).hexdigest()
    assert weixin == ["/cgi-bin/stable_token", "/cgi-bin/ticket/getticket"]


@pytest.mark.parametrize("url", ["", "https://evil.example/", "https://union.example.cn.evil.example/", "x" * 2000])
def test_only_own_pages_are_signed(db: None, client: Client, weixin: list[str], url: str) -> None:
    assert client.get("/weixin/signature/", {"url": url}).json()["code"] == "foreign_page"
    assert weixin == []


def test_a_silent_wechat_is_asked_once_and_the_page_works_without(
    db: None, client: Client, weixin: list[str], settings: Any
) -> None:
    settings.NUANXIN_WEIXIN = ["wx1", "wrong"]
    for _time in range(3):
        answer = client.get("/weixin/signature/", {"url": "https://union.example.cn/join/"})
        assert (answer.status_code, answer.json()["code"]) == (503, "weixin_silent")
        assert "wrong" not in answer.content.decode()
    assert weixin == ["/cgi-bin/stable_token"]


def test_the_script_is_there_inside_wechat_only_and_only_when_the_settings_name_an_account(
    tree: Tree, client: Client, settings: Any
) -> None:
    settings.NUANXIN_WEIXIN = []
    assert b"jweixin" not in client.get("/join/", headers=INSIDE).content
    assert client.get("/weixin/signature/", {"url": "https://x/"}).status_code == 404
    settings.NUANXIN_WEIXIN = ["wx1", "s3"]
    assert b"jweixin" not in client.get("/join/").content
    page = client.get("/join/", headers=INSIDE).content.decode()
    assert "https://res.wx.qq.com/open/js/jweixin-1.6.0.js" in page
    assert 'data-weixin="/weixin/signature/"' in page
