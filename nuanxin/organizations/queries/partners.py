"""Partners, their contracts and places: what a cadre may see, and what a counter is told of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.organizations.models import Partner, PartnerContract, PartnerPlace
from nuanxin.organizations.rules.partners import contract_on
from nuanxin.organizations.states import EDIT_PARTNERS

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PartnerFilters:
    """Which partners to list.

    :param state: `current`, `expiring`, `without` (no contract in force) or `ended`; all that have not ended, if empty.
    """

    text: str = ""
    kind: str = ""
    region: str = ""
    state: str = ""


def visible_partners(actor: Actor) -> QuerySet[Partner]:
    """Return the partners of the unions where the actor looks after partners, ended ones too."""
    reach = Q(pk__in=[])
    for path in actor.reach(EDIT_PARTNERS):
        reach |= Q(union__path__startswith=path)
    return Partner.objects.filter(reach).select_related("union")


def get_partner(actor: Actor, pk: UUID) -> Partner:
    """Return one partner in reach. :raises NotFound: there is none that the actor may see."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    found = visible_partners(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def list_partners(actor: Actor, filters: PartnerFilters, *, on: date) -> QuerySet[Partner]:
    """Return the partners that fit, with contracts and the number of open places, by three statements."""
    found = visible_partners(actor).filter(ended_at__isnull=filters.state != "ended")
    if filters.text.strip():
        text = filters.text.strip()[:60]
        numbered = PartnerContract.objects.filter(partner=OuterRef("pk"), number__icontains=text)
        found = found.filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Exists(numbered))
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.region:
        inside = PartnerPlace.objects.filter(partner=OuterRef("pk"), closed_at=None)
        found = found.filter(Exists(inside.filter(region__code__startswith=filters.region[:12])))
    in_force = PartnerContract.objects.filter(
        partner=OuterRef("pk"), ended_at=None, valid_from__lte=on, valid_until__gt=on
    )
    if filters.state == "without":
        found = found.exclude(Exists(in_force))
    elif filters.state == "current":
        found = found.filter(Exists(in_force))
    elif filters.state == "expiring":
        longer = in_force.filter(valid_until__gt=on + _SOON)
        found = found.filter(Exists(in_force)).exclude(Exists(longer))
    return found.annotate(open_places=Count("places", filter=Q(places__closed_at=None))).prefetch_related("contracts")


def contracts_of(partner: Partner) -> list[PartnerContract]:
    """Return a partner's contracts, the one that begins last first."""
    return list(PartnerContract.objects.filter(partner=partner).order_by("-valid_from", "-pk"))


def get_contract(partner: Partner, pk: UUID) -> PartnerContract:
    """Return one contract of a partner that was fetched before. :raises NotFound: it has none such."""
    found = PartnerContract.objects.filter(partner=partner, pk=pk).first()
    if found is None:
        raise NotFound
    return found


def contract_in_force(partner: Partner | UUID, *, on: date) -> PartnerContract | None:
    """Return the contract by which a partner works on a day: caps, settlement day and what is allowed."""
    return contract_on(PartnerContract.objects.filter(partner=partner, ended_at=None), on)


def places_of(partner: Partner, *, closed: bool = False) -> list[PartnerPlace]:
    """Return a partner's places by name, with their regions."""
    rows = PartnerPlace.objects.filter(partner=partner).select_related("region")
    return list((rows if closed else rows.filter(closed_at=None)).order_by("name", "pk"))


def get_place(partner: Partner, pk: UUID) -> PartnerPlace:
    """Return one place of a partner that was fetched before. :raises NotFound: it has none such."""
    found = PartnerPlace.objects.filter(partner=partner, pk=pk).select_related("region").first()
    if found is None:
        raise NotFound
    return found


def places_in_reach(actor: Actor) -> QuerySet[PartnerPlace]:
    """Return the open places of the partners in reach, with partner and region."""
    rows = PartnerPlace.objects.filter(closed_at=None, partner__in=visible_partners(actor).filter(ended_at=None))
    return rows.select_related("partner__union", "region")


def partner_rows(partners: QuerySet[Partner]) -> QuerySet[Partner]:
    """Return partners with what a list for Excel says of each."""
    places = PartnerPlace.objects.filter(closed_at=None).select_related("region").order_by("name", "pk")
    return partners.prefetch_related(Prefetch("places", places)).order_by("name", "pk")
