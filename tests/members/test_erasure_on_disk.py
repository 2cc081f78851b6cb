"""A person is erased, and looked for in the raw files of the database, its log, dumps, backups and stored files."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nuanxin.postgres import cluster
from tests.installations import Installation
from tests.members.erasure_scene import PEOPLE, SEALED

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]


SCENE = "tests.members.erasure_scene"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "data")
    made.prepare()
    yield made
    made.remove()


def _looked_through(folder: Path, *, without: tuple[str, ...] = ()) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in files
        if file.relative_to(folder).parts[0] not in without
    }


#: What is held as long as the membership; what a day or two end for everybody; what ends by the hour, with nobody.
KEPT, PASSING, HOURS = ("texts", "bytes", "terms"), ("passing", "former_terms"), ("hours",)


def _needles(wanted: dict[str, list[str]], kinds: Iterable[str]) -> dict[str, tuple[bytes, ...]]:
    """Return what each secret looks like: UTF-8, bytes and hexadecimal, a number of eight bytes and its digits."""
    found: dict[str, tuple[bytes, ...]] = {}
    for kind in kinds:
        for secret in wanted[kind]:
            if kind == "texts":
                found[secret] = (secret.encode(),)
            elif kind in {"terms", "former_terms"}:
                found[secret] = (struct.pack("=q", int(secret)), secret.encode())
            else:
                found[secret] = (bytes.fromhex(secret), secret.encode())
    return found


def _seen(
    wanted: dict[str, list[str]], places: dict[str, bytes], kinds: Iterable[str] = KEPT + PASSING + HOURS
) -> dict[str, list[str]]:
    """Return which secrets are in which places."""
    hits = {
        secret: [name for name, content in places.items() if any(needle in content for needle in needles)]
        for secret, needles in _needles(wanted, kinds).items()
    }
    return {secret: names for secret, names in hits.items() if names}


def _restored_and_erased_again(
    installation: Installation, old_backup: Path, folder: Path, wanted: dict[str, Any], control: set[str]
) -> None:
    """Restore a backup from before the erasure: the log of erasures erases again, and the other person is there."""
    restored = Installation(folder / "restored")
    again = (
        "import sys; from pathlib import Path; from nuanxin.operate import backup, installation as i\n"
        "backup.restore(Path(sys.argv[1]), keys=Path(sys.argv[2])); i.boot(); i.migrate()\n"
        "from nuanxin.operate import storage\n"
        "print(storage.erased_again(Path(sys.argv[2]).with_name('erasures.jsonl')))\n"
        "print(*storage.cleared(now=storage.timezone.now()))"
    )
    cluster.start(restored.data, throwaway=True)
    try:
        keys = str(installation.data / "keys" / "nuanxin.keys")
        told = restored.run("-c", again, str(old_backup), keys, role="owner")
        assert "1 people and applications erased again" in told
        restored.checkpoint()
        files = _looked_through(restored.cluster.folder, without=("pg_wal",))
        assert _seen(wanted["erased"], {**files, "dump": restored.dumped()}, KEPT + PASSING) == {}
        assert {*_seen(wanted["control"], files, KEPT)} == control
    finally:
        restored.remove()


def test_nothing_of_an_erased_person_is_left_on_disk(installation: Installation, tmp_path: Path) -> None:
    facts, said = tmp_path / "facts.json", ""
    said += installation.play(SCENE, "build", facts)
    wanted = json.loads(facts.read_text())
    installation.sql("ANALYZE")
    installation.checkpoint()
    before = _looked_through(installation.cluster.folder, without=("pg_wal",))
    for who, person in PEOPLE.items():
        missing = {*_needles(wanted[who], KEPT + HOURS)} - {*_seen(wanted[who], before)}
        assert missing == {person[name] for name in SEALED}, "the search is blind"
    old_backup = tmp_path / "old.tar"
    installation.command("backup", str(old_backup))

    installation.play(SCENE, "erase", facts)
    for table in ("members_worker", "members_application", "records_auditentry"):
        installation.sql(f"VACUUM {table}")
    installation.checkpoint()
    # Why tables are written anew: plain VACUUM frees places, and leaves the bytes.
    assert _seen(wanted["erased"], _looked_through(installation.cluster.folder, without=("pg_wal",)))

    said += installation.command("retention", "clear")
    installation.checkpoint()
    files = _looked_through(installation.cluster.folder, without=("pg_wal",))
    assert _seen(wanted["erased"], files) == {}
    stored = _looked_through(installation.data, without=("postgres",))
    places = {**stored, "dump": installation.dumped(), "said": said.encode()}
    assert _seen(wanted["erased"], places) == {}
    assert _seen(wanted["control"], files, PASSING + HOURS) == {}
    control = _seen(wanted["control"], files, KEPT)
    gone = {*_needles(wanted["control"], KEPT)} - {*control}
    assert gone == {PEOPLE["control"][name] for name in SEALED}, "the search has become blind"
    _restored_and_erased_again(installation, old_backup, tmp_path, wanted, {*control})
