"""Secrets at rest: a keyring, sealed values, blind indexes, and one key per person.

A value is sealed as `version byte ‖ key id ‖ nonce ‖ ciphertext and tag`. A person's values are sealed under that
person's own key, and that key under the keyring's: forgetting the one row that holds it makes every sealed value of
that person unreadable, wherever copies of them lie. What must be found by value has a keyed hash beside it.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol, cast

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

_AES, _SM4 = 1, 2
_NONCE = 12


class _Box(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class _SM4GCM:
    """SM4 in GCM mode (GB/T 32907-2016), with the interface of `AESGCM`."""

    def __init__(self, key: bytes) -> None:
        self._key = key[:16]

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        encryptor = Cipher(algorithms.SM4(self._key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        decryptor = Cipher(algorithms.SM4(self._key), modes.GCM(nonce, data[-16:])).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-16]) + decryptor.finalize()


def _box(kind: int, key: bytes) -> _Box:
    return AESGCM(key) if kind == _AES else cast("_Box", _SM4GCM(key))


@dataclass(frozen=True)
class Keyring:
    """The installation's keys: sealing keys by id, the id that seals now, and the key of the blind indexes."""

    sealing: dict[int, bytes]
    current: int
    index: bytes
    kind: int = _AES

    def seal(self, value: bytes, *, bound_to: bytes = b"") -> bytes:
        """Seal a value under the current key; `bound_to` must be given again to open it."""
        nonce = os.urandom(_NONCE)
        sealed = _box(self.kind, self.sealing[self.current]).encrypt(nonce, value, bound_to)
        return bytes((self.kind, self.current)) + nonce + sealed

    def unseal(self, sealed: bytes, *, bound_to: bytes = b"") -> bytes:
        """Open a sealed value with whichever key sealed it.

        :raises cryptography.exceptions.InvalidTag: it was changed, or sealed for something else.
        """
        kind, key_id = sealed[0], sealed[1]
        box = _box(kind, self.sealing[key_id])
        return box.decrypt(sealed[2 : 2 + _NONCE], sealed[2 + _NONCE :], bound_to)

    def digest(self, purpose: str, value: str) -> bytes:
        """Return the blind index of a value: equal values are found, and nothing is learned without the key."""
        return hmac.digest(self.index, f"{purpose}\0{value}".encode(), "sha256")


def create_keys_file(path: Path) -> None:
    """Write a fresh keys file, readable by its owner only. Refuses to overwrite one.

    :raises FileExistsError: a file is there: overwriting keys would lose every sealed value.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = {"sealing": {"1": _encode(os.urandom(32))}, "current": 1, "index": _encode(os.urandom(32))}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(keys, file, indent=1)


def _encode(key: bytes) -> str:
    return base64.b64encode(key).decode()


@lru_cache(maxsize=4)
def _read_keyring(path: str, cipher: str) -> Keyring:
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    return Keyring(
        sealing={int(name): base64.b64decode(key) for name, key in data["sealing"].items()},
        current=data["current"],
        index=base64.b64decode(data["index"]),
        kind=_SM4 if cipher == "sm4" else _AES,
    )


def keyring() -> Keyring:
    """Return the installation's keyring, read once per process from the keys file that the settings name."""
    return _read_keyring(str(settings.NUANXIN_KEYS_FILE), settings.NUANXIN_CIPHER)


def digest(purpose: str, value: str) -> bytes:
    """Return the blind index of a value for a purpose such as `id` or `phone`."""
    return keyring().digest(purpose, value)


def seal(value: str) -> bytes:
    """Seal a text under the installation's key: for secrets that belong to no person."""
    return keyring().seal(value.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """Open what `seal` closed."""
    return keyring().unseal(bytes(sealed)).decode()


class KeyDestroyed(Exception):
    """The person was erased: what was sealed under that key can be opened by nobody any more."""


class PersonKey:
    """One person's key, in the sealed form in which a row holds it and open for the length of one act.

    The key of somebody who was erased is empty: it opens nothing but emptiness.
    """

    def __init__(self, sealed: bytes | memoryview) -> None:
        self.sealed = bytes(sealed)
        self._box: _Box | None = None
        self._kind = self.sealed[0] if self.sealed else _AES

    @property
    def is_destroyed(self) -> bool:
        """Tell whether the person was erased."""
        return not self.sealed

    @classmethod
    def new(cls) -> PersonKey:
        """Make a key for a person met for the first time."""
        raw, ring = os.urandom(32), keyring()
        made = cls(ring.seal(raw))
        made._box = _box(ring.kind, raw)
        return made

    def _open(self) -> _Box:
        if self.is_destroyed:
            raise KeyDestroyed
        if self._box is None:
            self._box = _box(self._kind, keyring().unseal(self.sealed))
        return self._box

    def seal(self, value: str) -> bytes:
        """Seal a text under this person's key."""
        nonce = os.urandom(_NONCE)
        return bytes((self._kind,)) + nonce + self._open().encrypt(nonce, value.encode(), None)

    def seal_bytes(self, content: bytes) -> bytes:
        """Seal a file under this key."""
        nonce = os.urandom(_NONCE)
        return bytes((self._kind,)) + nonce + self._open().encrypt(nonce, content, None)

    def unseal_bytes(self, sealed: bytes | memoryview) -> bytes:
        """Open a file sealed under this key.

        :raises KeyDestroyed: the key is gone.
        """
        sealed = memoryview(sealed)
        return self._open().decrypt(bytes(sealed[1 : 1 + _NONCE]), bytes(sealed[1 + _NONCE :]), None)

    def unseal(self, sealed: bytes | memoryview) -> str:
        """Open a text sealed under this person's key; what was emptied opens as an empty text.

        :raises KeyDestroyed: the person was erased, and this was left over.
        """
        sealed = bytes(sealed)
        if not sealed:
            return ""
        return self._open().decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], None).decode()


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane (OWASP Password Storage Cheat Sheet).

    Django's own measure, 100 MiB in eight lanes, takes 0.2 s of all processors for one guess, and whoever works at
    the same time waits for it. A password hashed by another measure is hashed again when it is next typed.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
