"""The small tree of Liaocheng, seeded lists, and everybody wired."""

from __future__ import annotations

from typing import Any

import pytest

from nuanxin.access.actors import Actor, anonymous
from nuanxin.wiring import connect
from tests.factories.access import actor_for, make_roles
from tests.factories.organizations import Tree, make_tree


@pytest.fixture
def tree(db: None) -> Tree:
    """Make the tree, the code lists and the roles, and connect the hearers."""
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def nobody() -> Actor:
    """Return an actor who is nobody."""
    return anonymous()


def reviewer_at(union: Any, role: str = "reviewer") -> Actor:
    """Return a cadre with a post at a union."""
    return actor_for(role, union=union)
