"""What waits for me: numbers of the day, the applications and phones to decide on, what I was told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.queries import posts_held
from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.members.queries.applications import releases
from nuanxin.members.queries.contests import contest_queue, with_what_is_shown
from nuanxin.members.queries.reviewing import (
    ApplicationFilters,
    Waiting,
    find_applications,
    waiting_of,
)
from nuanxin.members.states import ReleaseState
from nuanxin.messages.queries import inbox
from nuanxin.organizations.queries import is_set_up
from nuanxin.web.desk.home.cards import day_cards
from nuanxin.web.desk.review.contests import contest_rows
from nuanxin.web.desk.review.queue import bulk_actions
from nuanxin.web.desk.review.releases import release_rows
from nuanxin.web.desk.review.rows import lines
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from nuanxin.access.actors import Actor
    from nuanxin.access.models import Post
    from nuanxin.web.desk.requests import DeskRequest

#: Lines of each list on the page; the rest is one tap away.
SHOWN = 10
_NOTICES = 5


@require_safe
def home(request: DeskRequest) -> HttpResponse:
    """Show what waits for whoever is signed in; an employer's people office goes to its own people."""
    actor = request.actor
    if actor.kind == "anonymous":
        raise NotSignedIn
    if not actor.paths and actor.enterprises(Permission.CONFIRM_EMPLOYMENT):
        return HttpResponseRedirect(reverse("desk:enterprise:employees"))
    posts = posts_held(actor, request.now)
    told = inbox(actor, language=get_language() or "", most=_NOTICES)
    waiting = waiting_of(actor, now=request.now) if actor.may(Permission.REVIEW) else None
    context: dict[str, Any] = {
        "page_title": _("What waits for me"),
        "pretitle": _pretitle(request, posts),
        "cards": day_cards(actor, waiting, request.now),
        "posts_held": posts,
        "told": told,
        "unread": any(not notice.is_read for notice in told),
        "set_up_first": actor.may(Permission.EDIT_UNIONS) and not is_set_up(),
        **_lists(request, actor, waiting),
    }
    return render(request, "desk/home/home.html", context)


def _pretitle(request: DeskRequest, posts: list[Post]) -> str:
    day = local_day(request.now)
    weekday = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    places = list(dict.fromkeys(local_name(post.union or post.enterprise) for post in posts))
    return " · ".join([f"{date_cn(day)} {weekday[day.weekday()]}", *places[:2]])


def _lists(request: DeskRequest, actor: Actor, waiting: Waiting | None) -> dict[str, Any]:
    """Return the tabs that this actor has, and the beginning of the list that is chosen."""
    tabs: dict[str, tuple[str, int]] = {}
    if waiting is not None:
        confirmed = find_applications(actor, ApplicationFilters(says="confirmed"), now=request.now)
        tabs["applications"] = (_("Applications"), waiting.count)
        tabs["confirmed"] = (_("Confirmed by the employer"), confirmed.count())
    open_contests = contest_queue(actor)
    if waiting is not None:
        tabs["contests"] = (_("Objections"), open_contests.count())
    open_releases = releases(actor).filter(state=ReleaseState.OPEN)
    if actor.may(Permission.RELEASE_PHONES):
        tabs["releases"] = (_("Phones to release"), open_releases.count())
    tab = request.GET.get("tab", "")
    tab = tab if tab in tabs else next(iter(tabs), "")
    found: dict[str, Any] = {"lines": [], "rows": []}
    if tab in {"applications", "confirmed"}:
        says = "confirmed" if tab == "confirmed" else ""
        rows = find_applications(actor, ApplicationFilters(says=says), now=request.now).order_by("due_at", "pk")
        found["lines"] = lines(actor, rows[:SHOWN], request.now)
        found["all_url"] = reverse("desk:review:queue") + (f"?says={says}" if says else "")
    elif tab == "contests":
        found["rows"] = contest_rows(with_what_is_shown(open_contests)[:SHOWN], request.now)
        found["all_url"] = reverse("desk:review:contests")
    elif tab == "releases":
        found["rows"] = release_rows(open_releases.order_by("due_at", "pk")[:SHOWN], request.now)
        found["all_url"] = reverse("desk:review:releases")
    views = [
        {"label": label, "url": f"?tab={name}", "count": count, "current": tab == name}
        for name, (label, count) in tabs.items()
    ]
    more = tabs[tab][1] - SHOWN if tab else 0
    return {
        "views": views,
        "tab": tab,
        "more": max(more, 0),
        "may_review": waiting is not None,
        "bulk_actions": bulk_actions(),
        **found,
    }
