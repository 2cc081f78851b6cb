"""Licensing systems and what they send."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from stdnum.cn import uscc

from nuanxin.access.states import Scope
from nuanxin.formation.models import Offer, PermitMessage, PermitSource
from nuanxin.formation.states import MessageState, OfferState, PermitKind, Signing
from nuanxin.kernel.secrets import seal
from nuanxin.kernel.signatures import signed_text
from nuanxin.kernel.signing import PrivateKey
from nuanxin.organizations.models import Door, Union
from tests.factories import NOW
from tests.factories.access import make_client
from tests.factories.members import make_fields

_serial = count(1)
SECRET = "a-shared-secret-of-the-tests"


def make_credit_code() -> str:
    """Return a well-formed credit code, another one each time."""
    head = f"91371502{next(_serial):09d}"
    return head + str(uscc.calc_check_digit(head))


def make_source(*, union: Union, key: PrivateKey | None = None, name: str = "") -> PermitSource:
    """Make a licensing system of a union's area; with a key it signs by ECDSA, else with a shared secret."""
    client, _key = make_client(
        name=name or f"licensing{next(_serial)}", scopes=[Scope.SEND_PERMITS], door=Door.objects.get(pk="api")
    )
    return PermitSource.objects.create(
        client=client,
        name=client.name,
        union=union,
        signing=Signing.ECDSA if key else Signing.HMAC,
        sealed_secret=b"" if key else seal(SECRET),
        public_key=key.public().compressed() if key else b"",
        created_at=NOW,
    )


def permit_of(**enterprise: Any) -> dict[str, Any]:
    """Return a message about an operating permit: a new firm each time."""
    number = next(_serial)
    told = {
        "name": f"聊城通达{number}物流有限公司",
        "credit_code": make_credit_code(),
        "region_code": "371502001",
        "contact": "李强",
        "contact_phone": f"1546{number:07d}",
    }
    return {
        "id": f"JTJ-{number}",
        "kind": "permit_issued",
        "at": datetime(2026, 11, 23, 9, 0, tzinfo=NOW.tzinfo),
        "permit": {"number": f"鲁交运管许可聊字{number}号", "type": "道路货物运输经营许可"},
        "enterprise": told | enterprise,
    }


def qualification_of(**person: Any) -> dict[str, Any]:
    """Return a message about a qualification: a new person each time."""
    number = next(_serial)
    return {
        "id": f"ZG-{number}",
        "kind": "qualification_issued",
        "at": datetime(2026, 11, 23, 9, 0, tzinfo=NOW.tzinfo),
        "permit": {"number": f"从业资格{number}", "type": "道路货物运输驾驶员"},
        "person": make_fields(occupation_group="truck_driver") | person,
    }


def make_offer(*, union: Union, id_digest: bytes, phone_digest: bytes) -> Offer:
    """Make an offer to a person, and the message of the licensing system that it came of."""
    offer = Offer.objects.create(
        union=union,
        door=Door.objects.get(pk="api"),
        state=OfferState.SENT,
        token_digest=id_digest,
        sealed_values=seal("{}"),
        id_digest=id_digest,
        phone_digest=phone_digest,
        sent_at=NOW,
        lapses_at=NOW + timedelta(days=30),
    )
    PermitMessage.objects.create(
        source=make_source(union=union),
        sender="licensing",
        external_id=f"ZG-{next(_serial)}",
        kind=PermitKind.QUALIFICATION_ISSUED,
        body_digest=b"",
        paper_digest=b"",
        sealed_payload=seal("{}"),
        occurred_at=NOW,
        received_at=NOW,
        state=MessageState.RECEIVED,
        union=union,
        offer=offer,
    )
    return offer


def signed(source: PermitSource, body: Any, *, at: datetime = NOW, key: PrivateKey | None = None) -> dict[str, Any]:
    """Return the body as sent and the headers that sign it."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False, default=_plain).encode()
    timestamp = str(int(at.timestamp()))
    text = signed_text(timestamp, raw)
    if key:
        value = "ecdsa-p256=" + base64.urlsafe_b64encode(key.sign(text)).decode().rstrip("=")
    else:
        value = "hmac-sha256=" + hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
    headers = {"X-Nuanxin-Key": str(source.pk), "X-Nuanxin-Timestamp": timestamp, "X-Nuanxin-Signature": value}
    return {"body": raw, "headers": headers}


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
