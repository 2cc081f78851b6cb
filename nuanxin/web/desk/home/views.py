"""What waits for me: numbers of the day, the applications and phones to decide on, what I was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.queries import posts_held
from nuanxin.access.states import Permission
from nuanxin.activities.queries.buses import clashes
from nuanxin.benefits.queries.insurance import claims_to_handle
from nuanxin.benefits.queries.redemptions import clashes_to_decide
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
from nuanxin.web.desk.checkups.clashes import clash_rows
from nuanxin.web.desk.coupons.clashes import clash_rows as coupon_rows
from nuanxin.web.desk.home.cards import day_cards
from nuanxin.web.desk.insurance.claims import claim_rows
from nuanxin.web.desk.review.contests import contest_rows
from nuanxin.web.desk.review.queue import bulk_actions
from nuanxin.web.desk.review.releases import release_rows
from nuanxin.web.desk.review.rows import lines
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from nuanxin.access.actors import Actor
    from nuanxin.access.models import Post
    from nuanxin.members.models import Application
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


@dataclass(frozen=True, slots=True)
class _Tab:
    """One kind of what waits: how much of it, where the whole list is, and how its beginning is drawn."""

    label: str
    count: int
    all_url: str
    shown: Callable[[], dict[str, Any]]


def _lists(request: DeskRequest, actor: Actor, waiting: Waiting | None) -> dict[str, Any]:
    """Return the tabs that this actor has, and the beginning of the list that is chosen."""
    tabs = (_of_members(request, actor, waiting) if waiting is not None else {}) | _of_others(request, actor)
    tab = request.GET.get("tab", "")
    tab = tab if tab in tabs else next(iter(tabs), "")
    views = [
        {"label": each.label, "url": f"?tab={name}", "count": each.count, "current": tab == name}
        for name, each in tabs.items()
    ]
    return {
        "lines": [],
        "rows": [],
        "views": views,
        "tab": tab,
        "all_url": tabs[tab].all_url if tab else "",
        "more": max(tabs[tab].count - SHOWN, 0) if tab else 0,
        "may_review": waiting is not None,
        "bulk_actions": bulk_actions(),
        **(tabs[tab].shown() if tab else {}),
    }


def _of_members(request: DeskRequest, actor: Actor, waiting: Waiting) -> dict[str, _Tab]:
    """Return what reviewers decide on: applications, and objections to what was decided."""
    now, queue = request.now, reverse("desk:review:queue")
    every = find_applications(actor, ApplicationFilters(), now=now)
    confirmed = find_applications(actor, ApplicationFilters(says="confirmed"), now=now)
    open_contests = contest_queue(actor)

    def drawn(rows: QuerySet[Application]) -> dict[str, Any]:
        return {"lines": lines(actor, rows.order_by("due_at", "pk")[:SHOWN], now)}

    return {
        "applications": _Tab(_("Applications"), waiting.count, queue, lambda: drawn(every)),
        "confirmed": _Tab(
            _("Confirmed by the employer"), confirmed.count(), f"{queue}?says=confirmed", lambda: drawn(confirmed)
        ),
        "contests": _Tab(
            _("Objections"),
            open_contests.count(),
            reverse("desk:review:contests"),
            lambda: {"rows": contest_rows(with_what_is_shown(open_contests)[:SHOWN], now)},
        ),
    }


def _of_others(request: DeskRequest, actor: Actor) -> dict[str, _Tab]:
    """Return what others decide on: phones, arrivals at the check-up bus, claims on insurance, clashes of coupons."""
    tabs = {}
    if actor.may(Permission.RELEASE_PHONES):
        phones = releases(actor).filter(state=ReleaseState.OPEN)
        tabs["releases"] = _Tab(
            _("Phones to release"),
            phones.count(),
            reverse("desk:review:releases"),
            lambda: {"rows": release_rows(phones.order_by("due_at", "pk")[:SHOWN], request.now)},
        )
    if actor.may(Permission.CHECK_IN):
        arrivals = clashes(actor)
        tabs["clashes"] = _Tab(
            _("Arrivals to decide on"),
            arrivals.count(),
            reverse("desk:checkups:clashes"),
            lambda: {"rows": clash_rows(arrivals.order_by("at", "pk")[:SHOWN])},
        )
    if actor.may(Permission.HANDLE_CLAIMS):
        claims = claims_to_handle(actor)
        tabs["claims"] = _Tab(
            _("Claims on insurance"),
            claims.count(),
            reverse("desk:insurance:claims"),
            lambda: {"rows": claim_rows(claims.order_by("pk")[:SHOWN], request.now)},
        )
    if actor.may(Permission.SETTLE_COUPONS):
        coupons = clashes_to_decide(actor)
        tabs["coupons"] = _Tab(
            _("Clashes of coupons"),
            coupons.count(),
            f"{reverse('desk:coupons:clashes')}?state=open",
            lambda: {"rows": coupon_rows(actor, coupons.order_by("told_at", "pk")[:SHOWN])},
        )
    return tabs
