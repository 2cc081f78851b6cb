"""One pool made larger or smaller, one session moved or cancelled, one share's rest given to everybody."""

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
from nuanxin.bookings.actions.pools import WouldLose, release_share, resize_pool
from nuanxin.bookings.actions.sessions import Elsewhere, cancel_session, reschedule_session
from nuanxin.bookings.queries.desk import filled, free_of, get_offer, get_pool, get_session, get_share
from nuanxin.kernel.refusals import Refusal
from nuanxin.web.desk.bookings.forms import MoveForm, ReasonForm, ResizeForm
from nuanxin.web.desk.bookings.offer import header
from nuanxin.web.kit.offers import in_language, when, where
from nuanxin.web.kit.refusals import blame, tried

if TYPE_CHECKING:
    from nuanxin.bookings.models import Offer, Session
    from nuanxin.web.desk.requests import DeskRequest


def _fetched(request: DeskRequest, number: str) -> Offer:
    found = get_offer(request.actor, number)
    request.actor.require(Permission.EDIT_OFFERS, at=found.union)
    return found


def _back(number: str) -> str:
    return reverse("desk:bookings:offer", args=[number])


@require_http_methods(["GET", "POST"])
def resize(request: DeskRequest, number: str, pk: UUID) -> HttpResponse:
    """Give a pool more or fewer places; refused with the names of those who would lose theirs."""
    found = _fetched(request, number)
    pool = get_pool(found, pk)
    form = ResizeForm(request.POST if request.method == "POST" else None, initial={"capacity": pool.capacity})
    losers = []
    if request.method == "POST" and form.is_valid():
        try:
            resize_pool(actor=request.actor, pool=pool, capacity=form.cleaned_data["capacity"], now=request.now)
        except WouldLose as refusal:
            losers = refusal.losers
            blame(form, refusal)
        except Refusal as refusal:
            if refusal.status in {401, 403, 404}:
                raise
            blame(form, refusal)
        else:
            messages.success(request, _("Kept. New places go to who waits."))
            return HttpResponseRedirect(_back(number))
    context = {
        **header(request, found),
        "pool": pool,
        "share": in_language(pool.share.name, pool.share.name_en),
        "when": when(pool.session),
        "where": where(pool.session),
        "form": form,
        "losers": losers,
    }
    return render(
        request, "desk/bookings/resize.html", context, status=409 if losers else 422 if form.is_bound else 200
    )


@require_http_methods(["GET", "POST"])
def cancel(request: DeskRequest, number: str, pk: UUID) -> HttpResponse:
    """Cancel a session with every booking ahead; everybody is told why."""
    found = _fetched(request, number)
    session = get_session(found, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)

    def work() -> int:
        reason = form.cleaned_data["reason"]
        return cancel_session(actor=request.actor, session=session, reason=reason, now=request.now)

    if request.method == "POST":
        done, count = tried(form, work)
        if done:
            messages.success(request, _("Cancelled: %(count)s bookings, everybody is told.") % {"count": count})
            return HttpResponseRedirect(_back(number))
    context = {
        **_question(request, found),
        "question": _("Cancel this session?"),
        "consequences": [
            f"{when(session)} {where(session)}",
            _("Every booking of it ends and counts for no limit; everybody is told your reason."),
            _("Whoever waits for this session only is off the list."),
        ],
        "action_label": _("Cancel the session"),
        "danger": True,
        "form": form,
    }
    return render(request, "kit/confirm.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def move(request: DeskRequest, number: str, pk: UUID) -> HttpResponse:
    """Let a session take place at another time or place: bookings stay, everybody is told."""
    found = _fetched(request, number)
    session = get_session(found, pk)
    initial = {name: getattr(session, name) for name in ("starts_at", "ends_at", "place", "place_en")}
    form = MoveForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        done, count = tried(
            form,
            lambda: _moved(request, session, form.cleaned_data),
        )
        if done:
            messages.success(request, _("Moved. %(count)s people are told.") % {"count": count})
            return HttpResponseRedirect(_back(number))
    context = {
        **_question(request, found),
        "question": _("Move this session?"),
        "consequences": [
            f"{when(session)} {where(session)}",
            _("Every booking stays; everybody is told the new time, the place and your reason."),
        ],
        "action_label": _("Move the session"),
        "form": form,
    }
    return render(request, "kit/confirm.html", context, status=422 if form.is_bound else 200)


def _moved(request: DeskRequest, session: Session, chosen: dict[str, Any]) -> int:
    return reschedule_session(
        actor=request.actor,
        session=session,
        starts_at=chosen["starts_at"],
        ends_at=chosen["ends_at"],
        elsewhere=Elsewhere(chosen["place"], chosen["place_en"]),
        reason=chosen["reason"],
        now=request.now,
    )


@require_http_methods(["GET", "POST"])
def release(request: DeskRequest, number: str, pk: UUID) -> HttpResponse:
    """Give what nobody of a group has taken to everybody."""
    found = _fetched(request, number)
    share = get_share(found, pk)
    if request.method == "POST":
        try:
            places = release_share(actor=request.actor, share=share, now=request.now)
        except Refusal as refusal:
            if refusal.status in {401, 403, 404}:
                raise
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("%(count)s places are open to everybody now.") % {"count": places})
        return HttpResponseRedirect(_back(number))
    fill = filled([found.pk])[found.pk]
    context = {
        **_question(request, found),
        "question": _("Open what is left of “%(share)s” to everybody?")
        % {"share": in_language(share.name, share.name_en)},
        "consequences": [
            _("%(count)s places that nobody of the group has taken go to the first open share.")
            % {"count": free_of(share)},
            _("%(count)s people wait; those in front are offered a place at once.") % {"count": fill.waiting},
            _("This cannot be undone."),
        ],
        "action_label": _("Open them to everybody"),
    }
    return render(request, "kit/confirm.html", context)


def _question(request: DeskRequest, found: Offer) -> dict[str, Any]:
    return {
        "face": "kit/desk.html",
        "page_title": in_language(found.name, found.name_en),
        "action_url": request.path,
        "back_url": _back(found.number),
    }
