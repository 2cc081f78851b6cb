"""DingTalk in place of the password, for whoever linked it at the desk; the second factor is asked for all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.access.actions import account_of_identity, has_second_factor
from nuanxin.access.states import Platform
from nuanxin.kernel.refusals import NotFound
from nuanxin.web.desk.signin.views import wait_for_second_factor
from nuanxin.web.kit.guards import count
from nuanxin.web.kit.platforms import PlatformFailed, came_back, go_to

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest

#: The platforms whose word counts at the desk as a first factor.
AT_DESK = (Platform.DINGTALK,)


def _check(platform: str) -> None:
    if platform not in AT_DESK:
        raise NotFound


@never_cache
@require_safe
def go(request: DeskRequest, platform: str) -> HttpResponse:
    """Send the browser to the platform."""
    _check(platform)
    count(request, "code_checks")
    return go_to(request, platform, callback=reverse("desk:platform_back", args=[platform]))


@never_cache
@require_safe
def back(request: DeskRequest, platform: str) -> HttpResponse:
    """Take the platform's answer for the first factor, and go on to the second."""
    _check(platform)
    count(request, "code_checks")
    try:
        person = came_back(request, platform, callback=reverse("desk:platform_back", args=[platform]))
    except PlatformFailed as refusal:
        messages.warning(request, str(refusal.message))
        return HttpResponseRedirect(reverse("desk:sign_in"))
    account = account_of_identity(platform=platform, digests=person.digests, for_desk=True, now=request.now)
    if account is None or not has_second_factor(account):
        messages.warning(
            request,
            _("This DingTalk is not linked at the desk. Sign in by password, then link it under My account."),
        )
        return HttpResponseRedirect(reverse("desk:sign_in"))
    return wait_for_second_factor(request, account)
