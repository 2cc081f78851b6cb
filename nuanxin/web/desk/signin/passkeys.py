"""Signing in at the desk with a passkey: alone, or in place of the code after the password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from nuanxin.access.actions.passkeys import ask_passkey, check_passkey
from nuanxin.kernel.refusals import Refusal
from nuanxin.web.desk.signin.views import enter, forget_pending, pending
from nuanxin.web.kit.passkeys import answer, ask, site_of
from nuanxin.web.kit.sessions import sign_in_by_passkey
from nuanxin.web.kit.sources import client_address

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest


@never_cache
@require_POST
def options(request: DeskRequest) -> HttpResponse:
    """Ask the browser for a passkey: after the password for one of the account, otherwise for any of this site."""
    return ask(request, ask_passkey(account=pending(request), site=site_of(request), now=request.now))


@never_cache
@sensitive_post_parameters()
@require_POST
def prove(request: DeskRequest) -> HttpResponse:
    """Take the browser's answer and let its holder in."""
    waiting = pending(request)
    told, state = answer(request)
    try:
        account = check_passkey(
            answer=told, state=state, site=site_of(request), address=client_address(request), account=waiting,
            now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        messages.warning(request, str(refusal.message))
        return HttpResponseRedirect(reverse("desk:second_factor" if waiting else "desk:sign_in"))
    forget_pending(request)
    return enter(request, account, begin=sign_in_by_passkey)
