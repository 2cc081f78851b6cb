"""WeChat's JS-SDK: signing the configuration of a page, so that it may share itself and scan inside WeChat.

Source: WeChat open documentation, "JS-SDK", appendix 1: the ticket comes for a token (`GET /cgi-bin/ticket/getticket`),
the token for the account's secret (`POST /cgi-bin/stable_token`: everybody who asks gets the same one); the signature
is the SHA-1 of ticket, random word, time and address in the order of their names.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import requests
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Busy, Invalid, NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

#: Where WeChat keeps its script; the content policy lets it in only when the settings name an official account.
SCRIPT: Final = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"
_INSIDE: Final = "MicroMessenger"
_PATIENCE: Final = 3
#: Seconds before its end at which a ticket is no longer used, and for which nobody asks again after a failure.
_MARGIN, _PAUSE = 300, 30
_LONGEST: Final = 1000
_tickets: dict[str, tuple[str, float]] = {}


class WeixinSilent(Busy):
    """WeChat was not reached, or gave no ticket; the page works without."""

    def __init__(self) -> None:
        super().__init__("weixin_silent", _("WeChat did not answer. The page works without it."))


@dataclass(frozen=True, slots=True)
class Signed:
    """What a page needs to configure WeChat's script."""

    app_id: str
    timestamp: int
    nonce: str
    signature: str


def wants_script(request: HttpRequest) -> bool:
    """Answer whether a page shall load WeChat's script: inside WeChat, where the settings name an official account."""
    return bool(settings.NUANXIN_WEIXIN) and _INSIDE in request.headers.get("User-Agent", "")


def signature_of(*, ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """Return WeChat's signature of a page's address without the part behind `#`."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - WeChat asks for SHA-1


def sign_page(url: str, *, now: datetime) -> Signed:
    """Sign the configuration for one of our own pages.

    :raises NotFound: the settings name no official account.
    :raises Invalid: the address is no page of ours.
    :raises WeixinSilent: WeChat gave no ticket.
    """
    if len(settings.NUANXIN_WEIXIN) != 2:
        raise NotFound
    if len(url) > _LONGEST or not url.startswith(f"{settings.NUANXIN_BASE_URL}/"):
        raise Invalid("foreign_page", _("Only pages of this installation are signed."), field="url")
    app_id, secret = settings.NUANXIN_WEIXIN
    nonce, timestamp = secrets.token_hex(8), int(now.timestamp())
    url = url.partition("#")[0]
    signed = signature_of(ticket=_ticket(app_id, secret), nonce=nonce, timestamp=timestamp, url=url)
    return Signed(app_id, timestamp, nonce, signed)


def _ticket(app_id: str, secret: str) -> str:
    ticket, until = _tickets.get(app_id, ("", 0.0))
    if until > monotonic():
        if not ticket:
            raise WeixinSilent
        return ticket
    try:
        ticket, seconds = _fetch(app_id, secret)
    except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError):
        # The address holds the token: an error's own words are not passed on.
        _tickets[app_id] = ("", monotonic() + _PAUSE)
        raise WeixinSilent from None
    _tickets[app_id] = (ticket, monotonic() + max(60, seconds - _MARGIN))
    return ticket


def _fetch(app_id: str, secret: str) -> tuple[str, int]:
    base = settings.NUANXIN_WEIXIN_URLS[1]
    asked: dict[str, Any] = {
        "grant_type": "client_credential",
        "appid": app_id,
        "secret": secret,
        "force_refresh": False,
    }
    told = _read(requests.post(f"{base}/cgi-bin/stable_token", json=asked, timeout=_PATIENCE, allow_redirects=False))
    query = {"access_token": str(told["access_token"]), "type": "jsapi"}
    given = _read(
        requests.get(f"{base}/cgi-bin/ticket/getticket", params=query, timeout=_PATIENCE, allow_redirects=False)
    )
    if given.get("errcode", 0) != 0:
        raise ValueError("no ticket")
    return str(given["ticket"]), int(given["expires_in"])


def _read(response: requests.Response) -> dict[str, Any]:
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer


def forget_tickets() -> None:
    """Forget every ticket: after the account's secret was changed."""
    _tickets.clear()
