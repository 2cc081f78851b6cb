"""The two switches a reader has on every page, kept in cookies that hold no personal data."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

YEAR = 365 * 24 * 3600


def way_back(request: HttpRequest) -> str:
    """Return the page a switch was used on: the posted `next`, else the referring page, else the home page.

    Refuses other hosts.
    """
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if address and url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return address
    return "/"


def keep(response: HttpResponse, name: str, value: str) -> None:
    """Set a switch for a year, readable by this site only."""
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True)
