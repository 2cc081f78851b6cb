"""The plain pages for what cannot be shown: why, in a sentence, and what to do next. Used by every door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from nuanxin.kernel.ids import random_letters
from nuanxin.web.kit.elder import is_elder
from nuanxin.web.kit.navigation import Entry


@dataclass(frozen=True)
class Explanation:
    """What a plain page says."""

    title: str
    sentence: str
    advice: str
    icon: str
    actions: tuple[Entry, ...] = ()


def _home() -> Entry:
    return Entry(_("To the home page"), "/", "home")


def _bad_request() -> Explanation:
    return Explanation(
        _("We could not understand that"),
        _("Part of what was sent is missing or damaged. Nothing was changed."),
        _("Go back, check what you filled in and send it again."),
        "alert-circle",
        (_home(),),
    )


def _forbidden() -> Explanation:
    return Explanation(
        _("This is not open to you"),
        _("Your account or your current post may not do this, or the page was open for too long."),
        _("Open the page anew and try again. If you should be allowed, ask your union's administrator."),
        "lock",
        (_home(),),
    )


def _missing() -> Explanation:
    return Explanation(
        _("There is nothing here"),
        _("The address may be mistyped, or the page was moved, or it belongs to somebody else."),
        _("Start again from the home page; everything that is yours is listed there."),
        "map-pin",
        (_home(),),
    )


def _too_many() -> Explanation:
    return Explanation(
        _("A little too fast"),
        _("There were many requests from here in a short time, so we pause for your safety."),
        _("Wait a minute, then try again. What you typed is not lost."),
        "hourglass",
        (_home(),),
    )


def _broken() -> Explanation:
    return Explanation(
        _("Something broke on our side"),
        _("It is not your fault. The people who run this site have been told."),
        _("Try again in a few minutes. If it is urgent, call the help line below."),
        "alert-triangle",
        (_home(),),
    )


_EXPLANATIONS: dict[int, Callable[[], Explanation]] = {
    400: _bad_request,
    403: _forbidden,
    404: _missing,
    429: _too_many,
    500: _broken,
}


def explain(status: int) -> Explanation:
    """Find the words for a status; an unknown one is explained like the round number below it."""
    return _EXPLANATIONS.get(status, _bad_request if status < 500 else _broken)()


def plain_page(
    request: HttpRequest | None,
    status: int,
    *,
    detail: str = "",
    reference: str = "",
    explanation: Explanation | None = None,
) -> HttpResponse:
    """Answer with a plain page. Needs no database and no session, so that it also shows when these are gone."""
    context = {
        "explanation": explanation or explain(status),
        "detail": detail,
        "reference": reference,
        "elder": is_elder(request) if request is not None else False,
    }
    return HttpResponse(render_to_string("kit/plain.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400 (handler400)."""
    return plain_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403 (handler403)."""
    return plain_page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 when the form's token is missing or old (CSRF_FAILURE_VIEW)."""
    return plain_page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404 (handler404)."""
    return plain_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 (handler500): a number by which the log is searched, and nothing of what happened."""
    return plain_page(request, 500, reference=fault_number(request))


def fault_number(request: HttpRequest) -> str:
    """Give a fault a number: for the page, and for the line that the log writes of this request."""
    request.reference = random_letters(8)  # type: ignore[attr-defined] # read by `kernel.masking`
    return str(request.reference)  # type: ignore[attr-defined]
