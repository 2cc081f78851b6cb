"""Signatures: ECDSA on P-256 with SHA-256, raw r‖s of 64 bytes, points of 33 or 65 bytes; and who signs.

The installation's keys lie in a file beside the keyring. Each has an id of one byte and an hour from which it signs,
so that a new key is announced before it is used. See docs/offline-card.md.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

_CURVE, _HASH = ec.SECP256R1(), ec.ECDSA(hashes.SHA256())
SIGNATURE, POINT = 64, 33
#: Name of the file beside the keyring.
SIGNING_KEYS = "signing.keys"
#: How long before its first signature a new key is announced, so that counters which ask now and then know it in time.
ANNOUNCED = timedelta(days=7)
#: How long after its last signature a key is still believed: nothing that it signed is good for longer.
BELIEVED = timedelta(days=7)
_MOST_KEYS = 255


class PublicKey:
    """A key that checks signatures."""

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    @classmethod
    def read(cls, point: bytes) -> PublicKey:
        """Read a point of 33 (compressed) or 65 bytes.

        :raises ValueError: another length, or no point on the curve.
        """
        if len(point) not in (POINT, 65):
            raise ValueError("a point has 33 or 65 bytes")
        return cls(ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point))

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Answer whether a raw signature of 64 bytes over the data was made with this key."""
        if len(signature) != SIGNATURE:
            return False
        pair = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
        try:
            self._key.verify(pair, data, _HASH)
        except InvalidSignature:
            return False
        return True

    def compressed(self) -> bytes:
        """Return the point in 33 bytes."""
        return self._key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    def whole(self) -> bytes:
        """Return the point in 65 bytes."""
        return self._key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class PrivateKey:
    """A key that signs."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._key = ec.derive_private_key(number, _CURVE)

    @classmethod
    def new(cls) -> PrivateKey:
        """Make a fresh key."""
        return cls(ec.generate_private_key(_CURVE).private_numbers().private_value)

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature of 64 bytes."""
        r, s = decode_dss_signature(self._key.sign(data, _HASH))
        return r.to_bytes(32) + s.to_bytes(32)

    def public(self) -> PublicKey:
        """Return the key that checks what this one signs."""
        return PublicKey(self._key.public_key())

    def agree(self, other: PublicKey) -> bytes:
        """Return the secret that only the holders of the two private keys can compute (ECDH)."""
        return self._key.exchange(ec.ECDH(), other._key)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One of the installation's keys: its id, the hour from which it signs, and its two halves."""

    key_id: int
    signs_from: datetime
    private: PrivateKey
    public: PublicKey


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """All keys of an installation, in the order in which they sign."""

    keys: tuple[SigningKey, ...]

    def current(self, now: datetime) -> SigningKey:
        """Return the key that signs now: the newest whose hour has come."""
        return next((key for key in reversed(self.keys) if key.signs_from <= now), self.keys[0])

    def believed(self, now: datetime) -> Mapping[int, PublicKey]:
        """Return the keys that are believed now, by id: those announced, the current one, and those just replaced."""
        followed = (*(key.signs_from for key in self.keys[1:]), None)
        return {
            key.key_id: key.public
            for key, until in zip(self.keys, followed, strict=True)
            if until is None or now < until + BELIEVED
        }


def signing_keys() -> SigningKeys:
    """Return the installation's signing keys; made when there are none, and read anew when the file changes."""
    path = keys_path()
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        create_signing_keys(path)
        changed = path.stat().st_mtime_ns
    return _read(str(path), changed)


def keys_path() -> Path:
    """Return where the signing keys lie: beside the keyring."""
    keyring: Path = settings.NUANXIN_KEYS_FILE
    return keyring.with_name(SIGNING_KEYS)


def create_signing_keys(path: Path) -> None:
    """Make the first key, readable by its owner only; a file that is there, or appears meanwhile, is left alone.

    Its id is random, so that a restored installation that lost its keys is not mistaken for the one it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _write(
            path, {str(1 + secrets.randbelow(_MOST_KEYS)): _entry(datetime.fromtimestamp(0).astimezone())}, anew=True
        )


def rotate(*, now: datetime, at_once: bool = False) -> SigningKey:
    """Add a key and announce it; the one before stays believed for a while after the new one has begun to sign.

    :param at_once: the old keys leaked: they are believed no more from this moment. Every credential that is out is
        void, and counters learn the new key when they are set up again.
    """
    path = keys_path()
    keys = signing_keys()
    entries: dict[str, Any] = {} if at_once else json.loads(path.read_text(encoding="utf-8"))
    believed = keys.believed(now)
    entries = {name: entry for name, entry in entries.items() if int(name) in believed}
    used = {key.key_id for key in keys.keys}
    fresh = secrets.choice([number for number in range(1, _MOST_KEYS + 1) if number not in used])
    entries[str(fresh)] = _entry(now if at_once else now + ANNOUNCED)
    _write(path, entries, anew=False)
    return next(key for key in signing_keys().keys if key.key_id == fresh)


def _entry(signs_from: datetime) -> dict[str, str]:
    private = PrivateKey.new().number.to_bytes(32)
    return {"private": base64.b64encode(private).decode(), "signs_from": signs_from.isoformat()}


def _write(path: Path, entries: dict[str, Any], *, anew: bool) -> None:
    """Write a whole file beside and put it in place at once, so that nobody ever reads half of one."""
    half = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(entries, file, indent=1)
    if not anew:
        half.replace(path)
        return
    with suppress(FileExistsError):
        path.hardlink_to(half)
    half.unlink()


@lru_cache(maxsize=4)
def _read(path: str, _changed: int) -> SigningKeys:
    entries = json.loads(Path(path).read_text(encoding="utf-8"))
    keys = []
    for name, entry in entries.items():
        private = PrivateKey(int.from_bytes(base64.b64decode(entry["private"])))
        keys.append(SigningKey(int(name), datetime.fromisoformat(entry["signs_from"]), private, private.public()))
    return SigningKeys(tuple(sorted(keys, key=lambda key: (key.signs_from, key.key_id))))
