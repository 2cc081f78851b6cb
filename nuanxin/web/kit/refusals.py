"""The one place where a refusal becomes a page: in the face of its door, as a fragment for htmx, or as the sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from nuanxin.kernel.refusals import NotFound, NotSignedIn, Refusal, TooMany
from nuanxin.web.kit.guards import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import BaseForm
    from django.http import HttpRequest

#: Path of a door → face of its pages, page on which one signs in, home page.
_DOORS = {
    "/desk/": ("kit/desk.html", "desk:sign_in", "desk:home"),
    "/counter/": ("kit/phone.html", "counter:enroll", "counter:home"),
    "/": ("kit/phone.html", "worker:sign_in", "worker:home"),
}
_ICONS = {401: "lock", 403: "lock", 404: "search", 409: "users", 429: "clock", 503: "clock"}


class RefusalMiddleware:
    """Turn a `Refusal` that a view lets through into an answer; every other exception stays a bug."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on; refusals arrive in `process_exception`."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: dict[str, object]
    ) -> HttpResponse | None:
        """Find nothing at an address with a NUL in it: no text of the database can hold one. The API says so itself."""
        if request.path.startswith("/api/"):
            return None
        return refusal_response(request, NotFound()) if any("\0" in str(told) for told in kwargs.values()) else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal, and leave everything else alone."""
        if isinstance(exception, NotFound) and "token" in (getattr(request.resolver_match, "kwargs", None) or {}):
            exception = _guessed(request, exception)
        return refusal_response(request, exception) if isinstance(exception, Refusal) else None


def _guessed(request: HttpRequest, refusal: NotFound) -> Refusal:
    """Count an unknown secret link; one too many is told to wait, and what is known stays open to everybody."""
    try:
        count(request, "links_unknown")
    except TooMany as too_many:
        return too_many
    return refusal


def refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page, fragment or redirect that tells a person what a refusal says."""
    face, sign_in, home = next(door for path, door in _DOORS.items() if request.path.startswith(path))
    asked = getattr(request, "htmx", False)
    htmx = bool(asked) and not getattr(asked, "boosted", False)
    if isinstance(refusal, NotSignedIn):
        return _to_sign_in(request, sign_in, htmx=htmx)
    context = {
        "refusal": refusal,
        "icon_name": _ICONS.get(refusal.status, "alert-circle"),
        "page_title": _title(refusal.status),
        "face": face,
        "home_link": _address(home),
    }
    template = "kit/partials/refusal.html" if htmx else "kit/refusal.html"
    response = render(request, template, context, status=refusal.status)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after)
    return response


def _to_sign_in(request: HttpRequest, sign_in: str, *, htmx: bool) -> HttpResponse:
    back = request.get_full_path()
    if htmx or request.method != "GET":
        back = getattr(getattr(request, "htmx", None), "current_url_abs_path", None) or request.path
    address = f"{_address(sign_in)}?{urlencode({'next': back})}"
    if htmx:
        response = HttpResponse(status=401)
        response["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return "/"


def _title(status: int) -> str:
    return {
        401: _("Please sign in first"),
        403: _("This is not part of your post"),
        404: _("Nothing here"),
        409: _("Somebody was quicker"),
        429: _("Too many tries"),
        503: _("Busy right now"),
    }.get(status, _("This did not work"))


def blame(form: BaseForm, refusal: Refusal) -> None:
    """Put a refusal's errors where they belong in a form: at its fields, or at its head. Keeps what was typed."""
    known = set(form.fields)
    if isinstance(refusal, TooMany):
        form.too_many = refusal  # type: ignore[attr-defined] # read by `guards.answered`
    for error in refusal.errors:
        form.add_error(error.field if error.field in known else None, str(error.message))
    if not refusal.errors:
        form.add_error(None, str(refusal.message))


def tried(form: BaseForm, work: Callable[[], Any]) -> tuple[bool, Any]:
    """Do the work of a valid form; a refusal becomes the form's errors, except those about who asks.

    :returns: whether it was done, and what it returned.
    :raises Refusal: with status 401, 403 or 404: these are not about what was typed.
    """
    if not form.is_valid():
        return False, None
    try:
        return True, work()
    except Refusal as refusal:
        if refusal.status in {401, 403, 404}:
            raise
        blame(form, refusal)
        return False, None
