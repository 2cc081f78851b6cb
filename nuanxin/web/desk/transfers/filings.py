"""Expulsions that unions below have reported, for the record of the union above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.members.actions.endings import acknowledge_filing
from nuanxin.members.queries.transfers import get_filing, visible_filings
from nuanxin.members.rules.memberships import MOST_REASON
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import FileResponse

    from nuanxin.members.models import Filing
    from nuanxin.web.desk.requests import DeskRequest


class NoteForm(forms.Form):
    """What the union above notes."""

    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        required=False,
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Only if there is something to note; the unions read it, the member does not."),
    )


def _found(request: DeskRequest) -> tuple[str, QuerySet[Filing]]:
    state = request.GET.get("state") or "open"
    rows = visible_filings(request.actor)
    if state == "noted":
        return state, rows.filter(acknowledged_at__isnull=False)
    return (state, rows) if state == "any" else ("open", rows.filter(acknowledged_at=None))


@require_safe
def filing_list(request: DeskRequest) -> HttpResponse:
    """Show the expulsions reported to the actor's unions; first those not noted yet."""
    request.actor.require(Permission.CHANGE_MEMBERSHIP)
    state, found = _found(request)
    shown = page(found, order=("-filed_at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    names = {"open": _("To note"), "noted": _("Noted"), "any": _("All")}
    context: dict[str, Any] = {
        "page_title": _("Reported expulsions"),
        "rows": [_row(each) for each in shown.items],
        "page": shown,
        "views": [
            {"label": label, "url": f"?state={name}", "count": None, "current": state == name}
            for name, label in names.items()
        ],
        "excel_url": f"{reverse('desk:transfers:filings_excel')}?state={state}",
    }
    return render(request, "desk/transfers/filings.html", context)


def _row(each: Filing) -> dict[str, Any]:
    noted = each.acknowledged_at is not None
    return {
        "filing": each,
        "entry": each.entry,
        "number": each.entry.membership.number,
        "name": mask_name(each.entry.membership.worker.name),
        "state": {"label": _("Noted") if noted else _("To note"), "tone": "good" if noted else "wait"},
        "url": reverse("desk:transfers:filing", args=[each.pk]),
    }


@require_safe
def filings_excel(request: DeskRequest) -> FileResponse:
    """Send the list as a workbook: names masked, no reasons."""
    request.actor.require(Permission.CHANGE_MEMBERSHIP)
    _state, found = _found(request)
    header = [
        _("Member no."),
        _("Name"),
        _("Union"),
        _("Holds from"),
        _("Body that decided"),
        _("Reported"),
        _("Noted"),
    ]
    return workbook_response(_("Reported expulsions"), header, _out(found))


def _out(found: QuerySet[Filing]) -> Iterator[list[Any]]:
    for each in found.order_by("-filed_at", "-pk").iterator(chunk_size=500):
        member = each.entry.membership
        yield [
            member.number,
            mask_name(member.worker.name),
            local_name(each.entry.union),
            each.entry.effective_on,
            each.entry.decided_by,
            each.filed_at,
            each.acknowledged_at,
        ]


@require_http_methods(["GET", "POST"])
def filing(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one report, and take note of it."""
    found = get_filing(request.actor, pk)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done, _noted = tried(
            form,
            lambda: acknowledge_filing(
                actor=request.actor, filing_id=pk, remark=form.cleaned_data["remark"], now=request.now
            ),
        )
        if done:
            messages.success(request, _("Noted for the record."))
            return HttpResponseRedirect(reverse("desk:transfers:filings"))
    context = {
        "page_title": _("Expulsion of %(name)s") % {"name": mask_name(found.entry.membership.worker.name)},
        "pretitle": _("Member %(number)s · %(union)s")
        % {"number": found.entry.membership.number, "union": local_name(found.entry.union)},
        "filing": found,
        "entry": found.entry,
        "row": _row(found),
        "form": form,
        "may_open": request.actor.may(Permission.VIEW_MEMBERS, at=found.entry.membership.union),
        "back_url": reverse("desk:transfers:filings"),
    }
    return render(request, "desk/transfers/filing.html", context, status=422 if form.is_bound else 200)
