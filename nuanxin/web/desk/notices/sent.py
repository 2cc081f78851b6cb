"""What was sent to whom: texts with their states, notices in the app; what failed is sent again by hand."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.members.queries.told import (
    ToldFilters,
    counts_by_state,
    get_text,
    people_of,
    told_notices,
    told_texts,
    union_names_by_id,
)
from nuanxin.messages.actions.carrying import retry_text
from nuanxin.messages.rules.kinds import kind_of
from nuanxin.messages.states import Channel, Kind, TextState
from nuanxin.web.kit.days import DayField
from nuanxin.web.kit.pages import page

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpResponse

    from nuanxin.messages.models import TextMessage
    from nuanxin.web.desk.requests import DeskRequest

TEXT_TONES: dict[str, str] = {
    TextState.QUEUED: "wait",
    TextState.SENT: "good",
    TextState.DELIVERED: "good",
    TextState.READ: "good",
    TextState.FAILED: "bad",
}
_ANY = ("", gettext_lazy("any"))


class SentFilter(forms.Form):
    """Which texts to list."""

    to = forms.CharField(label=gettext_lazy("To whom (whole number or mailbox)"), required=False, max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("About what"), required=False, choices=[_ANY, *Kind.choices])
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=[_ANY, *TextState.choices])
    channel = forms.ChoiceField(
        label=gettext_lazy("By which way"),
        required=False,
        choices=[_ANY, *[choice for choice in Channel.choices if choice[0] != Channel.APP]],
    )
    since = DayField(label=gettext_lazy("From"), required=False)
    until = DayField(label=gettext_lazy("Until"), required=False)


class InAppFilter(forms.Form):
    """Which notices to list."""

    to = forms.CharField(label=gettext_lazy("To whom (whole phone number)"), required=False, max_length=20)
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[_ANY, ("read", gettext_lazy("read")), ("unread", gettext_lazy("not read yet"))],
    )
    since = DayField(label=gettext_lazy("From"), required=False)
    until = DayField(label=gettext_lazy("Until"), required=False)


def tabs(request: DeskRequest, current: str) -> list[dict[str, Any]]:
    """Return the views of this area that somebody may open."""
    pages = [("sent", _("Sent out"), Permission.VIEW_NOTICES), ("in_app", _("In the app"), Permission.VIEW_NOTICES)]
    pages += [
        ("gateways", _("Gateways"), Permission.MANAGE_NOTICES),
        ("chats", _("Chats of cadres"), Permission.MANAGE_NOTICES),
    ]
    return [
        {"label": label, "url": reverse(f"desk:notices:{name}"), "count": None, "current": name == current}
        for name, label, permission in pages
        if request.actor.may(permission)
    ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=ZONE)


def _filters(form: forms.Form) -> ToldFilters:
    chosen = form.cleaned_data if form.is_valid() else {}
    since, until = chosen.get("since"), chosen.get("until")
    return ToldFilters(
        to=chosen.get("to", "").strip(),
        kind=chosen.get("kind", ""),
        state=chosen.get("state", ""),
        channel=chosen.get("channel", ""),
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
    )


@require_safe
def sent(request: DeskRequest) -> HttpResponse:
    """List the texts of the unions in reach, newest first, with the numbers of the day."""
    request.actor.require(Permission.VIEW_NOTICES)
    form = SentFilter(request.GET or None)
    filters = _filters(form)
    rows = told_texts(request.actor, filters)
    listed = page(rows, order=("-created_at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    unions = union_names_by_id({row.union_id for row in listed.items if row.union_id})
    day = local_day(filters.since or request.now)
    start = _midnight(day)
    of_day = told_texts(request.actor, ToldFilters(since=start, until=start + timedelta(days=1)))
    counts = counts_by_state(of_day)
    may_retry = request.actor.may(Permission.MANAGE_NOTICES)
    context = {
        "page_title": _("What was sent"),
        "views": tabs(request, "sent"),
        "filters": form,
        "page": listed,
        "rows": [
            _row(row) | {"union": unions.get(row.union_id) if row.union_id else None, "again": may_retry and _kept(row)}
            for row in listed.items
        ],
        "day": day,
        "counts": [(state.label, counts.get(state, 0), TEXT_TONES[state]) for state in TextState],
    }
    return render(request, "desk/notices/sent.html", context)


def _kept(row: TextMessage) -> bool:
    """Answer whether a text failed and still has its words."""
    return row.state == TextState.FAILED and bool(bytes(row.sealed_address))


def _row(row: TextMessage) -> dict[str, Any]:
    return {
        "text": row,
        "kind": Kind(row.kind).label,
        "way": Channel(row.channel).label,
        "state": TextState(row.state).label,
        "tone": TEXT_TONES[row.state],
        "error": _(row.last_error) if row.last_error else "",
    }


@require_safe
def in_app(request: DeskRequest) -> HttpResponse:
    """List the notices in the app of the unions in reach, newest first; to whom and whether read, not what they say."""
    request.actor.require(Permission.VIEW_NOTICES)
    form = InAppFilter(request.GET or None)
    rows = told_notices(request.actor, _filters(form))
    listed = page(rows, order=("-created_at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    unions = union_names_by_id({row.union_id for row in listed.items if row.union_id})
    people = people_of({row.account_id for row in listed.items})
    context = {
        "page_title": _("What was sent"),
        "views": tabs(request, "in_app"),
        "filters": form,
        "page": listed,
        "rows": [
            {
                "notice": row,
                "kind": kind_of(row.template).label,
                "who": people.get(row.account_id, ""),
                "union": unions.get(row.union_id) if row.union_id else None,
            }
            for row in listed.items
        ],
    }
    return render(request, "desk/notices/in_app.html", context)


@require_POST
def again(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Send a text that failed once more."""
    message, path = get_text(request.actor, pk, permission=Permission.MANAGE_NOTICES)
    retry_text(actor=request.actor, message=message, union_path=path, now=request.now)
    messages.success(request, _("It is on its way again."))
    return HttpResponseRedirect(reverse("desk:notices:sent"))
