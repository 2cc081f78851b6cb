"""Two cells and the lines between them."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_django
from django.utils import timezone
from pytest_django import Settings

from nuanxin.access.actors import system
from nuanxin.kernel.envelopes import cell_keys
from nuanxin.members.actions.admission import admit
from nuanxin.members.actions.cells.registry import register_cell
from nuanxin.members.models import Cell, Membership, Worker
from nuanxin.members.queries.persons import id_digest
from nuanxin.wiring import connect
from tests.cells.instances import Instance, template
from tests.cells.line import Line
from tests.cells.other import Other
from tests.factories.access import make_roles
from tests.factories.members import make_application, make_id_number
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


def prepare(folder: Path, *, seed: int, faults: dict[str, int] | None) -> Pair:
    """Return both instances and the lines between them; nothing runs yet."""
    key = base64.b64encode(os.urandom(32)).decode()
    a = Instance("A", folder / "a", NUANXIN_DIRECTORY="1", NUANXIN_DIRECTORY_KEY=key)
    b = Instance("B", folder / "b", NUANXIN_DIRECTORY_KEY=key)
    lines = {
        "to A": Line(a.address, seed=seed, faults=faults),
        "to B": Line(b.address, seed=seed + 1, faults=faults),
        "to the directory": Line(a.address, seed=seed + 2, faults=faults),
    }
    return Pair(a, b, lines)


def begin(pair: Pair) -> None:
    """Make both instances, introduce them to each other, and let them work."""
    name = template()
    for cell, line in zip(pair.both, ("to A", "to B"), strict=True):
        cell.settings["NUANXIN_BASE_URL"] = pair.lines[line].address
        cell.settings["NUANXIN_ALLOWED_HOSTS"] = "127.0.0.1"
        cell.settings["NUANXIN_DIRECTORY_URL"] = pair.lines["to the directory"].address
        cell.make(name)
    pair.a.start()
    point = pair.a.do("point")
    pair.a.stop()
    for cell in pair.both:
        cell.settings["NUANXIN_DIRECTORY_POINT"] = point
        cell.start()
        cell.do("set_up")
        cell.serve()
    introductions = [pair.a.do("introduce", name="聊城"), pair.b.do("introduce", name="济南")]
    pair.a.do("register", introductions=introductions)
    pair.b.do("refresh_until_known")
    pair.work()


@pytest.fixture
def tree(db: None) -> Tree:
    """Make the tree, the code lists and the roles."""
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def other(tree: Tree, settings: Settings) -> Other:
    """Make this installation cell A and the directory, and introduce cell B."""
    settings.NUANXIN_CELL, settings.NUANXIN_DIRECTORY = "A", True
    settings.NUANXIN_DIRECTORY_URL = "http://127.0.0.1:9"
    settings.NUANXIN_DIRECTORY_KEY = base64.b64encode(bytes(32)).decode()
    connect()
    made = Other()
    register_cell(introduction=made.introduction())
    Cell.objects.create(
        code="A",
        name="聊城",
        address="http://127.0.0.1:8",
        signing_point=cell_keys().signing.public().compressed(),
        sealing_point=cell_keys().sealing.public().compressed(),
    )
    return made


@pytest.fixture
def join(tree: Tree) -> Callable[..., Membership]:
    """Return what admits somebody here, as a union does."""

    def admitted(id_number: str | None = None, name: str = "王小芳") -> Membership:
        number = id_number or make_id_number()
        known = Worker.objects.filter(id_digest=id_digest(number)).first()
        application = make_application(union=tree.couriers, name=name, id_number=number, worker=known)
        return admit(system(), application, union=tree.couriers, basis="test", now=timezone.now())

    return admitted


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
    made = prepare(tmp_path, seed=20261122, faults=faults)
    try:
        begin(made)
        yield made
    finally:
        for cell in made.both:
            cell.remove()
        for line in made.lines.values():
            line.shutdown()
