"""Every operation of the interface, asked by schemathesis with each kind of key: no fault, and what the schema says."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from pytest_django import DjangoDbBlocker
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from nuanxin.access.actions import revoke_client
from nuanxin.access.actors import system
from nuanxin.access.models import ApiClient, Throttle
from nuanxin.access.states import Scope
from nuanxin.members.queries.applications import progress_token
from nuanxin.web.api.api import api
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.access import make_client, make_device, make_post, make_roles, make_token
from tests.factories.members import make_application, make_member
from tests.factories.organizations import Tree, make_tree

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
#: Cases of each operation with each kind of key.
MOST = int(os.environ.get("NUANXIN_SCHEMA_CASES", "40"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: Other installations sign what they send; no key is asked for.
SIGNED = frozenset({"/api/v1/cells/messages", "/api/v1/directory/messages"})
WHO = ("machine", "narrow machine", "cadre", "device", "revoked", "nobody")
OPERATIONS = [
    (method.upper(), path)
    for path, methods in api.get_openapi_schema()["paths"].items()
    for method in methods
    if method in {"get", "post", "put", "patch", "delete"}
]


@dataclass
class World:
    """A key of each kind, and things that exist."""

    keys: dict[str, str]
    real: dict[str, list[str]]


def _build() -> World:
    connect()
    make_roles()
    tree: Tree = make_tree()
    client, revoked = make_client(scopes=list(Scope.values))
    revoke_client(actor=system(), client=ApiClient.objects.get(pk=client.pk), now=NOW)
    waiting, member = make_application(union=tree.couriers), make_member(union=tree.couriers)
    keys = {
        "machine": make_client(scopes=list(Scope.values))[1],
        "narrow machine": make_client(scopes=[Scope.READ_TALLIES])[1],
        "cadre": make_token(post=make_post(role="administrator", union=tree.city))[1],
        "device": make_device(union=tree.city)[1],
        "revoked": revoked,
        "nobody": "",
    }
    real = {
        "number": [waiting.number, member.number],
        "code": [tree.couriers.code],
        "union": [tree.city.code],
        "region": ["3715"],
        "parent": ["371502"],
        "token": [progress_token(waiting.pk)],
    }
    return World(keys, real)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Build the world once, in a transaction that is never committed; no request closes its connection."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    with django_db_blocker.unblock(), transaction.atomic():
        yield _build()
        transaction.set_rollback(True)
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


@pytest.fixture(scope="module")
def schema() -> Any:
    return schemathesis.openapi.from_dict(api.get_openapi_schema())


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_keeps_its_word(world: World, schema: Any, who: str, method: str, path: str) -> None:
    operation = schema[path][method]
    headers = {"Authorization": f"Bearer {world.keys[who]}"} if world.keys[who] else {}
    turn, told = 0, Counter[int]()
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @given(case=one_of(good, bad) if _takes_something(operation) else good)
    @settings(
        max_examples=MOST,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    def ask(case: Any) -> None:
        nonlocal turn
        turn += 1
        if turn % 2:  # every other time at something that exists
            for place in (case.path_parameters, case.query):
                for name in set(place or {}) & set(world.real):
                    place[name] = world.real[name][turn // 2 % len(world.real[name])]
        with transaction.atomic():
            response = case.call(app=WSGIHandler(), base_url="http://testserver", headers=headers)
            transaction.set_rollback(True)
        Throttle.objects.all().delete()
        case.validate_response(response, checks=CHECKS)
        told[response.status_code] += 1

    ask()
    print(who, method, path, dict(told))
    if path in SIGNED:
        assert not any(status < 400 for status in told), "what is not signed opens nothing, whatever the key"
    else:
        assert not (who == "revoked" and set(told) - {401, 400, 413, 422}), "a revoked key opens nothing"


def _takes_something(operation: Any) -> bool:
    return bool(operation.body or operation.query or operation.path_parameters or operation.headers)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_other_methods_are_told_which_there_are(world: World, method: str, path: str) -> None:
    from django.test import Client

    address = path.replace("{number}", world.real["number"][0]).replace("{code}", world.real["code"][0])
    known = {each for each, there in OPERATIONS if there == path}
    for other in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
        with transaction.atomic():
            answer = Client().generic(other, address)
            transaction.set_rollback(True)
        assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
        assert set(answer["Allow"].replace(" ", "").split(",")) >= known
