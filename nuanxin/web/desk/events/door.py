"""One event: its figures, its live link, the door with the scanner, and photos of those who agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.activities.actions.attendance import let_in
from nuanxin.activities.actions.photos import add_photo, remove_photo
from nuanxin.activities.actions.programs import set_live_link
from nuanxin.activities.queries.events import (
    consents_of,
    figures_of,
    get_event,
    get_photo,
    photo_file,
    photos_of,
)
from nuanxin.records.queries import content_of
from nuanxin.web.desk.events.forms import DoorForm, LiveForm, PhotoForm
from nuanxin.web.desk.events.programs import event_line
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from nuanxin.activities.models import Event
    from nuanxin.web.desk.requests import DeskRequest


def _to(found: Event) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:events:event", args=[found.pk]))


@require_safe
def event(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show an event."""
    request.actor.require(Permission.VIEW_BOOKINGS)
    found = get_event(request.actor, pk)
    live_form = LiveForm(initial={"live_url": found.live_url})
    return _page(request, found, live=live_form, photo=PhotoForm(consents=consents_of(found)))


def _page(request: DeskRequest, found: Event, *, live: LiveForm, photo: PhotoForm, status: int = 200) -> HttpResponse:
    line = event_line(figures_of([found])[0], request.now)
    figures = line["figures"]
    context: dict[str, Any] = {
        "page_title": found.offer.name,
        "event": found,
        "row": line,
        "back_url": reverse("desk:events:program", args=[found.program.number]),
        "cards": [
            {"label": _("Places"), "value": figures.capacity},
            {"label": _("Signed up"), "value": figures.taken},
            {"label": _("Attended"), "value": figures.came},
            {"label": _("Agreed to photos"), "value": consents_of(found).count()},
        ],
        "may_edit": request.actor.may(Permission.EDIT_OFFERS, at=found.offer.union),
        "may_check_in": request.actor.may(Permission.CHECK_IN, at=found.offer.union),
        "live_form": live,
        "photo_form": photo,
        "photos": [
            {"photo": each, "people": "、".join(mask_name(one.consent.worker.name) for one in each.people.all())}
            for each in photos_of(found)
        ],
    }
    return render(request, "desk/events/event.html", context, status=status)


@require_POST
def live(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Keep the live link."""
    request.actor.require(Permission.EDIT_OFFERS)
    found = get_event(request.actor, pk)
    form = LiveForm(request.POST)
    done, _made = tried(
        form,
        lambda: set_live_link(actor=request.actor, event=found, address=form.cleaned_data["live_url"], now=request.now),
    )
    if not done:
        return _page(request, found, live=form, photo=PhotoForm(consents=consents_of(found)), status=422)
    messages.success(request, _("The live link is kept."))
    return _to(found)


@require_http_methods(["GET", "POST"])
def let_people_in(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Let people in by their code, one after the other."""
    request.actor.require(Permission.CHECK_IN)
    found = get_event(request.actor, pk)
    form = DoorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done, came = tried(
            form,
            lambda: let_in(actor=request.actor, event=found, code=form.cleaned_data["code"], now=request.now),
        )
        if done and came:
            name = mask_name(came.membership.worker.name)
            said = _("%(name)s is in, with a place given at the door.") if came.at_the_door else _("%(name)s is in.")
            messages.success(request, said % {"name": name})
            return HttpResponseRedirect(request.path)
    line = event_line(figures_of([found])[0], request.now)
    context = {
        "page_title": _("At the door"),
        "event": found,
        "row": line,
        "form": form,
        "back_url": reverse("desk:events:event", args=[found.pk]),
    }
    return render(request, "desk/events/door.html", context, status=422 if form.is_bound else 200)


@require_POST
def add(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Add a photo."""
    request.actor.require(Permission.EDIT_OFFERS)
    found = get_event(request.actor, pk)
    form = PhotoForm(request.POST, request.FILES, consents=consents_of(found))

    def keep() -> object:
        given = form.cleaned_data
        return add_photo(
            actor=request.actor,
            event=found,
            name=given["file"].name or "",
            content=given["file"].read(),
            caption=given["caption"],
            people=[UUID(each) for each in given.get("people", ())],
            nobody=given["nobody"],
            now=request.now,
        )

    done, _made = tried(form, keep)
    if not done:
        return _page(request, found, live=LiveForm(initial={"live_url": found.live_url}), photo=form, status=422)
    messages.success(request, _("The photo is there."))
    return _to(found)


@require_safe
def photo(request: DeskRequest, pk: UUID, photo: UUID) -> HttpResponse:
    """Send a photo."""
    request.actor.require(Permission.VIEW_BOOKINGS)
    file = photo_file(get_event(request.actor, pk), photo)
    response = HttpResponse(content_of(file), content_type=file.media_type)
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
def remove(request: DeskRequest, pk: UUID, photo: UUID) -> HttpResponse:
    """Ask, then delete a photo."""
    request.actor.require(Permission.EDIT_OFFERS)
    found = get_event(request.actor, pk)
    chosen = get_photo(found, photo)
    if request.method == "POST":
        remove_photo(actor=request.actor, photo=chosen, now=request.now)
        messages.success(request, _("The photo is gone."))
        return _to(found)
    context = {
        "face": "kit/desk.html",
        "page_title": found.offer.name,
        "question": _("Delete this photo?"),
        "consequences": [_("Nobody can see it any more, and it cannot be brought back.")],
        "action_url": request.path,
        "action_label": _("Delete it"),
        "back_url": reverse("desk:events:event", args=[found.pk]),
        "danger": True,
    }
    return render(request, "kit/confirm.html", context)
