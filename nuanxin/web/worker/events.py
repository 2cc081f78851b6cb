"""Mobile events on the phone: what is ahead, watching live, photos only with consent, and one's own calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.activities.actions.feeds import make_feed, shut_feed
from nuanxin.activities.actions.photos import consent_to_photos, withdraw_photo_consent
from nuanxin.activities.queries.events import (
    Figures,
    event_for,
    events_for,
    figures_of,
    has_place,
    own_consent,
    past_events,
    photo_file,
    photos_of,
)
from nuanxin.activities.queries.feeds import live_feed
from nuanxin.activities.rules.events import live_now
from nuanxin.activities.states.event import EventKind
from nuanxin.bookings.queries.own import latest_booking
from nuanxin.records.queries import content_of
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from uuid import UUID

    from nuanxin.web.worker.requests import WorkerRequest

_ICONS = {
    EventKind.SPORT: "trophy",
    EventKind.FILM: "ticket",
    EventKind.LAW: "scale",
    EventKind.TRAINING: "school",
    EventKind.HEALTH: "heartbeat",
    EventKind.CULTURE: "book",
    EventKind.OTHER: "calendar-event",
}


def _line(figures: Figures) -> dict[str, Any]:
    kind = EventKind(figures.event.kind)
    return {
        "event": figures.event,
        "session": figures.session,
        "icon": _ICONS[kind],
        "kind": kind.label,
        "free": max(0, figures.capacity - figures.taken),
    }


@never_cache
@require_safe
def events(request: WorkerRequest) -> HttpResponse:
    """Show the events ahead, and those at which I was."""
    context = {
        "page_title": _("Events"),
        "back_url": reverse("worker:home"),
        "tabs": tabs(request),
        "ahead": [_line(each) for each in figures_of(events_for(request.actor, now=request.now))],
        "past": [_line(each) for each in figures_of(past_events(request.actor, now=request.now))],
    }
    return render(request, "worker/events/events.html", context)


@never_cache
@require_safe
def event(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Show one event: when and where, my place, the live stream while it runs, and the photos."""
    found = event_for(request.actor, pk)
    figures = figures_of([found])[0]
    session = figures.session
    assert request.actor.worker_id is not None
    mine = has_place(found, request.actor.worker_id)
    context = {
        "page_title": found.offer.name,
        "back_url": reverse("worker:events"),
        "tabs": tabs(request),
        "row": _line(figures),
        "event": found,
        "booking": latest_booking(request.actor, found.offer_id) if mine else None,
        "is_over": session is None or session.ends_at <= request.now,
        "live": found.live_url
        if session is not None and live_now(session.starts_at, session.ends_at, request.now)
        else "",
        "consent": own_consent(request.actor, found),
        "may_consent": mine,
        "photos": photos_of(found) if mine else [],
    }
    return render(request, "worker/events/event.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Agree to photos at once; before taking it back, say what happens."""
    found = event_for(request.actor, pk)
    consent = own_consent(request.actor, found)
    if request.method == "POST" and "agree" in request.POST:
        consent_to_photos(actor=request.actor, event=found, now=request.now)
        messages.success(request, _("You agreed to be seen on photos of this event. You can take it back at any time."))
    elif request.method == "POST":
        gone = withdraw_photo_consent(actor=request.actor, event=found, now=request.now)
        said = ngettext(
            "Taken back. %(count)s photo with you is gone.", "Taken back. %(count)s photos with you are gone.", gone
        )
        messages.success(request, said % {"count": gone})
    elif consent is not None:
        context = {
            "face": "kit/phone.html",
            "page_title": _("Photos of me"),
            "question": _("Take your consent to photos back?"),
            "consequences": [
                _("Every photo of this event on which you can be seen is deleted at once, for everybody.")
            ],
            "action_url": request.path,
            "action_label": _("Yes, take it back"),
            "back_url": reverse("worker:event", args=[found.pk]),
        }
        return render(request, "kit/confirm.html", context)
    return redirect("worker:event", pk=found.pk)


@never_cache
@require_safe
def photo(request: WorkerRequest, pk: UUID, photo: UUID) -> HttpResponse:
    """Send a photo to those who were there."""
    found = event_for(request.actor, pk)
    if request.actor.worker_id is None or not has_place(found, request.actor.worker_id):
        return redirect("worker:event", pk=found.pk)
    file = photo_file(found, photo)
    response = HttpResponse(content_of(file), content_type=file.media_type)
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_safe
def calendar(request: WorkerRequest) -> HttpResponse:
    """Show whether a calendar follows my bookings."""
    return _calendar(request, "")


def _calendar(request: WorkerRequest, token: str) -> HttpResponse:
    address = f"{settings.NUANXIN_BASE_URL}{reverse('open:calendar', args=[token])}" if token else ""
    context = {
        "page_title": _("My calendar"),
        "back_url": reverse("worker:me"),
        "tabs": tabs(request),
        "feed": live_feed(request.actor),
        "address": address,
        "webcal": address.replace("https://", "webcal://").replace("http://", "webcal://"),
    }
    return render(request, "worker/events/calendar.html", context)


@never_cache
@require_POST
def calendar_new(request: WorkerRequest) -> HttpResponse:
    """Make a new secret link, shown this once; an older one is shut."""
    return _calendar(request, make_feed(actor=request.actor, now=request.now))


@never_cache
@require_POST
def calendar_shut(request: WorkerRequest) -> HttpResponse:
    """Shut my link."""
    if shut_feed(actor=request.actor, now=request.now):
        messages.success(request, _("The link is shut. Calendars that had it see nothing new any more."))
    return redirect("worker:calendar")
