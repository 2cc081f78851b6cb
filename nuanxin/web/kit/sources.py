"""Where a request comes from: the address behind the proxies that are trusted, and the browser its forms know."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

#: An IPv6 subscriber has a whole /64 (RFC 6177), so its addresses count as one.
_V6_PREFIX = 64
_NOWHERE = "nowhere"


def client_address(request: HttpRequest) -> str:
    """Return the address that limits count by: an IPv4 address, or the /64 of an IPv6 address.

    A proxy's word is taken only from a proxy that is trusted, and of a chain the last address that no trusted proxy
    has: whatever stands left of it may be invented.
    """
    chain = [str(request.META.get("REMOTE_ADDR") or "")]
    if is_trusted(chain[0]):
        named = str(request.META.get("HTTP_X_FORWARDED_FOR") or "").split(",")
        chain += [name.strip() for name in reversed(named) if name.strip()]
    found = next((address for address in chain if not is_trusted(address)), chain[-1])
    return _counted(found)


@lru_cache(maxsize=4096)
def _counted(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return _NOWHERE
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _V6_PREFIX), strict=False))


def is_trusted(text: str) -> bool:
    """Answer whether an address is that of a reverse proxy which the settings trust."""
    if not settings.NUANXIN_TRUSTED_PROXIES:
        return False
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return any(address in network for network in settings.NUANXIN_TRUSTED_PROXIES)


def browser_of(request: HttpRequest) -> str:
    """Return the secret that this browser's forms carry anyway; it names nobody, and no cookie is set for it."""
    return str(request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""))[:64] or client_address(request)
