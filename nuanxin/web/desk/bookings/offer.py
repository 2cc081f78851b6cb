"""One offer: its places as a grid, its numbers, what was done to it; announcing, opening, closing, cancelling."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.queries import account_names
from nuanxin.access.states import Permission
from nuanxin.bookings.actions.allocating import allocate_by_priority
from nuanxin.bookings.actions.offers import (
    announce_offer,
    cancel_offer,
    close_offer,
    end_offer,
    open_offer,
    retract_offer,
)
from nuanxin.bookings.queries.desk import filled, get_offer, pools_of, sessions_of_offer
from nuanxin.bookings.rules.eligibility import described
from nuanxin.bookings.states import OFFER_MOVES, OfferState, SessionState, ShareKind, Way
from nuanxin.kernel.refusals import NotFound, Refusal
from nuanxin.records.queries import entries_of_any
from nuanxin.web.desk.access.wording import act as act_in_words
from nuanxin.web.desk.bookings.forms import ReasonForm
from nuanxin.web.desk.bookings.sessions import session_filter
from nuanxin.web.kit.offers import (
    day_in_words,
    for_whom,
    hours,
    in_language,
    kind_icon,
    kind_name,
    offer_state,
    terms_in_words,
    where,
)
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import date_cn

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from nuanxin.bookings.models import Offer, Pool, Session
    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def offer(request: DeskRequest, number: str) -> HttpResponse:
    """Show an offer: numbers, the grid of sessions and shares, rules, and what was done."""
    found = get_offer(request.actor, number)
    fill = filled([found.pk])[found.pk]
    filters, chosen = session_filter(request.GET, found)
    rows = sessions_of_offer(found, **chosen)
    listed = page(rows, order=("starts_at", "pk"), cursor=request.GET.get("page", ""), size=40)
    pools = pools_of(found, [each.pk for each in listed.items])
    may_edit = request.actor.may(Permission.EDIT_OFFERS, at=found.union.path)
    context = {
        **header(request, found),
        "cards": _cards(found, fill),
        "page": listed,
        "filters": filters if fill.sessions > 1 or chosen else None,
        "narrowed": bool(chosen),
        "all_of": rows.count() if listed.has_other_pages else 0,
        **_grid(found, listed.items, pools, request.now),
        "terms": terms_in_words(found),
        "audience": [described(check) for check in found.checks],
        "about": in_language(found.about, found.about_en),
        "acts": _acts(found) if may_edit else [],
        "may_edit": may_edit,
        "trail": _trail(found, pools, listed.items)
        if request.actor.may(Permission.VIEW_BOOKINGS, at=found.union.path)
        else [],
        "preview_url": reverse("desk:bookings:reached", args=[number]),
    }
    return render(request, "desk/bookings/offer.html", context)


def header(request: DeskRequest, found: Offer) -> dict[str, Any]:
    """Return what every page of an offer shows at its head: name, state, tabs."""
    tabs = [
        ("desk:bookings:offer", _("Places")),
        ("desk:bookings:bookings", _("Bookings")),
        ("desk:bookings:waiting", _("People waiting")),
    ]
    if request.actor.may(Permission.BOOK):
        tabs.append(("desk:bookings:member", _("Book for a member")))
    if request.actor.may(Permission.BOOK) and found.way == Way.FIRST_COME:
        tabs.append(("desk:bookings:group", _("Book for a group")))
    views = [
        {"label": label, "url": url, "count": None, "current": request.path == url}
        for label, url in ((label, reverse(name, args=[found.number])) for name, label in tabs)
    ]
    return {
        "page_title": in_language(found.name, found.name_en),
        "offer": found,
        "kind": kind_name(found.kind),
        "icon": kind_icon(found.kind),
        "state": offer_state(found.state),
        "way": Way(found.way).label,
        "views": views,
        "back_url": reverse("desk:bookings:offers"),
    }


def _cards(found: Offer, fill: Any) -> list[dict[str, Any]]:
    bookings = reverse("desk:bookings:bookings", args=[found.number])
    return [
        {"label": _("Places"), "value": fill.capacity},
        {"label": _("Taken"), "value": fill.taken, "url": bookings},
        {"label": _("Left"), "value": fill.free},
        {"label": _("People who came"), "value": fill.came, "url": f"{bookings}?state=checked_in"},
        {
            "label": _("Waiting and applied"),
            "value": fill.waiting,
            "url": reverse("desk:bookings:waiting", args=[found.number]),
        },
    ]


def _grid(found: Offer, sessions: list[Session], pools: list[Pool], now: datetime) -> dict[str, Any]:
    """Return the places: a line for each session, a column for each share; caps stand apart."""
    shares = [share for share in found.shares.all() if share.kind != ShareKind.MOST]
    at: dict[Any, dict[Any, Pool]] = defaultdict(dict)
    for pool in pools:
        at[pool.session_id][pool.share_id] = pool
    lines = [
        {
            "session": each,
            "day": day_in_words(each.starts_at),
            "hours": hours(each),
            "where": where(each),
            "cancelled": each.state == SessionState.CANCELLED,
            "is_ahead": each.state == SessionState.PLANNED and each.ends_at > now,
            "cells": [_cell(at[each.pk].get(share.pk)) for share in shares],
            "bookings": f"{reverse('desk:bookings:bookings', args=[found.number])}?session={each.pk}",
        }
        for each in sessions
    ]
    whole = [_cell(at[None].get(share.pk)) for share in shares]
    return {
        "shares": [_head(share) for share in shares],
        "lines": lines,
        "whole": whole if any(whole) else [],
        "caps": [
            {"name": in_language(pool.share.name, pool.share.name_en), **(_cell(pool) or {})}
            for pool in pools
            if pool.share.kind == ShareKind.MOST
        ],
    }


def _head(share: Any) -> dict[str, Any]:
    return {
        "share": share,
        "name": in_language(share.name, share.name_en),
        "who": for_whom(share.who),
        "may_release": share.kind in (ShareKind.RESERVED, ShareKind.WALK_IN) and share.released_at is None,
    }


def _cell(pool: Pool | None) -> dict[str, Any] | None:
    if pool is None:
        return None
    return {"pool": pool, "taken": pool.taken, "capacity": pool.capacity, "free": pool.capacity - pool.taken}


def _trail(found: Offer, pools: list[Pool], sessions: list[Session]) -> list[dict[str, Any]]:
    """Return what was done to the offer, its shares, pools and sessions, the latest first."""
    subjects = [found.pk, *(pool.pk for pool in pools), *(each.pk for each in sessions)]
    subjects += [share.pk for share in found.shares.all()]
    entries = list(entries_of_any(subjects)[:20])
    names = account_names({entry.account_id for entry in entries if entry.account_id})
    return [
        {
            "text": act_in_words(entry.action),
            "note": " · ".join(
                str(part)
                for part in (names.get(entry.account_id, "") if entry.account_id else "", _told(entry.detail))
                if part
            ),
            "at": entry.at,
        }
        for entry in entries
    ]


#: What of an act's details is told, and as what.
_DETAILS: Final[dict[str, _StrOrPromise]] = {
    "places": gettext_lazy("Places"),
    "applicants": gettext_lazy("Applicants"),
    "booked": gettext_lazy("Booked"),
    "tickets": gettext_lazy("Tickets"),
    "winners": gettext_lazy("Winners"),
    "rows": gettext_lazy("People"),
    "before": gettext_lazy("Before"),
    "after": gettext_lazy("After"),
}


def _told(detail: dict[str, Any]) -> str:
    """Return the details of an act in words: the numbers, and what was before and after."""
    told = ((label, detail.get(name)) for name, label in _DETAILS.items())
    return " · ".join(f"{label} {_plain(value)}" for label, value in told if value is not None)


def _plain(value: Any) -> str:
    try:
        return date_cn(datetime.fromisoformat(value)) if isinstance(value, str) else f"{value}"
    except ValueError:
        return str(value)


#: Verb of the address → state it leads to, what the button says, its picture.
_VERBS: Final[dict[str, tuple[OfferState, _StrOrPromise, str]]] = {
    "announce": (OfferState.ANNOUNCED, gettext_lazy("Announce"), "speakerphone"),
    "retract": (OfferState.DRAFT, gettext_lazy("Back to a draft"), "arrow-back-up"),
    "open": (OfferState.OPEN, gettext_lazy("Open now"), "lock-open"),
    "close": (OfferState.CLOSED, gettext_lazy("Close"), "lock"),
    "allocate": (OfferState.DRAWN, gettext_lazy("Give the places by priority"), "scale"),
    "end": (OfferState.ENDED, gettext_lazy("End"), "flag"),
    "cancel": (OfferState.CANCELLED, gettext_lazy("Cancel the offer"), "ban"),
}
_PRIMARY: Final = {"announce", "allocate"}


def _acts(found: Offer) -> list[dict[str, Any]]:
    """Return what may be done now."""
    shown = []
    for verb, (leads_to, label, icon) in _VERBS.items():
        if leads_to not in OFFER_MOVES[found.state]:
            continue
        if verb == "allocate" and found.way != Way.PRIORITY:
            continue
        url = reverse("desk:bookings:act", args=[found.number, verb])
        shown.append(
            {"label": label, "url": url, "icon": icon, "primary": verb in _PRIMARY, "danger": verb == "cancel"}
        )
    return shown


@require_http_methods(["GET", "POST"])
def act(request: DeskRequest, number: str, verb: str) -> HttpResponse:
    """Say what will happen, then do it."""
    found = get_offer(request.actor, number)
    request.actor.require(Permission.EDIT_OFFERS, at=found.union)
    if verb not in _VERBS:
        raise NotFound
    form = ReasonForm(request.POST if request.method == "POST" else None) if verb == "cancel" else None
    back = reverse("desk:bookings:offer", args=[number])
    if request.method == "POST":
        if form is None:
            try:
                _do(request, found, verb)
            except Refusal as refusal:
                if refusal.status in {401, 403, 404}:
                    raise
                messages.error(request, str(refusal.message))
            return HttpResponseRedirect(back)
        reason = form.data.get("reason", "")
        done, _made = tried(
            form, lambda: cancel_offer(actor=request.actor, offer=found, reason=reason, now=request.now)
        )
        if done:
            messages.success(request, _("Cancelled. Everybody who booked or waits is told."))
            return HttpResponseRedirect(back)
    context = {
        "face": "kit/desk.html",
        "page_title": in_language(found.name, found.name_en),
        "question": _VERBS[verb][1],
        "consequences": _consequences(found, verb),
        "action_url": request.path,
        "action_label": _VERBS[verb][1],
        "back_url": back,
        "danger": verb == "cancel",
        "form": form,
    }
    return render(request, "kit/confirm.html", context, status=422 if form is not None and form.is_bound else 200)


def _do(request: DeskRequest, found: Offer, verb: str) -> None:
    who: dict[str, Any] = {"actor": request.actor, "offer": found, "now": request.now}
    if verb == "allocate":
        allocated = allocate_by_priority(**who)
        told = {"applicants": allocated.applicants, "given": allocated.booked}
        messages.success(request, _("%(applicants)s applicants, %(given)s have a place now.") % told)
        return
    done = {
        "announce": announce_offer,
        "retract": retract_offer,
        "open": open_offer,
        "close": close_offer,
        "end": end_offer,
    }[verb](**who)
    messages.success(request, _("Done: %(state)s.") % {"state": offer_state(done.state)["label"]})


def _consequences(found: Offer, verb: str) -> list[str]:
    fill = filled([found.pk])[found.pk]
    counts = {"places": fill.capacity, "taken": fill.taken, "waiting": fill.waiting}
    said: dict[str, list[str]] = {
        "announce": [
            _("Members see it from now on, and may book from its opening hour: %(places)s places.") % counts,
            _("What people were promised can then be changed only by taking it back to a draft."),
        ],
        "retract": [_("Members do not see it any more, until it is announced again.")],
        "open": [_("Members may book from this moment on.")],
        "close": [
            _("Nobody can book or apply any more. %(taken)s places are taken.") % counts,
            _("Places that are given back still go to who waits."),
        ],
        "allocate": [
            _("%(waiting)s people have applied for %(places)s places: share by share, those with more points first.")
            % counts,
            _("Everybody is told. Who got no place waits, if the offer lets people wait."),
        ],
        "end": [_("It is over. Whoever still waits is off the list.")],
        "cancel": [
            _("%(taken)s places are taken and %(waiting)s people wait: all of them are told your reason.") % counts,
            _("The bookings end and count for no limit. This cannot be undone."),
        ],
    }
    return said[verb]
