"""The small tree of Liaocheng with a licensing system of the city."""

from __future__ import annotations

import pytest

from nuanxin.formation.models import PermitSource
from nuanxin.wiring import connect
from tests.factories.access import make_roles
from tests.factories.formation import make_source
from tests.factories.organizations import Tree, make_tree


@pytest.fixture
def tree(db: None) -> Tree:
    """Make the tree, the code lists and the roles, and connect the hearers."""
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def source(tree: Tree) -> PermitSource:
    """Return the city's transport office."""
    return make_source(union=tree.city)
