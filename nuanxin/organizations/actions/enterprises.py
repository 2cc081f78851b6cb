"""Enterprises, the union that covers each, and the platforms they work for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.organizations.actions.events import EnterpriseCovered
from nuanxin.organizations.models import Coverage, Enterprise, EnterprisePlatform, Platform, Union
from nuanxin.organizations.queries.drafts import check_covering, too_early
from nuanxin.organizations.rules.fields import needed, phone, read_enterprise_fields
from nuanxin.organizations.states import EDIT_ENTERPRISES, REGISTER_CONTACT, CoverageBasis
from nuanxin.records.actions import record
from nuanxin.regions.queries import get_region

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor

_OWN = ("name", "credit_code", "headcount", "contact", "contact_phone")
_CODE_TAKEN = _("Another enterprise already has this credit code.")


def _region_code(raw: object) -> str:
    try:
        code: str = get_region(str(raw or "")).code
    except NotFound:
        raise Invalid("unknown_region", _("Please choose the region from the list."), field="region") from None
    return code


@transaction.atomic
def create_enterprise(*, actor: Actor, fields: Mapping[str, Any], now: datetime) -> Enterprise:
    """Enter an enterprise into the register.

    Refuses a region out of the actor's reach, a wrong credit code, and a credit code that is registered already.

    :param fields: `name, region`, and if known `credit_code, headcount, contact, contact_phone`.
    """
    own = read_enterprise_fields(fields)
    enterprise = Enterprise(region_id=_region_code(fields.get("region")), created_at=now, **own)
    actor.require(EDIT_ENTERPRISES, at=enterprise)
    try:
        with transaction.atomic():
            enterprise.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(error) from None
    record(actor, "organizations.enterprise_created", enterprise, now=now, name=enterprise.name)
    return enterprise


def _taken(error: IntegrityError) -> Conflict:
    if "enterprise_one_per_credit_code" not in str(error):
        raise error
    return Conflict("credit_code_taken", _CODE_TAKEN, field="credit_code")


@transaction.atomic
def edit_enterprise(*, actor: Actor, enterprise: Enterprise, fields: Mapping[str, Any], now: datetime) -> Enterprise:
    """Change what is known of an enterprise. Saving what is there already changes and records nothing.

    Refuses a new region out of the actor's reach, and what `create_enterprise` refuses.
    """
    actor.require(EDIT_ENTERPRISES, at=enterprise)
    held = Enterprise.objects.get(pk=enterprise.pk)
    own: dict[str, Any] = read_enterprise_fields({name: getattr(held, name) for name in _OWN} | dict(fields))
    if fields.get("region") and fields["region"] != held.region_id:
        own["region_id"] = _region_code(fields["region"])
        actor.require(EDIT_ENTERPRISES, at=Enterprise(region_id=own["region_id"]))
    changed = sorted(name for name, value in own.items() if getattr(held, name) != value)
    if not changed:
        return held
    try:
        with transaction.atomic():
            Enterprise.objects.filter(pk=held.pk).update(**{name: own[name] for name in changed})
    except IntegrityError as error:
        raise _taken(error) from None
    record(actor, "organizations.enterprise_edited", held, now=now, fields=changed, old_name=held.name)
    for name in changed:
        setattr(held, name, own[name])
    return held


@transaction.atomic
def register_contact(
    *, actor: Actor, enterprise: Enterprise, contact: str, contact_phone: str, now: datetime
) -> Enterprise:
    """Register who answers for an enterprise, as its own people office does. Refuses an empty name and a bad phone."""
    actor.require(REGISTER_CONTACT, at=enterprise)
    name, number = needed(contact, field="contact", most=60), phone(contact_phone)
    if not number:
        raise Invalid("missing", _("Please fill this in."), field="contact_phone")
    Enterprise.objects.filter(pk=enterprise.pk).update(contact=name, contact_phone=number)
    enterprise.contact, enterprise.contact_phone = name, number
    record(actor, "organizations.contact_registered", enterprise, now=now)
    return enterprise


@transaction.atomic
def close_enterprise(*, actor: Actor, enterprise: Enterprise, now: datetime) -> Enterprise:
    """Close an enterprise that is no more. Refuses while a union covers it: end the coverage first."""
    actor.require(EDIT_ENTERPRISES, at=enterprise)
    if Coverage.objects.filter(enterprise=enterprise, valid_until=None).exists():
        raise Conflict("still_covered", _("A union still covers this enterprise. End the coverage first."))
    Enterprise.objects.filter(pk=enterprise.pk, closed_at=None).update(closed_at=now)
    enterprise.closed_at = now
    record(actor, "organizations.enterprise_closed", enterprise, now=now)
    return enterprise


@transaction.atomic
def cover_enterprise(
    *,
    actor: Actor,
    enterprise: Enterprise,
    union: Union,
    on: date,
    now: datetime,
    basis: str = CoverageBasis.OWN,
) -> Coverage:
    """Let a union cover an employer's workers from a day on; the union that covered them until then ends that day.

    The actor needs the permission at the union and at the enterprise. Refuses a closed union, a federation or pool,
    and a day before the present coverage began. A coverage that begins on the same day is corrected in place.
    """
    actor.require(EDIT_ENTERPRISES, at=union)
    actor.require(EDIT_ENTERPRISES, at=enterprise)
    check_covering(union, basis)
    # One employer at a time: whoever comes second sees the coverage that the first one began.
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    held = Coverage.objects.filter(enterprise=enterprise, valid_until=None).select_related("union").first()
    if held and (held.union_id, held.basis) == (union.pk, basis):
        return held
    coverage = _begin(held, enterprise, union, basis, on)
    record(
        actor,
        "organizations.enterprise_covered",
        enterprise,
        now=now,
        union_path=union.path,
        union=union.code,
        before=held.union.code if held else None,
        basis=basis,
        on=str(on),
    )
    announce(EnterpriseCovered(enterprise, coverage, now))
    return coverage


def _begin(held: Coverage | None, enterprise: Enterprise, union: Union, basis: str, on: date) -> Coverage:
    if held and on < held.valid_from:
        raise too_early(held)
    if held and on == held.valid_from:
        Coverage.objects.filter(pk=held.pk).update(union=union, basis=basis)
        return Coverage.objects.get(pk=held.pk)
    if held:
        Coverage.objects.filter(pk=held.pk, valid_until=None).update(valid_until=on)
    coverage = Coverage(enterprise=enterprise, union=union, basis=basis, valid_from=on)
    coverage.save(force_insert=True)
    return coverage


@transaction.atomic
def end_coverage(*, actor: Actor, enterprise: Enterprise, on: date, now: datetime) -> None:
    """End the coverage of an employer on a day. Refuses when there is none, and a day not after it began."""
    actor.require(EDIT_ENTERPRISES, at=enterprise)
    held = Coverage.objects.select_for_update().filter(enterprise=enterprise, valid_until=None).first()
    if held is None:
        raise Conflict("not_covered", _("No union covers this enterprise."))
    if on <= held.valid_from:
        raise too_early(held)
    Coverage.objects.filter(pk=held.pk, valid_until=None).update(valid_until=on)
    record(actor, "organizations.coverage_ended", enterprise, now=now, union_path=held.union.path, on=str(on))
    announce(EnterpriseCovered(enterprise, None, now))


@transaction.atomic
def link_platform(*, actor: Actor, enterprise: Enterprise, platform: str, on: date, now: datetime) -> None:
    """Say that an enterprise works for a platform from a day on. Refuses an unknown or closed platform."""
    actor.require(EDIT_ENTERPRISES, at=enterprise)
    if not Platform.objects.filter(code=platform, closed_at=None).exists():
        raise Invalid("unknown_platform", _("Please choose the platform from the list."), field="platform")
    _row, new = EnterprisePlatform.objects.get_or_create(
        enterprise=enterprise, platform_id=platform, valid_until=None, defaults={"valid_from": on}
    )
    if new:
        record(actor, "organizations.platform_linked", enterprise, now=now, platform=platform, on=str(on))


@transaction.atomic
def unlink_platform(*, actor: Actor, enterprise: Enterprise, platform: str, on: date, now: datetime) -> None:
    """Say that an enterprise no longer works for a platform from a day on. Refuses when it does not."""
    actor.require(EDIT_ENTERPRISES, at=enterprise)
    open_links = EnterprisePlatform.objects.filter(Q(valid_until=None), enterprise=enterprise, platform_id=platform)
    if not open_links.update(valid_until=on):
        raise Conflict("not_linked", _("This enterprise does not work for that platform."))
    record(actor, "organizations.platform_unlinked", enterprise, now=now, platform=platform, on=str(on))
