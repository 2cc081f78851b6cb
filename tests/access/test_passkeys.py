"""Passkeys of cadres: made after a code, used once a question, refused when foreign, copied or removed."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from nuanxin.access.models import Account
from nuanxin.records.models import AuditEntry
from tests.access.test_desk_pages import PASSWORD, totp
from tests.factories.access import make_account, make_post, sign_in
from tests.passkeys import PRESENT, Device, handle_of

HTTPS: dict[str, Any] = {"secure": True, "headers": {"host": "desk.example"}}


@pytest.fixture
def admin(tree: SimpleNamespace, settings: Any) -> Account:
    settings.ALLOWED_HOSTS = ["desk.example", "other.example", "testserver", "127.0.0.1"]
    account = make_account(username="admin", name="李强", password=PASSWORD)
    make_post(account=account, role="administrator", union=tree.nation)
    return account


@pytest.fixture
def desk(client: Client, admin: Account) -> Client:
    sign_in(client, admin)
    return client


def post(client: Client, path: str, data: dict[str, Any] | None = None) -> Any:
    return client.post(path, data or {}, **HTTPS)


def proved(desk: Client) -> Client:
    assert post(desk, "/desk/access/me/code/passkeys/", {"code": totp()})["Location"] == "/desk/access/me/passkeys/"
    return desk


def asked(client: Client, path: str = "/desk/sign-in/passkey/options/") -> dict[str, Any]:
    told = post(client, path)
    assert told.status_code == 200, told.content
    return dict(told.json())


def add(desk: Client, device: Device, name: str = "办公室电脑") -> Any:
    made = device.make(asked(desk, "/desk/access/me/passkeys/options/"))
    return post(desk, "/desk/access/me/passkeys/", {"name": name, "credential": json.dumps(made)})


def enter(client: Client, device: Device) -> Any:
    told = device.prove(asked(client))
    return post(client, "/desk/sign-in/passkey/", {"credential": json.dumps(told)})


def opened(client: Client) -> bool:
    return bool(client.get("/desk/access/me/", **HTTPS).status_code == 200)


@pytest.fixture
def device(desk: Client) -> Device:
    device = Device()
    assert add(proved(desk), device).status_code == 302
    return device


def test_a_passkey_is_made_after_a_fresh_code_only(desk: Client, admin: Account) -> None:
    for path in ("options/", "", "1/remove/"):
        answer = post(desk, f"/desk/access/me/passkeys/{path}", {"name": "x", "credential": "{}"})
        assert answer["Location"] == "/desk/access/me/code/passkeys/"
    assert post(desk, "/desk/access/me/code/passkeys/", {"code": "000000"}).status_code == 422
    options = asked(proved(desk), "/desk/access/me/passkeys/options/")
    assert handle_of(options) == admin.pk.bytes
    assert options["rp"]["id"] == "desk.example"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert Authenticator.objects.filter(type="webauthn").count() == 0


def test_it_signs_in_alone_with_both_factors(desk: Client, device: Device, admin: Account) -> None:
    fresh = Client()
    assert enter(fresh, device)["Location"] == "/desk/"
    assert opened(fresh)
    page = desk.get("/desk/access/me/passkeys/", **HTTPS).content.decode()
    assert "办公室电脑" in page
    row = Authenticator.objects.get(type="webauthn")
    assert (row.data["count"], row.last_used_at is not None) == (1, True)
    acts = list(AuditEntry.objects.filter(account_id=admin.pk).values_list("action", flat=True))
    assert acts.count("access.passkey_added") == 1
    assert acts.count("access.signed_in") == 1


def test_it_stands_for_the_code_after_the_password(device: Device, admin: Account) -> None:
    fresh = Client()
    post(fresh, "/desk/sign-in/", {"username": "admin", "password": PASSWORD})
    options = asked(fresh)
    assert [each["id"] for each in options["allowCredentials"]] == list(device.keys)
    told = json.dumps(device.prove(options))
    assert post(fresh, "/desk/sign-in/passkey/", {"credential": told})["Location"] == "/desk/"
    assert opened(fresh)


def test_another_ones_passkey_is_no_second_factor(device: Device, tree: SimpleNamespace) -> None:
    make_account(username="clerk", name="王芳", password=PASSWORD)
    fresh = Client()
    post(fresh, "/desk/sign-in/", {"username": "clerk", "password": PASSWORD})
    options = asked(fresh) | {"allowCredentials": []}
    told = json.dumps(device.prove(options))
    assert post(fresh, "/desk/sign-in/passkey/", {"credential": told})["Location"] == "/desk/sign-in/code/"
    assert not opened(fresh)


@pytest.mark.parametrize(
    "cheat",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://desk.example"},
        {"origin": "https://desk.example:8443"},
        {"host": "example"},
        {"flags": PRESENT},
        {"flags": 4},
    ],
)
def test_a_foreign_or_unverified_answer_is_refused(device: Device, cheat: dict[str, Any], admin: Account) -> None:
    for name, value in cheat.items():
        setattr(device, name, value)
    fresh = Client()
    assert enter(fresh, device)["Location"] == "/desk/sign-in/"
    assert not opened(fresh)


@pytest.mark.parametrize("cheat", [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"flags": PRESENT}])
def test_a_foreign_passkey_is_not_kept(desk: Client, cheat: dict[str, Any]) -> None:
    assert add(proved(desk), Device(**cheat)).status_code == 422
    assert Authenticator.objects.filter(type="webauthn").count() == 0


def test_a_question_is_answered_once_and_in_its_own_session(device: Device) -> None:
    fresh, stranger = Client(), Client()
    told = {"credential": json.dumps(device.prove(asked(fresh)))}
    asked(stranger)
    assert post(stranger, "/desk/sign-in/passkey/", told)["Location"] == "/desk/sign-in/"
    session = fresh.session["passkey_asked"]
    assert post(fresh, "/desk/sign-in/passkey/", told)["Location"] == "/desk/"
    again = Client()
    asked(again)
    held = again.session
    held["passkey_asked"] = session
    held.save()
    Authenticator.objects.filter(type="webauthn").update(data=_counted(0))
    assert post(again, "/desk/sign-in/passkey/", told)["Location"] == "/desk/sign-in/"
    assert not opened(again)


def _counted(count: int) -> dict[str, Any]:
    return {**Authenticator.objects.get(type="webauthn").data, "count": count}


def test_an_old_question_is_not_answered(device: Device) -> None:
    fresh = Client()
    told = {"credential": json.dumps(device.prove(asked(fresh)))}
    held = fresh.session
    held["passkey_asked"] = held["passkey_asked"] | {"until": "2020-01-01T00:00:00+00:00"}
    held.save()
    assert post(fresh, "/desk/sign-in/passkey/", told)["Location"] == "/desk/sign-in/"


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "7", '{"response": {"userHandle": "!"}}', "[" * 9000])
def test_nonsense_is_refused_kindly(device: Device, answer: str) -> None:
    fresh = Client()
    asked(fresh)
    assert post(fresh, "/desk/sign-in/passkey/", {"credential": answer})["Location"] == "/desk/sign-in/"
    assert not opened(fresh)


def test_a_removed_passkey_opens_nothing(desk: Client, device: Device) -> None:
    row = Authenticator.objects.get(type="webauthn")
    assert post(desk, f"/desk/access/me/passkeys/{row.pk + 1}/remove/").status_code == 404
    assert post(desk, f"/desk/access/me/passkeys/{row.pk}/remove/").status_code == 302
    fresh = Client()
    assert enter(fresh, device)["Location"] == "/desk/sign-in/"
    assert not opened(fresh)
    assert AuditEntry.objects.filter(action="access.passkey_removed").count() == 1


def test_a_counter_that_goes_back_is_noted_and_refused(device: Device) -> None:
    assert enter(Client(), device)["Location"] == "/desk/"
    device.count = 0
    fresh = Client()
    assert enter(fresh, device)["Location"] == "/desk/sign-in/"
    assert not opened(fresh)
    assert AuditEntry.objects.filter(action="access.passkey_copied").count() == 1


def test_a_passkey_that_does_not_count_signs_in_again_and_again(desk: Client) -> None:
    device = Device(counts=False)
    add(proved(desk), device)
    for _time in range(2):
        assert enter(Client(), device)["Location"] == "/desk/"


def test_a_new_one_time_password_takes_the_passkeys_away(device: Device, admin: Account, tree: SimpleNamespace) -> None:
    boss = make_account(username="boss", name="赵敏", password=PASSWORD)
    make_post(account=boss, role="administrator", union=tree.nation)
    other = Client()
    sign_in(other, boss)
    assert post(other, f"/desk/access/accounts/{admin.pk}/reset/").status_code == 200
    assert Authenticator.objects.filter(user=admin).count() == 0
    assert enter(Client(), device)["Location"] == "/desk/sign-in/"


def test_a_closed_account_stays_out(device: Device, admin: Account) -> None:
    Account.objects.filter(pk=admin.pk).update(is_active=False)
    assert enter(Client(), device)["Location"] == "/desk/sign-in/"


def test_guesses_are_counted(device: Device, admin: Account) -> None:
    device.origin = "https://evil.example"
    for _time in range(5):
        enter(Client(), device)
    device.origin = "https://desk.example"
    assert enter(Client(), device)["Location"] == "/desk/sign-in/"


def test_ten_are_enough_and_each_needs_a_name(desk: Client) -> None:
    proved(desk)
    assert add(desk, Device(), name=" ").status_code == 422
    for number in range(10):
        assert add(desk, Device(), name=f"电脑{number}").status_code == 302
    assert add(desk, Device(), name="电脑").status_code == 422
    assert Authenticator.objects.filter(type="webauthn").count() == 10


def test_where_browsers_know_none_the_page_says_so(desk: Client) -> None:
    assert "data-passkey" not in Client().get("/desk/sign-in/").content.decode()
    assert "data-passkey" in Client().get("/desk/sign-in/", **HTTPS).content.decode()
    assert "HTTPS" in desk.get("/desk/access/me/passkeys/", headers={"host": "127.0.0.1"}).content.decode()
