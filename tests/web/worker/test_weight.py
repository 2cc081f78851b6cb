"""Light enough for one bar of signal: bytes of a first load, and statements of a page."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from nuanxin.members.models import Membership
from nuanxin.members.queries.applications import progress_token
from tests.factories.members import make_application, make_fields
from tests.factories.organizations import Tree
from tests.web.worker.test_join import fill_in

FIRST_LOAD = 100_000


def weight(body: bytes) -> int:
    return len(gzip.compress(body, 6))


@pytest.mark.parametrize("path", ["/", "/join/", "/join/place/", "/join/send/", "/progress/", "/sign-in/", "/states/"])
def test_a_first_load_is_light(tree: Tree, client: Client, path: str) -> None:
    fill_in(client, make_fields())
    built = Path(settings.BUILD) / "static"
    shared = sum(weight((built / name).read_bytes()) for name in ("phone.css", "phone.js", "icons.svg", "favicon.svg"))
    page = client.get(path)
    assert page.status_code == 200
    assert shared + weight(page.content) <= FIRST_LOAD


@pytest.mark.parametrize("path", ["/", "/card/", "/card/code/", "/card/offline/"])
def test_a_members_first_load_is_light_with_the_service_worker_and_all(
    membership: Membership, member: Client, path: str
) -> None:
    built = Path(settings.BUILD) / "static"
    files = ("phone.css", "phone.js", "icons.svg", "favicon.svg", "card.js", "service-worker.js")
    shared = sum(weight((built / name).read_bytes()) for name in files)
    assert shared + weight(member.get(path).content) + weight(member.get("/offline/").content) <= FIRST_LOAD


def test_pages_ask_few_statements(
    tree: Tree,
    membership: Membership,
    member: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    token = progress_token(make_application(union=tree.couriers).pk)
    fill_in(member, make_fields())
    stranger = Client()
    for browser, path, most in (
        (stranger, "/", 0),
        (stranger, "/join/", 2),
        (stranger, f"/a/{token}", 4),
        (member, "/join/send/", 12),
        (member, "/", 10),
        (member, "/card/", 10),
        (member, "/card/code/", 13),
        (member, "/card/offline/", 10),
    ):
        with django_assert_max_num_queries(most):
            assert browser.get(path).status_code == 200
