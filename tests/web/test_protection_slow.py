"""Senders that take their time, against the real web server: they wait by themselves, and are cut off."""

from __future__ import annotations

import http.client
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nuanxin.operate.processes import web_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Serve the small application with the options of the product."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    command = [*web_command(host="127.0.0.1", port=number, workers=1)[:-1], "tests.web.slow_app:application"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    for _try in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                break
        time.sleep(0.1)
    yield number
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def ask(port: int, body: bytes = b"") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST" if body else "GET", "/", body or None)
    answer = connection.getresponse()
    return answer.status, answer.read()


def half_sent(port: int, length: int = 5000, *, from_address: str = "127.0.0.9") -> socket.socket:
    """Send the head of a request and the beginning of its body."""
    line = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(from_address, 0))
    line.sendall(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\nname=".encode())
    return line


def test_whole_bodies_arrive_whole(port: int) -> None:
    for length in (1, 5_000, 300_000, 5_000_000):
        assert ask(port, b"a" * length) == (200, str(length).encode())


def test_what_is_too_long_is_not_read(port: int) -> None:
    line = half_sent(port, 40 * 1024 * 1024)
    assert line.recv(100).startswith(b"HTTP/1.1 200"), "Django refuses it by its length; this application counts"


def test_slow_bodies_stop_nobody_and_are_cut_off(port: int) -> None:
    lines = [half_sent(port, from_address=f"127.0.0.{20 + number % 8}") for number in range(60)]
    time.sleep(0.5)
    assert ask(port) == (200, b"0")
    assert ask(port, b"a" * 5000) == (200, b"5000")
    began = time.monotonic()
    for line in lines:
        assert not line.recv(100).startswith(b"HTTP/1.1 200")
    assert time.monotonic() - began < 15
    assert ask(port, b"a" * 5000) == (200, b"5000")


def test_an_address_with_many_late_bodies_is_told_to_stop(port: int) -> None:
    lines = [half_sent(port, 500_000) for _number in range(20)]
    time.sleep(2.2)
    late = half_sent(port, 10)
    assert late.recv(100).startswith(b"HTTP/1.1 408")
    assert ask(port, b"a" * 5000) == (200, b"5000"), "another address goes on"
    for line in lines:
        line.close()


@pytest.mark.full
def test_silent_connections_leave_room_and_are_closed(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=20) for _number in range(600)]
    assert ask(port) == (200, b"0")
    assert lines[0].recv(10) == b"", "closed after ten seconds without a head"
    for line in lines:
        line.close()
