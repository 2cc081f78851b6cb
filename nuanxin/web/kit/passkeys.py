"""What passkeys need of a request: the address they are bound to, and the question that waits in the session."""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.http import HttpRequest, JsonResponse

from nuanxin.access.actions.passkeys import Site

if TYPE_CHECKING:
    from nuanxin.access.actions.passkeys import Question

_ASKED = "passkey_asked"


def site_of(request: HttpRequest) -> Site:
    """Return the address at which this request came in; Django has checked its host."""
    origin = f"{request.scheme}://{request.get_host()}"
    return Site(origin, urlsplit(origin).hostname or "")


def passkeys_work(request: HttpRequest) -> bool:
    """Answer whether browsers know passkeys here: over HTTPS, or at localhost; never at a bare number."""
    host = site_of(request).host
    try:
        ip_address(host)
    except ValueError:
        return request.is_secure() or host == "localhost" or host.endswith(".localhost")
    return False


def ask(request: HttpRequest, question: Question) -> JsonResponse:
    """Hand the question to the page's script, and keep in the session what the answer is held against."""
    request.session[_ASKED] = question.state
    return JsonResponse(question.options)


def answer(request: HttpRequest) -> tuple[object, dict[str, str] | None]:
    """Return what the browser answered and what it was asked, which waits no longer."""
    state = request.session.pop(_ASKED, None)
    try:
        told = json.loads(request.POST.get("credential", ""))
    except (ValueError, RecursionError):
        told = None
    return told, state if isinstance(state, dict) else None
