"""Who booked and who waits; booking for a group; giving a place back in a member's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.arriving import check_in
from nuanxin.bookings.actions.ending import cancel as cancel_booking
from nuanxin.bookings.actions.exporting import export_bookings, export_waiting
from nuanxin.bookings.actions.grouping import GroupRefused, book_group
from nuanxin.bookings.queries.desk import (
    find_bookings,
    find_waiting,
    get_booking,
    get_offer,
    member_numbers,
    sessions_of_offer,
)
from nuanxin.bookings.rules.priority import in_words
from nuanxin.bookings.states import COMING, BookingState, WaitingState
from nuanxin.kernel.refusals import Refusal
from nuanxin.web.desk.bookings.forms import BookingFilter, GroupForm, ReasonForm, WaitingFilter
from nuanxin.web.desk.bookings.offer import header
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.offers import (
    BOOKING_LABELS,
    WAITING_TONES,
    booking_state,
    in_language,
    reasons,
    state,
    when,
    where,
)
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import blame, tried

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import FileResponse

    from nuanxin.bookings.models import Booking, Offer, Waiting
    from nuanxin.web.desk.requests import DeskRequest

#: Most sessions to choose from in a list.
_MOST = 500


def sessions_to_choose(found: Offer) -> list[tuple[str, str]]:
    """Return an offer's sessions as a form has them to choose from."""
    rows = sessions_of_offer(found).order_by("starts_at", "pk")[:_MOST]
    return [(str(each.pk), f"{when(each)} {where(each)}") for each in rows]


def _chosen(form: BookingFilter | WaitingFilter) -> dict[str, Any]:
    """Return what a list is narrowed by."""
    chosen = form.cleaned_data if form.is_valid() else {}
    session = chosen.get("session")
    return {
        "text": chosen.get("q", "").strip(),
        "state": chosen.get("state", ""),
        "session": UUID(session) if session else None,
    }


def _found(request: DeskRequest, found: Offer) -> tuple[BookingFilter, QuerySet[Booking]]:
    form = BookingFilter(request.GET, sessions=sessions_to_choose(found))
    return form, find_bookings(request.actor, found, **_chosen(form))


@require_safe
def bookings(request: DeskRequest, number: str) -> HttpResponse:
    """List who booked, the latest first."""
    found = get_offer(request.actor, number)
    form, rows = _found(request, found)
    listed = page(rows, order=("-pk",), cursor=request.GET.get("page", ""), size=50)
    numbers = member_numbers([each.worker_id for each in listed.items])
    context = {
        **header(request, found),
        "filters": form,
        "page": listed,
        "rows": [
            {
                "booking": each,
                "name": mask_name(each.worker.name),
                "member": numbers.get(each.worker_id, ""),
                "when": when(each.session),
                "where": where(each.session),
                "share": in_language(each.pool.share.name, each.pool.share.name_en),
                "state": booking_state(each.state),
                "is_ahead": each.state in COMING,
                "may_come": each.state in (BookingState.BOOKED, BookingState.NO_SHOW),
            }
            for each in listed.items
        ],
        "may_cancel": request.actor.may(Permission.BOOK),
        "may_check_in": request.actor.may(Permission.CHECK_IN, at=found.union.path),
        "may_export": request.actor.may(Permission.EXPORT_BOOKINGS),
        "query": request.GET.urlencode(),
        "narrowed": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "desk/bookings/bookings.html", context)


@require_POST
def bookings_excel(request: DeskRequest, number: str) -> FileResponse:
    """Send the list as a workbook; that it was taken is recorded."""
    found = get_offer(request.actor, number)
    _form, rows = _found(request, found)
    taken = export_bookings(actor=request.actor, offer=found, bookings=rows, now=request.now)
    header_row = [
        _("Booking no."),
        _("Member no."),
        _("Full name"),
        _("When"),
        _("Where"),
        _("Share of places"),
        _("Places"),
    ]
    header_row += [_("State"), _("Booked"), _("Came on")]
    return workbook_response(in_language(found.name, found.name_en), header_row, _out(taken))


def _out(rows: list[Booking]) -> Iterator[list[Any]]:
    numbers = member_numbers([each.worker_id for each in rows])
    for each in rows:
        yield [
            each.number,
            numbers.get(each.worker_id, ""),
            each.worker.name,
            when(each.session),
            where(each.session),
            in_language(each.pool.share.name, each.pool.share.name_en),
            each.seats,
            str(BOOKING_LABELS[each.state]),
            each.booked_at,
            each.checked_in_at,
        ]


