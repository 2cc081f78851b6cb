"""Dividing the places: shares, and many sessions at once from days, windows and places; a check that they add up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.places import SessionDraft, ShareDraft, add_session, divide_places
from nuanxin.bookings.queries.desk import get_offer, sessions_of_offer
from nuanxin.bookings.rules.shares import Part, divide
from nuanxin.bookings.states import OfferState, ShareKind
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Invalid, Refusal
from nuanxin.regions.queries import search_regions
from nuanxin.web.desk.bookings.forms import SessionsForm, ShareForm
from nuanxin.web.desk.bookings.offer import header
from nuanxin.web.desk.bookings.previews import group_choices
from nuanxin.web.desk.bookings.who import WhoForm, checks_of, initial_of, unsaid
from nuanxin.web.kit.refusals import blame

if TYPE_CHECKING:
    from django.forms import BaseForm
    from django.http import QueryDict

    from nuanxin.bookings.models import Offer, Share
    from nuanxin.bookings.rules.eligibility import Check
    from nuanxin.kernel.actor import Actor
    from nuanxin.web.desk.requests import DeskRequest

#: Rows for shares on the page.
_ROWS: Final = 4
#: Most sessions made at once.
_MOST: Final = 3000
_WINDOW = re.compile(r"^(\d{1,2})[:：](\d{2})\s*(?:-|–|—|~|至|到)\s*(\d{1,2})[:：](\d{2})$")


@dataclass(frozen=True)
class Row:
    """One share: how many places, and for whom."""

    share: ShareForm
    who: WhoForm


@dataclass
class Division:
    """What was typed on the page: the forms, and what they mean."""

    rows: list[Row]
    sessions: SessionsForm
    #: The form that a refusal is about.
    at: BaseForm

    def is_valid(self) -> bool:
        """Answer whether every form is in order; all are asked, so that all tell."""
        forms = [form for row in self.rows for form in (row.share, row.who)]
        return all([*(form.is_valid() for form in forms), self.sessions.is_valid()])

    def share_drafts(self, actor: Actor, known: list[Share]) -> list[ShareDraft]:
        """Return the shares; rows without a name are left out.

        :param known: the shares as they are: what is said of them elsewhere stays.
        """
        drafts = []
        for nth, row in enumerate(self.rows):
            if row.share.cleaned_data["name"]:
                self.at = row.who
                more = unsaid(known[nth].who) if nth < len(known) else []
                drafts.append(_share(nth, row.share.cleaned_data, [*checks_of(actor, row.who.cleaned_data), *more]))
        self.at = self.sessions
        return drafts


def _share(nth: int, chosen: dict[str, Any], who: list[Check]) -> ShareDraft:
    return ShareDraft(
        code=f"s{nth + 1}",
        name=chosen["name"],
        name_en=chosen["name_en"],
        kind=chosen["kind"],
        amount=chosen["amount"],
        percent=chosen["percent"],
        who=who,
        opens_at=chosen["opens_at"],
        releases_at=chosen["releases_at"],
    )


def _forms(data: QueryDict | None, found: Offer) -> Division:
    groups = group_choices()
    shares = _shares(found)
    known = [_known(share) for share in shares]
    if not known:
        known = [{"name": _("Open to all"), "name_en": "Open to all", "kind": ShareKind.OPEN}]
    rows = []
    for nth in range(max(_ROWS, len(known) + 1)):
        share = ShareForm(data, initial=known[nth] if nth < len(known) else None, prefix=f"s{nth}")
        initial = initial_of(shares[nth].who) if nth < len(shares) else None
        rows.append(Row(share, WhoForm(data, initial=initial, groups=groups, prefix=f"s{nth}")))
    sessions = SessionsForm(data, prefix="t")
    return Division(rows, sessions, sessions)


def _shares(found: Offer) -> list[Share]:
    return sorted(found.shares.all(), key=lambda share: (share.order, share.pk))


def _known(share: Share) -> dict[str, Any]:
    names = ("name", "name_en", "kind", "percent", "amount", "opens_at", "releases_at")
    return {name: getattr(share, name) for name in names}


@require_http_methods(["GET", "POST"])
def places(request: DeskRequest, number: str) -> HttpResponse:
    """Say who gets the places of a draft and when it takes place; of an announced offer, add sessions."""
    found = get_offer(request.actor, number)
    request.actor.require(Permission.EDIT_OFFERS, at=found.union)
    typed = _forms(request.POST if request.method == "POST" else None, found)
    if request.method == "POST" and typed.is_valid():
        try:
            count = _keep(request, found, typed)
        except Refusal as refusal:
            if refusal.status in {401, 403, 404}:
                raise
            blame(typed.at, refusal)
        else:
            messages.success(request, _("Kept: %(count)s sessions.") % {"count": count} if count else _("Kept."))
            return HttpResponseRedirect(reverse("desk:bookings:offer", args=[number]))
    context = {
        **header(request, found),
        "rows": typed.rows,
        "sessions": typed.sessions,
        "is_draft": found.state == OfferState.DRAFT,
        "replaces": found.state == OfferState.DRAFT and sessions_of_offer(found).count(),
        "sum": _sum(typed) if typed.sessions.is_bound else None,
        "check_url": reverse("desk:bookings:places_check", args=[number]),
    }
    return render(request, "desk/bookings/places.html", context, status=422 if typed.sessions.is_bound else 200)


def _keep(request: DeskRequest, found: Offer, typed: Division) -> int:
    drafts = _sessions(typed.sessions.cleaned_data)
    who: dict[str, Any] = {"actor": request.actor, "offer": found, "now": request.now}
    if found.state == OfferState.DRAFT:
        total = typed.sessions.cleaned_data["places"] or 0
        shares = typed.share_drafts(request.actor, _shares(found))
        divide_places(**who, shares=shares, sessions=drafts, places=total)
    else:
        if not drafts:
            raise Invalid("missing", _("Please give days, windows and places."), field="first_day")
        for draft in drafts:
            add_session(**who, draft=draft)
    return len(drafts)


def _sessions(chosen: dict[str, Any]) -> list[SessionDraft]:
    """Return a session for each day, window and place; none where no day was given.

    :raises Invalid: a line that cannot be read, or too many sessions.
    """
    first, last = chosen["first_day"], chosen["last_day"] or chosen["first_day"]
    if first is None:
        return []
    if last < first:
        raise Invalid("ends_before_start", _("The last day comes before the first."), field="last_day")
    days = [first + timedelta(days=step) for step in range(min((last - first).days, 366) + 1)]
    days = [day for day in days if not chosen["weekdays"] or str(day.weekday()) in chosen["weekdays"]]
    windows = [_window(line) for line in _lines(chosen["windows"])]
    if not windows:
        raise Invalid("missing", _("Please give at least one window, such as 09:00-10:00."), field="windows")
    if not chosen["places"]:
        raise Invalid("missing", _("How many people per window?"), field="places")
    sites = [_site(line) for line in _lines(chosen["sites"])] or [{}]
    if len(days) * len(windows) * len(sites) > _MOST:
        raise Invalid("too_many", _("At most %(most)s sessions at once.") % {"most": _MOST}, field="first_day")
    return [
        SessionDraft(
            datetime.combine(day, starts, tzinfo=ZONE),
            datetime.combine(day, ends, tzinfo=ZONE),
            chosen["places"],
            **site,
        )
        for day in days
        for starts, ends in windows
        for site in sites
    ]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _window(line: str) -> tuple[time, time]:
    found = _WINDOW.match(line)
    try:
        if found is None:
            raise ValueError(line)
        a, b, c, d = (int(part) for part in found.groups())
        starts, ends = time(a, b), time(c, d)
    except ValueError:
        words = _("“%(line)s” is no window. Write it as 09:00-10:00.") % {"line": line}
        raise Invalid("bad_window", words, field="windows") from None
    if ends <= starts:
        raise Invalid("ends_before_start", _("“%(line)s” ends before it starts.") % {"line": line}, field="windows")
    return starts, ends


def _site(line: str) -> dict[str, Any]:
    name, english, area = ([part.strip() for part in re.split(r"[|｜\t]", line)] + ["", ""])[:3]
    found = next(iter(search_regions(area, limit=1)), None) if area else None
    if area and found is None:
        raise Invalid("unknown_region", _("There is no area called %(name)s.") % {"name": area}, field="sites")
    return {"place": name, "place_en": english, "region": found}


@require_POST
def check(request: DeskRequest, number: str) -> HttpResponse:
    """Say whether the shares add up, while they are typed; nothing is kept."""
    found = get_offer(request.actor, number)
    request.actor.require(Permission.EDIT_OFFERS, at=found.union)
    typed = _forms(request.POST, found)
    typed.is_valid()
    return render(request, "desk/bookings/sum.html", {"sum": _sum(typed)})


def _sum(typed: Division) -> dict[str, Any]:
    """Return how the places of one session come out, or what is wrong; and how many sessions there would be."""
    total = getattr(typed.sessions, "cleaned_data", {}).get("places") or 0
    forms = [row.share for row in typed.rows]
    named = [form.cleaned_data for form in forms if getattr(form, "cleaned_data", {}).get("name")]
    parts = [
        Part(str(row), chosen.get("kind", ""), chosen.get("amount"), chosen.get("percent"))
        for row, chosen in enumerate(named)
    ]
    try:
        sessions = _sessions(typed.sessions.cleaned_data) if typed.sessions.is_valid() else []
        counts = divide(total, parts)
    except Refusal as refusal:
        return {"problem": refusal.message, "total": total}
    rows = [{"name": chosen["name"], "count": counts.get(str(row))} for row, chosen in enumerate(named)]
    return {"rows": rows, "total": total, "sessions": len(sessions), "whole": total * max(1, len(sessions))}
