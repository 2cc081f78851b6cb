"""What is secret stays out of logs, error pages and answers, wherever it goes wrong."""

from __future__ import annotations

import io
import logging
import logging.config
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.http import HttpRequest
from django.test import Client
from django.urls import path

from nuanxin import settings as product
from nuanxin import urls
from nuanxin.kernel.masking import MaskedLines, masked
from nuanxin.operate.processes import web_command

ID, PHONE, NAME = "37150219900307123X", "13812345678", "阿依古丽"
TOKEN, KEY, PASSWORD, CODE = (
    "q7Zk3LmPz0-XyW_9bRtVc4HnA1sD2fG",
    "nxc_8dKq2LmPz0XyW9bRtVc4H",
    "seven blue kites",
    "482913",
)
LOGGING: dict[str, Any] = product.LOGGING
SECRETS = (ID, PHONE, NAME, TOKEN, KEY, PASSWORD, CODE)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Write the log as the product does, into a text."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(MaskedLines(LOGGING["formatters"]["line"]["fmt"]))
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def in_a_message() -> None:
    raise ValueError(f"name {NAME} phone {PHONE} id {ID} token={TOKEN} key {KEY} password='{PASSWORD}' code: {CODE}")


def in_what_led_to_it() -> None:
    try:
        in_a_message()
    except ValueError as error:
        raise RuntimeError("something else") from error


def in_a_key() -> None:
    dict[str, str]()[PHONE]


def in_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE t (name text PRIMARY KEY, phone text, code text NOT NULL)")
        cursor.execute("INSERT INTO t VALUES (%s, %s, %s)", [NAME, PHONE, TOKEN])
        cursor.execute("INSERT INTO t VALUES (%s, %s, NULL)", [NAME, PHONE])


def in_a_note() -> None:
    error = ValueError("noted")
    error.add_note(f"{NAME} {PHONE} {PASSWORD}")
    raise error


def in_a_group() -> None:
    raise ValueError({"phone": PHONE, "name": NAME, "cookie": f"nuanxin={TOKEN}", "password": PASSWORD})


PLACES = (in_a_message, in_what_led_to_it, in_a_key, in_the_database, in_a_note, in_a_group)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[], None]], None]]:
    """Put a page at a secret link's address that breaks as told."""

    def put(place: Callable[[], None]) -> None:
        def view(request: HttpRequest, token: str) -> Any:
            typed = request.POST.get("name"), request.POST.get("phone"), token
            assert typed
            place()

        monkeypatch.setattr(urls, "urlpatterns", [path("a/<str:token>/broken", view), *urls.urlpatterns])
        from django.urls import clear_url_caches

        clear_url_caches()

    yield put
    monkeypatch.undo()
    from django.urls import clear_url_caches

    clear_url_caches()


@pytest.mark.parametrize("place", PLACES)
def test_a_fault_tells_a_number_and_nothing_else(
    db: None, log: io.StringIO, broken: Callable[[Callable[[], None]], None], place: Callable[[], None]
) -> None:
    broken(place)
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {KEY}", "X-Phone": PHONE})
    client.cookies["nuanxin_join"] = TOKEN
    typed = {"name": NAME, "phone": PHONE, "id_number": ID, "password": PASSWORD, "code": CODE}
    answer = client.post(f"/a/{TOKEN}/broken?phone={PHONE}&token={TOKEN}", typed)
    assert answer.status_code == 500
    page, written = answer.content.decode(), log.getvalue()
    assert "Traceback" in written, "the fault itself is in the log"
    for secret in SECRETS:
        assert secret not in written
        assert secret not in page
    number = re.search(r"[0-9A-HJKMNP-TV-Z]{8}", page)
    assert number is not None
    assert f"[{number.group()}]" in written


def test_lines_of_every_logger_are_masked(log: io.StringIO) -> None:
    for name in ("django.request", "procrastinate.worker", "nuanxin.messages", "apprise", "granian"):
        logging.getLogger(name).error(
            "send to %s code=%s for %s at /a/%s?token=%s Authorization: Bearer %s", PHONE, CODE, ID, TOKEN, TOKEN, KEY
        )
    for secret in (PHONE, CODE, ID, TOKEN, KEY):
        assert secret not in log.getvalue()


def test_what_helps_to_find_a_fault_stays() -> None:
    kept = (
        'File "/srv/nuanxin/members/actions/apply.py", line 120, in start_application',
        "0191f2a4-7c3e-7d10-9a55-1b2c3d4e5f60 tests_of_a_long_name_with_many_words GET /desk/people/members/",
        "nuanxin.kernel.refusals.NotFound 2026-11-21 14:05:33,123 ERROR",
    )
    for line in kept:
        assert masked(line) == line


def test_the_settings_use_the_masking_formatter() -> None:
    configured = LOGGING
    assert configured["formatters"]["line"]["()"] == f"{MaskedLines.__module__}.{MaskedLines.__name__}"
    assert {handler["formatter"] for handler in configured["handlers"].values()} == {"line"}


def test_the_web_server_writes_no_addresses_down() -> None:
    command = web_command(host="127.0.0.1", port=1, workers=1)
    assert not [word for word in command if word.startswith("--access-log")]


def test_the_database_error_is_what_the_test_thinks(db: None) -> None:
    """The control: without masking the values would be there."""
    with pytest.raises(IntegrityError) as raised:
        in_the_database()
    assert NAME in str(raised.value)


@pytest.mark.parametrize("address", ["http://192.0.2.1", "https://union.example"])
def test_debug_is_refused_at_an_address_of_the_net(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    import subprocess
    import sys

    environment = {"NUANXIN_DEBUG": "1", "NUANXIN_BASE_URL": address, "PATH": "", "NUANXIN_SECRET_KEY": "x"}
    done = subprocess.run(
        [sys.executable, "-c", "import nuanxin.settings"], env=environment, capture_output=True, text=True, check=False
    )
    assert "NUANXIN_DEBUG shows what is secret" in done.stderr
