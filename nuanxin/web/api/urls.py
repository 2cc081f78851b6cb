"""Addresses of the machine door. Every one of them stands behind the gate, also those that lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import URLPattern, URLResolver, include, path, re_path

from nuanxin.web.api.api import api
from nuanxin.web.api.gate import gated
from nuanxin.web.api.problems import not_found

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

app_name = "api"
#: Operations whose own first statement finds out who asks as well.
_ASK_THEMSELVES = frozenset({"verify_card", "book_place", "scan_code", "do_thing", "redeem_coupon"})
#: Operations whose bodies are signed by whoever sends them.
_SIGNED = frozenset({"cell_message", "directory_message", "take_permit", "take_policies"})
#: Operations whose bodies are long: thousands of policies, signed.
_LONG = frozenset({"take_policies"})
#: Operations whose bodies are forms with a file.
_TAKE_FILES = frozenset({"hand_in"})


def nowhere(request: HttpRequest, **_kept: str) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return not_found()


def _behind_the_gate(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        pattern.callback = gated(
            pattern.callback,
            asks_itself=pattern.name in _ASK_THEMSELVES,
            is_signed=pattern.name in _SIGNED,
            takes_files=pattern.name in _TAKE_FILES,
            is_long=pattern.name in _LONG,
        )
    return patterns


urlpatterns = [
    path("v1/", include(_behind_the_gate(api.urls[0]))),
    re_path(r"^(?P<rest>.*)$", gated(nowhere), name="nowhere"),
]
