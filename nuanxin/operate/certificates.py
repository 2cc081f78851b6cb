"""A certificate for a network of one's own, so that phones there get what browsers give to secure pages only.

Camera, web cryptography and service workers need HTTPS. The authority made here can vouch for private addresses and the
names given at its making, and for nothing else in the world: whoever trusts it on a phone risks no other site.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

#: Apple's systems accept no server certificate that lasts longer than 398 days, Android's none beyond 825.
SERVER_LIFE = timedelta(days=397)
AUTHORITY_LIFE = timedelta(days=3650)
_EARLY = timedelta(hours=1)  # phones whose clocks are a little behind
#: Addresses that mean something in a network of one's own only.
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),
        *("198.18.0.0/15", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "::1/128", "fc00::/7", "fe80::/10"),
    )
)
_OWN_NAMES = ("localhost", "local", "lan", "home.arpa", "internal")
_ALWAYS = ("localhost", "127.0.0.1")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class CertificateError(RuntimeError):
    """No certificate could be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """Where everything lies, and how the authority is recognized on a phone."""

    authority: Path
    certificate: Path
    key: Path
    fingerprint: str
    is_new: bool


def make_certificate(folder: Path, names: Sequence[str], *, now: datetime) -> Made:
    """Make a server certificate for names and addresses, signed by the folder's authority, which is made when missing.

    Keys are written for their owner alone, in a folder nobody else enters.

    :param names: host names and IP addresses by which phones reach this machine; loopback is always among them.
    :raises CertificateError: a name that is none, a public address, or one the authority was not made for.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    wanted = [_read(name) for name in dict.fromkeys([*names, *_ALWAYS])]
    is_new = not (folder / "authority.key").exists()
    if is_new:
        _make_authority(folder, wanted, now)
    authority, authority_key = _load_authority(folder)
    _refuse_strangers(authority, wanted)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(str(names[0] if names else _ALWAYS[0]), now, SERVER_LIFE, key)
        .issuer_name(authority.subject)
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_signer(authority), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _write_key(folder / "server.key", key)
    chain = certificate.public_bytes(serialization.Encoding.PEM) + (folder / "authority.crt").read_bytes()
    (folder / "server.crt").write_bytes(chain)
    fingerprint = authority.fingerprint(hashes.SHA256()).hex(":").upper()
    return Made(folder / "authority.crt", folder / "server.crt", folder / "server.key", fingerprint, is_new)


def _read(name: str) -> x509.DNSName | x509.IPAddress:
    try:
        address: Address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        plain = name.strip().lower().rstrip(".")
        labels = plain.split(".")
        if not plain.isascii() or not all(part and part.replace("-", "").isalnum() for part in labels):
            raise CertificateError(f"{name!r} is neither a host name nor an address.") from None
        return x509.DNSName(plain)
    if not any(address in network for network in _PRIVATE):
        raise CertificateError(f"{name} is a public address: take a certificate that everybody trusts.")
    return x509.IPAddress(address)


def _builder(name: str, now: datetime, life: timedelta, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLY)
        .not_valid_after(now + life)
    )


def _make_authority(folder: Path, wanted: Sequence[x509.DNSName | x509.IPAddress], now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(f"Nuanxin local authority {now:%Y-%m-%d}", now, AUTHORITY_LIFE, key)
    own = [x509.DNSName(name) for name in _OWN_NAMES] + [name for name in wanted if isinstance(name, x509.DNSName)]
    networks = [x509.IPAddress(network) for network in _PRIVATE]
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        builder.issuer_name(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Nuanxin local authority {now:%Y-%m-%d}")])
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.NameConstraints(permitted_subtrees=[*own, *networks], excluded_subtrees=None), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(folder / "authority.key", key)
    (folder / "authority.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _load_authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = serialization.load_pem_private_key((folder / "authority.key").read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CertificateError(f"{folder / 'authority.key'} is no key of this authority.")
    return x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes()), key


def _signer(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _refuse_strangers(authority: x509.Certificate, wanted: Sequence[x509.DNSName | x509.IPAddress]) -> None:
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    names = [limit.value for limit in limits if isinstance(limit, x509.DNSName)]
    for one in wanted:
        if isinstance(one, x509.DNSName) and not any(
            one.value == name or one.value.endswith(f".{name}") for name in names
        ):
            raise CertificateError(
                f"The authority that phones trust was not made for {one.value}. Move its folder away to make another; "
                "phones must then trust that one."
            )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Write a key as a new file of its owner's own; it is never readable by others, not for a moment."""
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    fresh.replace(path)


def advice(made: Made, names: Sequence[str]) -> list[str]:
    """Return what the administrator does next: start the server with it, and let phones trust the authority."""
    host = names[0] if names else _ALWAYS[0]
    return [
        f"{'Made an authority and' if made.is_new else 'Made'} a certificate, good for {SERVER_LIFE.days} days. Start:",
        f"  NUANXIN_TLS_CERTIFICATE={made.certificate} NUANXIN_TLS_KEY={made.key} \\",
        f"  NUANXIN_BASE_URL=https://{host}:8443 bin/nuanxin serve --host 0.0.0.0 --port 8443",
        f"Phones trust {made.authority} (never give away a .key file). Its SHA-256 fingerprint:",
        f"  {made.fingerprint}",
        "  Android: send the file to the phone; Settings, Security, Encryption and credentials, Install a certificate,",
        "    CA certificate. Chrome believes it; the web views of most apps, WeChat's too, do not.",
        "  iPhone: open the file, then Settings, Profile downloaded, Install; then General, About, Certificate trust",
        "    settings: switch it on.",
        "For more than a trial, take a certificate that everybody trusts: see docs/https.md.",
    ]
