"""The small tree of Liaocheng, connected."""

from __future__ import annotations

import pytest

from nuanxin.wiring import connect
from tests.factories.access import make_roles
from tests.factories.organizations import Tree, make_tree


@pytest.fixture
def tree(db: None) -> Tree:
    """Make the tree, the code lists and the roles, and connect the hearers."""
    connect()
    make_roles()
    return make_tree()
