"""Problems as RFC 9457 says: every refusal, fault and bug under `/api/` becomes one JSON document of one shape."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja.errors import HttpError, ValidationError

from nuanxin.kernel.refusals import FieldError, Refusal, TooMany
from nuanxin.web.kit.errors import fault_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise

log = logging.getLogger("django.request")
MEDIA_TYPE = "application/problem+json"

_TITLES: dict[int, _StrOrPromise] = {
    400: gettext_lazy("The request cannot be understood"),
    401: gettext_lazy("A valid key is needed"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Method not allowed"),
    409: gettext_lazy("Somebody or something was there first"),
    413: gettext_lazy("The request is too large"),
    422: gettext_lazy("Some of what was sent cannot be right"),
    429: gettext_lazy("Too many tries"),
    500: gettext_lazy("Something broke on our side"),
    503: gettext_lazy("Busy just now"),
}
#: Kind of error that reading the body found → our code and sentence.
_READING: dict[str, tuple[str, _StrOrPromise]] = {
    "missing": ("missing", gettext_lazy("This is needed.")),
    "string_unicode": (
        "bad_characters",
        gettext_lazy("This holds characters that cannot be used. Please type it again."),
    ),
    "string_too_long": ("too_long", gettext_lazy("This is too long.")),
    "too_long": ("too_long", gettext_lazy("This is too long.")),
    "greater_than_equal": ("out_of_range", gettext_lazy("This number is out of range.")),
    "less_than_equal": ("out_of_range", gettext_lazy("This number is out of range.")),
    "enum": ("unknown_choice", gettext_lazy("This is not one of the choices.")),
    "literal_error": ("unknown_choice", gettext_lazy("This is not one of the choices.")),
}
_WRONG_TYPE = ("wrong_type", gettext_lazy("This has the wrong type."))


def problem(
    status: int,
    code: str,
    detail: _StrOrPromise,
    *,
    errors: Iterable[FieldError] = (),
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """Return one problem document in the language of the request."""
    content = {
        "type": f"urn:nuanxin:problem:{code}",
        "title": str(_TITLES.get(status, _TITLES[400])),
        "status": status,
        "detail": str(detail),
        "code": code,
        "errors": [{"field": each.field, "code": each.code, "message": str(each.message)} for each in errors],
    }
    return HttpResponse(encode(content), status=status, content_type=MEDIA_TYPE, headers=headers)


def encode(content: Any) -> bytes:
    """Return JSON in UTF-8; what UTF-8 cannot carry is written with a backslash."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def answer_error(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Return the problem that an exception stands for; what is no refusal and no fault of the sender is logged."""
    if isinstance(error, Refusal):
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
        if error.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return problem(error.status, error.code, error.message, errors=error.errors, headers=headers)
    if isinstance(error, ValidationError):
        return problem(422, "invalid", _("Some fields need another look."), errors=_field_errors(error))
    if isinstance(error, HttpError):
        return problem(error.status_code, "bad_json", _("The body is not JSON, or it is nested too deeply."))
    if isinstance(error, RequestDataTooBig):
        return too_large()
    if isinstance(error, SuspiciousOperation):
        return problem(400, "bad_request", _("The request cannot be understood. Nothing was changed."))
    if isinstance(error, Http404):
        return not_found()
    if isinstance(error, PermissionDenied):
        return problem(403, "not_allowed", _("This is not open to you."))
    assert isinstance(error, Exception)
    number = fault_number(request)
    log.error("%s %s failed", request.method, request.path, exc_info=error, extra={"request": request})
    if isinstance(error, OperationalError | InterfaceError):
        return problem(503, "busy", _("Nothing was changed. Please try again."), headers={"Retry-After": "5"})
    told = _("It is not your fault. The people who run this site have been told.")
    return problem(500, "internal", f"{told} [{number}]")


def not_found() -> HttpResponse:
    """Return the problem of an address that leads nowhere."""
    return problem(404, "not_found", _("There is nothing here, or it is not yours to see."))


def not_allowed(allowed: str) -> HttpResponse:
    """Return the problem of a method that an address does not know."""
    return problem(405, "method_not_allowed", _("This address takes: %s") % allowed, headers={"Allow": allowed})


def too_large() -> HttpResponse:
    """Return the problem of a body over the limit."""
    return problem(413, "too_large", _("The body is over the limit. Nothing was changed."))


def _field_errors(error: ValidationError) -> list[FieldError]:
    found = []
    for each in error.errors:
        kind = str(each["type"])
        context = each.get("ctx") or {}
        if "refused" in context:
            code, message = kind, context["refused"]
        else:
            code, message = _READING.get(kind, _WRONG_TYPE)
        found.append(FieldError(_field(each["loc"]), code, message))
    return found


def _field(place: tuple[Any, ...]) -> str:
    """Return the name of the field to blame: without where it was read, and without the name of the whole body."""
    inner = [str(part) for part in place[1:]]
    if place[0] == "body" and len(inner) > 1:
        inner = inner[1:]
    return ".".join(inner)
