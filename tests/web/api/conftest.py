"""Machines, cadres and nobody, at the door of machines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from django.test import Client

from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.organizations.models import Door
from nuanxin.wiring import connect
from tests.factories.access import make_client, make_device, make_post, make_roles, make_token
from tests.factories.members import make_fields
from tests.factories.organizations import Tree, make_tree

_serial = count(1)


@dataclass
class Caller:
    """Speaks JSON with the interface, with or without a key."""

    key: str = ""
    language: str = "en"
    #: Let a bug become the answer that a machine would see.
    raises: bool = True

    def __post_init__(self) -> None:
        self.client = Client(raise_request_exception=self.raises)

    def headers(self, more: dict[str, str] | None = None) -> dict[str, str]:
        given = {"Accept-Language": self.language} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        return given | (more or {})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query, headers=self.headers())

    def post(self, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Any:
        return self.client.post(
            f"/api/v1{path}",
            body if isinstance(body, bytes) else ({} if body is None else body),
            content_type="application/json",
            headers=self.headers(headers),
        )

    def apply(self, body: Any = None, *, key: str = "") -> Any:
        return self.post("/applications", body, headers={"Idempotency-Key": key or f"key-{next(_serial)}"})


def body_of(**fields: Any) -> dict[str, Any]:
    """Return what a machine sends for a new person each time."""
    return make_fields() | {"door": "h5", "consent_version": CONSENT_VERSION} | fields


@pytest.fixture
def tree(db: None) -> Tree:
    """Make the tree, the code lists and the roles, and connect the hearers."""
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def nobody(tree: Tree) -> Caller:
    return Caller()


@pytest.fixture
def machine(tree: Tree) -> Caller:
    """Return a government app whose door proves phones."""
    return Caller(make_client(door=Door.objects.get(pk="gov_app"))[1])


@pytest.fixture
def reviewer(tree: Tree) -> Caller:
    return Caller(make_token(post=make_post(role="reviewer", union=tree.city))[1])


@pytest.fixture
def counter(tree: Tree) -> Caller:
    return Caller(make_device(union=tree.city)[1])
