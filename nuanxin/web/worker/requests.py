"""What every page of this door asks of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from nuanxin.messages.queries import unread_count
from nuanxin.web.kit.navigation import Entry
from nuanxin.web.kit.requests import Request

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class WorkerRequest(Request):
    """A request as the middleware of the kit leaves it."""

    htmx: HtmxDetails


def is_member_page(request: WorkerRequest) -> bool:
    """Answer whether a worker is signed in."""
    return request.actor.kind == "worker"


def tabs(request: WorkerRequest) -> list[Entry]:
    """Return the bottom tabs of somebody signed in; nobody else has any."""
    if not is_member_page(request):
        return []
    return [
        Entry(_("Home"), reverse("worker:home"), "home", exact=True),
        Entry(_("Member code"), reverse("worker:code"), "qrcode"),
        Entry(_("Messages"), reverse("worker:messages"), "bell", count=unread_count(request.actor)),
        Entry(_("Me"), reverse("worker:me"), "user"),
    ]


def asks_for_part(request: WorkerRequest) -> bool:
    """Answer whether htmx asks for a part of the page, and not, boosted or going back, for the whole."""
    htmx = request.htmx
    return bool(htmx) and not (htmx.boosted or htmx.history_restore_request)
