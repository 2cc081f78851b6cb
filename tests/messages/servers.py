"""Servers on this machine that speak what gateways speak: bots of chats, WeChat, and mail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Platform(ThreadingHTTPServer):
    """Answers POST by a table of functions, by path; keeps what it heard."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Json)
        self.heard: list[tuple[str, dict[str, str], Any]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """Answer one request: HTTP status and JSON."""
        raise NotImplementedError


class _Json(BaseHTTPRequestHandler):
    server: Platform

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.heard.append((parts.path, query, body))
        status, answer = self.server.answer(parts.path, query, body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named so above
        """Say nothing."""


class WeixinServer(Platform):
    """WeChat's interface: a stable token, one at a time, and subscribe messages to those who agreed."""

    def __init__(self, *, app_id: str = "wx1", secret: str = "s3cret") -> None:
        super().__init__()
        self.app_id, self.secret = app_id, secret
        self.serial = 1
        self.refuses: dict[str, int] = {}
        self.messages: list[dict[str, Any]] = []
        self.down = False

    @property
    def token(self) -> str:
        return f"token-{self.serial}"

    def answer(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if self.down:
            return 502, {}
        if path == "/cgi-bin/stable_token":
            if (body["appid"], body["secret"], body["grant_type"]) != (
                self.app_id, self.secret, "client_credential",
            ):  # fmt: skip
                return 200, {"errcode": 40125, "errmsg": "invalid appsecret"}
            if body.get("force_refresh"):
                self.serial += 1
            return 200, {"access_token": self.token, "expires_in": 7200}
        if path not in {"/cgi-bin/message/subscribe/send", "/cgi-bin/message/subscribe/bizsend"}:
            return 404, {}
        if query.get("access_token") != self.token:
            return 200, {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
        code = self.refuses.get(body["touser"], 0)
        if any(len(each["value"]) > 20 for name, each in body["data"].items() if name.startswith("thing")):
            code = 47003
        if not code:
            self.messages.append(body)
        return 200, {"errcode": code, "errmsg": "ok" if not code else "refused", "msgid": 1}


class BotServer(Platform):
    """Bots of chats: WeCom's by key, DingTalk's by token and signature; both refuse with HTTP status 200."""

    def __init__(self) -> None:
        super().__init__()
        self.key = "10000000-0000-4000-8000-000000000001"
        self.token, self.secret = "a" * 64, ""
        self.said: list[str] = []

    def answer(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if path == "/cgi-bin/webhook/send":
            if query.get("key") != self.key:
                return 200, {"errcode": 93000, "errmsg": "invalid webhook url"}
        elif path == "/robot/send":
            if query.get("access_token") != self.token:
                return 200, {"errcode": 300005, "errmsg": "token is not exist"}
            if self.secret and query.get("sign") != _dingtalk_sign(self.secret, query.get("timestamp", "")):
                return 200, {"errcode": 310000, "errmsg": "sign not match"}
        else:
            return 404, {}
        assert body["msgtype"] == "text"
        self.said.append(body["text"]["content"])
        return 200, {"errcode": 0, "errmsg": "ok"}


def _dingtalk_sign(secret: str, timestamp: str) -> str:
    """Sign as the documentation of DingTalk robots says: base64 of HMAC-SHA-256 over timestamp, newline, secret."""
    made = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(made.digest()).decode()


class MailServer(socketserver.ThreadingTCPServer):
    """The part of SMTP (RFC 5321) that a mail client needs; keeps what it took, or refuses every recipient."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.mails: list[tuple[str, str, str]] = []
        self.refuses = False

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Smtp(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 mail.test ESMTP")
        recipients: list[str] = []
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("RCPT TO:"):
                if self.server.refuses:
                    self._say("550 no such mailbox")
                    continue
                recipients.append(line[8:].split(">")[0].strip(" <"))
            if verb == "DATA":
                self._say("354 go on")
                self._take(recipients)
            if verb == "QUIT":
                self._say("221 bye")
                return
            self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _take(self, recipients: list[str]) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        body = mail.get_body(preferencelist=("plain", "html"))
        text = body.get_content() if body is not None else ""
        self.server.mails += [(recipient, str(mail["Subject"]), text) for recipient in recipients]


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    """Serve from a thread until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
