"""Gateways of this machine for every test that wants one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nuanxin.messages.tasks import weixin as adapter
from tests.messages.servers import BotServer, MailServer, WeixinServer, serving

TEMPLATES = {
    "page": "pages/web/index?path={path}",
    "templates": {
        "membership.suspended": {"id": "tmpl-1", "data": {"thing1": "%(reason)s", "phrase2": "已暂停"}},
        "application.accepted": {"id": "tmpl-2", "data": {"thing1": "%(union)s"}},
        "application.approved": {"id": "tmpl-3", "data": {"thing1": "%(nothing)s"}},
    },
}


@pytest.fixture
def weixin(settings: Any, tmp_path: Path) -> Iterator[WeixinServer]:
    """WeChat, and an app of ours there with three templates."""
    file = tmp_path / "weixin.json"
    file.write_text(json.dumps(TEMPLATES, ensure_ascii=False), encoding="utf-8")
    adapter._tokens.clear()
    with serving(WeixinServer()) as server:
        settings.NUANXIN_WEIXIN_URLS = ["https://nowhere.test", server.address]
        settings.NUANXIN_WEIXIN_NOTICES = ["mini", server.app_id, server.secret]
        settings.NUANXIN_WEIXIN_TEMPLATES = str(file)
        yield server
    adapter._tokens.clear()


@pytest.fixture
def bots(settings: Any) -> Iterator[BotServer]:
    """WeCom and DingTalk, with a bot each."""
    with serving(BotServer()) as server:
        settings.NUANXIN_BOT_URLS = [server.address, server.address]
        yield server


@pytest.fixture
def mail(settings: Any) -> Iterator[MailServer]:
    """A mail server that takes what comes."""
    with serving(MailServer()) as server:
        settings.NUANXIN_MAIL_URL = (
            "mailto://union.test:25?smtp=127.0.0.1&from=notice@union.test&to={address}&mode=insecure"
        ).replace(":25", f":{server.port}")
        yield server
