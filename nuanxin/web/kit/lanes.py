"""Two lanes: a machine with a key needs no session, no page headers and no messages, and passes what serves pages.
Its language is told by one header, and worked out once for each that machines send.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from nuanxin.web.kit.actors import ActorMiddleware
from nuanxin.web.kit.sessions import account_of_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse, HttpResponseBase

    Answer = Callable[[HttpRequest], HttpResponse]

#: Longer ones are not kept in mind.
_LONGEST_WISH = 200


class _Views(BaseHandler):
    """Django's handler without any middleware: it finds the view and calls it."""

    _view_middleware = _template_response_middleware = _exception_middleware = ()


def machines(get_response: Answer) -> Answer:
    """Take a machine's request to its view by the short way. What stands below serves people.

    The machine door's own gate judges bodies and keys, and makes a problem document of everything that goes wrong.
    """
    to_view = ActorMiddleware(_Views()._get_response)  # type: ignore[attr-defined] # Django's own, without a stub
    in_words = LocaleMiddleware(to_view)

    def answer(request: HttpRequest) -> HttpResponse:
        if "HTTP_AUTHORIZATION" not in request.META or not request.path.startswith("/api/"):
            return get_response(request)
        request.get_host()  # refuses a host that is not ours
        wish = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        if "HTTP_COOKIE" in request.META or len(wish) > _LONGEST_WISH:
            response: HttpResponse = in_words(request)  # type: ignore[assignment]
        else:
            response = _in_language(_language(wish), to_view, request)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    return answer


def _in_language(language: str, to_view: Answer, request: HttpRequest) -> HttpResponse:
    """Do what Django's middleware does, without looking for the language in paths and cookies."""
    translation.activate(language)
    request.LANGUAGE_CODE = translation.get_language()
    response = to_view(request)
    patch_vary_headers(response, ("Accept-Language",))
    response.headers.setdefault("Content-Language", translation.get_language())
    return response


@lru_cache(maxsize=256)
def _language(wish: str) -> str:
    asked = HttpRequest()
    asked.META["HTTP_ACCEPT_LANGUAGE"] = wish
    return translation.get_language_from_request(asked)


class PagePolicy(CSPMiddleware):
    """That of django-csp, but the policy of an answer that asks for nothing of its own is written once."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the policy of pages, unless the answer brings one."""
        own = any(name.startswith("_csp") for name in response.__dict__)
        if own or HEADER in response or hasattr(request, "_csp_nonce"):
            return super().process_response(request, response)
        response.headers[HEADER] = _policy()
        return response


@cache
def _policy() -> str:
    return build_policy()


class Accounts(AuthenticationMiddleware):
    """Django's, but an account that came with its session is not fetched again."""

    def process_request(self, request: HttpRequest) -> None:
        """Give the request `user`, worked out when first used."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: account_of_session(request))  # type: ignore[assignment]
