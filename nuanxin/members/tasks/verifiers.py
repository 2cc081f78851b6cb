"""Asking a bureau outside whether a name and an identity document belong together: an adapter, none by default."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Protocol
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.conf import settings

_PATIENCE = 10


class VerifierError(Exception):
    """The bureau could not be asked; it may be tried again."""


class Verifier(Protocol):
    """Something that knows whether a name and a document belong together."""

    name: str

    def matches(self, name: str, id_kind: str, id_number: str) -> bool:
        """Answer whether they belong together, or raise `VerifierError`."""


class HttpVerifier:
    """A bureau behind an HTTPS address.

    Posts `{"name", "id_kind", "id_number"}` with the HMAC-SHA256 of the body in `X-Signature`; expects
    `{"match": true|false}`.
    """

    name = "http"

    def __init__(self, address: str, key: str) -> None:
        self.address, self.key = address, key.encode()

    def matches(self, name: str, id_kind: str, id_number: str) -> bool:
        """Ask the bureau.

        :raises VerifierError: it could not be reached, or its answer is none.
        """
        body = json.dumps({"name": name, "id_kind": id_kind, "id_number": id_number}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Signature": hmac.new(self.key, body, hashlib.sha256).hexdigest(),
        }
        try:
            with urlopen(Request(self.address, body, headers), timeout=_PATIENCE) as answer:  # noqa: S310 - set by the operator
                match = json.load(answer)["match"]
        except (URLError, OSError, ValueError, KeyError, TypeError) as error:
            raise VerifierError(f"no answer from {self.address}: {type(error).__name__}") from error
        return match is True


def verifier() -> Verifier | None:
    """Return the verifier that the settings name, if any."""
    address = settings.NUANXIN_VERIFIER_URL
    return HttpVerifier(address, settings.NUANXIN_VERIFIER_KEY) if address else None
