"""Answers for scripts of our own pages: JSON, and a refusal as JSON with its code and its words."""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid, Refusal, TooMany

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


def for_scripts(view: Callable[..., dict[str, Any]]) -> Callable[..., HttpResponse]:
    """Make a view of one that returns a dictionary; nobody keeps the answer, and a refusal is no page."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = JsonResponse(view(request, *args, **kwargs))
        except Refusal as refusal:
            told = {"code": refusal.code, "detail": str(refusal.message)}
            response = JsonResponse(told, status=refusal.status)
            if isinstance(refusal, TooMany):
                response["Retry-After"] = str(refusal.retry_after)
        response["Cache-Control"] = "no-store"
        return response

    return answer


def json_body(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that a script sent.

    :raises Invalid: something else.
    """
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Invalid("bad_json", _("The request cannot be understood. Nothing was changed.")) from error
    if not isinstance(body, dict):
        raise Invalid("bad_json", _("The request cannot be understood. Nothing was changed."))
    return body
