"""Who goes along on a stay: how many are named, and the list by name for whoever books tickets and rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.activities.actions.recuperation import export_travelers
from nuanxin.activities.queries.recuperation import bookings_of_stay, departures_of, get_stay, named_companions
from nuanxin.bookings.queries.desk import member_numbers
from nuanxin.kernel.refusals import NotFound
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.offers import booking_state
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import FileResponse, HttpResponse

    from nuanxin.activities.models import Recuperation
    from nuanxin.activities.queries.recuperation import Traveler
    from nuanxin.bookings.models import Session
    from nuanxin.web.desk.requests import DeskRequest


def _chosen(request: DeskRequest, stay: Recuperation) -> tuple[list[Session], UUID | None]:
    """Return the departures, and the one that the address asks for. :raises NotFound: it is not of this stay."""
    sessions = [each.session for each in departures_of(stay)]
    asked = request.GET.get("departure", "")
    if not asked:
        return sessions, None
    found = next((each.pk for each in sessions if str(each.pk) == asked), None)
    if found is None:
        raise NotFound
    return sessions, found


@require_safe
def travelers(request: DeskRequest, number: str) -> HttpResponse:
    """List who has a place, by departure, and whether the companions are named; by name they are in the workbook."""
    found = get_stay(request.actor, number)
    sessions, chosen = _chosen(request, found)
    rows = bookings_of_stay(found, session=chosen)
    listed = page(rows, order=("session__starts_at", "pk"), cursor=request.GET.get("page", ""), size=50)
    numbers, named = member_numbers([each.worker_id for each in listed.items]), named_companions(listed.items)
    context = {
        "page_title": _("Who travels"),
        "back_url": reverse("desk:recuperation:stay", args=[number]),
        "stay": found,
        "page": listed,
        "views": _views(sessions, chosen),
        "rows": [
            {
                "booking": each,
                "name": mask_name(each.worker.name),
                "member": numbers.get(each.worker_id, ""),
                "companions": each.seats - 1,
                "missing": each.seats - 1 - named.get(each.pk, 0),
                "state": booking_state(each.state),
            }
            for each in listed.items
        ],
        "query": urlencode({"departure": str(chosen)}) if chosen else "",
        "may_export": request.actor.may(Permission.EXPORT_BOOKINGS, at=found.offer.union),
    }
    return render(request, "desk/recuperation/travelers.html", context)


def _views(sessions: list[Session], chosen: UUID | None) -> list[dict[str, Any]]:
    every = {"label": _("All departures"), "url": "?", "count": None, "current": chosen is None}
    return [every] + [
        {
            "label": date_cn(each.starts_at),
            "url": f"?departure={each.pk}",
            "count": None,
            "current": chosen == each.pk,
        }
        for each in sessions
    ]


@require_POST
def travelers_excel(request: DeskRequest, number: str) -> FileResponse:
    """Send everybody by name as a workbook; that it was taken is recorded."""
    found = get_stay(request.actor, number)
    _sessions, chosen = _chosen(request, found)
    rows = export_travelers(actor=request.actor, stay=found, session=chosen, now=request.now)
    header = [_("Departure"), _("Until"), _("Booking no."), _("Member no."), _("Full name"), _("Goes as")]
    header += [_("Relation to the member"), _("Companion of"), _("Places")]
    return workbook_response(f"{local_name(found.offer)} {_('Who travels')}", header, _out(rows))


def _out(rows: list[Traveler]) -> Iterator[list[Any]]:
    numbers = member_numbers([each.booking.worker_id for each in rows])
    for each in rows:
        booking, session = each.booking, each.booking.session
        yield [
            session.starts_at if session else None,
            session.ends_at if session else None,
            booking.number,
            numbers.get(booking.worker_id, ""),
            each.name or _("not named yet"),
            _("companion") if each.is_companion else _("member"),
            each.relation,
            booking.worker.name if each.is_companion else "",
            None if each.is_companion else booking.seats,
        ]
