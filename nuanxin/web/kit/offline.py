"""Pages that open with no network: the service worker, what it may keep, and how that is forgotten again.

A page is kept on a phone only when its view says so by `keep_offline` or `keep`; the desk never does. The mark beside
it tells one person's pages from another's without naming anybody.
"""

from __future__ import annotations

import hashlib
import json
from functools import wraps
from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

import nuanxin
from nuanxin.kernel.secrets import digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from nuanxin.web.kit.requests import Request

#: Says that this browser is a counter too; holds nothing else. Its unsent checks outlive a member's sign-out.
COUNTER_COOKIE = "nuanxin_counter_here"
_PAGES = ("phone.css", "phone.js", "icons.svg", "card.js", "counter.js", "bus.js", "counter/counter.css")
_FILES = ("service-worker.js", *_PAGES)
_LEFT = ("/desk/", "/api/", "/healthz", "/readyz", "/sw.js", "/manifest.webmanifest")
#: Where the policy of pages demands trusted types, a worker names what it loads: the one line below it, of our own.
_TRUST = (
    'if (self.trustedTypes) self.trustedTypes.createPolicy("default", { createScriptURL: (address) => address });\n'
)


def mark(door: str, owner: object) -> str:
    """Return a sign that is the same for one owner and says nothing of whom: `worker:1f2e…`."""
    return f"{door}:{digest('kept-on-phone', f'{door} {owner}').hex()[:16]}"


def keep(response: HttpResponse, person: str) -> HttpResponse:
    """Let phones keep a copy of this page for when there is no network; `person` is a `mark`, or nothing."""
    if response.status_code == 200:
        response["X-Nuanxin-Keep"] = "offline"
        if person:
            response["X-Nuanxin-Person"] = person
    return response


def keep_offline(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a page of the worker's door to be kept on the phone: whole pages only, never parts for htmx."""

    @wraps(view)
    def marked(request: Request, *args: object, **more: object) -> HttpResponse:
        response = view(request, *args, **more)
        if "HX-Request" in request.headers:
            return response
        worker = request.actor.worker_id
        return keep(response, mark("worker", worker) if worker else "")

    return marked


def clear_phone(request: HttpRequest, response: HttpResponse) -> None:
    """Tell the browser to forget what it keeps of this site, unless it is a counter too: there scripts do it."""
    if COUNTER_COOKIE not in request.COOKIES:
        response["Clear-Site-Data"] = '"storage"'


@never_cache
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker: what it must know, and the script under its hashed name."""
    files = [static(name) for name in _FILES]
    known = {
        "version": hashlib.sha256(" ".join([nuanxin.__version__, *files]).encode()).hexdigest()[:12],
        "offline": reverse("open:offline"),
        "instead": {reverse("worker:code"): reverse("worker:offline_code")},
        "leave": _LEFT,
        "leaving": [reverse("worker:sign_out"), reverse("worker:sign_in")],
        "switches": [reverse("kit:elder"), reverse("kit:language")],
    }
    text = f"self.nuanxin = {json.dumps(known)};\n{_TRUST}importScripts({json.dumps(files[0])});\n"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@never_cache
@require_safe
def offline_page(request: HttpRequest) -> HttpResponse:
    """Say that there is no network, what works without one, and what to do: kept on every phone."""
    return keep(render(request, "kit/offline.html", {"page_title": _("No network")}), "")


@cache_control(max_age=3600)
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Let a phone put the card on its home screen."""
    told = {
        "name": _("Nuanxin"),
        "short_name": _("Nuanxin"),
        "start_url": reverse("worker:card"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f3f2ef",
        "theme_color": "#C8102E",
        "icons": [{"src": static("favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return JsonResponse(told, content_type="application/manifest+json")
