"""Signing in by WeChat or DingTalk: going there, coming back, and unlinking."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from nuanxin.access.actions import unlink_identity
from nuanxin.access.queries import linked_identities
from nuanxin.access.states import Platform
from nuanxin.members.actions.workers import sign_in_by_identity
from nuanxin.members.queries.workers import my_page
from nuanxin.messages.actions.choices import remember_weixin
from nuanxin.web.kit.guards import count
from nuanxin.web.kit.platforms import PlatformFailed, came_back, go_to, offered
from nuanxin.web.kit.sessions import sign_in_by_platform
from nuanxin.web.worker.account.links import forget, wait
from nuanxin.web.worker.account.sign_in import next_page, safe_next
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest


@never_cache
@require_safe
def go(request: WorkerRequest, platform: str) -> HttpResponse:
    """Send the browser to the platform. A link, not a form: the page policy lets forms lead nowhere else."""
    count(request, "code_checks")
    callback = reverse("worker:platform_back", args=[platform])
    return go_to(request, platform, callback=callback, next_url=next_page(request))


@never_cache
@require_safe
def back(request: WorkerRequest, platform: str) -> HttpResponse:
    """Take the platform's answer: sign in whose it is, or have the phone proved once."""
    count(request, "code_checks")
    try:
        person = came_back(request, platform, callback=reverse("worker:platform_back", args=[platform]))
        signed = sign_in_by_identity(platform=platform, digests=person.digests, now=request.now)
    except PlatformFailed as refusal:
        messages.warning(request, str(refusal.message))
        return redirect("worker:sign_in")
    onward = safe_next(request, person.next_url)
    if signed is None:
        wait(request, person)
        return redirect(f"{reverse('worker:sign_in')}?{urlencode({'next': onward})}")
    if person.openid:
        remember_weixin(account_id=signed.account.pk, openid=person.openid, now=request.now)
    sign_in_by_platform(request, signed.account)
    return redirect(onward)


@require_POST
def alone(request: WorkerRequest) -> HttpResponse:
    """Go on without linking anything."""
    forget(request)
    return redirect("worker:sign_in")


@never_cache
@require_safe
def links(request: WorkerRequest) -> HttpResponse:
    """Show by what I sign in beside the phone."""
    my_page(request.actor)
    held = linked_identities(request.actor)
    rows = [{"pk": each.pk, "label": Platform(each.platform).label, "at": each.linked_at} for each in held]
    more = [platform for platform in offered(request) if platform not in {each.platform for each in held}]
    context = {
        "page_title": _("WeChat and DingTalk"),
        "back_url": reverse("worker:me"),
        "tabs": tabs(request),
        "rows": rows,
        "more": [{"name": platform.value, "label": platform.label} for platform in more],
    }
    return render(request, "worker/account/links.html", context)


@require_POST
def unlink(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Unlink one of my own."""
    my_page(request.actor)
    unlink_identity(actor=request.actor, pk=pk, now=request.now)
    messages.success(request, _("Unlinked. From now on a code to your phone signs you in."))
    return redirect("worker:links")
