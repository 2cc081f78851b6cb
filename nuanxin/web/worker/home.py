"""The first page: a warm welcome to a stranger; card first, then what is being done, to a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.web.worker.requests import is_member_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest


@never_cache
@require_safe
def home(request: WorkerRequest) -> HttpResponse:
    """Show the card and what is being done for a member, or the way in."""
    if is_member_page(request):
        return _for_member(request)
    return render(request, "worker/welcome.html", {"page_title": _("Nuanxin")})


def _for_member(request: WorkerRequest) -> HttpResponse:
    return render(request, "worker/welcome.html", {"page_title": _("Nuanxin")})
