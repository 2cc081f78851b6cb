"""Phones that another person holds: the county looks at both sides and releases the number, or refuses to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.members.actions.releases import decide_release
from nuanxin.members.queries.applications import get_release, releases
from nuanxin.members.queries.reviewing import holder_of, identity_of_application, phone_of_application
from nuanxin.members.rules.review import MOST_REASON
from nuanxin.members.states import ReleaseState
from nuanxin.regions.queries import full_name
from nuanxin.web.desk.times import limit_in_words
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_id, mask_name, mask_phone
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import blame
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import FileResponse, HttpResponse

    from nuanxin.members.models import PhoneRelease
    from nuanxin.web.desk.requests import DeskRequest

_TONES = {ReleaseState.OPEN: "wait", ReleaseState.RELEASED: "good", ReleaseState.REFUSED: "bad"}


class ReleaseForm(forms.Form):
    """Which way, and why: both people may read it."""

    release = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            ("yes", gettext_lazy("Release the number: the applicant holds it now")),
            ("no", gettext_lazy("Do not release it: the application is closed")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("What you found out, and from whom. The applicant reads it when you refuse."),
    )


def _found(request: DeskRequest) -> tuple[str, QuerySet[PhoneRelease]]:
    state = request.GET.get("state") or ReleaseState.OPEN.value
    rows = releases(request.actor)
    return state, rows.filter(state=state) if state in ReleaseState.values else rows


@require_safe
def release_list(request: DeskRequest) -> HttpResponse:
    """Show the numbers that wait to be released where the actor decides on them, soonest limit first."""
    request.actor.require(Permission.RELEASE_PHONES)
    state, found = _found(request)
    shown = page(found, order=("due_at", "pk"), cursor=request.GET.get("page", ""), size=50)
    names = {value: str(label) for value, label in ReleaseState.choices} | {"any": _("All")}
    context: dict[str, Any] = {
        "page_title": _("Phones to release"),
        "rows": release_rows(shown.items, request.now),
        "page": shown,
        "views": [
            {"label": label, "url": f"?state={name}", "count": None, "current": state == name}
            for name, label in names.items()
        ],
        "excel_url": f"{reverse('desk:review:releases_excel')}?state={state}",
    }
    return render(request, "desk/review/releases.html", context)


def release_rows(found: Iterable[PhoneRelease], now: datetime) -> list[dict[str, Any]]:
    """Return the lines of a list of numbers to release, both names masked."""
    return [_row(row, now) for row in found]


def _row(row: PhoneRelease, now: datetime) -> dict[str, Any]:
    application = row.application
    return {
        "release": row,
        "name": mask_name(application.name) if application else "",
        "phone": mask_phone(phone_of_application(application)) if application else "",
        "holder": mask_name(row.holder.name),
        "limit": limit_in_words(row.due_at, now) if row.state == ReleaseState.OPEN else None,
        "state": {"label": ReleaseState(row.state).label, "tone": _TONES[ReleaseState(row.state)]},
        "url": reverse("desk:review:release", args=[row.pk]),
    }


@require_safe
def releases_excel(request: DeskRequest) -> FileResponse:
    """Send the list as a workbook: both names masked."""
    request.actor.require(Permission.RELEASE_PHONES)
    _state, found = _found(request)
    header = [_("Application"), _("Applicant"), _("Held by"), _("Union"), _("State"), _("Asked"), _("Limit")]
    header += [_("Decided"), _("Reason")]
    return workbook_response(_("Phones to release"), header, _out(found))


def _out(found: QuerySet[PhoneRelease]) -> Iterator[list[Any]]:
    for row in found.order_by("due_at", "pk").iterator(chunk_size=500):
        application = row.application
        yield [
            application.number if application else "",
            mask_name(application.name) if application else "",
            mask_name(row.holder.name),
            local_name(row.union),
            row.get_state_display(),
            row.asked_at,
            row.due_at,
            row.decided_at,
            row.reason,
        ]


@require_http_methods(["GET", "POST"])
def release(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show both sides, masked, and take the decision with its reason."""
    found = get_release(request.actor, pk)
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _decide(request, found, form)
            except (Invalid, Conflict) as refusal:
                blame(form, refusal)
                found, status = get_release(request.actor, pk), refusal.status
            else:
                messages.success(request, _("Decided. The applicant was told at once."))
                return HttpResponseRedirect(reverse("desk:review:releases"))
    return render(request, "desk/review/release.html", _release_page(request, found, form), status=status)


def _decide(request: DeskRequest, found: PhoneRelease, form: ReleaseForm) -> None:
    decide_release(
        actor=request.actor,
        release_id=found.pk,
        release=form.cleaned_data["release"] == "yes",
        reason=form.cleaned_data["reason"],
        now=request.now,
    )


def _release_page(request: DeskRequest, found: PhoneRelease, form: ReleaseForm) -> dict[str, Any]:
    application = found.application
    membership = holder_of(found)
    sides: list[tuple[str, list[tuple[str, object]]]] = []
    if application:
        phone, identity = phone_of_application(application), identity_of_application(application)
        sides.append(
            (
                _("Asks for the number"),
                [
                    (_("Full name"), mask_name(application.name)),
                    (_("Phone, proved by a code"), mask_phone(phone)),
                    (_("ID number"), mask_id(identity)),
                    (_("Works in"), full_name(application.region_id)),
                    (_("Application"), application.number),
                ],
            )
        )
    held: list[tuple[str, object]] = [
        (_("Full name"), mask_name(found.holder.name)),
        (_("Works in"), full_name(found.holder.region_id)),
    ]
    if membership:
        held += [
            (_("Member no."), membership.number),
            (_("Union"), local_name(membership.union)),
            (_("Member since"), membership.began_on),
        ]
    sides.append((_("Holds it now"), held))
    return {
        "page_title": _("Release a phone"),
        "pretitle": local_name(found.union),
        "release": found,
        "sides": sides,
        "form": form,
        "row": _row(found, request.now),
        "is_open": found.state == ReleaseState.OPEN,
        "back_url": reverse("desk:review:releases"),
    }
