"""Partners to look at: the list with search and filters, out to Excel, and one with all that belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.queries import account_names
from nuanxin.access.queries.counters import devices_of, staff_of
from nuanxin.kernel.clock import local_day
from nuanxin.organizations.queries.partners import (
    PartnerFilters,
    contracts_of,
    get_partner,
    list_partners,
    partner_rows,
    places_of,
)
from nuanxin.organizations.rules.partners import contract_on, standing
from nuanxin.organizations.states import EDIT_PARTNERS, ScanKind
from nuanxin.records.queries import entries_of_any
from nuanxin.web.desk.access.wording import act as act_words
from nuanxin.web.desk.partners.forms import PartnerFilter
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpResponse, HttpResponseBase

    from nuanxin.organizations.models import Partner
    from nuanxin.web.desk.requests import DeskRequest

_HISTORY = 30


def kinds_in_words(kinds: Iterable[str]) -> str:
    """Return kinds of scans in one line."""
    return "、".join(str(ScanKind(kind).label) for kind in kinds)


def _found(request: DeskRequest) -> tuple[PartnerFilter, QuerySet[Partner]]:
    form = PartnerFilter(request.GET or None)
    chosen: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    filters = PartnerFilters(
        text=chosen.get("q", ""),
        kind=chosen.get("kind", ""),
        region=chosen.get("region", ""),
        state=chosen.get("state", ""),
    )
    return form, list_partners(request.actor, filters, on=local_day(request.now))


@require_safe
def partners(request: DeskRequest) -> HttpResponse:
    """List the partners in reach, with the contract that counts today."""
    request.actor.require(EDIT_PARTNERS)
    form, found = _found(request)
    listed = page(found, order=("name", "pk"), cursor=request.GET.get("page", ""), size=50)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page_title": _("Partners"),
        "filters": form,
        "page": listed,
        "rows": [_row(partner, local_day(request.now)) for partner in listed.items],
        "query": query.urlencode(),
    }
    return render(request, "desk/partners/partners.html", context)


def _row(partner: Partner, today: date) -> dict[str, Any]:
    contracts = list(partner.contracts.all())
    contract = contract_on(contracts, today) or max(contracts, key=lambda row: row.valid_from, default=None)
    return {
        "partner": partner,
        "contract": contract,
        "standing": standing(contract, today) if contract else None,
        "kinds": kinds_in_words(contract.kinds) if contract else "",
    }


@require_safe
def excel(request: DeskRequest) -> HttpResponseBase:
    """Send the partners that the filters leave, a line for each."""
    request.actor.require(EDIT_PARTNERS)
    _form, found = _found(request)
    header = [
        _("Name"), _("Kind"), _("Union"), _("Contract"), _("From"), _("Until (last day)"), _("State"),
        _("What may be done at its counters"), _("At most a day"), _("At most a month, in yuan"),
        _("Day of settlement"), _("Its places"), _("Contact"), _("Telephone"),
    ]  # fmt: skip
    return workbook_response(_("Partners"), header, _lines(partner_rows(found), local_day(request.now)))


def _lines(found: QuerySet[Partner], today: date) -> Iterator[list[Any]]:
    for partner in found.iterator(chunk_size=500):
        row = _row(partner, today)
        contract = row["contract"]
        terms: list[Any] = [None] * 8
        if contract is not None:
            terms = [
                contract.number, contract.valid_from, contract.last_day, str(row["standing"].label), row["kinds"],
                contract.day_cap, contract.month_cap, contract.settlement_day,
            ]  # fmt: skip
        places = "、".join(local_name(place) for place in partner.places.all())
        kind = str(partner.get_kind_display())
        yield [partner.name, kind, local_name(partner.union), *terms, places, partner.contact, partner.contact_phone]


@require_safe
def partner(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one partner: contracts, places, devices, people, and what was done with it."""
    found = get_partner(request.actor, pk)
    today = local_day(request.now)
    contracts, places = contracts_of(found), places_of(found, closed=True)
    devices = list(devices_of(found).order_by("-created_at", "-pk"))
    people = list(staff_of(found, ended=True))
    current = contract_on(contracts, today)
    context = {
        "page_title": local_name(found),
        "partner": found,
        "back_url": reverse("desk:partners:partners"),
        "moment": request.now,
        "contracts": [
            {"row": row, "standing": standing(row, today), "kinds": kinds_in_words(row.kinds), "counts": row == current}
            for row in contracts
        ],
        "current": current,
        "places": places,
        "open_places": [place for place in places if place.closed_at is None],
        "devices": [(device, kinds_in_words(device.kinds)) for device in devices],
        "people": [(person, kinds_in_words(person.kinds)) for person in people],
        "history": _history([found, *contracts, *places, *devices, *people]),
    }
    return render(request, "desk/partners/partner.html", context)


def _history(things: list[Any]) -> list[dict[str, Any]]:
    """Return the newest acts upon a partner and all that belongs to it."""
    entries = list(entries_of_any([thing.pk for thing in things])[:_HISTORY])
    names = account_names({entry.account_id for entry in entries if entry.account_id})
    called = {thing.pk: str(thing) for thing in things}
    return [
        {
            "at": entry.at,
            "what": act_words(entry.action),
            "of": called.get(entry.subject_id, ""),
            "who": names.get(entry.account_id, "") if entry.account_id else "",
        }
        for entry in entries
    ]