@require_http_methods(["GET", "POST"])
def cancel(request: DeskRequest, booking: str) -> HttpResponse:
    """Give a place back in a member's name, with a reason that the member reads."""
    found = get_booking(request.actor, booking)
    request.actor.require(Permission.BOOK)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    back = reverse("desk:bookings:bookings", args=[found.offer.number])
    if request.method == "POST":
        done, _booking = tried(
            form,
            lambda: cancel_booking(
                actor=request.actor, booking_id=found.pk, now=request.now, reason=form.cleaned_data["reason"]
            ),
        )
        if done:
            messages.success(request, _("Cancelled, and the member is told. The place goes to who waits."))
            return HttpResponseRedirect(back)
    context = {
        "face": "kit/desk.html",
        "page_title": in_language(found.offer.name, found.offer.name_en),
        "question": _("Cancel the booking of %(name)s?") % {"name": mask_name(found.worker.name)},
        "consequences": [
            f"{when(found.session)} {where(found.session)}",
            _("The member is told your reason; the place goes to the first in line."),
        ],
        "action_url": request.path,
        "action_label": _("Cancel the booking"),
        "back_url": back,
        "danger": True,
        "form": form,
    }
    return render(request, "kit/confirm.html", context, status=422 if form.is_bound else 200)


@require_POST
def came(request: DeskRequest, booking: str) -> HttpResponse:
    """Write down that a person has come, where nobody could scan the code; twice changes nothing."""
    found = get_booking(request.actor, booking)
    try:
        check_in(actor=request.actor, booking_id=found.pk, now=request.now)
    except Refusal as refusal:
        if refusal.status in {401, 403, 404}:
            raise
        messages.warning(request, str(refusal.message))
    else:
        messages.success(request, _("%(name)s is checked in.") % {"name": mask_name(found.worker.name)})
    return HttpResponseRedirect(reverse("desk:bookings:bookings", args=[found.offer.number]))


@require_safe
def waiting(request: DeskRequest, number: str) -> HttpResponse:
    """List who applied or waits: who comes first stands first."""
    found = get_offer(request.actor, number)
    form, rows = _found_waiting(request, found)
    listed = page(rows, order=("-score", "joined_at", "pk"), cursor=request.GET.get("page", ""), size=50)
    numbers = member_numbers([each.worker_id for each in listed.items])
    context = {
        **header(request, found),
        "filters": form,
        "page": listed,
        "may_export": request.actor.may(Permission.EXPORT_BOOKINGS),
        "query": request.GET.urlencode(),
        "narrowed": any(request.GET.get(name) for name in form.fields),
        "rows": [
            {
                "waiting": each,
                "name": mask_name(each.worker.name),
                "member": numbers.get(each.worker_id, ""),
                "when": when(each.session),
                "points": in_words(each.points),
                "state": state(each.state, WAITING_TONES, WaitingState),
            }
            for each in listed.items
        ],
    }
    return render(request, "desk/bookings/waiting.html", context)


def _found_waiting(request: DeskRequest, found: Offer) -> tuple[WaitingFilter, QuerySet[Waiting]]:
    form = WaitingFilter(request.GET, sessions=sessions_to_choose(found))
    return form, find_waiting(request.actor, found, **_chosen(form))


@require_POST
def waiting_excel(request: DeskRequest, number: str) -> FileResponse:
    """Send who applied or waits as a workbook, in their order; that it was taken is recorded."""
    found = get_offer(request.actor, number)
    _form, rows = _found_waiting(request, found)
    taken = export_waiting(actor=request.actor, offer=found, waiting=rows, now=request.now)
    head = [_("Member no."), _("Full name"), _("Session"), _("Places"), _("Points"), _("State")]
    return workbook_response(
        in_language(found.name, found.name_en), [*head, _("On the list since"), _("Kept until")], _waiting_out(taken)
    )


def _waiting_out(rows: list[Waiting]) -> Iterator[list[Any]]:
    numbers = member_numbers([each.worker_id for each in rows])
    for each in rows:
        yield [
            numbers.get(each.worker_id, ""),
            each.worker.name,
            when(each.session),
            each.seats,
            each.score,
            str(WaitingState(each.state).label),
            each.joined_at,
            each.offered_until,
        ]


@require_http_methods(["GET", "POST"])
def group(request: DeskRequest, number: str) -> HttpResponse:
    """Book for named members together: all of them, or nobody, and every refusal is named."""
    found = get_offer(request.actor, number)
    request.actor.require(Permission.BOOK)
    form = GroupForm(request.POST if request.method == "POST" else None, sessions=sessions_to_choose(found))
    against: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        session = form.cleaned_data["session"]
        try:
            made = book_group(
                actor=request.actor,
                offer=found.pk,
                session=UUID(session) if session else None,
                numbers=form.cleaned_data["numbers"].replace(",", "\n").replace("，", "\n").splitlines(),
                now=request.now,
            )
        except GroupRefused as refusal:
            against = [{"number": who, "reasons": reasons(why)} for who, why in refusal.against.items()]
            blame(form, refusal)
        except Refusal as refusal:
            if refusal.status in {401, 403, 404}:
                raise
            blame(form, refusal)
        else:
            said = ngettext("%(count)s person is booked and told.", "%(count)s people are booked and told.", len(made))
            messages.success(request, said % {"count": len(made)})
            return HttpResponseRedirect(reverse("desk:bookings:bookings", args=[number]))
    context = {**header(request, found), "form": form, "against": against}
    status = 409 if against else 422 if form.is_bound else 200
    return render(request, "desk/bookings/group.html", context, status=status)
