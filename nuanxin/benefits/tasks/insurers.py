"""Sending rolls to the service of an insurer over HTTP, each message signed. The protocol is in docs/insurance.md."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from nuanxin.kernel.secrets import unseal
from nuanxin.kernel.signatures import signature_of, signed_text

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.benefits.models import Insurer

#: Seconds to wait for an answer.
_PATIENCE: Final = 30
_MOST_ANSWER: Final = 64 * 1024


class InsurerError(Exception):
    """The insurer's service could not be reached or did not take it; it may be tried again."""


class _StayHere(HTTPRedirectHandler):
    """Follow nobody elsewhere: what is sent holds ID numbers."""

    def redirect_request(self, *_arguments: object, **_named: object) -> None:
        return None


_OPENER = build_opener(_StayHere)


class HttpInsurer:
    """The service of one insurer.

    `PUT {address}/rolls/{batch}/parts/{part}` and `POST {address}/rolls/{batch}/complete` with JSON, signed by
    HMAC-SHA256 over the moment, a line feed and the body; the answer is JSON with a `receipt`.
    """

    def __init__(self, insurer: Insurer) -> None:
        self.address = insurer.address
        self.key = str(insurer.pk)
        self.secret = unseal(insurer.sealed_secret).encode()

    def send_part(self, batch: str, part: int, body: bytes, now: datetime) -> str:
        """Hand one part over and return its receipt; the same part again is no second one.

        :raises InsurerError: it was not taken.
        """
        return self._send("PUT", f"/rolls/{batch}/parts/{part}", body, now)

    def complete(self, batch: str, body: bytes, now: datetime) -> str:
        """Say that all parts were sent; the insurer compares count and digest.

        :raises InsurerError: it was not taken.
        """
        return self._send("POST", f"/rolls/{batch}/complete", body, now)

    def _send(self, method: str, path: str, body: bytes, now: datetime) -> str:
        moment = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Nuanxin-Key": self.key,
            "X-Nuanxin-Timestamp": moment,
            "X-Nuanxin-Signature": signature_of(self.secret, signed_text(moment, body)),
        }
        request = Request(self.address + path, body, headers, method=method)  # noqa: S310 - set by an administrator
        try:
            with _OPENER.open(request, timeout=_PATIENCE) as answer:
                return str(json.loads(answer.read(_MOST_ANSWER))["receipt"])
        except HTTPError as error:
            raise InsurerError(f"HTTP {error.code}") from None
        except (URLError, OSError, ValueError, KeyError, TypeError) as error:
            raise InsurerError(type(error).__name__) from None
