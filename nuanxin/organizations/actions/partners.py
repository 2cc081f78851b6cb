"""Partners of a union: registered, bound by contracts, with places; ended when the union parts from them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.organizations.models import Partner, PartnerContract, PartnerPlace
from nuanxin.organizations.rules.partners import read_contract_fields, read_partner_fields, read_place_fields
from nuanxin.organizations.states import EDIT_PARTNERS
from nuanxin.records.actions import record
from nuanxin.regions.models import Region

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union


@contextmanager
def _once(constraint: str, refusal: Exception) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if constraint not in str(error):
            raise
        raise refusal from None


def _same_name() -> Conflict:
    return Conflict("name_taken", _("There is one of this name already. Please open that one."))


@transaction.atomic
def create_partner(*, actor: Actor, union: Union, fields: Mapping[str, Any], now: datetime) -> Partner:
    """Enter a partner of a union.

    :raises NotAllowed: without `organizations.edit_partners` at the union.
    :raises Invalid: what `read_partner_fields` refuses.
    :raises Conflict: the union has a partner of this name.
    """
    actor.require(EDIT_PARTNERS, at=union)
    partner = Partner(union=union, created_at=now, **read_partner_fields(fields))
    with _once("partner_name_once", _same_name()):
        partner.save(force_insert=True)
    record(actor, "organizations.partner_created", partner, now=now, union_path=union.path, name=partner.name)
    return partner


@transaction.atomic
def edit_partner(*, actor: Actor, partner: Partner, fields: Mapping[str, Any], now: datetime) -> Partner:
    """Change what is known of a partner; devices and places keep working.

    :raises Conflict: it has ended, or the union has another one of this name.
    """
    actor.require(EDIT_PARTNERS, at=partner.union)
    changes = read_partner_fields(fields)
    changed = sorted(name for name, value in changes.items() if getattr(partner, name) != value)
    with _once("partner_name_once", _same_name()):
        if not Partner.objects.filter(pk=partner.pk, ended_at=None).update(**changes):
            raise _has_ended()
    record(actor, "organizations.partner_edited", partner, now=now, union_path=partner.union.path, fields=changed)
    partner.refresh_from_db()
    return partner


def _has_ended() -> Conflict:
    return Conflict("partner_ended", _("The union has parted from this partner. Enter it anew."))


@transaction.atomic
def end_partner(*, actor: Actor, partner: Partner, now: datetime) -> None:
    """Part from a partner: at its counters nothing is done for members any more, from the next scan on.

    :raises Conflict: it has ended already.
    """
    actor.require(EDIT_PARTNERS, at=partner.union)
    if not Partner.objects.filter(pk=partner.pk, ended_at=None).update(ended_at=now):
        raise _has_ended()
    record(actor, "organizations.partner_ended", partner, now=now, union_path=partner.union.path)


@transaction.atomic
def sign_contract(*, actor: Actor, partner: Partner, fields: Mapping[str, Any], now: datetime) -> PartnerContract:
    """Enter a contract with a partner; from its first day it takes the place of one that began earlier.

    :raises Invalid: what `read_contract_fields` refuses.
    :raises Conflict: the partner has a contract of this number, or has ended.
    """
    actor.require(EDIT_PARTNERS, at=partner.union)
    contract = PartnerContract(partner=partner, created_at=now, **read_contract_fields(fields))
    # Whoever ends the partner waits for this row, or this for them.
    if not Partner.objects.select_for_update().filter(pk=partner.pk, ended_at=None).exists():
        raise _has_ended()
    known = Conflict("number_taken", _("This partner has a contract of this number already."))
    with _once("partner_contract_number", known):
        contract.save(force_insert=True)
    record(
        actor,
        "organizations.contract_signed",
        contract,
        now=now,
        union_path=partner.union.path,
        number=contract.number,
        kinds=contract.kinds,
        valid_from=str(contract.valid_from),
        valid_until=str(contract.valid_until),
    )
    return contract


@transaction.atomic
def end_contract(*, actor: Actor, contract: PartnerContract, reason: object, now: datetime) -> None:
    """End a contract early, from the next scan on.

    :raises Invalid: no reason.
    :raises Conflict: it was ended before.
    """
    union = contract.partner.union
    actor.require(EDIT_PARTNERS, at=union)
    why = str(reason or "").strip()[:200]
    if not why:
        raise Invalid("missing", _("Please fill this in."), field="reason")
    if not PartnerContract.objects.filter(pk=contract.pk, ended_at=None).update(ended_at=now):
        raise Conflict("contract_ended", _("This contract was ended before."))
    record(
        actor,
        "organizations.contract_ended",
        contract,
        now=now,
        union_path=union.path,
        number=contract.number,
        reason=why,
    )


def _region(code: object) -> Region:
    found = Region.objects.filter(pk=str(code or "")[:12], closed_on=None).first()
    if found is None:
        raise Invalid("unknown_region", _("Please choose the area."), field="region")
    return found


@transaction.atomic
def open_place(
    *, actor: Actor, partner: Partner, fields: Mapping[str, Any], region: object, now: datetime
) -> PartnerPlace:
    """Enter a place of a partner.

    :raises Invalid: what `read_place_fields` refuses, or no area.
    :raises Conflict: the partner has an open place of this name, or has ended.
    """
    actor.require(EDIT_PARTNERS, at=partner.union)
    place = PartnerPlace(partner=partner, created_at=now, region=_region(region), **read_place_fields(fields))
    if not Partner.objects.select_for_update().filter(pk=partner.pk, ended_at=None).exists():
        raise _has_ended()
    with _once("partner_place_name_once", _same_name()):
        place.save(force_insert=True)
    record(
        actor, "organizations.place_opened", place, now=now, union_path=partner.union.path, partner=str(partner.pk),
        name=place.name,
    )  # fmt: skip
    return place


@transaction.atomic
def edit_place(
    *, actor: Actor, place: PartnerPlace, fields: Mapping[str, Any], region: object, now: datetime
) -> PartnerPlace:
    """Change what is known of a place.

    :raises Conflict: it is closed, or the partner has another open place of this name.
    """
    union = place.partner.union
    actor.require(EDIT_PARTNERS, at=union)
    changes = {**read_place_fields(fields), "region": _region(region)}
    with _once("partner_place_name_once", _same_name()):
        if not PartnerPlace.objects.filter(pk=place.pk, closed_at=None).update(**changes):
            raise Conflict("place_closed", _("This place is closed. Enter it anew."))
    record(actor, "organizations.place_edited", place, now=now, union_path=union.path, name=changes["name"])
    place.refresh_from_db()
    return place


@transaction.atomic
def close_place(*, actor: Actor, place: PartnerPlace, now: datetime) -> None:
    """Close a place: nothing is done at its counters any more, and members are not sent there.

    :raises Conflict: it is closed already.
    """
    union = place.partner.union
    actor.require(EDIT_PARTNERS, at=union)
    if not PartnerPlace.objects.filter(pk=place.pk, closed_at=None).update(closed_at=now):
        raise Conflict("place_closed", _("This place is closed. Enter it anew."))
    record(actor, "organizations.place_closed", place, now=now, union_path=union.path, name=place.name)
