"""Limits at the doors: what is counted before a public form or link is worked on. One statement each.

A form that carries a proof of work has wide limits. Without one (no JavaScript, a connection without encryption, an
old phone) it works too, under a tighter limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.access.actions import take_all
from nuanxin.access.rules.limits import LIMITS
from nuanxin.kernel.refusals import TooMany
from nuanxin.web.kit.proof import FIELD, proof_of
from nuanxin.web.kit.sources import browser_of, client_address

if TYPE_CHECKING:
    from datetime import datetime

    from django.forms import BaseForm
    from django.http import HttpRequest, HttpResponse


def count(request: HttpRequest, *names: str, door: str = "") -> None:
    """Count one try against limits by address, browser or door.

    :raises TooMany: one of them is passed.
    """
    take_all(_subjects(request, names, door), now=_now(request))


def guard(request: HttpRequest, *names: str, unproved: str, door: str = "") -> None:
    """Count one sending of a public form, and use its proof of work up; without one the `unproved` limit counts too.

    :raises TooMany: one of the limits is passed.
    """
    proof = proof_of(request.POST.get(FIELD, ""))
    if proof is None:
        return count(request, *names, unproved, door=door)
    if not take_all(_subjects(request, names, door), now=_now(request), once=proof):
        count(request, unproved)
    return None


def guard_codes(request: HttpRequest) -> None:
    """Guard a form that has a code sent by text message."""
    guard(request, "codes_address", "codes_browser", unproved="codes_unproved")


def guard_form(request: HttpRequest) -> None:
    """Guard any other public form: put `{% include "kit/partials/proof.html" %}` into it, and call this first."""
    guard(request, "forms", "forms_browser", unproved="forms_unproved")


def _now(request: HttpRequest) -> datetime:
    now: datetime = request.now  # type: ignore[attr-defined]
    return now


def _subjects(request: HttpRequest, names: tuple[str, ...], door: str) -> dict[str, str]:
    found = {"address": client_address(request), "browser": browser_of(request), "door": door}
    return {name: found[LIMITS[name].subject] for name in names}


def answered(response: HttpResponse, form: BaseForm | TooMany | None) -> HttpResponse:
    """Give a form's page its status: 422 when something typed was refused, 429 when it was tried too often."""
    refusal = form if isinstance(form, TooMany) else getattr(form, "too_many", None)
    if refusal is not None:
        response.status_code = refusal.status
        response["Retry-After"] = str(refusal.retry_after)
    elif form is not None and form.errors:
        response.status_code = 422
    return response
