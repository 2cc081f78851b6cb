"""Two cells and the lines between them."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_django

from nuanxin.wiring import connect
from tests.cells.instances import Instance, template
from tests.cells.line import Line
from tests.factories.access import make_roles
from tests.factories.organizations import Tree, make_tree


@dataclass
class Pair:
    """Cell A, which is the directory as well, and cell B; every line between them may be faulty."""

    a: Instance
    b: Instance
    lines: dict[str, Line] = field(default_factory=dict)

    @property
    def both(self) -> tuple[Instance, Instance]:
        return self.a, self.b

    def work(self) -> None:
        for cell in self.both:
            cell.do("work")

    def rest(self) -> None:
        for cell in self.both:
            cell.do("rest")

    def facts(self) -> dict[str, dict[str, Any]]:
        """Return what both keep, while nothing moves."""
        self.rest()
        found = {cell.code: cell.do("facts") for cell in self.both}
        self.work()
        return found


def begin(folder: Path, *, seed: int, faults: dict[str, int] | None) -> Pair:
    """Make both instances, introduce them to each other, and let them work."""
    key = base64.b64encode(os.urandom(32)).decode()
    a = Instance("A", folder / "a", NUANXIN_DIRECTORY="1", NUANXIN_DIRECTORY_KEY=key)
    b = Instance("B", folder / "b", NUANXIN_DIRECTORY_KEY=key)
    lines = {
        "to A": Line(a.address, seed=seed, faults=faults),
        "to B": Line(b.address, seed=seed + 1, faults=faults),
        "to the directory": Line(a.address, seed=seed + 2, faults=faults),
    }
    name = template()
    for cell, line in ((a, "to A"), (b, "to B")):
        cell.settings["NUANXIN_BASE_URL"] = lines[line].address
        cell.settings["NUANXIN_ALLOWED_HOSTS"] = "127.0.0.1"
        cell.settings["NUANXIN_DIRECTORY_URL"] = lines["to the directory"].address
        cell.make(name)
    a.start()
    point = a.do("point")
    a.stop()
    for cell in (a, b):
        cell.settings["NUANXIN_DIRECTORY_POINT"] = point
        cell.start()
        cell.do("set_up")
        cell.serve()
    a.do("register", introductions=[a.do("introduce", name="聊城"), b.do("introduce", name="济南")])
    b.do("refresh_until_known")
    pair = Pair(a, b, lines)
    pair.work()
    return pair


@pytest.fixture
def tree(db: None) -> Tree:
    """Make the tree, the code lists and the roles."""
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def faults() -> dict[str, int] | None:
    """Return what happens on the lines; the usual faults unless a test says otherwise."""
    return None


@pytest.fixture
def pair(
    tmp_path: Path,
    faults: dict[str, int] | None,
    db: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
) -> Iterator[Pair]:
    """Give two cells that talk to each other over faulty lines."""
    made = begin(tmp_path, seed=20261122, faults=faults)
    yield made
    for cell in made.both:
        cell.remove()
    for line in made.lines.values():
        line.shutdown()
