"""Two lanes: a machine with a key needs no session, no page headers and no messages, and passes what serves pages.
Its language is told by one header, and worked out once for each that machines send.

Only middlewares without view hooks may stand here: a hook of a wrapped one would not be called.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django_htmx.middleware import HtmxMiddleware

from nuanxin.web.kit.sessions import account_of_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from django.http import HttpResponse, HttpResponseBase

    Answer = Callable[[HttpRequest], HttpResponse]


def _for_people(middleware: Callable[[Answer], Any]) -> Callable[[Answer], Answer]:
    """Make a middleware that lets machines pass by another one."""

    def make(get_response: Answer) -> Answer:
        wrapped = middleware(get_response)

        def answer(request: HttpRequest) -> HttpResponse:
            return get_response(request) if _is_machine(request) else wrapped(request)

        return answer

    return make


def _is_machine(request: HttpRequest) -> bool:
    return "HTTP_AUTHORIZATION" in request.META and request.path.startswith("/api/")


def languages(get_response: Answer) -> Answer:
    """Choose the language as Django's own middleware does, for machines without looking for it in paths and cookies."""
    wrapped = cast("Answer", LocaleMiddleware(get_response))

    def answer(request: HttpRequest) -> HttpResponse:
        wish = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        if not _is_machine(request) or "HTTP_COOKIE" in request.META or len(wish) > _LONGEST_WISH:
            return wrapped(request)
        translation.activate(_language(wish))
        request.LANGUAGE_CODE = translation.get_language()
        response = get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", translation.get_language())
        return response

    return answer


#: Longer ones are not kept in mind.
_LONGEST_WISH = 200


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


page_policy = _for_people(PagePolicy)
sessions = _for_people(SessionMiddleware)
accounts = _for_people(Accounts)
messages = _for_people(MessageMiddleware)
htmx = _for_people(HtmxMiddleware)
