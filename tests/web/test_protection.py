"""Limits and proof of work at the public doors: who is stopped, how it is told, and who is not."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

import pytest
from altcha import Challenge, Payload, solve_challenge
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory

from nuanxin.access.actions import take
from nuanxin.access.models import Throttle
from nuanxin.access.rules.limits import LIMITS
from nuanxin.kernel.secrets import digest
from nuanxin.members.models import Application
from nuanxin.wiring import connect
from tests.factories.access import make_account, make_roles
from tests.factories.members import make_fields
from tests.factories.organizations import Tree, make_tree
from tests.web.worker.test_join import AGREED, fill_in


@pytest.fixture
def tree(db: None) -> Tree:
    connect()
    make_roles()
    return make_tree()


def solved(client: Client) -> str:
    """Return what a browser would put into the form after its work."""
    challenge = Challenge.from_dict(client.get("/kit/proof/").json())
    solution = solve_challenge(challenge)
    assert solution is not None
    return Payload(challenge, solution).to_base64()


@pytest.mark.parametrize(
    ("peer", "named", "counted"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "not an address", "nowhere"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", "203.0.113.9"),
        ("", "", "nowhere"),
    ],
)
def test_the_address_that_counts(settings: Any, peer: str, named: str, counted: str) -> None:
    from nuanxin.web.kit.sources import client_address

    settings.NUANXIN_TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": named} if named else {})
    assert client_address(request) == counted


def test_a_proxy_that_is_no_address_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from nuanxin.settings import networks

    monkeypatch.setenv("NUANXIN_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    assert networks("NUANXIN_TRUSTED_PROXIES") == [ip_network("10.0.0.0/8"), ip_network("::1")]
    monkeypatch.setenv("NUANXIN_TRUSTED_PROXIES", "10.0.0.0/8, proxy.example")
    with pytest.raises(ImproperlyConfigured, match=r"NUANXIN_TRUSTED_PROXIES .*'proxy.example'"):
        networks("NUANXIN_TRUSTED_PROXIES")


def test_every_limit_says_why_and_is_used_somewhere() -> None:
    from tests.house.sources import ROOT

    code = "".join(file.read_text() for file in (ROOT / "nuanxin").rglob("*.py") if file.name != "limits.py")
    for name, limit in LIMITS.items():
        assert (limit.most, limit.seconds) > (0, 0)
        assert limit.why
        assert f'"{name}"' in code, name


def test_a_proof_counts_once_and_only_as_it_was_given(tree: Tree, client: Client) -> None:
    from nuanxin.web.kit.proof import proof_of

    answer = solved(client)
    assert proof_of(answer) is not None
    told = json.loads(base64.b64decode(answer))
    told["challenge"]["parameters"]["cost"] = 1
    for bad in ("", "x", "e30=", base64.b64encode(json.dumps(told).encode()).decode(), answer[:-8], "A" * 5000):
        assert proof_of(bad) is None
    for _time in range(2):
        client.post("/sign-in/", {"phone": "13800138000", "altcha": answer})
    unproved = Throttle.objects.get(key=digest("throttle:codes_unproved", "127.0.0.1"))
    assert unproved.tries == 1, "the second sending counts as one without proof"


def test_an_expired_proof_is_none(tree: Tree, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from nuanxin.web.kit.proof import proof_of

    answer, then = solved(client), time.time()
    monkeypatch.setattr(time, "time", lambda: then + 20 * 60 + 1)
    assert proof_of(answer) is None


def unproved_used_up(client: Client, send: Any) -> Any:
    """Send without proof until it is refused; return the refusal."""
    for _try in range(LIMITS["codes_unproved"].most):
        assert send().status_code != 429
    return send()


def test_without_proof_a_form_works_under_a_tighter_limit_and_keeps_what_was_typed(tree: Tree, client: Client) -> None:
    phones = (f"138{number:08}" for number in range(100))
    refused = unproved_used_up(client, lambda: client.post("/sign-in/", {"phone": next(phones)}))
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 3000
    assert 'value="13800000030"' in refused.content.decode()
    assert "请" in refused.content.decode()
    proved = client.post("/sign-in/", {"phone": next(phones), "altcha": solved(client)})
    assert proved.status_code == 200, "with its proof the same address goes on"


def test_joining_is_guarded_and_sending_twice_is_one(tree: Tree, client: Client) -> None:
    fields = make_fields()
    fill_in(client, fields)
    answer = solved(client)
    for _time in range(2):
        assert client.post("/join/send/", AGREED | {"altcha": answer}).status_code == 302
    assert Application.objects.count() == 1
    Throttle.objects.update(tries=LIMITS["applications"].most)
    other = Client()
    fill_in(other, make_fields())
    refused = other.post("/join/send/", AGREED)
    assert (refused.status_code, "Retry-After" in refused) == (429, True)
    assert "checked" in refused.content.decode(), "what was ticked stays ticked"
    assert Application.objects.count() == 1


def test_finding_progress_is_guarded(tree: Tree, client: Client) -> None:
    Throttle.objects.all().delete()
    typed = {"number": "20261121ABCDEFGH", "phone": "13800138000"}
    assert client.post("/progress/", typed).status_code == 200
    Throttle.objects.update(tries=LIMITS["codes_unproved"].most)
    refused = client.post("/progress/", typed | {"phone": "13800138001"})
    assert (refused.status_code, "20261121ABCDEFGH" in refused.content.decode()) == (429, True)


@pytest.mark.parametrize(
    ("path", "limit", "status"),
    [
        ("/a/guess{}", "links_unknown", 404),
        ("/u/NO{}", "posters_unknown", 404),
        ("/api/v1/applications/20261121ABCDEFGH?token=guess{}", "links_unknown", 404),
        ("/api/v1/regions?q=x{}", "public_api", 200),
    ],
)
def test_guesses_are_counted_and_told_to_wait(tree: Tree, path: str, limit: str, status: int) -> None:
    client = Client()
    assert client.get(path.format(0)).status_code == status
    Throttle.objects.update(tries=LIMITS[limit].most)
    refused = client.get(path.format(1))
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_unknown_keys_are_counted_and_known_ones_are_not(tree: Tree, client: Client) -> None:
    bad = {"Authorization": "Bearer nxc_guess"}
    assert client.get("/api/v1/applications", headers=bad).status_code == 401
    Throttle.objects.update(tries=LIMITS["keys_unknown"].most)
    refused = client.get("/api/v1/applications", headers=bad)
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"


def test_a_known_link_opens_though_somebody_guesses_from_the_same_address(tree: Tree, client: Client) -> None:
    from nuanxin.members.queries.applications import progress_token
    from tests.factories.members import make_application

    token = progress_token(make_application(union=tree.couriers).pk)
    client.get("/a/guess")
    Throttle.objects.update(tries=LIMITS["links_unknown"].most)
    assert client.get("/a/guess").status_code == 429
    assert client.get(f"/a/{token}").status_code == 200


@pytest.mark.parametrize(
    ("state", "form", "typed"),
    [
        ("submitted", "withdraw", {}),
        ("refused", "data/erase", {"last6": "012345"}),
        ("returned", "correct", {"go": "1", **make_fields()}),
        ("known_member", "transfer", {"answer": "no"}),
    ],
)
def test_forms_behind_a_link_are_guarded(tree: Tree, client: Client, state: str, form: str, typed: Any) -> None:
    from nuanxin.members.queries.applications import progress_token
    from tests.factories.members import make_application

    found = make_application(union=tree.couriers, state=state)
    now = datetime.now(UTC)
    for _try in range(LIMITS["forms_unproved"].most):
        take(name="forms_unproved", subject="127.0.0.1", now=now)
    typed = typed | {"region_code": tree.couriers.region_id} if form == "correct" else typed
    sent = client.post(f"/a/{progress_token(found.pk)}/{form}/", typed)
    assert (sent.status_code, "Retry-After" in sent) == (429, True)
    found.refresh_from_db()
    assert found.state == state


def test_suggestions_of_employers_are_limited(tree: Tree, client: Client) -> None:
    assert client.get("/join/place/employers/?employer_name=站").status_code == 200
    Throttle.objects.update(tries=LIMITS["suggestions"].most)
    assert client.get("/join/place/employers/?employer_name=站点").status_code == 429


def test_a_stranger_who_knows_the_name_locks_nobody_out(tree: Tree) -> None:
    make_account(username="wangmin", password="seven blue kites", second_factor=None)
    right = {"username": "wangmin", "password": "seven blue kites"}
    own, stranger, other_office = Client(), Client(REMOTE_ADDR="198.51.100.7"), Client(REMOTE_ADDR="203.0.113.5")
    assert own.post("/desk/sign-in/", right).status_code == 302
    for number in range(60):
        stranger.defaults["REMOTE_ADDR"] = f"198.51.100.{number // 5}"
        stranger.post("/desk/sign-in/", {"username": "wangmin", "password": "x"})
    assert stranger.post("/desk/sign-in/", right).status_code == 429
    assert other_office.post("/desk/sign-in/", right).status_code == 429, "fifty wrong ones from everywhere"
    own.cookies.pop("nuanxin", None)
    assert own.post("/desk/sign-in/", right).status_code == 302, "where the name is known, it goes on"
    Throttle.objects.all().delete()
    cache.clear()  # what a process remembers for seconds
    for _try in range(5):
        stranger.post("/desk/sign-in/", {"username": "wangmin", "password": "x"})
    assert other_office.post("/desk/sign-in/", right).status_code == 302
