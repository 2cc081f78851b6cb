"""The first page: a warm welcome to a stranger; card first, then what is being done, to a member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.members.queries.applications import progress_token
from nuanxin.members.queries.workers import my_page
from nuanxin.members.states import ApplicationState
from nuanxin.messages.queries import inbox, unread_count
from nuanxin.web.kit.offline import keep_offline
from nuanxin.web.worker.account.card import card_context
from nuanxin.web.worker.requests import is_member_page, tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.members.models import Application
    from nuanxin.web.worker.requests import WorkerRequest

#: What is still going on: icon, what is happening, and what the button says.
_GOING_ON: Final = {
    ApplicationState.SUBMITTED: ("send", gettext_lazy("Your application is with the union"), gettext_lazy("Look")),
    ApplicationState.ACCEPTED: (
        "progress-check",
        gettext_lazy("The union is looking at your application"),
        gettext_lazy("Look"),
    ),
    ApplicationState.RETURNED: ("edit", gettext_lazy("Your application needs a correction"), gettext_lazy("Mend it")),
    ApplicationState.PHONE_HELD: (
        "device-mobile",
        gettext_lazy("The county union is checking your phone number"),
        gettext_lazy("Look"),
    ),
    ApplicationState.KNOWN_MEMBER: (
        "arrows-exchange",
        gettext_lazy("Moving to another union was offered to you"),
        gettext_lazy("Look"),
    ),
}


@never_cache
@require_safe
def home(request: WorkerRequest) -> HttpResponse:
    """Show the card and what is being done for a member, or the way in."""
    if is_member_page(request):
        return _for_member(request)
    return render(request, "worker/welcome.html", {"page_title": _("Nuanxin")})


@keep_offline
def _for_member(request: WorkerRequest) -> HttpResponse:
    mine = my_page(request.actor)
    matters = [_matter(row) for row in mine.applications if row.state in _GOING_ON]
    context = {
        "page_title": _("Nuanxin"),
        "tabs": tabs(request),
        "card": card_context(mine),
        "membership": mine.membership,
        "matters": matters,
        "unread": unread_count(request.actor),
        "notices": inbox(request.actor, language=get_language() or "", most=2),
    }
    return render(request, "worker/home.html", context)


def _matter(row: Application) -> dict[str, Any]:
    icon, label, action = _GOING_ON[ApplicationState(row.state)]
    return {
        "icon": icon,
        "label": label,
        "action": action,
        "union": row.union,
        "number": row.number,
        "due_at": row.due_at,
        "token": progress_token(row.pk),
    }
