"""Signatures of P-256 in their raw form, and signing keys that are announced, believed, and void."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nuanxin.kernel.signing import (
    ANNOUNCED,
    BELIEVED,
    PrivateKey,
    PublicKey,
    create_signing_keys,
    keys_path,
    rotate,
    signing_keys,
)

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
KEY = PrivateKey(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721)
#: RFC 6979, appendix A.2.5: key, message and signature with SHA-256.
SAMPLE = bytes.fromhex(
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.NUANXIN_KEYS_FILE = tmp_path / "keys" / "nuanxin.keys"
    return tmp_path / "keys"


def test_a_published_signature_holds() -> None:
    whole = KEY.public().whole()
    assert whole.hex().startswith("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6")
    assert KEY.public().verifies(SAMPLE, b"sample")
    assert not KEY.public().verifies(SAMPLE, b"Sample")
    assert PublicKey.read(KEY.public().compressed()).whole() == whole


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 511))
def test_a_signature_holds_until_a_bit_is_changed(data: bytes, bit: int) -> None:
    signature = KEY.sign(data)
    assert len(signature) == 64
    assert KEY.public().verifies(signature, data)
    changed = (int.from_bytes(signature) ^ (1 << bit)).to_bytes(64)
    assert not KEY.public().verifies(changed, data)


@pytest.mark.parametrize(
    "signature", [b"", b"\0" * 63, b"\0" * 64, b"\xff" * 64, SAMPLE + b"\0", b"\0" * 31 + b"\1" + ORDER.to_bytes(32)]
)
def test_what_is_no_signature(signature: bytes) -> None:
    assert not KEY.public().verifies(signature, b"sample")


@pytest.mark.parametrize(
    "point", [b"", b"\0", b"\0" * 33, b"\2" + b"\xff" * 32, b"\4" + b"\1" * 64, b"\5" + b"\1" * 32, b"\2" * 34]
)
def test_what_is_no_point(point: bytes) -> None:
    with pytest.raises(ValueError):
        PublicKey.read(point)


def test_keys_are_made_once_and_for_the_owner_only(folder: Path) -> None:
    first = signing_keys()
    file = keys_path()
    assert file == folder / "signing.keys"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert 1 <= first.current(NOW).key_id <= 255
    create_signing_keys(file)
    assert signing_keys() is first
    assert list(folder.iterdir()) == [file]


def test_made_by_many_at_once_they_are_one(folder: Path) -> None:
    gate = Barrier(8)

    def first_use(_: int) -> bytes:
        gate.wait(timeout=30)
        return signing_keys().current(NOW).public.whole()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(first_use, range(8)))) == 1
    assert [file.name for file in folder.iterdir()] == ["signing.keys"]


def test_a_new_key_is_announced_then_signs_and_the_old_one_is_believed_for_a_while(folder: Path) -> None:
    old = signing_keys().current(NOW)
    fresh = rotate(now=NOW)
    keys = signing_keys()
    second = timedelta(seconds=1)
    assert fresh.key_id != old.key_id
    assert keys.current(NOW + ANNOUNCED - second).key_id == old.key_id
    assert keys.current(NOW + ANNOUNCED).key_id == fresh.key_id
    assert set(keys.believed(NOW)) == {old.key_id, fresh.key_id}
    assert set(keys.believed(NOW + ANNOUNCED + BELIEVED - second)) == {old.key_id, fresh.key_id}
    assert set(keys.believed(NOW + ANNOUNCED + BELIEVED)) == {fresh.key_id}
    later = rotate(now=NOW + ANNOUNCED + BELIEVED)
    assert set(json.loads(keys_path().read_text())) == {str(fresh.key_id), str(later.key_id)}


def test_a_leaked_key_is_void_at_once(folder: Path) -> None:
    old = signing_keys().current(NOW)
    fresh = rotate(now=NOW, at_once=True)
    assert set(signing_keys().believed(NOW)) == {fresh.key_id}
    assert signing_keys().current(NOW).key_id == fresh.key_id != old.key_id
    assert stat.S_IMODE(keys_path().stat().st_mode) == 0o600
