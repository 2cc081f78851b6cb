"""Requests for transfer at the desk of either union: the list, one with what was said, the answer with its reason."""

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
from nuanxin.members.actions.transfers import decide_transfer, request_transfer
from nuanxin.members.queries.transfers import (
    get_transfer,
    member_to_ask_for,
    sides_of,
    transfer_queue,
    visible_transfers,
    with_what_is_shown,
)
from nuanxin.members.rules.memberships import MOST_REASON
from nuanxin.members.states import TransferSide, TransferStart, TransferState
from nuanxin.organizations.queries.unions import find_union
from nuanxin.organizations.rules.parameters import PARAMETERS
from nuanxin.regions.queries import full_name
from nuanxin.web.desk.times import limit_in_words
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name
from nuanxin.web.kit.transfers import TONES, transfer_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import FileResponse

    from nuanxin.members.models import TransferRequest
    from nuanxin.web.desk.requests import DeskRequest

_SIDES = {
    TransferSide.OLD: gettext_lazy("Answer for %(union)s, which the member leaves"),
    TransferSide.NEW: gettext_lazy("Answer for %(union)s, to which the member comes"),
}


class AnswerForm(forms.Form):
    """Agree, or refuse with a reason that the member reads."""

    side = forms.ChoiceField(label=gettext_lazy("For which union"), widget=forms.RadioSelect)
    agrees = forms.ChoiceField(
        label=gettext_lazy("Our answer"),
        choices=[
            ("yes", gettext_lazy("Agree: the membership moves once both unions have agreed")),
            ("no", gettext_lazy("Refuse: the member stays where the membership is")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Needed when you refuse: the member reads exactly this."),
    )

    def __init__(self, *args: Any, sides: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["side"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = sides
        field.initial = sides[0][0] if sides else None
        if len(sides) == 1:
            field.widget = forms.HiddenInput()


class AskForm(forms.Form):
    """Whom to ask for, and for which union."""

    number = forms.CharField(
        label=gettext_lazy("Member no."),
        max_length=20,
        help_text=gettext_lazy("14 digits, as on the member's card. The member shows or tells it to you."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    union = forms.CharField(
        label=gettext_lazy("Comes to (name or code)"),
        max_length=60,
        help_text=gettext_lazy("A union in your reach."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Where the member works now, and since when. The member and both unions read it."),
    )


def _found(request: DeskRequest) -> tuple[str, QuerySet[TransferRequest]]:
    state = request.GET.get("state") or "mine"
    rows = visible_transfers(request.actor)
    if state == "waiting":
        return state, rows.filter(state=TransferState.REQUESTED)
    if state == "closed":
        return state, rows.exclude(state=TransferState.REQUESTED)
    return (state, rows) if state == "any" else ("mine", transfer_queue(request.actor))


@require_safe
def transfer_list(request: DeskRequest) -> HttpResponse:
    """Show the transfers from and to the actor's unions; first those that wait for their answer."""
    request.actor.require(Permission.REVIEW)
    state, found = _found(request)
    order = ("due_at", "pk") if state in {"mine", "waiting"} else ("-offered_at", "-pk")
    shown = page(with_what_is_shown(found), order=order, cursor=request.GET.get("page", ""), size=50)
    names = {"mine": _("To answer"), "waiting": _("Under way"), "closed": _("Concluded"), "any": _("All")}
    context: dict[str, Any] = {
        "page_title": _("Transfers"),
        "rows": transfer_rows(shown.items, request.now),
        "page": shown,
        "views": [
            {"label": label, "url": f"?state={name}", "count": None, "current": state == name}
            for name, label in names.items()
        ],
        "excel_url": f"{reverse('desk:transfers:transfers_excel')}?state={state}",
    }
    return render(request, "desk/transfers/transfers.html", context)


def transfer_rows(found: Iterable[TransferRequest], now: datetime) -> list[dict[str, Any]]:
    """Return the lines of a list of transfers, names masked."""
    return [_row(each, now) for each in found]


def _row(each: TransferRequest, now: datetime) -> dict[str, Any]:
    state = TransferState(each.state)
    waits = state == TransferState.REQUESTED and each.due_at is not None
    return {
        "transfer": each,
        "name": mask_name(each.membership.worker.name),
        "limit": limit_in_words(each.due_at, now) if waits and each.due_at else None,
        "state": {"label": state.label, "tone": TONES.get(state, "")},
        "url": reverse("desk:transfers:transfer", args=[each.pk]),
    }


@require_safe
def transfers_excel(request: DeskRequest) -> FileResponse:
    """Send the list as a workbook: names masked."""
    request.actor.require(Permission.REVIEW)
    _state, found = _found(request)
    header = [_("Member no."), _("Name"), _("From"), _("To"), _("Started by"), _("State")]
    header += [_("Asked"), _("Limit"), _("Closed")]
    return workbook_response(_("Transfers"), header, _out(found))


def _out(found: QuerySet[TransferRequest]) -> Iterator[list[Any]]:
    rows = with_what_is_shown(found).prefetch_related(None).order_by("-offered_at", "-pk")
    for each in rows.iterator(chunk_size=500):
        yield [
            each.membership.number,
            mask_name(each.membership.worker.name),
            local_name(each.from_union),
            local_name(each.to_union),
            TransferStart(each.started_by).label,
            TransferState(each.state).label,
            each.answered_at,
            each.due_at,
            each.closed_at,
        ]


@require_http_methods(["GET", "POST"])
def transfer(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one transfer with what was said, and take the answer of a union of the actor's."""
    found = get_transfer(request.actor, pk)
    sides = _sides(request, found)
    form = AnswerForm(request.POST if request.method == "POST" else None, sides=sides)
    if request.method == "POST":
        done, decided = tried(form, lambda: _decide(request, found, form))
        if done:
            messages.success(request, _said(decided))
            return HttpResponseRedirect(reverse("desk:transfers:transfers"))
        found = get_transfer(request.actor, pk)
    return render(
        request, "desk/transfers/transfer.html", _page(request, found, form), status=422 if form.is_bound else 200
    )


def _sides(request: DeskRequest, found: TransferRequest) -> list[tuple[str, str]]:
    unions = {TransferSide.OLD: found.from_union, TransferSide.NEW: found.to_union}
    return [
        (side.value, str(_SIDES[side]) % {"union": local_name(unions[side])}) for side in sides_of(request.actor, found)
    ]


def _decide(request: DeskRequest, found: TransferRequest, form: AnswerForm) -> TransferRequest:
    return decide_transfer(
        actor=request.actor,
        transfer_id=found.pk,
        side=form.cleaned_data["side"],
        agrees=form.cleaned_data["agrees"] == "yes",
        reason=form.cleaned_data["reason"],
        now=request.now,
    )


def _said(decided: TransferRequest) -> str:
    if decided.state == TransferState.DONE:
        return _("Done: the membership has moved. The member and the other union were told.")
    if decided.state == TransferState.REFUSED:
        return _("Refused. The member was told why.")
    return _("Noted. The membership moves once the other union has agreed, or its time has run out.")


def _page(request: DeskRequest, found: TransferRequest, form: AnswerForm) -> dict[str, Any]:
    actor, membership = request.actor, found.membership
    employer = found.employer.name if found.employer else found.employer_name
    place = found.region_id
    work = [(_("Works in"), full_name(place)), (_("Employer"), employer or _("not named"))] if place else []
    return {
        "page_title": _("Transfer of %(name)s") % {"name": mask_name(membership.worker.name)},
        "pretitle": _("Member %(number)s · %(union)s")
        % {"number": membership.number, "union": local_name(membership.union)},
        "transfer": found,
        "row": _row(found, request.now),
        "steps": transfer_steps(found),
        "work": work,
        "rule": PARAMETERS[found.basis].label if found.basis in PARAMETERS else found.basis,
        "form": form,
        "may_answer": bool(_sides(request, found)),
        "may_open": actor.may(Permission.VIEW_MEMBERS, at=membership.union),
        "back_url": reverse("desk:transfers:transfers"),
    }


@require_http_methods(["GET", "POST"])
def ask(request: DeskRequest) -> HttpResponse:
    """Ask, as the union to which a member comes, for a member of another union, by the number on the card."""
    request.actor.require(Permission.REVIEW)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done, asked = tried(form, lambda: _ask(request, form))
        if done:
            messages.success(request, _asked(asked))
            return HttpResponseRedirect(reverse("desk:transfers:transfer", args=[asked.pk]))
    context = {
        "page_title": _("Ask for a member to come here"),
        "consequences": [
            _("Within one city it is done at once where the rules say so; otherwise the other union answers first."),
            _("The member is told at once, and may cancel or move back."),
            _("Number, card and benefits stay as they are."),
        ],
        "form": form,
        "label": _("Ask for the transfer"),
        "back_url": reverse("desk:transfers:transfers"),
    }
    return render(request, "desk/people/act.html", context, status=422 if request.method == "POST" else 200)


def _ask(request: DeskRequest, form: AskForm) -> TransferRequest:
    union = find_union(request.actor, form.cleaned_data["union"], Permission.REVIEW)
    membership = member_to_ask_for(request.actor, form.cleaned_data["number"], union)
    return request_transfer(
        actor=request.actor,
        membership=membership,
        to_union=union,
        started_by=TransferStart.CADRE,
        door="counter",
        reason=form.cleaned_data["reason"],
        now=request.now,
    )


def _asked(asked: TransferRequest) -> str:
    if asked.state == TransferState.DONE:
        return _("Done: the membership has moved. The member and the other union were told.")
    return _("Asked. The member and the other union were told.")
