"""Signed launches: an app that knows a person opens a door with what it knows, signed so that nobody else can.

Signed are, in this order and with a line break between, the door's code, the name, the phone, the time in seconds since
1970, and a word that is used once. HMAC-SHA256 with the door's secret, or ECDSA P-256 with SHA-256 by the app's own
key; either in base64url without padding, HMAC also in hexadecimal digits. See docs/doors.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.signing import PublicKey

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How far the clock of the app may be from ours.
TOLERANCE: Final = timedelta(minutes=5)
#: Names of the parameters, as they are signed and as they stand in the address.
SIGNED: Final = ("name", "phone", "time", "nonce")
SIGNATURE: Final = "sign"
#: Bytes of a new secret.
SECRET_BYTES: Final = 32
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LONGEST: Final = {"name": 50, "phone": 20}


@dataclass(frozen=True, slots=True)
class Launch:
    """What an app has signed: the person's name and phone, and the word that counts once, until when."""

    name: str
    phone: str
    nonce: str
    until: datetime


class BadLaunch(Invalid):
    """What came with a launch is not to be believed."""


def message_of(door: str, values: Mapping[str, str]) -> bytes:
    """Return what is signed."""
    return "\n".join((door, *(values.get(name, "") for name in SIGNED))).encode()


def sign_with_secret(secret: str, door: str, values: Mapping[str, str]) -> str:
    """Return the signature by a shared secret, as an app makes it."""
    return _encode(hmac.new(_decode(secret), message_of(door, values), hashlib.sha256).digest())


def read_launch(door: str, values: Mapping[str, str], *, secret: str, public_key: str, now: datetime) -> Launch:
    """Return what an app has signed, once everything about it is right but that it was not used before.

    :param secret: the door's secret, or empty; `public_key` the app's point, or empty.
    :raises BadLaunch: no key, a part is missing or malformed, another signature, or a time too far from ours.
    """
    if not (secret or public_key):
        raise BadLaunch("launch_unkeyed", _("This way in takes no signed data."))
    nonce = values.get("nonce", "")
    if not _NONCE.fullmatch(nonce) or any(len(values.get(name, "")) > most for name, most in _LONGEST.items()):
        raise BadLaunch("launch_malformed", _("What the app sent along is not complete."))
    message = message_of(door, values)
    if any(char in value for value in values.values() for char in "\r\n"):
        raise BadLaunch("launch_malformed", _("What the app sent along is not complete."))
    if not _is_signed(values.get(SIGNATURE, ""), message, secret, public_key):
        raise BadLaunch("launch_forged", _("What the app sent along is not signed by it."))
    at = _moment(values.get("time", ""))
    if abs(at - now) > TOLERANCE:
        raise BadLaunch("launch_old", _("What the app sent along is too old, or its clock is wrong."))
    return Launch(values.get("name", ""), values.get("phone", ""), nonce, at + 2 * TOLERANCE)


def _moment(text: str) -> datetime:
    try:
        if not (text.isascii() and text.isdigit() and len(text) <= 12):
            raise ValueError
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadLaunch("launch_malformed", _("What the app sent along is not complete.")) from None


def _is_signed(signature: str, message: bytes, secret: str, public_key: str) -> bool:
    try:
        if public_key:
            return PublicKey.read(_decode(public_key)).verifies(_decode(signature), message)
        given = bytes.fromhex(signature) if len(signature) == 64 else _decode(signature)
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(given, hmac.new(_decode(secret), message, hashlib.sha256).digest())


def read_public_key(text: str) -> str:
    """Return an app's public key as a point in base64url: from PEM text, or a point of 33 or 65 bytes.

    :raises Invalid: it is no key on the curve P-256.
    """
    try:
        if "BEGIN" in text:
            key = load_pem_public_key(text.encode())
            if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
                raise ValueError
            return _encode(PublicKey(key).compressed())
        return _encode(PublicKey.read(_decode(text.strip())).compressed())
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        raise Invalid(
            "bad_key", _("Please paste a public key of the curve P-256, as PEM text."), field="public_key"
        ) from None


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _decode(text: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
