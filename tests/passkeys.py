"""A device with passkeys, in software: makes keys and answers as WebAuthn wants, and can be told to cheat."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

ORIGIN = "https://desk.example"
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


@dataclass
class Device:
    """One device: its keys by credential, and the counter that it counts on."""

    origin: str = ORIGIN
    host: str = "desk.example"
    flags: int = PRESENT | VERIFIED
    counts: bool = True
    count: int = 0
    keys: dict[str, tuple[ec.EllipticCurvePrivateKey, str]] = field(default_factory=dict)

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Make a passkey as asked."""
        key, pk = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        self.keys[websafe_encode(pk)] = (key, options["user"]["id"])
        cose = cbor.encode(ES256.from_cryptography_key(key.public_key()))  # type: ignore[no-untyped-call]
        data = self._data(ATTESTED) + bytes(16) + len(pk).to_bytes(2, "big") + pk + cose
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        told = self._client("webauthn.create", options)
        response = {"clientDataJSON": websafe_encode(told), "attestationObject": websafe_encode(attestation)}
        return self._answer(websafe_encode(pk), response)

    def prove(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer with one of the keys that are allowed; with any when none is named."""
        allowed = [each["id"] for each in options.get("allowCredentials") or []]
        pk = next(each for each in self.keys if not allowed or each in allowed)
        key, handle = self.keys[pk]
        self.count += self.counts
        data, told = self._data(0), self._client("webauthn.get", options)
        signature = key.sign(data + sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": websafe_encode(told), "authenticatorData": websafe_encode(data)}
        return self._answer(pk, response | {"signature": websafe_encode(signature), "userHandle": handle})

    def _data(self, flags: int) -> bytes:
        return sha256(self.host.encode()).digest() + bytes([self.flags | flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    @staticmethod
    def _answer(pk: str, response: dict[str, str]) -> dict[str, Any]:
        return {"id": pk, "rawId": pk, "type": "public-key", "response": response, "clientExtensionResults": {}}


def handle_of(options: dict[str, Any]) -> bytes:
    """Return the user handle that a question to make a passkey names."""
    return websafe_decode(options["user"]["id"])
