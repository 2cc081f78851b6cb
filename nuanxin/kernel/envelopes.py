"""Messages between installations: signed by the one that sends, and sealed for the one that receives.

An envelope is `base64url(JSON).base64url(signature)`. What is personal in it is sealed for the receiver's own key: an
agreed secret of a fresh key and the receiver's (ECDH on P-256), HKDF with SHA-256, AES-256-GCM. TLS comes around it.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from nuanxin.kernel.signing import POINT, PrivateKey, PublicKey

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Name of the file beside the keyring.
CELL_KEYS: Final = "cell.keys"
_SIGNED = b"NXE1|"
_NONCE = 12


class Forged(Exception):
    """This is no envelope, or not signed by whom it names, or not sealed for whoever opens it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an envelope says, before anybody has believed it."""

    message: dict[str, Any]
    signed: bytes
    signature: bytes

    def verify(self, key: PublicKey) -> dict[str, Any]:
        """Return the message.

        :raises Forged: it was not signed with this key.
        """
        if not key.verifies(self.signature, _SIGNED + self.signed):
            raise Forged("wrong signature")
        return self.message


def write(message: Mapping[str, Any], private: PrivateKey) -> str:
    """Return a signed envelope around a message of plain JSON values."""
    text = json.dumps(message, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()
    return f"{encode(text)}.{encode(private.sign(_SIGNED + text))}"


def read(envelope: str) -> Envelope:
    """Take an envelope apart; nothing in it is believed yet.

    :raises Forged: it has not the form of one.
    """
    text, _dot, signature = envelope.partition(".")
    signed = decode(text)
    try:
        message = json.loads(signed)
    except (ValueError, RecursionError):
        raise Forged("not JSON") from None
    if not isinstance(message, dict):
        raise Forged("no message")
    return Envelope(message, signed, decode(signature))


def seal_for(receiver: PublicKey, content: bytes, *, bound_to: bytes) -> bytes:
    """Seal a content so that only the holder of the receiver's private key can open it."""
    fresh, nonce = PrivateKey.new(), os.urandom(_NONCE)
    point = fresh.public().compressed()
    key = _derive(fresh.agree(receiver), point + receiver.compressed())
    return point + nonce + AESGCM(key).encrypt(nonce, content, bound_to)


def open_sealed(private: PrivateKey, sealed: bytes, *, bound_to: bytes) -> bytes:
    """Open what `seal_for` closed.

    :raises Forged: it was changed, bound to something else, or sealed for another key.
    """
    try:
        point = PublicKey.read(sealed[:POINT])
        key = _derive(private.agree(point), sealed[:POINT] + private.public().compressed())
        return AESGCM(key).decrypt(sealed[POINT : POINT + _NONCE], sealed[POINT + _NONCE :], bound_to)
    except (ValueError, InvalidTag):
        raise Forged("cannot be opened") from None


def _derive(secret: bytes, points: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"nuanxin envelope|" + points).derive(secret)


def encode(value: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url without padding.

    :raises Forged: it is none.
    """
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Forged("not base64url") from None
    if encode(value) != text:
        raise Forged("not the one way to write it")
    return value


@dataclass(frozen=True, slots=True)
class CellKeys:
    """The keys by which other installations know this one: it signs with one, and opens with the other."""

    signing: PrivateKey
    sealing: PrivateKey


def cell_keys() -> CellKeys:
    """Return this installation's keys towards others, made when there are none."""
    path = Path(settings.NUANXIN_KEYS_FILE).with_name(CELL_KEYS)
    if not path.exists():
        _create(path)
    return _read(str(path), path.stat().st_mtime_ns)


def _create(path: Path) -> None:
    """Make both keys, readable by their owner only; a file that appears meanwhile is left alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({name: encode(PrivateKey.new().number.to_bytes(32)) for name in ("signing", "sealing")}, file)
    with suppress(FileExistsError):
        path.hardlink_to(half)
    half.unlink()


@lru_cache(maxsize=4)
def _read(path: str, _changed: int) -> CellKeys:
    kept = json.loads(Path(path).read_text(encoding="utf-8"))
    return CellKeys(*(PrivateKey(int.from_bytes(decode(kept[name]))) for name in ("signing", "sealing")))
