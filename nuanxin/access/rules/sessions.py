"""How long sessions last unused, and in which words a browser is named."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

#: A desk that nobody uses is closed (GB/T 22239-2019, 8.1.4.1: sessions end when unused), and after a working day.
DESK_IDLE, DESK_LONGEST = timedelta(minutes=60), timedelta(hours=12)
#: How coarse the time last seen is: each step costs one write.
SEEN_AT_DESK, SEEN_ELSEWHERE = timedelta(minutes=5), timedelta(hours=1)

#: Sign in a user agent → name; the first that fits is told, so those that others copy stand last.
_BROWSERS: Final = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("AliApp", "Alipay"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("UCBrowser", "UC"),
    ("MQQBrowser", "QQ Browser"),
    ("QQBrowser", "QQ Browser"),
    ("MiuiBrowser", "Mi Browser"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
_MODEL = re.compile(r"Android [\d.]+; (?:zh-\w+; )?([\w .+-]{2,24}?)(?: Build|\)|;)")


def device_words(agent: str) -> str:
    """Return browser, system and model in a few words, such as `WeChat · Android · M2012`; never the whole agent."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    model = _MODEL.search(agent[:300])
    words = [browser, system, model.group(1).strip() if model and len(model.group(1).strip()) > 1 else ""]
    return " · ".join(word for word in words if word)[:60]
