"""A restore brings the keys that sign offline cards along: codes on members' phones stay good."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from nuanxin.kernel.signing import SIGNING_KEYS
from nuanxin.postgres import cluster
from tests.installations import Installation

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]
SCENE = "tests.operate.test_restore"


def issue(facts: Path) -> None:
    """Let a member's phone fetch two credentials, and write down the codes that it shows now."""
    from tests.factories.credentials import make_credentials
    from tests.factories.members import make_member, worker_of
    from tests.factories.organizations import make_tree

    now = timezone.now()
    member = make_member(union=make_tree().couriers, name="欧阳小芳")
    codes = [held.code_at(now) for held in make_credentials(worker_of(member), now=now, count=2)]
    facts.write_text(json.dumps({"now": now.isoformat(), "codes": codes}))


def judge(facts: Path) -> None:
    """Write down what a counter is told of each code, at the moment for which it was made."""
    from datetime import datetime

    from nuanxin.access.actors import actor_of_key
    from nuanxin.members.actions.credentials import check_offline
    from nuanxin.organizations.models import Union
    from tests.factories.access import make_device

    told = json.loads(facts.read_text())
    now = datetime.fromisoformat(told["now"])
    union = Union.objects.order_by("path")[0]
    counter = actor_of_key(make_device(union=union, name=f"{timezone.now()}")[1], now)
    facts.write_text(
        json.dumps(told | {"answers": [check_offline(counter, code, now)[0].answer for code in told["codes"]]})
    )


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[Installation, Installation, Installation]]:
    made = Installation(tmp_path / "saved"), Installation(tmp_path / "restored"), Installation(tmp_path / "keyless")
    yield made
    for installation in made:
        installation.remove()


def answers(installation: Installation, facts: Path) -> list[str]:
    """Return what counters of an installation are told of the codes."""
    cluster.start(installation.data)
    installation.play(SCENE, "judge", facts)
    told: list[str] = json.loads(facts.read_text())["answers"]
    return told


def test_codes_from_before_the_backup_are_good_after_the_restore(
    places: tuple[Installation, Installation, Installation], tmp_path: Path
) -> None:
    saved, restored, keyless = places
    facts, backup = tmp_path / "facts.json", tmp_path / "saved.tar"
    saved.prepare()
    saved.play(SCENE, "issue", facts)
    saved.command("backup", str(backup))
    keys = saved.data / "keys" / "nuanxin.keys"
    assert SIGNING_KEYS.encode() not in backup.read_bytes()
    restored.command("restore", str(backup), "--keys", str(keys))
    there = restored.data / "keys" / SIGNING_KEYS
    assert there.read_bytes() == keys.with_name(SIGNING_KEYS).read_bytes()
    assert there.stat().st_mode & 0o777 == 0o600
    assert answers(restored, facts) == ["valid", "valid"]

    alone = tmp_path / "alone" / "nuanxin.keys"
    alone.parent.mkdir()
    shutil.copy(keys, alone)
    keyless.command("restore", str(backup), "--keys", str(alone))
    assert answers(keyless, facts) == ["forged", "forged"], "new keys were made, which signed nothing of this"
