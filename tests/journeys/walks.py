"""Pages to which no address alone leads: in the middle of joining, signing in, deciding, trying and checking.

Each walk gives what a reader of it sees, one after the other: whose window, its address, the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from nuanxin.access.models import Account
from nuanxin.web.counter.devices import COOKIE as DEVICE
from tests.factories.access import make_account, make_device, make_post, sign_in
from tests.factories.members import make_application, make_fields
from tests.house.test_permission_matrix import World
from tests.web.test_counter import fresh_code
from tests.web.worker.test_join import AGREED, PERSON, PLACE

Seen = tuple[Client, str, Any]
Walk = Callable[[World, dict[str, str]], Iterator[Seen]]
_PASSWORD = "three green lanterns"


def _client(cookies: dict[str, str]) -> Client:
    client = Client(raise_request_exception=False)
    for name, value in cookies.items():
        client.cookies[name] = value
    return client


def _cadre(world: World, cookies: dict[str, str]) -> Client:
    account: Account = make_account()
    make_post(account=account, role="everything", union=world.city)
    client = _client(cookies)
    sign_in(client, account)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookies[settings.LANGUAGE_COOKIE_NAME]
    return client


def _both(client: Client, address: str, **typed: Any) -> Iterator[Seen]:
    """Give a page as it opens, and as it comes back from an empty form."""
    yield client, address, client.get(address)
    yield client, address, client.post(address, typed)


def joining(_world: World, cookies: dict[str, str]) -> Iterator[Seen]:
    """Three steps, each also with its errors, and the page that asks for the code."""
    client, fields = _client(cookies), make_fields()
    yield from _both(client, "/join/")
    client.post("/join/", {name: fields[name] for name in PERSON})
    yield from _both(client, "/join/place/", go="1")
    yield client, "/join/place/", client.get("/join/place/?q=gulou")
    client.post("/join/place/", {name: fields.get(name, "") for name in PLACE} | {"go": "1"})
    yield from _both(client, "/join/send/")
    address = client.post("/join/send/", AGREED).headers["Location"]
    yield client, address, client.get(address)
    yield client, address, client.post(address, {"code": ""})


def signing_in(_world: World, cookies: dict[str, str]) -> Iterator[Seen]:
    """A cadre's password, the second factor, and a first authenticator."""
    make_account(username="axe", password=_PASSWORD)
    client = _client(cookies)
    yield client, "/desk/sign-in/", client.post("/desk/sign-in/", {"username": "axe", "password": "nonsense"})
    client.post("/desk/sign-in/", {"username": "axe", "password": _PASSWORD})
    yield from _both(client, "/desk/sign-in/code/", code="000000")
    fresh = _client(cookies)
    sign_in(fresh, make_account(second_factor=None))
    yield from _both(fresh, "/desk/sign-in/authenticator/", code="000000")


def deciding(world: World, cookies: dict[str, str]) -> Iterator[Seen]:
    """A batch before and after, and each decision's own page."""
    client = _cadre(world, cookies)
    numbers = [make_application(union=world.city).number for _ in range(3)]
    chosen = {"decision": "approve", "chosen": numbers}
    yield client, "/desk/review/batch/", client.post("/desk/review/batch/", chosen)
    done = client.post("/desk/review/batch/decide/", chosen, follow=True)
    yield client, "/desk/review/batch/result/", done
    other = make_application(union=world.city).number
    for decision in ("refuse", "return", "pass_on"):
        address = f"/desk/review/{other}/{decision}/"
        yield client, address, client.get(address)
    yield client, "/desk/review/", client.get("/desk/review/?state=approved&q=王")


def trying(world: World, cookies: dict[str, str]) -> Iterator[Seen]:
    """A draft with what it would change, and cases with a line that cannot be read."""
    client = _cadre(world, cookies)
    make_application(union=world.city, group="food_delivery_rider", started_at=timezone.now())
    address = f"/desk/routing/unions/{world.union}/admission/"
    typed = {
        "employers": "uncovered",
        "valid_from": timezone.localdate().isoformat(),
        "occupation_groups": ["food_delivery_rider"],
        "source_note": "草案",
    }
    yield client, address, client.post(address, typed)
    lines = {"lines": "371502001001,courier\n巫师,courier\n"}
    yield client, "/desk/routing/", client.post("/desk/routing/", lines)


def checking(world: World, cookies: dict[str, str]) -> Iterator[Seen]:
    """A counter with its device: empty, a code that is good, and one that is not."""
    client = _client(cookies)
    client.cookies[DEVICE] = make_device(union=world.city, partner="聊城市人民医院")[1]
    yield client, "/counter/", client.get("/counter/")
    for code in (fresh_code(world.member_row), "0123456789", ""):
        yield client, "/counter/", client.post("/counter/", {"code": code})


def losing_the_way(world: World, cookies: dict[str, str]) -> Iterator[Seen]:
    """Addresses that lead nowhere, at each door."""
    for client, address in ((_client(cookies), "/u/NOBODY00/"), (_cadre(world, cookies), "/desk/review/A0/")):
        yield client, address, client.get(address)


WALKS: tuple[Walk, ...] = (joining, signing_in, deciding, trying, checking, losing_the_way)
