"""Whether a message is from the machine that it names, and from now: licensing systems and insurers sign alike. Pure.

What is signed is the moment of sending, a line feed, and the body byte by byte: `1763863200\\n{"id":…}`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import NotSignedIn, Refusal
from nuanxin.kernel.signing import PublicKey

#: The two ways of signing, as headers and rows name them.
HMAC: Final = "hmac-sha256"
ECDSA: Final = "ecdsa-p256"
#: How far the two clocks may be apart.
WINDOW: Final = timedelta(minutes=5)
#: Bytes that a shared secret has.
SECRET_BYTES: Final = 32


class BadSignature(NotSignedIn):
    """The key is unknown or revoked, or the signature does not fit: which of them is not told."""

    def __init__(self) -> None:
        Refusal.__init__(
            self, "bad_signature", _("The signature does not fit the message, or this key is not valid. See the guide.")
        )


class WrongClock(NotSignedIn):
    """The message is too old, or from the future: perhaps a copy that somebody sends again."""

    def __init__(self) -> None:
        Refusal.__init__(
            self, "clock", _("The message was signed more than five minutes ago, or in the future. Check the clock.")
        )


def check_clock(timestamp: str, now: datetime) -> None:
    """Refuse a moment of sending outside the window.

    :param timestamp: whole seconds since 1970.
    :raises WrongClock: no number, or more than five minutes from now.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        raise WrongClock
    if abs(datetime.fromtimestamp(int(timestamp), UTC) - now) > WINDOW:
        raise WrongClock


def signed_text(timestamp: str, body: bytes) -> bytes:
    """Return what is signed."""
    return timestamp.encode("ascii", "replace") + b"\n" + body


def signature_of(secret: bytes, text: bytes) -> str:
    """Return what a sender writes into the header, with a shared secret."""
    return f"{HMAC}={hmac.new(secret, text, hashlib.sha256).hexdigest()}"


def check_signature(*, signing: str, secret: bytes, public_key: bytes, given: str, text: bytes) -> None:
    """Refuse a signature that does not fit.

    :param signing: the way that was agreed on, `HMAC` or `ECDSA`.
    :param given: the header: `hmac-sha256=<hex>` or `ecdsa-p256=<base64url of r and s, 64 bytes>`.
    :raises BadSignature: another way of signing than was agreed on, or it does not fit.
    """
    name, _equals, value = given.partition("=")
    if name != signing or not value.isascii():
        raise BadSignature
    if signing == HMAC:
        if not hmac.compare_digest(signature_of(secret, text), f"{name}={value.lower()}"):
            raise BadSignature
        return
    try:
        raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        raise BadSignature from None
    if not PublicKey.read(public_key).verifies(raw, text):
        raise BadSignature
