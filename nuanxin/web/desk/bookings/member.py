"""Asking for a place in the name of one member: who has no phone at hand calls, or stands at the counter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nuanxin.access.states import Permission
from nuanxin.benefits.queries.line import is_lined
from nuanxin.bookings.actions.booking import book_for_member
from nuanxin.bookings.actions.outcomes import Wish
from nuanxin.bookings.queries.desk import get_offer
from nuanxin.bookings.queries.draws import ticket_of
from nuanxin.bookings.rules.draws import grouped
from nuanxin.bookings.states import Answer
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.web.desk.bookings.forms import MemberForm
from nuanxin.web.desk.bookings.offer import header
from nuanxin.web.desk.bookings.people import sessions_to_choose
from nuanxin.web.kit.offers import reasons
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from nuanxin.bookings.actions.outcomes import Outcome
    from nuanxin.bookings.models import Offer
    from nuanxin.web.desk.requests import DeskRequest

_SAID = {"yes": {"employer_check_up": True}, "no": {"employer_check_up": False}}


@require_http_methods(["GET", "POST"])
def member(request: DeskRequest, number: str) -> HttpResponse:
    """Book, put on the list or enter one member; refused with every reason and its remedy."""
    found = get_offer(request.actor, number)
    request.actor.require(Permission.BOOK)
    data = request.POST if request.method == "POST" else None
    form = MemberForm(data, sessions=sessions_to_choose(found), offer=found)
    against: list[dict[str, Any]] = []
    if data is not None:
        done, outcome = tried(form, lambda: _ask(request, found, form.cleaned_data))
        if done and outcome.answer != Answer.REFUSED:
            messages.success(request, _told(outcome))
            listed = outcome.answer in (Answer.WAITING, Answer.ENTERED)
            return HttpResponseRedirect(
                reverse("desk:bookings:waiting" if listed else "desk:bookings:bookings", args=[number])
            )
        if done:
            against = [{"number": form.cleaned_data["member"], "reasons": reasons(outcome.reasons)}]
    context = {**header(request, found), "form": form, "against": against}
    status = 409 if against else 422 if form.is_bound else 200
    return render(request, "desk/bookings/member.html", context, status=status)


def _ask(request: DeskRequest, found: Offer, chosen: dict[str, Any]) -> Outcome:
    if is_lined(found.pk):
        raise Conflict("in_line", _("There is a line for this: members stand in it on their own phones."))
    session = chosen["session"]
    try:
        return book_for_member(
            actor=request.actor,
            offer=found.pk,
            session=UUID(session) if session else None,
            number=chosen["member"].strip(),
            now=request.now,
            wish=Wish(seats=chosen["seats"] or 1, said=_SAID.get(chosen["employer_check_up"])),
        )
    except NotFound:
        raise Invalid("unknown_member", _("No member of yours has this number."), field="member") from None


def _told(outcome: Outcome) -> str:
    ticket = ticket_of(outcome.waiting_id) if outcome.answer == Answer.ENTERED and outcome.waiting_id else ""
    if ticket:
        return _("Entered. The ticket: %(ticket)s. Please tell the member.") % {"ticket": grouped(ticket)}
    return {
        Answer.BOOKED: _("Booked, and the member is told."),
        Answer.HELD: _("A place is kept: it must be confirmed in time."),
        Answer.WAITING: _("On the list. The member is told as soon as a place is free."),
        Answer.ENTERED: _("Applied. The member is told when the places are given."),
    }[outcome.answer]
