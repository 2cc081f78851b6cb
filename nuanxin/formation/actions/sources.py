"""Letting a licensing system in: its area, and the key with which it signs."""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions import issue_client_token
from nuanxin.access.models import ApiClient
from nuanxin.access.states import Permission, Scope
from nuanxin.formation.models import PermitSource
from nuanxin.formation.states import Signing
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.secrets import seal
from nuanxin.kernel.signatures import SECRET_BYTES
from nuanxin.kernel.signing import PublicKey
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union


@dataclass(frozen=True, slots=True)
class NewSource:
    """A licensing system, and the secret that is shown this once; empty when it signs with a key of its own."""

    source: PermitSource
    secret: str


@transaction.atomic
def register_source(*, actor: Actor, name: object, union: Union, public_key: object = "", now: datetime) -> NewSource:
    """Let a licensing system send messages for the area of a union. A name that has a key gets a new one.

    :param public_key: P-256, as PEM or as base64url of the point; without one a shared secret is made.
    :raises NotAllowed: without `access.manage_keys` at the root of the tree.
    :raises Invalid: no name, or a key that is none.
    """
    actor.require(Permission.MANAGE_KEYS, at=union)
    label = check_text(name, field="name", most=60)
    typed = check_text(public_key, field="public_key", most=2000)
    point = read_point(typed) if typed else b""
    issue_client_token(name=label, scopes=[Scope.SEND_PERMITS], actor=actor, now=now)
    secret = "" if point else base64.urlsafe_b64encode(os.urandom(SECRET_BYTES)).decode().rstrip("=")
    source = PermitSource(
        client=ApiClient.objects.get(name=label, revoked_at=None),
        name=label,
        union=union,
        signing=Signing.ECDSA if point else Signing.HMAC,
        sealed_secret=seal(secret) if secret else b"",
        public_key=point,
        created_at=now,
    )
    source.save(force_insert=True)
    record(actor, "formation.source_registered", source, now=now, union_path=union.path, signing=source.signing)
    return NewSource(source, secret)


def read_point(text: str) -> bytes:
    """Return the point of a public key on P-256.

    :raises Invalid: neither PEM of such a key, nor base64url of 33 or 65 bytes that are a point of the curve.
    """
    try:
        if text.startswith("-----"):
            key = load_pem_public_key(text.encode())
            if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
                raise ValueError("another kind of key")
            return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        return PublicKey.read(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))).compressed()
    except (ValueError, binascii.Error):
        raise Invalid(
            "bad_key",
            _("This is no public key on the curve P-256. Give it as PEM, or as base64url."),
            field="public_key",
        ) from None
