"""Acts upon one member: suspend, resume, end, correct, reveal, replace and print the card. Each asks before it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.actions.assurance import see_in_person
from nuanxin.members.actions.cards import print_card, replace_card
from nuanxin.members.actions.corrections import correct_name, correct_phone
from nuanxin.members.actions.endings import clear, end_warned, expel, warn
from nuanxin.members.actions.memberships import end, resume, reveal, suspend
from nuanxin.members.actions.retained import retain, take_up_again
from nuanxin.members.queries.memberships import get_member
from nuanxin.members.queries.papers import card_pdf
from nuanxin.web.desk.people import forms
from nuanxin.web.desk.people.member import name_for
from nuanxin.web.desk.people.works import decided, move_on, plain
from nuanxin.web.desk.reveals import RevealForm, ask_to_reveal, revealed
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form
    from django.utils.functional import _StrOrPromise

    from nuanxin.members.models import Membership
    from nuanxin.web.desk.requests import DeskRequest


@dataclass(frozen=True, slots=True)
class Act:
    """One act upon a membership: its form, what it does, and the words around it."""

    permission: str
    form: type[Form]
    work: Callable[[DeskRequest, str, Any], Any]
    question: _StrOrPromise
    consequences: tuple[_StrOrPromise, ...]
    label: _StrOrPromise
    done: _StrOrPromise
    danger: bool = False


def _standing(action: Callable[..., Membership]) -> Callable[[DeskRequest, str, Any], Membership]:
    def work(request: DeskRequest, number: str, form: forms.StandingForm) -> Membership:
        data = form.cleaned_data
        more = {"end_reason": data["end_reason"]} if "end_reason" in data else {}
        return action(
            actor=request.actor,
            number=number,
            reason=data["reason"],
            evidence=data["evidence"],
            file=form.proof(),
            effective_on=data["effective_on"],
            now=request.now,
            **more,
        )

    return work


def _correct_name(request: DeskRequest, number: str, form: forms.NameForm) -> Membership:
    data = form.cleaned_data
    return correct_name(
        actor=request.actor,
        number=number,
        name=data["name"],
        evidence=data["evidence"],
        file=form.proof(),
        now=request.now,
    )


def _correct_phone(request: DeskRequest, number: str, form: forms.PhoneForm) -> Membership:
    data = form.cleaned_data
    return correct_phone(
        actor=request.actor,
        number=number,
        phone=data["phone"],
        evidence=data["evidence"],
        file=form.proof(),
        now=request.now,
    )


def _replace(request: DeskRequest, number: str, form: forms.LostCardForm) -> Any:
    return replace_card(actor=request.actor, number=number, reason=form.cleaned_data["reason"], now=request.now)


_TOLD = gettext_lazy("The member is told at once by text message.")
_HISTORY = gettext_lazy("It stays in the history with your name, the reason and the proof.")
#: On which tab of the member's page an act is seen.
_TABS_AFTER = {"replace-card": "?tab=card", "seen": "?tab=proof"}
ACTS: dict[str, Act] = {
    "suspend": Act(
        Permission.CHANGE_MEMBERSHIP,
        forms.StandingForm,
        _standing(suspend),
        gettext_lazy("Suspend the membership of %(name)s?"),
        (
            gettext_lazy("The card answers “suspended” from now on; it can be resumed at any time."),
            gettext_lazy("The member is not counted as active while it is suspended."),
            _TOLD,
            _HISTORY,
        ),
        gettext_lazy("Suspend"),
        gettext_lazy("Suspended. The member was told."),
    ),
    "resume": Act(
        Permission.CHANGE_MEMBERSHIP,
        forms.StandingForm,
        _standing(resume),
        gettext_lazy("Resume the membership of %(name)s?"),
        (gettext_lazy("The card is good again, and the member counts as active."), _TOLD, _HISTORY),
        gettext_lazy("Resume"),
        gettext_lazy("Resumed. The member was told."),
    ),
    "end": Act(
        Permission.CHANGE_MEMBERSHIP,
        forms.EndForm,
        _standing(end),
        gettext_lazy("End the membership of %(name)s?"),
        (
            gettext_lazy("The card answers “no longer a member” from now on."),
            gettext_lazy("This cannot be taken back; the person may join again."),
            gettext_lazy("Proof is needed, in words or as a file."),
            gettext_lazy("The member is told at once; the family of somebody deceased is not."),
        ),
        gettext_lazy("End the membership"),
        gettext_lazy("The membership has ended."),
        danger=True,
    ),
    "retain": Act(
        Permission.CHANGE_MEMBERSHIP,
        forms.RetainForm,
        decided(retain),
        gettext_lazy("Retain the membership of %(name)s?"),
        (
            gettext_lazy("No dues, no vote; number and card stay. Counters read “membership retained”."),
            gettext_lazy("The member is not counted as active until the membership is taken up again."),
            gettext_lazy("When the employer has closed, the rules say which union keeps the membership."),
            _TOLD,
            _HISTORY,
        ),
        gettext_lazy("Retain"),
        gettext_lazy("Retained. The member was told."),
    ),
    "return": Act(
        Permission.CHANGE_MEMBERSHIP,
        forms.ReturnForm,
        decided(take_up_again),
        gettext_lazy("Take up the membership of %(name)s again?"),
        (gettext_lazy("Dues and votes again; the member counts as active."), _TOLD, _HISTORY),
        gettext_lazy("Take it up again"),
        gettext_lazy("The membership goes on. The member was told."),
    ),
    "transfer": Act(
        Permission.REVIEW,
        forms.TransferForm,
        move_on,
        gettext_lazy("Ask that %(name)s moves to another union?"),
        (
            gettext_lazy("Your union has agreed by asking. Within one city it is done at once where the rules say so."),
            gettext_lazy("Otherwise the other union answers; when its time runs out, silence may count as consent."),
            gettext_lazy("Number, card and benefits stay as they are."),
            _TOLD,
        ),
        gettext_lazy("Ask for the transfer"),
        gettext_lazy("Asked for, or done at once by rule: see the history. The member was told."),
    ),
    "warn": Act(
        Permission.CHANGE_MEMBERSHIP,
        forms.ReasonForm,
        plain(warn),
        gettext_lazy("Ask %(name)s to pay dues or take part again?"),
        (
            gettext_lazy("For members without dues and union life for six months, without good reason."),
            gettext_lazy("The member has the time that the rules give; nothing changes meanwhile."),
            gettext_lazy("Only afterwards may the membership be ended for it."),
            _TOLD,
        ),
        gettext_lazy("Ask the member"),
        gettext_lazy("Asked. The limit stands beside the member's name."),
    ),
    "clear": Act(
        Permission.CHANGE_MEMBERSHIP,
        forms.ReasonForm,
        plain(clear),
        gettext_lazy("Does %(name)s take part again?"),
        (gettext_lazy("The request is settled, and the membership goes on."), _TOLD, _HISTORY),
        gettext_lazy("Yes, it is settled"),
        gettext_lazy("Settled. The member was told."),
    ),
    "end-warned": Act(
        Permission.CHANGE_MEMBERSHIP,
        forms.EndWarnedForm,
        decided(end_warned),
        gettext_lazy("End the membership of %(name)s, who did not take part again?"),
        (
            gettext_lazy("Possible only after the member was asked and the time has passed."),
            gettext_lazy("The card answers “no longer a member” from now on."),
            gettext_lazy("This cannot be taken back; the person may join again."),
            _TOLD,
        ),
        gettext_lazy("End the membership"),
        gettext_lazy("The membership has ended."),
        danger=True,
    ),
    "expel": Act(
        Permission.CHANGE_MEMBERSHIP,
        forms.DecidedForm,
        decided(expel),
        gettext_lazy("Expel %(name)s?"),
        (
            gettext_lazy("Only by decision of the committee, for a serious crime with criminal penalty."),
            gettext_lazy("It is reported to the union above for the record."),
            gettext_lazy("The card answers “no longer a member” from now on. This cannot be taken back."),
            _TOLD,
            _HISTORY,
        ),
        gettext_lazy("Expel"),
        gettext_lazy("Expelled, and reported to the union above."),
        danger=True,
    ),
    "name": Act(
        Permission.CORRECT,
        forms.NameForm,
        _correct_name,
        gettext_lazy("Correct the name of %(name)s"),
        (gettext_lazy("The card shows the new name; the old one stays in the audit, sealed."), _TOLD),
        gettext_lazy("Correct"),
        gettext_lazy("The name was corrected."),
    ),
    "phone": Act(
        Permission.CORRECT,
        forms.PhoneForm,
        _correct_phone,
        gettext_lazy("Change the phone of %(name)s"),
        (
            gettext_lazy("The member signs in with the new number; phones that were trusted are not any longer."),
            gettext_lazy("Both numbers are told, so that nobody loses a number unnoticed."),
        ),
        gettext_lazy("Change"),
        gettext_lazy("The phone was changed."),
    ),
    "seen": Act(
        Permission.ASSURE,
        forms.SeenForm,
        lambda request, number, form: see_in_person(
            actor=request.actor, number=number, reason=form.cleaned_data["reason"], now=request.now
        ),
        gettext_lazy("Have you seen %(name)s with the ID document?"),
        (
            gettext_lazy("Compare the face, the name and the number on the document with what is here."),
            gettext_lazy("The level becomes “seen in person” with today's date; again, it renews the date."),
            _TOLD,
        ),
        gettext_lazy("Yes, seen in person"),
        gettext_lazy("Written down: seen in person. The member was told."),
    ),
    "replace-card": Act(
        Permission.ISSUE_CARDS,
        forms.LostCardForm,
        _replace,
        gettext_lazy("Replace the card of %(name)s?"),
        (
            gettext_lazy("The old card, on paper or shown, works nowhere from now on."),
            gettext_lazy("The new one is on the member's phone at once; print it again for somebody without one."),
            _TOLD,
        ),
        gettext_lazy("Replace the card"),
        gettext_lazy("The card was replaced."),
    ),
}


@require_http_methods(["GET", "POST"])
def act(request: DeskRequest, number: str, verb: str) -> HttpResponse:
    """Ask, with what will happen, then do; what was typed stays when it is refused."""
    membership = get_member(request.actor, number)
    wanted = ACTS.get(verb)
    if wanted is None:
        raise NotFound
    request.actor.require(wanted.permission, at=membership.union)
    back = reverse("desk:people:member", args=[number])
    posted = request.method == "POST"
    form = wanted.form(request.POST if posted else None, request.FILES if posted else None)
    if posted:
        done, _result = tried(form, lambda: wanted.work(request, number, form))
        if done:
            messages.success(request, str(wanted.done))
            return HttpResponseRedirect(back + _TABS_AFTER.get(verb, ""))
    question = str(wanted.question) % {"name": name_for(request, membership)}
    context = {
        "page_title": question,
        "pretitle": _("Member %(number)s · %(union)s") % {"number": number, "union": local_name(membership.union)},
        "consequences": wanted.consequences,
        "form": form,
        "label": wanted.label,
        "danger": wanted.danger,
        "back_url": back,
    }
    return render(request, "desk/people/act.html", context, status=422 if posted else 200)


@require_http_methods(["GET", "POST"])
def reveal_value(request: DeskRequest, number: str, what: str) -> HttpResponse:
    """Ask for a reason, then show an ID number or a phone this once; who saw it and why is recorded."""
    membership = get_member(request.actor, number)
    request.actor.require(Permission.REVEAL, at=membership.union)
    back = reverse("desk:people:member", args=[number])
    name = name_for(request, membership)
    form = RevealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done, value = tried(
            form,
            lambda: reveal(
                actor=request.actor,
                subject=membership,
                what=what,
                reason=form.cleaned_data["reason"],
                now=request.now,
            ),
        )
        if done:
            return revealed(request, what=what, value=value, name=name, back_url=back)
    return ask_to_reveal(request, form, what=what, name=name, back_url=back)


@require_http_methods(["GET", "POST"])
def print_paper(request: DeskRequest, number: str) -> HttpResponse:
    """Ask, then show a card for paper with its static code, this once; a card printed before is no longer good."""
    membership = get_member(request.actor, number)
    request.actor.require(Permission.ISSUE_CARDS, at=membership.union)
    back = f"{reverse('desk:people:member', args=[number])}?tab=card"
    if request.method == "POST":
        printed = print_card(actor=request.actor, number=number, now=request.now)
        paper = card_pdf(printed.membership, printed.code, printed.printed_at)
        response = HttpResponse(paper, content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="card-{number}.pdf"'
        response["Cache-Control"] = "no-store"
        return response
    question = _("Print a card for %(name)s?") % {"name": name_for(request, membership)}
    context = {
        "face": "kit/desk.html",
        "page_title": question,
        "question": question,
        "consequences": [
            _("The next page shows the card with its code, this once. Print it, cut it out, hand it over."),
            _("A card printed before is no longer good."),
            _("Counters check it online; it is worth the same as the card on a phone."),
        ],
        "action_url": request.path,
        "action_label": _("Make the card"),
        "back_url": back,
    }
    return render(request, "kit/confirm.html", context)
