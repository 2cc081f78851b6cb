"""Answers for scripts of our own pages: JSON, and a refusal as JSON with its code and its words."""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse

from nuanxin.kernel.refusals import Refusal, TooMany

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
    """Return the JSON object that a script sent; an empty one for anything else, so that who asks is looked at first,
    and the act then says what is missing.
    """
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
