"""DingTalk as one's own first factor: linked after a fresh code, and unlinked."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from nuanxin.access.actions import link_identity, unlink_identity
from nuanxin.access.queries import linked_identities
from nuanxin.access.states import Platform
from nuanxin.kernel.refusals import NotFound, NotSignedIn, Refusal
from nuanxin.web.desk.access.passkeys import ask_proof, is_proved
from nuanxin.web.kit.platforms import came_back, go_to, offered

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest

_DINGTALK = Platform.DINGTALK


@never_cache
@require_safe
def mine(request: DeskRequest) -> HttpResponse:
    """Show what is linked."""
    if request.actor.account_id is None:
        raise NotSignedIn
    held = linked_identities(request.actor)
    rows = [(each, Platform(each.platform).label) for each in held]
    at_desk = any(each.platform == _DINGTALK and each.for_desk for each in held)
    context = {
        "page_title": _("Linked accounts"),
        "rows": rows,
        "may_link": _DINGTALK in offered(request) and not at_desk,
        "proved": is_proved(request),
        "platform": _DINGTALK,
    }
    return render(request, "desk/access/links.html", context)


@require_POST
def unlink(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Unlink one of one's own."""
    unlink_identity(actor=request.actor, pk=pk, now=request.now)
    messages.success(request, _("Unlinked."))
    return HttpResponseRedirect(reverse("desk:access:my_links"))


@never_cache
@require_safe
def go(request: DeskRequest) -> HttpResponse:
    """Send the browser to DingTalk, within five minutes of a code."""
    if not is_proved(request):
        return ask_proof("links")
    return go_to(request, _DINGTALK, callback=reverse("desk:access:my_link_back"))


@never_cache
@require_safe
def back(request: DeskRequest) -> HttpResponse:
    """Take DingTalk's answer and link who it says."""
    if not is_proved(request):
        return ask_proof("links")
    account = request.user
    try:
        person = came_back(request, _DINGTALK, callback=reverse("desk:access:my_link_back"))
        link_identity(
            actor=request.actor,
            account=account,
            platform=_DINGTALK,
            digests=person.digests,
            for_desk=True,
            now=request.now,
        )
    except NotFound:
        raise
    except Refusal as refusal:
        messages.warning(request, str(refusal.message))
    else:
        messages.success(request, _("DingTalk is linked: it stands for your password. The code stays."))
    return HttpResponseRedirect(reverse("desk:access:my_links"))
