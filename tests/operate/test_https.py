"""HTTPS on a network of one's own: a real request to the started web server, trusted through our authority alone."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from nuanxin.operate.certificates import SERVER_LIFE, CertificateError, advice, make_certificate
from nuanxin.operate.processes import StartError, tls, web_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nuanxin.operate.certificates import Made

NOW = datetime.now(UTC)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make_certificate(tmp_path / "https", ["nuanxin.lan", "192.168.1.20"], now=NOW)


@pytest.fixture
def port(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Start the web server with the certificate; return where it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    monkeypatch.setenv("NUANXIN_TLS_CERTIFICATE", str(made.certificate))
    monkeypatch.setenv("NUANXIN_TLS_KEY", str(made.key))
    environment = {**os.environ, "NUANXIN_SECRET_KEY": "only-for-tests", "DJANGO_SETTINGS_MODULE": "nuanxin.settings"}
    command = web_command(host="127.0.0.1", port=port, workers=1)
    process = subprocess.Popen(command, env=environment)
    try:
        end = time.monotonic() + 30
        while time.monotonic() < end and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def ask(port: int, context: ssl.SSLContext) -> int:
    with urllib.request.urlopen(f"https://localhost:{port}/healthz", timeout=20, context=context) as answer:
        status: int = answer.status
        return status


def test_the_started_server_is_believed_through_our_authority_alone(made: Made, port: int) -> None:
    assert ask(port, ssl.create_default_context(cafile=str(made.authority))) == 200
    old = ssl.create_default_context(cafile=str(made.authority))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    assert ask(port, old) == 200, "old web views know no TLS 1.3"
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(port, ssl.create_default_context())


@pytest.mark.parametrize("address", ["192.168.1.20", "10.9.8.7", "100.64.0.1", "192.0.2.2", "fd00::1"])
def test_every_address_that_is_taken_is_within_the_authoritys_limits(tmp_path: Path, address: str) -> None:
    made = make_certificate(tmp_path / "https", [address], now=NOW)
    leaf, authority = x509.load_pem_x509_certificates(made.certificate.read_bytes())
    store = PolicyBuilder().store(Store([authority])).time(NOW)
    verifier = store.build_server_verifier(x509.IPAddress(ipaddress.ip_address(address)))
    assert verifier.verify(leaf, [])[-1] == authority


def test_keys_are_their_owners_alone(made: Made) -> None:
    folder = made.key.parent
    assert folder.stat().st_mode & 0o077 == 0
    keys = sorted(folder.glob("*.key"))
    assert [key.name for key in keys] == ["authority.key", "server.key"]
    assert all(key.stat().st_mode & 0o077 == 0 for key in keys)
    assert "PRIVATE" not in made.certificate.read_text() + made.authority.read_text()


def test_the_certificate_names_what_was_asked_and_loopback_and_ends_in_time(made: Made) -> None:
    certificate = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["nuanxin.lan", "localhost"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.20", "127.0.0.1"]
    assert certificate.not_valid_after_utc <= NOW + SERVER_LIFE + timedelta(seconds=1)


def test_the_authority_stays_when_names_change_and_vouches_for_no_other_site(made: Made) -> None:
    before = made.authority.read_bytes()
    again = make_certificate(made.key.parent, ["counter.lan", "10.0.0.8"], now=NOW)
    assert not again.is_new
    assert again.authority.read_bytes() == before
    for name in ("bank.example", "8.8.8.8", "no name", "*.lan"):
        with pytest.raises(CertificateError):
            make_certificate(made.key.parent, [name], now=NOW)
    limits = x509.load_pem_x509_certificate(before).extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical


def test_the_advice_shows_the_fingerprint_and_no_key(made: Made) -> None:
    text = "\n".join(advice(made, ["nuanxin.lan"]))
    assert made.fingerprint in text
    assert "https://nuanxin.lan:8443" in text


def test_half_a_setting_is_refused(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUANXIN_TLS_KEY", raising=False)
    monkeypatch.setenv("NUANXIN_TLS_CERTIFICATE", str(made.certificate))
    with pytest.raises(StartError):
        tls()
