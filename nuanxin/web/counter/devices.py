"""Who stands at the counter: the device whose key the cookie holds. No cadre's session counts here."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from nuanxin.access.actors import BadKey, actor_of_key
from nuanxin.access.rules.keys import DEVICE_PREFIX
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.web.kit.offline import COUNTER_COOKIE

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from nuanxin.access.actors import Actor
    from nuanxin.web.kit.requests import Request

COOKIE = "nuanxin_counter"
#: Who stands at this counter: the person's id, signed. It counts only as long as the union says so.
STAFF_COOKIE = "nuanxin_counter_person"
#: A shift, in seconds: afterwards one says again who one is.
_SHIFT = 12 * 3600
_PATH = "/counter/"
#: As long as browsers keep a cookie; written anew at every visit.
_AGE = 400 * 24 * 3600


def has_key(request: HttpRequest) -> bool:
    """Answer whether this browser holds a device key at all."""
    return bool(request.COOKIES.get(COOKIE))


def acting_device(request: Request) -> Actor:
    """Return the enrolled device that asks.

    :raises NotSignedIn: this browser holds no key of a device.
    :raises BadKey: the device was revoked.
    """
    key = request.COOKIES.get(COOKIE, "")
    if not key:
        raise NotSignedIn
    if not key.startswith(DEVICE_PREFIX):
        raise BadKey
    return actor_of_key(key, request.now)


def keep_key(response: HttpResponse, key: str) -> None:
    """Keep a device's key in this browser, out of reach of scripts and of the other doors."""
    response.set_cookie(
        COOKIE,
        key,
        max_age=_AGE,
        path=_PATH,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    response.set_cookie(
        COUNTER_COOKIE, "1", max_age=_AGE, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def drop_key(response: HttpResponse) -> None:
    """Forget the key of a device that was shut out."""
    response.delete_cookie(COOKIE, path=_PATH, samesite="Lax")
    response.delete_cookie(COUNTER_COOKIE, samesite="Lax")
    drop_staff(response)


def standing_here(request: HttpRequest) -> UUID | None:
    """Return who said to stand at this counter within the last shift; whether the person still may is asked below."""
    said = request.get_signed_cookie(STAFF_COOKIE, default="", max_age=_SHIFT)
    try:
        return UUID(str(said)) if said else None
    except ValueError:
        return None


def keep_staff(response: HttpResponse, staff_id: UUID) -> None:
    """Keep who stands at this counter, for one shift."""
    response.set_signed_cookie(
        STAFF_COOKIE,
        str(staff_id),
        max_age=_SHIFT,
        path=_PATH,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def drop_staff(response: HttpResponse) -> None:
    """Let nobody stand at this counter any longer."""
    response.delete_cookie(STAFF_COOKIE, path=_PATH, samesite="Lax")
