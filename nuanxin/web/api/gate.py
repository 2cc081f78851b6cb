"""What stands before every view of the machine door: size, form, and who asks."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any, cast
from unicodedata import category

from django.conf import settings
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from nuanxin.access.actors import BadKey, Keyholder, actor_of_key, anonymous
from nuanxin.web.api.problems import answer_error, not_allowed, problem, too_large
from nuanxin.web.kit.guards import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from nuanxin.access.actors import Actor
    from nuanxin.web.kit.requests import Request


#: Bytes a body may have: an application has some five hundred.
MOST_BYTES = 64 * 1024
#: Bytes of a long message: five thousand policies.
MOST_OF_LONG = 2_500_000
#: Bytes of a form with a file.
MOST_OF_FILES = 32 * 1024 * 1024
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_UNREADABLE = frozenset({"Cc", "Cs", "Cn"})


def gated(
    view: Callable[..., Any],
    *,
    asks_itself: bool = False,
    is_signed: bool = False,
    takes_files: bool = False,
    is_long: bool = False,
) -> Callable[..., HttpResponse]:
    """Let only what can be read reach a view, with its actor, and answer everything else with a problem.

    :param asks_itself: the view's own statement finds out who asks, from `request.holder`.
    :param is_signed: whoever sends proves it by a signature in the body: the view asks nobody else, and counts.
    :param takes_files: bodies may be forms with a file; they are read by the view alone.
    :param is_long: bodies may hold thousands of things.
    """

    @wraps(view)
    def gate(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            refused = _check_form(request, takes_files=takes_files, is_long=is_long) or _tell_who(
                request, asks_itself=asks_itself, is_signed=is_signed
            )
            response: HttpResponse = refused or view(request, *args, **kwargs)
            if refused is None and response.status_code >= 400 and request.holder and not request.holder.asked:
                request.holder.actor()  # who is unknown is not told what was wrong with the rest
        except Exception as error:  # noqa: BLE001 - the one place where a bug becomes a problem document
            response = answer_error(request, error)
        if response.status_code == 405:
            response = not_allowed(response.headers.get("Allow", ""))
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    gate.csrf_exempt = True  # type: ignore[attr-defined] # checked below, for sessions only
    return gate


def _check_form(request: Request, *, takes_files: bool, is_long: bool) -> HttpResponse | None:
    asked = request.GET.items() if request.META.get("QUERY_STRING") else ()
    address = request.path + "".join(f"{name}{value}" for name, value in asked)
    if not address.isprintable() and any(category(char) in _UNREADABLE for char in address):
        return problem(400, "bad_characters", _("The address holds characters that cannot be used."))
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        return problem(400, "bad_request", _("The request cannot be understood. Nothing was changed."))
    if takes_files and (request.content_type or "").lower() == "multipart/form-data":
        return too_large() if int(length) > MOST_OF_FILES else None
    most = MOST_OF_LONG if is_long else MOST_BYTES
    return too_large() if int(length) > most or len(request.body) > most else None


def _tell_who(request: Request, *, asks_itself: bool, is_signed: bool) -> HttpResponse | None:
    """Set who asks: the key of the Authorization header, or the worker whose session it is, or nobody.

    A cadre's session opens the desk and nothing else: machines of cadres have keys of their own.
    """
    request.holder = None
    if is_signed:
        request.actor = anonymous()
        return None
    given = request.META.get("HTTP_AUTHORIZATION")
    if given is not None:
        kind, _space, key = given.partition(" ")
        key = key.strip() if kind.lower() == "bearer" else ""
        look_up = partial(_machine, request, key)
        if asks_itself:
            request.holder = Keyholder(key, look_up)
            request.actor = cast("Actor", SimpleLazyObject(look_up))
        else:
            request.actor = look_up()
        return None
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.actor.kind != "worker":
        count(request, "public_api")
        request.actor = anonymous()
        return None
    if request.method not in _SAFE and check_csrf(request, _no_view) is not None:
        return problem(403, "csrf", _("Please open the page anew and try again."))
    return None


def _machine(request: Request, key: str) -> Actor:
    try:
        return actor_of_key(key, request.now)
    except BadKey:
        count(request, "keys_unknown")
        raise


def _no_view() -> None:
    """Stand for a view that is not exempt from the check."""
