"""Fifty submissions of one person at the same moment, over HTTP, are one application."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.db.models import Q
from pytest_django.live_server_helper import LiveServer

from nuanxin.members.models import Application, ApplicationAct
from nuanxin.members.states import OPEN
from nuanxin.organizations.models import Door
from nuanxin.records.models import IdempotencyKey
from nuanxin.wiring import connect
from tests.factories.access import make_client, make_post, make_roles, make_token
from tests.factories.members import make_application
from tests.factories.organizations import make_tree
from tests.web.api.conftest import body_of

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 50


@pytest.fixture
def place() -> Any:
    connect()
    make_roles()
    return make_tree()


def opened(server: LiveServer, times: int) -> list[HTTPConnection]:
    """Open connections one after the other: the test's server has room for ten that knock at once."""
    lines = [HTTPConnection(urlsplit(server.url).netloc, timeout=60) for _ in range(times)]
    for line in lines:
        line.connect()
    return lines


def send(line: HTTPConnection, path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    try:
        line.request("POST", path, json.dumps(body), {"Content-Type": "application/json"} | headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


def at_once(work: Any, times: int) -> list[Any]:
    gate = Barrier(times)

    def one(number: int) -> Any:
        gate.wait(timeout=60)
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_fifty_submissions_of_one_person(live_server: LiveServer, place: Any) -> None:
    key = make_client(door=Door.objects.get(pk="gov_app"))[1]
    body = body_of(door="gov_app")
    lines = opened(live_server, AT_ONCE)

    def submit(number: int) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"try-{number}"}
        return send(lines[number], "/api/v1/applications", body, headers)

    answers = at_once(submit, AT_ONCE)
    assert {status for status, _ in answers} == {201}, Counter(status for status, _ in answers)
    assert {told["number"] for _, told in answers} == {Application.objects.get().number}
    assert ApplicationAct.objects.count() == 1
    assert IdempotencyKey.objects.count() == AT_ONCE


def test_fifty_submissions_with_one_key(live_server: LiveServer, place: Any) -> None:
    key = make_client(door=Door.objects.get(pk="gov_app"))[1]
    body = body_of(door="gov_app")
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "same"}
    lines = opened(live_server, AT_ONCE)
    answers = at_once(lambda number: send(lines[number], "/api/v1/applications", body, headers), AT_ONCE)
    assert {status for status, _ in answers} == {201}
    assert len({json.dumps(told, sort_keys=True) for _, told in answers}) == 1
    assert (Application.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


def test_counting_first_and_inserting_then_would_make_several(place: Any) -> None:
    """The control: ten threads that look, then write, with the constraint's column left open, must be wrong."""
    looked = Barrier(10)

    def look_then_insert(_: int) -> None:
        mine = Q(name="王小芳", state__in=OPEN)
        found = Application.objects.filter(mine).count()
        looked.wait(timeout=60)
        if not found:
            make_application(union=place.couriers)

    at_once(look_then_insert, 10)
    assert Application.objects.filter(state__in=OPEN).count() > 1


def test_twenty_reviewers_at_once(live_server: LiveServer, place: Any) -> None:
    number = make_application(union=place.couriers).number
    lines = opened(live_server, 20)
    keys = [make_token(post=make_post(role="reviewer", union=place.city))[1] for _ in range(20)]

    def decide(place_of: int) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {keys[place_of]}", "Accept-Language": "en"}
        body = {"decision": "approve"} if place_of % 2 else {"decision": "refuse", "reason": "不属于本工会"}
        return send(lines[place_of], f"/api/v1/applications/{number}/decision", body, headers)

    answers = at_once(decide, 20)
    assert Counter(status for status, _ in answers) == {200: 1, 409: 19}
    assert all(
        told["code"] == "already_decided" and "王敏" in told["detail"] for status, told in answers if status == 409
    )
    assert ApplicationAct.objects.count() == 1
