"""Programs of events: the list, a new one, its events with their figures, planned line by line and announced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.activities.actions.programs import announce_events, make_program, plan_events
from nuanxin.activities.queries.events import Figures, events_of, figures_of, get_program, totals_of, visible_programs
from nuanxin.activities.states.event import EventKind
from nuanxin.bookings.states import OfferState
from nuanxin.organizations.queries import find_union
from nuanxin.web.desk.events.forms import PlanForm, ProgramForm
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import FileResponse

    from nuanxin.activities.models import Program
    from nuanxin.web.desk.requests import DeskRequest

TONES = {
    OfferState.DRAFT: "",
    OfferState.ANNOUNCED: "info",
    OfferState.OPEN: "good",
    OfferState.CLOSED: "wait",
    OfferState.DRAWN: "wait",
    OfferState.ENDED: "",
    OfferState.CANCELLED: "bad",
}


@require_safe
def programs(request: DeskRequest) -> HttpResponse:
    """List the programs in reach, the newest first."""
    request.actor.require(Permission.VIEW_BOOKINGS)
    listed = page(visible_programs(request.actor), order=("-pk",), cursor=request.GET.get("page", ""))
    totals = totals_of(listed.items, now=request.now)
    context = {
        "page_title": _("Mobile events"),
        "page": listed,
        "rows": [{"program": each, "totals": totals[each.pk]} for each in listed.items],
        "may_edit": request.actor.may(Permission.EDIT_OFFERS),
    }
    return render(request, "desk/events/programs.html", context)


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Begin a program."""
    request.actor.require(Permission.EDIT_OFFERS)
    form = ProgramForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done, made = tried(form, lambda: _make(request, form.cleaned_data))
        if done and made:
            return HttpResponseRedirect(reverse("desk:events:plan", args=[made.number]))
    return _form(request, form, _("New program"), _("Go on: plan its events"), reverse("desk:events:programs"))


def _make(request: DeskRequest, given: dict[str, Any]) -> Program:
    union = find_union(request.actor, given.pop("union"), Permission.EDIT_OFFERS)
    return make_program(actor=request.actor, union=union, **given, now=request.now)


def _form(request: DeskRequest, form: Any, title: str, submit: str, back: str) -> HttpResponse:
    context = {"form": form, "page_title": title, "submit": submit, "back_url": back}
    return render(request, "desk/access/form.html", context, status=422 if form.is_bound else 200)


@require_safe
def program(request: DeskRequest, number: str) -> HttpResponse:
    """Show a program: what it has come to, and its events in their order."""
    request.actor.require(Permission.VIEW_BOOKINGS)
    found = get_program(request.actor, number)
    listed = page(events_of(found), order=("offer__closes_at", "pk"), cursor=request.GET.get("page", ""), size=100)
    totals = totals_of([found], now=request.now)[found.pk]
    drafts = events_of(found).filter(offer__state=OfferState.DRAFT, offer__closes_at__gt=request.now).count()
    context = {
        "page_title": found.name,
        "program": found,
        "back_url": reverse("desk:events:programs"),
        "page": listed,
        "rows": [event_line(each, request.now) for each in figures_of(listed.items)],
        "drafts": drafts,
        "may_edit": request.actor.may(Permission.EDIT_OFFERS, at=found.union),
        "cards": [
            {"label": _("Events"), "value": totals.events},
            {"label": _("Over by now"), "value": totals.over},
            {"label": _("Places"), "value": totals.places},
            {"label": _("Signed up"), "value": totals.taken},
            {"label": _("Attended"), "value": totals.came},
        ],
        "feed": reverse("open:union_calendar", args=[found.union.code]),
    }
    return render(request, "desk/events/program.html", context)


@require_safe
def excel(request: DeskRequest, number: str) -> FileResponse:
    """Send the events of a program with their figures, a line each."""
    request.actor.require(Permission.VIEW_BOOKINGS)
    found = get_program(request.actor, number)
    header = [_("Event"), _("Kind of event"), _("From"), _("Until"), _("Venue"), _("State")]
    header += [_("Places"), _("Signed up"), _("Attended")]
    lines = (event_line(each, request.now) for each in figures_of(list(events_of(found))))
    return workbook_response(found.name, header, (_cells(line) for line in lines))


def _cells(line: dict[str, Any]) -> list[Any]:
    session, figures = line["session"], line["figures"]
    when = [session.starts_at, session.ends_at, session.place] if session else [None, None, ""]
    state = str(line["state"]["label"])
    return [
        local_name(line["event"].offer), str(line["kind"]), *when, state,
        figures.capacity, figures.taken, figures.came,
    ]  # fmt: skip


def event_line(figures: Figures, now: datetime) -> dict[str, Any]:
    """Return one event as lists and its own page show it."""
    event, session = figures.event, figures.session
    state = OfferState(event.offer.state)
    over = session is not None and session.ends_at <= now
    return {
        "event": event,
        "figures": figures,
        "session": session,
        "kind": EventKind(event.kind).label,
        "state": {"label": _("Over") if over else state.label, "tone": "" if over else TONES[state]},
    }


@require_http_methods(["GET", "POST"])
def plan(request: DeskRequest, number: str) -> HttpResponse:
    """Plan events, a line each."""
    request.actor.require(Permission.EDIT_OFFERS)
    found = get_program(request.actor, number)
    form = PlanForm(request.POST if request.method == "POST" else None)
    back = reverse("desk:events:program", args=[found.number])
    if request.method == "POST":
        done, made = tried(
            form,
            lambda: plan_events(actor=request.actor, program=found, plan=form.cleaned_data["plan"], now=request.now),
        )
        if done and made is not None:
            said = ngettext("%(count)s event planned.", "%(count)s events planned.", len(made))
            messages.success(request, said % {"count": len(made)})
            return HttpResponseRedirect(back)
    return _form(request, form, _("Plan events"), _("Plan them"), back)


@require_POST
def announce(request: DeskRequest, number: str) -> HttpResponse:
    """Announce every event that is still a draft."""
    request.actor.require(Permission.EDIT_OFFERS)
    found = get_program(request.actor, number)
    count = announce_events(actor=request.actor, program=found, now=request.now)
    said = ngettext(
        "%(count)s event announced: people can sign up.", "%(count)s events announced: people can sign up.", count
    )
    messages.success(request, said % {"count": count})
    return HttpResponseRedirect(reverse("desk:events:program", args=[found.number]))
