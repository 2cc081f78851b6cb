"""The small tree of Liaocheng, and a browser on the phone."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from nuanxin.access.models import Throttle
from nuanxin.kernel.secrets import digest
from nuanxin.members.models import Membership
from nuanxin.members.queries.memberships import identity_of
from nuanxin.wiring import connect
from tests.factories.access import make_roles
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree
from tests.factories.texts import code_sent_to


@pytest.fixture
def tree(db: None) -> Tree:
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def membership(tree: Tree) -> Membership:
    return make_member(union=tree.couriers, name="王小芳", phone="15400009999")


@pytest.fixture
def member(membership: Membership, client: Client) -> Client:
    """Return a browser in which the member has signed in through the page itself."""
    worker_of(membership)
    return signed_in(client, "15400009999")


def signed_in(client: Client, phone: str) -> Client:
    """Sign a member in through the pages, as on a new phone."""
    found = Membership.objects.select_related("worker").get(worker__phone_digest=digest("phone", phone))
    client.post("/sign-in/", {"phone": phone})
    proof = {"phone": phone, "code": code_sent_to(phone), "last6": identity_of(found)[-6:]}
    assert client.post("/sign-in/", proof).status_code == 302
    return client


def a_minute_later() -> None:
    """Let codes be sent again."""
    Throttle.objects.all().delete()
    cache.clear()
