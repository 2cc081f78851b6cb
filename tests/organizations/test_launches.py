"""Signed launches: what is believed, and what is not, by table."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.signing import PrivateKey
from nuanxin.organizations.rules.launches import (
    BadLaunch,
    message_of,
    read_launch,
    read_public_key,
    sign_with_secret,
)
from tests.factories import NOW

SECRET = base64.urlsafe_b64encode(b"s" * 32).decode().rstrip("=")
KEY = PrivateKey.new()
POINT = base64.urlsafe_b64encode(KEY.public().compressed()).decode().rstrip("=")
PERSON = {"name": "王小芳", "phone": "13800001234", "time": str(int(NOW.timestamp())), "nonce": "n" * 16}


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _signed(**changed: str) -> dict[str, str]:
    values = PERSON | changed
    return values | {"sign": sign_with_secret(SECRET, "gov", values)}


def test_what_is_signed_is_taken_over_in_either_writing_and_by_either_key() -> None:
    message = message_of("gov", PERSON)
    assert message == f"gov\n王小芳\n13800001234\n{PERSON['time']}\n{'n' * 16}".encode()
    in_hex = hmac.new(b"s" * 32, message, hashlib.sha256).hexdigest()
    for sign, keys in (
        (sign_with_secret(SECRET, "gov", PERSON), {"secret": SECRET, "public_key": ""}),
        (in_hex, {"secret": SECRET, "public_key": ""}),
        (_b64(KEY.sign(message)), {"secret": "", "public_key": POINT}),
    ):
        launch = read_launch("gov", PERSON | {"sign": sign}, **keys, now=NOW)
        assert (launch.name, launch.phone, launch.nonce) == ("王小芳", "13800001234", "n" * 16)


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_clocks_may_differ_by_five_minutes(minutes: int) -> None:
    launch = read_launch("gov", _signed(), secret=SECRET, public_key="", now=NOW + timedelta(minutes=minutes))
    assert launch.until > NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("door", "values", "code"),
    [
        ("gov", _signed() | {"phone": "13800009999"}, "launch_forged"),
        ("gov", _signed() | {"name": "李四"}, "launch_forged"),
        ("gov", _signed() | {"nonce": "m" * 16}, "launch_forged"),
        ("gov", _signed() | {"sign": ""}, "launch_forged"),
        ("gov", _signed() | {"sign": "é"}, "launch_forged"),
        ("gov", _signed() | {"sign": "z" * 64}, "launch_forged"),
        ("other", _signed(), "launch_forged"),
        ("gov", _signed(nonce="short"), "launch_malformed"),
        ("gov", _signed(nonce="with blank inside"), "launch_malformed"),
        ("gov", _signed(name="王" * 51), "launch_malformed"),
        ("gov", _signed(name="王\n小芳"), "launch_malformed"),
        ("gov", _signed(time="soon"), "launch_malformed"),
        ("gov", _signed(time="9" * 13), "launch_malformed"),
        ("gov", _signed(time=str(int(NOW.timestamp()) - 301)), "launch_old"),
        ("gov", _signed(time=str(int(NOW.timestamp()) + 301)), "launch_old"),
        ("gov", {}, "launch_malformed"),
    ],
)
def test_what_is_not_believed(door: str, values: dict[str, str], code: str) -> None:
    with pytest.raises(BadLaunch) as refused:
        read_launch(door, values, secret=SECRET, public_key="", now=NOW)
    assert refused.value.code == code


def test_a_door_without_a_key_believes_nobody_and_another_key_is_no_key() -> None:
    with pytest.raises(BadLaunch):
        read_launch("gov", _signed(), secret="", public_key="", now=NOW)
    other = PrivateKey.new().sign(message_of("gov", PERSON))
    with pytest.raises(BadLaunch):
        read_launch("gov", PERSON | {"sign": _b64(other)}, secret="", public_key=POINT, now=NOW)


def test_a_public_key_comes_as_pem_or_as_a_point() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    assert read_public_key(pem) == read_public_key(_b64(point)) == _b64(point)
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    for bad in ("", "abc", "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----",
                other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()):  # fmt: skip
        with pytest.raises(Invalid):
            read_public_key(bad)
