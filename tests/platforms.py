"""A server on this machine that speaks as WeChat and DingTalk do, refusals included. Nobody real is known to it."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

#: App → its secret and its way: WeChat's official account and website, DingTalk.
APPS = {"wx-official": ("s1", "official"), "wx-website": ("s2", "website"), "ding-app": ("s3", "dingtalk")}
CODE_LIFE = 300
USER_AGENT = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 MicroMessenger/8.0.49 Language/zh_CN"


@dataclass
class State:
    """Who sits before the screen, what goes wrong, and what was handed out and asked."""

    person: str = "person-1"
    tells_unionid: bool = True
    agrees: bool = True
    #: "" or what the token endpoint does wrong: garbage, empty, broken, slow.
    trouble: str = ""
    #: How much older codes are than they are.
    aged: int = 0
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


class _Platforms(BaseHTTPRequestHandler):
    server: _Server

    @property
    def state(self) -> State:
        return self.server.state

    def do_GET(self) -> None:
        """Answer as the page or the endpoint of this address."""
        at = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(at.query).items()}
        self.state.asked.append(at.path)
        if at.path in ("/connect/oauth2/authorize", "/connect/qrconnect"):
            self._weixin_page(at.path, asked)
        elif at.path == "/sns/oauth2/access_token":
            self._weixin_token(asked)
        elif at.path == "/oauth2/auth":
            self._dingtalk_page(asked)
        elif at.path == "/v1.0/contact/users/me":
            self._dingtalk_person()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        """Answer as the endpoint of this address."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        path = urlsplit(self.path).path
        self.state.asked.append(path)
        if path == "/sns/oauth2/access_token":
            self._weixin_token({name: values[0] for name, values in parse_qs(body).items()})
        elif path == "/v1.0/oauth2/userAccessToken":
            self._dingtalk_token(json.loads(body))
        else:
            self.send_error(404)

    def _page(self, text: str) -> None:
        self._send(200, f"<!doctype html><title>{text}</title><h1>{text}</h1>".encode(), "text/html; charset=utf-8")

    def _json(self, told: Any, status: int = 200) -> None:
        self._send(status, json.dumps(told).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _consent(self, asked: dict[str, str], app: str, name: str, **more: Any) -> None:
        """Send the browser back with a code, or without one when the person does not agree."""
        told = {"state": asked.get("state", "")}
        if self.state.agrees:
            code = secrets.token_hex(16)
            told[name] = code
            self.state.codes[code] = {"app": app, "at": time.time(), "person": self.state.person, **more}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(told)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _weixin_page(self, path: str, asked: dict[str, str]) -> None:
        way = "official" if path.endswith("authorize") else "website"
        scopes = {"official": ("snsapi_base", "snsapi_userinfo"), "website": ("snsapi_login",)}[way]
        if APPS.get(asked.get("appid", ""), ("", ""))[1] != way:
            self._page("appid 参数错误")
        elif asked.get("scope") not in scopes:
            self._page("Scope 参数错误或没有 Scope 权限")
        elif asked.get("response_type") != "code" or not asked.get("state"):
            self._page("参数错误")
        else:
            self._consent(asked, asked["appid"], "code", scope=asked["scope"])

    def _weixin_token(self, asked: dict[str, str]) -> None:
        """Answer 200 always, as WeChat does, with `errcode` where something is wrong."""
        if self._in_trouble():
            return
        app, code = asked.get("appid", ""), asked.get("code", "")
        found = self._use(code, app)
        if app not in APPS:
            self._json({"errcode": 40013, "errmsg": "invalid appid"})
        elif asked.get("secret") != APPS[app][0]:
            self._json({"errcode": 40125, "errmsg": "invalid appsecret"})
        elif isinstance(found, str):
            numbers = {"used": 40163, "expired": 42003, "unknown": 40029}
            self._json({"errcode": numbers[found], "errmsg": f"code {found}, rid: 1"})
        else:
            told = {"access_token": f"token-{secrets.token_hex(8)}", "expires_in": 7200, "refresh_token": "refresh"}
            told |= {"openid": f"{app}:{found['person']}", "scope": found["scope"]}
            if self.state.tells_unionid and found["scope"] != "snsapi_base":
                told["unionid"] = f"union:{found['person']}"
            self._json(told)

    def _dingtalk_page(self, asked: dict[str, str]) -> None:
        app = asked.get("client_id", "")
        if APPS.get(app, ("", ""))[1] != "dingtalk" or asked.get("scope") != "openid":
            self._page("应用不存在")
        else:
            self._consent(asked, app, "authCode")

    def _dingtalk_token(self, asked: dict[str, Any]) -> None:
        if self._in_trouble():
            return
        app = asked.get("clientId", "")
        found = self._use(asked.get("code", ""), app)
        if app not in APPS or asked.get("clientSecret") != APPS[app][0]:
            self._json({"code": "invalidClientSecret", "message": "无效的应用", "requestid": "1"}, 400)
        elif isinstance(found, str):
            self._json({"code": "invalidParameter.authCode.notFound", "message": f"authCode {found}"}, 400)
        else:
            token = f"token-{secrets.token_hex(8)}"
            self.state.tokens[token] = found
            self._json({"accessToken": token, "refreshToken": "refresh", "expireIn": 7200, "corpId": ""})

    def _dingtalk_person(self) -> None:
        found = self.state.tokens.get(self.headers.get("x-acs-dingtalk-access-token", ""))
        if found is None:
            self._json({"code": "InvalidAuthentication", "message": "不合法的access_token"}, 401)
            return
        told = {"nick": "小王", "avatarUrl": "", "mobile": "15400000000", "openId": f"ding:{found['person']}"}
        self._json(told | ({"unionId": f"union:{found['person']}"} if self.state.tells_unionid else {}))

    def _use(self, code: str, app: str) -> dict[str, Any] | str:
        found = self.state.codes.pop(code, None)
        if found is None or found["app"] != app:
            return "used" if code in self.state.used else "unknown"
        self.state.used.add(code)
        return "expired" if time.time() + self.state.aged - found["at"] > CODE_LIFE else found

    def _in_trouble(self) -> bool:
        trouble = self.state.trouble
        if trouble == "garbage":
            self._send(200, b"<html>busy</html>", "text/html")
        elif trouble == "empty":
            self._json({})
        elif trouble == "list":
            self._json(["access_token"])
        elif trouble == "nameless":
            self._json({"access_token": "x", "accessToken": "x", "refreshToken": "x", "expireIn": 1})
        elif trouble == "broken":
            self._json({"code": "ServiceUnavailable"}, 503)
        elif trouble == "cut":
            self.close_connection = True
        return bool(trouble)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    state: State


@contextmanager
def serving() -> Iterator[tuple[str, State]]:
    """Serve both platforms; give their address and what can be turned."""
    server = _Server(("127.0.0.1", 0), _Platforms)
    server.state = State()
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.state
    finally:
        server.shutdown()
        server.server_close()
