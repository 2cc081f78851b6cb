"""What cadres do for a draw. What the clock does by itself can be done here at once, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.draws import announce_draw, announce_new_hour
from nuanxin.bookings.actions.draws_deciding import confirm_value, enter_value, reveal, take_value_back
from nuanxin.bookings.actions.draws_drawing import draw_lots
from nuanxin.bookings.actions.draws_freezing import freeze
from nuanxin.bookings.queries.draws import lottery
from nuanxin.kernel.refusals import NotFound, Refusal
from nuanxin.web.desk.draws.forms import ConfirmForm, SourceForm, ValueForm
from nuanxin.web.desk.organizations.pages import ask
from nuanxin.web.kit.offers import in_language
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form
    from django.http import HttpResponse
    from django.utils.functional import _StrPromise

    from nuanxin.bookings.models import Draw, Offer
    from nuanxin.web.desk.requests import DeskRequest


def _to(number: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:draws:draw", args=[number]))


def _open(request: DeskRequest, number: str) -> tuple[Offer, Draw | None]:
    offer, found = lottery(request.actor, number)
    request.actor.require(Permission.EDIT_OFFERS, at=offer.union)
    return offer, found


def _drawn(request: DeskRequest, number: str) -> Draw:
    _offer, found = _open(request, number)
    if found is None:
        raise NotFound
    return found


def _page(request: DeskRequest, form: Form, number: str, *, title: str, submit: str, intro: str) -> HttpResponse:
    context = {
        "form": form,
        "page_title": title,
        "submit": submit,
        "intro": intro,
        "back_url": reverse("desk:draws:draw", args=[number]),
    }
    return render(request, "desk/access/form.html", context, status=422 if form.is_bound else 200)


def _typed(
    request: DeskRequest, form: Form, number: str, work: Callable[[dict[str, Any]], Any], *, said: str, **page: str
) -> HttpResponse:
    if request.method == "POST":
        done, _made = tried(form, lambda: work(form.cleaned_data))
        if done:
            messages.success(request, said)
            return _to(number)
    return _page(request, form, number, **page)


@require_http_methods(["GET", "POST"])
def announce(request: DeskRequest, number: str) -> HttpResponse:
    """Promise a sealed number and name the public value."""
    offer, _found = _open(request, number)
    return _typed(
        request,
        SourceForm(request.POST or None),
        number,
        lambda typed: announce_draw(actor=request.actor, offer=offer, **typed, now=request.now),
        said=_("Announced. Everybody can read it now; people may enter when entries open."),
        title=_("Announce the draw"),
        submit=_("Announce it for good"),
        intro=_(
            "A random number is sealed and its digest published, with all you type here. It cannot be changed after."
        ),
    )


@require_http_methods(["GET", "POST"])
def hour(request: DeskRequest, number: str) -> HttpResponse:
    """Name another value and hour, because the list was not published before the first."""
    draw = _drawn(request, number)
    return _typed(
        request,
        SourceForm(request.POST or None),
        number,
        lambda typed: announce_new_hour(actor=request.actor, draw=draw, **typed, now=request.now),
        said=_("Announced. The list is published in a moment."),
        title=_("Announce another value and hour"),
        submit=_("Announce it for good"),
        intro=_("The list was not published before the first hour, which stays on the public page."),
    )


@require_http_methods(["GET", "POST"])
def value(request: DeskRequest, number: str) -> HttpResponse:
    """Type the public value, as the first of two people."""
    draw = _drawn(request, number)
    form = ValueForm(request.POST or None, initial={"link": draw.source_link})
    return _typed(
        request,
        form,
        number,
        lambda typed: enter_value(actor=request.actor, draw=draw, **typed, now=request.now),
        said=_("Typed. Now a second person reads the page and confirms it."),
        title=_("Type the public value"),
        submit=_("This is what was published"),
        intro=in_language(draw.source, draw.source_en),
    )


@require_http_methods(["GET", "POST"])
def confirm(request: DeskRequest, number: str) -> HttpResponse:
    """Type the public value again, as the second of two people."""
    draw = _drawn(request, number)

    def work(typed: dict[str, Any]) -> None:
        confirm_value(actor=request.actor, draw=draw, value=typed["value"], now=request.now)

    return _typed(
        request,
        ConfirmForm(request.POST or None),
        number,
        work,
        said=_("Confirmed. The sealed number is revealed and the winners are drawn in a moment."),
        title=_("Confirm the value"),
        submit=_("I read the same"),
        intro=f"{in_language(draw.source, draw.source_en)} {draw.value_link}",
    )


@require_http_methods(["GET", "POST"])
def act(request: DeskRequest, number: str, verb: str) -> HttpResponse:
    """Ask, then publish the list, take a value back, reveal, or draw."""
    if verb not in _ACTS:
        raise NotFound
    draw = _drawn(request, number)
    work, question, said = _ACTS[verb]
    if request.method == "POST":
        try:
            work(actor=request.actor, draw=draw, now=request.now)
        except Refusal as refusal:
            if refusal.status in {401, 403, 404}:
                raise
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, str(said))
        return _to(number)
    return ask(
        request,
        question=str(question),
        consequences=[
            in_language(draw.offer.name, draw.offer.name_en),
            _("It is published for everybody, and stands."),
        ],
        action_label=_("Yes, do it"),
        back_url=reverse("desk:draws:draw", args=[number]),
        danger=False,
    )


_ACTS: dict[str, tuple[Callable[..., object], _StrPromise, _StrPromise]] = {
    "freeze": (freeze, gettext_lazy("Publish the list now?"), gettext_lazy("The list of tickets is published.")),
    "take-back": (
        take_value_back,
        gettext_lazy("Take the value back?"),
        gettext_lazy("Taken back. Somebody types it again."),
    ),
    "reveal": (
        reveal,
        gettext_lazy("Reveal the sealed number now?"),
        gettext_lazy("Everything that decides is public now."),
    ),
    "draw": (draw_lots, gettext_lazy("Draw now?"), gettext_lazy("Drawn. The winners are booked and told.")),
}
