"""Known answers for the offline card: written once by `python -m tests.members.offline_vectors`, read by both sides.

The keys in it are for tests only.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.signing import PrivateKey
from nuanxin.members.rules.credentials import day_number, encode, signed_text
from tests.factories.credentials import Held

if TYPE_CHECKING:
    from datetime import date

FILE = Path(__file__).with_name("offline_vectors.json")
AT = datetime(2026, 11, 23, 10, 0, 5, tzinfo=ZONE)
KEY_ID, BADGE, SURNAME = 7, 2, "王".encode()


def a_key(name: str) -> PrivateKey:
    """Return a key that is the same each time."""
    return PrivateKey(int.from_bytes(hashlib.sha256(name.encode()).digest()) >> 1)


def a_credential(issuer: PrivateKey, handle: bytes, day: date, *, device: str = "device", key_id: int = KEY_ID) -> Held:
    """Return a credential as a phone holds it."""
    key = a_key(device)
    signed = signed_text(key_id, day_number(day), handle, BADGE, SURNAME, key.public().compressed())
    return Held(key, signed[3:] + issuer.sign(signed))


def _case(name: str, code: str, answer: str, *, now: datetime = AT, **more: Any) -> dict[str, Any]:
    return {"name": name, "code": code, "now": now.isoformat(timespec="milliseconds"), "answer": answer, **more}


def _credentials(issuer: PrivateKey) -> tuple[Held, Held, Held, Held]:
    """Return a good credential, and those of a replaced card, a resting membership and an ended one."""
    handles = ("0102030405ff", "a1a2a3a4a5a6", "b1b2b3b4b5b6", "c1c2c3c4c5c6")
    good, gone, rests, ended = (a_credential(issuer, bytes.fromhex(text), AT.date()) for text in handles)
    return good, gone, rests, ended


def _cases(issuer: PrivateKey, good: Held, gone: Held, rests: Held, ended: Held) -> list[dict[str, Any]]:
    today = AT.date()
    code, second = good.code_at(AT), timedelta(seconds=1)
    begins, minute = AT.replace(second=0), timedelta(minutes=1)
    blank = next(text for text in iter(lambda: good.code_at(AT), "") if text.endswith(" "))
    place = code.index(code[-20])
    other_sign = "A" if code[place] != "A" else "B"
    late = datetime(2026, 11, 23, 23, 59, 30, tzinfo=ZONE)
    seen = {"seconds_ago": 121, "here": True}
    return [
        _case("valid", code, "valid"),
        _case("valid at the earliest", code, "valid", now=begins - 90 * second),
        _case("valid at the latest", code, "valid", now=begins + 150 * second),
        _case("a last blank that a form dropped is put back", blank.rstrip(), "valid"),
        _case("a moment too early", code, "clock", now=begins - 91 * second, minutes=2),
        _case("clock 5 minutes ahead", good.code_at(AT + 5 * minute), "clock", minutes=5),
        _case("a moment too late", code, "stale", now=begins + 151 * second, minutes=2),
        _case("stale by 5 minutes", good.code_at(AT - 5 * minute), "stale", minutes=5),
        _case("expired: yesterday's", code, "expired", now=AT + timedelta(days=1)),
        _case("tomorrow's credential", a_credential(issuer, b"tomorr", today + timedelta(days=1)).code(600), "clock"),
        _case("good a moment past midnight", good.code_at(late), "valid", now=late + 60 * second),
        _case("revoked", gone.code_at(AT), "revoked"),
        _case("suspended", rests.code_at(AT), "suspended"),
        _case("ended", ended.code_at(AT), "ended"),
        _case("a stale code of a revoked card says nothing of the card", gone.code_at(AT - 9 * minute), "stale"),
        _case("the same scan", code, "valid", seen={"seconds_ago": 120, "here": True}),
        _case("replayed", code, "replayed", seen=seen),
        _case("replayed, and old by now", code, "replayed", now=AT + 9 * minute, seen=seen),
        _case("forged: a sign changed", code[:-20] + other_sign + code[-19:], "forged"),
        _case("forged: another phone's key", Held(a_key("thief"), good.head).code_at(AT), "forged"),
        _case("forged: another issuer", a_credential(a_key("thief"), b"stolen", today).code_at(AT), "forged"),
        _case("forged: another day", good.code(600, day=good.day + 1), "forged"),
        _case("an unknown key", a_credential(issuer, b"nobody", today, key_id=9).code_at(AT), "unknown_key"),
        _case("cut", code[:-30], "unknown"),
        _case("no number of 175 bytes", "NX2:" + ":" * 256, "unknown"),
    ]  # fmt: skip


def make() -> dict[str, Any]:
    """Return the vectors anew: signatures differ each time, answers do not."""
    issuer = a_key("issuer")
    good, gone, rests, ended = _credentials(issuer)
    bundle = {
        "issued_at": (AT - timedelta(hours=1)).isoformat(timespec="milliseconds"),
        "keys": {str(KEY_ID): encode(issuer.public().whole())},
        "badges": [
            {"code": "courier", "name": "快递员", "name_en": "Courier", "icon": "package"},
            {"code": "rider", "name": "外卖配送员", "name_en": "Food-delivery rider", "icon": "bike"},
        ],
        "revoked": encode(gone.handle),
        "suspended": encode(rests.handle),
        "ended": encode(ended.handle),
    }
    text = json.dumps(bundle, ensure_ascii=False).encode()
    return {
        "bundle": {"bundle": encode(text), "signature": encode(issuer.sign(b"NX2B" + text)), "key_id": KEY_ID},
        "issuer": {"private": f"{issuer.number:064x}", "public": encode(issuer.public().whole())},
        "device": {
            "private": f"{good.private.number:064x}",
            "public": encode(good.private.public().compressed()),
            "public_whole": encode(good.private.public().whole()),
        },
        "head": encode(good.head),
        "told": {
            "key_id": KEY_ID,
            "day": good.day,
            "minute": 600,
            "handle": "0102030405ff",
            "badge": 2,
            "surname": "王",
        },
        "code": good.code_at(AT),
        "cases": _cases(issuer, good, gone, rests, ended),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(make(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
