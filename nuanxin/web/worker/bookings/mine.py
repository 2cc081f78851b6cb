"""My bookings: what comes, what was, what was given back; the ticket; giving back; the place that is kept for me."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.bookings.actions.confirming import confirm as confirm_booking
from nuanxin.bookings.actions.ending import cancel as cancel_booking
from nuanxin.bookings.actions.waiting import leave_waiting
from nuanxin.bookings.queries.browsing import line_of
from nuanxin.bookings.queries.own import last_moment, own_booking, own_bookings, own_waiting
from nuanxin.bookings.states import BookingState, EndReason, NoShowRule, WaitingState, Way
from nuanxin.kernel.refusals import NotFound, Refusal
from nuanxin.web.kit.offers import booking_state, in_language, kind_icon, kind_name, when, where
from nuanxin.web.kit.offline import keep_offline
from nuanxin.web.kit.templatetags.kit import date_cn
from nuanxin.web.worker.bookings.links import offer_address
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from nuanxin.bookings.models import Booking, Waiting
    from nuanxin.web.worker.requests import WorkerRequest


@never_cache
@require_safe
@keep_offline
def bookings(request: WorkerRequest) -> HttpResponse:
    """Show what I have booked and what I wait for; kept on the phone for when there is no network."""
    own = own_bookings(request.actor, now=request.now)
    context = {
        "page_title": _("My bookings"),
        "back_url": reverse("worker:home"),
        "tabs": tabs(request),
        "kept": [_line(each) for each in own.coming if each.state == BookingState.HELD],
        "coming": [_line(each) for each in own.coming if each.state != BookingState.HELD],
        "waiting": [_waiting(each) for each in own.waiting if each.state != WaitingState.OFFERED],
        "past": [_line(each) for each in own.past],
        "ended": [_line(each) for each in own.ended],
    }
    return render(request, "worker/bookings/bookings.html", context)


def _line(booking: Booking) -> dict[str, Any]:
    return {
        "url": reverse("worker:booking", args=[booking.number]),
        "booking": booking,
        "offer": booking.offer,
        "icon": kind_icon(booking.offer.kind),
        "when": when(booking.session),
        "where": where(booking.session),
        "state": booking_state(booking.state),
    }


def _waiting(row: Waiting) -> dict[str, Any]:
    line, length = line_of(row)
    return {
        "url": offer_address(row.offer),
        "offer": row.offer,
        "icon": kind_icon(row.offer.kind),
        "when": when(row.session),
        "applied": row.state == WaitingState.APPLIED,
        "line": line,
        "length": length,
    }


@never_cache
@require_safe
@keep_offline
def booking(request: WorkerRequest, number: str) -> HttpResponse:
    """Show one booking: the ticket, or the place that is kept and until when."""
    found = own_booking(request.actor, number)
    until = last_moment(found)
    held = found.state == BookingState.HELD and found.hold_until is not None and found.hold_until > request.now
    context = _line(found) | {
        "page_title": kind_name(found.offer.kind),
        "back_url": reverse("worker:bookings"),
        "tabs": tabs(request),
        "share": in_language(found.pool.share.name, found.pool.share.name_en),
        "held": held,
        "seconds": math.floor((found.hold_until - request.now).total_seconds()) if held and found.hold_until else 0,
        "is_ahead": _is_ahead(found, request.now),
        "may_cancel": _is_ahead(found, request.now) and (held or request.now < until),
        "cancel_until": until,
        "why": EndReason(found.end_reason).label if found.end_reason else "",
        "offer_url": offer_address(found.offer),
    }
    return render(request, "worker/bookings/booking.html", context)


def _is_ahead(found: Booking, now: datetime) -> bool:
    if found.state not in (BookingState.HELD, BookingState.BOOKED):
        return False
    return found.session is None or found.session.ends_at > now


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: WorkerRequest, number: str) -> HttpResponse:
    """Say until when a place may be given back and what follows, then give it back."""
    found = own_booking(request.actor, number)
    back = reverse("worker:booking", args=[number])
    if request.method == "POST":
        try:
            cancel_booking(actor=request.actor, booking_id=found.pk, now=request.now)
        except NotFound:
            raise
        except Refusal as refusal:
            messages.warning(request, str(refusal.message))
            return redirect(back)
        messages.success(request, _("Given back. Somebody else can go now. Thank you for telling."))
        return redirect("worker:bookings")
    if not _is_ahead(found, request.now):
        return redirect(back)
    until = last_moment(found)
    may = found.state == BookingState.HELD or request.now < until
    context = {
        "face": "kit/phone.html",
        "page_title": _("Give the place back"),
        "question": _("Give your place back?"),
        "consequences": _consequences(found, until) if may else _too_late(found, until),
        "action_url": request.path,
        "action_label": _("Yes, give it back") if may else "",
        "back_url": back,
        "danger": True,
        "tabs": tabs(request),
    }
    return render(request, "kit/confirm.html", context)


def _consequences(found: Booking, until: datetime) -> list[str]:
    offer = found.offer
    said = [f"{in_language(offer.name, offer.name_en)} {when(found.session)} {where(found.session)}"]
    said.append(_("You may give it back until %(until)s.") % {"until": date_cn(until)})
    said.append(_("It goes to whoever waits longest. You can book again as long as places are left."))
    if offer.limit_count:
        said.append(_("It does not count for your limit any more."))
    return said


def _too_late(found: Booking, until: datetime) -> list[str]:
    said = [_("You could give it back until %(until)s; it is too late for that here.") % {"until": date_cn(until)}]
    said.append(_("If you cannot come, please call your union: 12351. It can still give your place to somebody."))
    if found.offer.no_show != NoShowRule.FREE:
        said.append(_("If you do not come without a word, the place counts as used."))
    return said


@require_POST
def confirm(request: WorkerRequest, number: str) -> HttpResponse:
    """Take the place that is kept for me; tapping twice changes nothing."""
    found = own_booking(request.actor, number)
    try:
        confirm_booking(actor=request.actor, booking_id=found.pk, now=request.now)
    except NotFound:
        raise
    except Refusal as refusal:
        messages.warning(request, str(refusal.message))
    else:
        messages.success(request, _("The place is yours. See you there!"))
    return redirect("worker:booking", number=number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Ask once more, then take me off a list."""
    row = own_waiting(request.actor, pk)
    back = offer_address(row.offer)
    if request.method == "POST":
        try:
            leave_waiting(actor=request.actor, waiting_id=pk, now=request.now)
        except NotFound:
            raise
        except Refusal as refusal:
            messages.warning(request, str(refusal.message))
        else:
            messages.success(request, _("You are off the list. You may come back at any time."))
        return redirect(back)
    if row.state not in (WaitingState.WAITING, WaitingState.APPLIED):
        return redirect(back)
    line, _length = line_of(row)
    context = {
        "face": "kit/phone.html",
        "page_title": _("Leave the list"),
        "question": _("Leave the list?"),
        "consequences": [
            in_language(row.offer.name, row.offer.name_en),
            _("Your ticket goes with it. If you enter again, you get another one.")
            if row.offer.way == Way.LOTTERY and row.state == WaitingState.APPLIED
            else _("You stand at place %(place)s. If you come back later, you stand at the end.") % {"place": line},
        ],
        "action_url": request.path,
        "action_label": _("Yes, leave it"),
        "back_url": back,
        "danger": True,
        "tabs": tabs(request),
    }
    return render(request, "kit/confirm.html", context)
