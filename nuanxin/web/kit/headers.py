"""Headers that every answer carries, whoever asks and whatever comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    Answer = Callable[[HttpRequest], HttpResponse]

_CLOSED = (
    "accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture", "geolocation",
    "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb",
)  # fmt: skip
#: Nothing of the device is open to a page, but the camera where cards are scanned: at the counter and at ceremonies.
PERMISSIONS = ", ".join(f"{name}=()" for name in _CLOSED)
PERMISSIONS_SCANNING = PERMISSIONS.replace("camera=()", "camera=(self)")
_SCANNING = ("/counter/", "/desk/ceremonies/")
#: For answers that are no pages: machines', and what went wrong before the policy of pages was set.
NO_PAGE = "default-src 'none'; frame-ancestors 'none'"


def headers(get_response: Answer) -> Answer:
    """Add what is missing to every answer. What is not a file of ours is kept by no cache unless its view says so."""
    static = str(settings.STATIC_URL)

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        kept = response.headers
        kept.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith(static):
            return response
        kept.setdefault("Content-Security-Policy", NO_PAGE)
        kept.setdefault("X-Frame-Options", "DENY")
        kept.setdefault("Cache-Control", "private, no-store")
        scanning = request.path.startswith(_SCANNING)
        kept.setdefault("Permissions-Policy", PERMISSIONS_SCANNING if scanning else PERMISSIONS)
        return response

    return answer
