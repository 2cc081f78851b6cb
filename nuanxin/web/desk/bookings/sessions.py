"""Several sessions of an offer postponed or cancelled in one act: those ticked, or all that a filter lets through."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.sessions import Elsewhere, cancel_sessions, reschedule_sessions
from nuanxin.bookings.queries.desk import bookings_ahead, get_offer, places_of_offer, sessions_ahead
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.web.desk.bookings.forms import MoveManyForm, ReasonForm, SessionFilter
from nuanxin.web.kit.offers import in_language, when, where
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from django.http import QueryDict

    from nuanxin.bookings.models import Offer, Session
    from nuanxin.web.desk.requests import DeskRequest

#: Most sessions of one act.
_MOST = 500
#: Sessions named one by one before it is done.
_NAMED = 10


def session_filter(data: QueryDict, found: Offer) -> tuple[SessionFilter, dict[str, Any]]:
    """Return the filter of an offer's sessions, and what was chosen in it."""
    places = [(place, in_language(place, english)) for place, english in places_of_offer(found)]
    form = SessionFilter(data, places=places)
    chosen = form.cleaned_data if form.is_valid() else {}
    return form, {name: chosen[name] for name in ("place", "since", "until") if chosen.get(name)}


@require_http_methods(["GET", "POST"])
def act(request: DeskRequest, number: str, verb: str) -> HttpResponse:
    """Say what will happen to the chosen sessions, then do it, to all or none of them."""
    found = get_offer(request.actor, number)
    request.actor.require(Permission.EDIT_OFFERS, at=found.union)
    if verb not in ("move", "cancel"):
        raise NotFound
    back = reverse("desk:bookings:offer", args=[number])
    sessions = _chosen(request, found)
    if not sessions:
        messages.warning(
            request, _("Please tick the sessions first: at most %(most)s that lie ahead.") % {"most": _MOST}
        )
        return HttpResponseRedirect(back)
    data = request.POST if request.method == "POST" else None
    form = MoveManyForm(data) if verb == "move" else ReasonForm(data)
    if data is not None:
        done, count = tried(form, lambda: _do(request, found, sessions, form))
        if done:
            messages.success(request, _said(verb, len(sessions), count))
            return HttpResponseRedirect(back)
    return render(request, "kit/confirm.html", _context(request, found, verb, sessions, form), status=_status(form))


def _status(form: ReasonForm) -> int:
    return 422 if form.is_bound else 200


def _chosen(request: DeskRequest, found: Offer) -> list[Session]:
    data = request.POST if request.method == "POST" else request.GET
    if request.method == "GET" and data.get("all"):
        _form, chosen = session_filter(data, found)
        rows = sessions_ahead(found, request.now, **chosen)
    else:
        rows = sessions_ahead(found, request.now, keys=_keys(data))
    sessions = list(rows.order_by("starts_at", "pk")[: _MOST + 1])
    return sessions if len(sessions) <= _MOST else []


def _keys(data: QueryDict) -> list[UUID]:
    found = []
    for text in ",".join(data.getlist("s")).split(","):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _do(request: DeskRequest, found: Offer, sessions: list[Session], form: ReasonForm) -> int:
    chosen = form.cleaned_data
    asked: dict[str, Any] = {"actor": request.actor, "offer": found, "sessions": sessions, "now": request.now}
    if not isinstance(form, MoveManyForm):
        return cancel_sessions(**asked, reason=chosen["reason"])
    later = timedelta(days=chosen["days"] or 0, minutes=chosen["minutes"] or 0)
    elsewhere = Elsewhere(chosen["place"], chosen["place_en"]) if chosen["place"] else None
    if not later and elsewhere is None:
        raise Invalid("missing", _("By how much later, or where to?"), field="days")
    return reschedule_sessions(**asked, later=later, elsewhere=elsewhere, reason=chosen["reason"])


def _said(verb: str, sessions: int, people: int) -> str:
    told = {"sessions": sessions, "people": people}
    if verb == "move":
        return _("%(sessions)s sessions moved, %(people)s people are told.") % told
    return _("%(sessions)s sessions cancelled with %(people)s bookings; everybody is told.") % told


def _context(
    request: DeskRequest, found: Offer, verb: str, sessions: list[Session], form: ReasonForm
) -> dict[str, Any]:
    count = len(sessions)
    people = bookings_ahead([each.pk for each in sessions])
    named = [f"{when(each)} {where(each)}" for each in sessions[:_NAMED]]
    if count > _NAMED:
        named.append(_("and %(count)s more") % {"count": count - _NAMED})
    if verb == "move":
        question = ngettext("Postpone %(count)s session?", "Postpone %(count)s sessions?", count)
        follows = _("All %(people)s bookings stay; everybody is told the new time, the place and your reason.")
    else:
        question = ngettext("Cancel %(count)s session?", "Cancel %(count)s sessions?", count)
        follows = _("%(people)s bookings end and count for no limit; everybody is told your reason.")
    return {
        "face": "kit/desk.html",
        "page_title": in_language(found.name, found.name_en),
        "question": question % {"count": count},
        "consequences": [*named, follows % {"people": people}, _("All of them, or none: in one act.")],
        "action_url": request.path,
        "action_label": _("Postpone the sessions") if verb == "move" else _("Cancel the sessions"),
        "back_url": reverse("desk:bookings:offer", args=[found.number]),
        "hidden": {"s": ",".join(str(each.pk) for each in sessions)},
        "danger": verb == "cancel",
        "form": form,
    }
