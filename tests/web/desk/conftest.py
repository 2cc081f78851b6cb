"""The tree of Liaocheng, everybody wired, and cadres who are signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from nuanxin.wiring import connect
from tests.factories.access import make_account, make_post, make_roles, sign_in
from tests.factories.organizations import Tree, make_tree

if TYPE_CHECKING:
    from datetime import datetime


@pytest.fixture(autouse=True)
def _demo(settings: Any) -> None:
    """Ask for no authenticator: it is not what is tested here."""
    settings.DEMO = True


@pytest.fixture
def tree(db: None) -> Tree:
    """Make the tree, the code lists and the roles, and connect the hearers."""
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def now() -> datetime:
    """Return the moment in which the server lives."""
    return timezone.now()


def cadre(role: str = "reviewer", *, union: Any = None, enterprise: Any = None, name: str = "王敏") -> Client:
    """Return a browser in which somebody with one post is signed in."""
    account = make_account(name=name)
    make_post(
        account=account,
        role=role,
        union=union,
        enterprise=enterprise,
        valid_from=timezone.now() - timedelta(days=1),
    )
    client = Client()
    sign_in(client, account)
    return client
