"""People at partners' counters: named by the union, known there by six digits, gone at once when they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions.throttle import take
from nuanxin.access.models import PartnerStaff
from nuanxin.access.queries.counters import Counter, counter_of
from nuanxin.access.states import Permission
from nuanxin.kernel.ids import random_digits
from nuanxin.kernel.refusals import Busy, Conflict, Invalid, NotFound
from nuanxin.kernel.secrets import digest
from nuanxin.kernel.text import compact, person_name
from nuanxin.organizations.rules.partners import read_kinds
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Partner, PartnerPlace

_DIGITS = 6
_COLLISIONS = 5


def _digest(partner_id: object, pin: str) -> bytes:
    return digest("partner-staff", f"{partner_id}:{pin}")


@transaction.atomic
def add_staff(
    *,
    actor: Actor,
    partner: Partner,
    name: object,
    kinds: Collection[str] = (),
    place: PartnerPlace | None = None,
    now: datetime,
) -> tuple[PartnerStaff, str]:
    """Name somebody who serves at a partner's counters; return the six digits, told this once.

    :param kinds: of what the contract allows, what this person may do; everything, when empty.
    :param place: at this place alone.
    :raises NotAllowed: without `organizations.edit_partners` at the partner's union.
    :raises Invalid: no name, or an unknown kind.
    """
    actor.require(Permission.EDIT_PARTNERS, at=partner.union)
    staff = PartnerStaff(
        partner=partner,
        place=place,
        name=person_name(name),
        kinds=read_kinds(kinds),
        created_by_id=actor.account_id,
        created_at=now,
    )
    pin = _saved(staff)
    record(
        actor, "access.staff_added", staff, now=now, union_path=partner.union.path, partner=str(partner.pk),
        kinds=staff.kinds,
    )  # fmt: skip
    return staff, pin


def _saved(staff: PartnerStaff) -> str:
    """Save somebody with digits that nobody else at the partner has, and return the digits."""
    for _try in range(_COLLISIONS):
        pin = random_digits(_DIGITS)
        staff.pin_digest = _digest(staff.partner_id, pin)
        try:
            with transaction.atomic():
                staff.save()
        except IntegrityError as error:
            if "partner_staff_pin_once" not in str(error):
                raise
        else:
            return pin
    raise Busy("no_code", _("No code could be made just now. Please try again."))


@transaction.atomic
def renew_pin(*, actor: Actor, staff: PartnerStaff, now: datetime) -> str:
    """Give somebody who forgot the six digits new ones; the old ones no longer count.

    :raises Conflict: this person has left.
    """
    actor.require(Permission.EDIT_PARTNERS, at=staff.partner.union)
    for _try in range(_COLLISIONS):
        pin = random_digits(_DIGITS)
        try:
            with transaction.atomic():
                changed = PartnerStaff.objects.filter(pk=staff.pk, ended_at=None).update(
                    pin_digest=_digest(staff.partner_id, pin)
                )
        except IntegrityError as error:
            if "partner_staff_pin_once" not in str(error):
                raise
            continue
        if not changed:
            raise _left()
        record(actor, "access.staff_pin_renewed", staff, now=now, union_path=staff.partner.union.path)
        return pin
    raise Busy("no_code", _("No code could be made just now. Please try again."))


def _left() -> Conflict:
    return Conflict("staff_ended", _("This person does not serve there any more."))


@transaction.atomic
def end_staff(*, actor: Actor, staff: PartnerStaff, now: datetime) -> None:
    """Let somebody serve at the partner's counters no longer, from the very next tap.

    :raises Conflict: this person has left already.
    """
    actor.require(Permission.EDIT_PARTNERS, at=staff.partner.union)
    if not PartnerStaff.objects.filter(pk=staff.pk, ended_at=None).update(ended_at=now):
        raise _left()
    record(actor, "access.staff_ended", staff, now=now, union_path=staff.partner.union.path)


def stand_at_counter(*, actor: Actor, pin: object, now: datetime) -> Counter:
    """Say who stands at the acting device from now on, by six digits; the caller keeps the person's id.

    :raises NotFound: the actor is no device at a partner's place.
    :raises Invalid: nobody's digits there: unknown, of somebody who left, or who serves at another place.
    :raises TooMany: this device tried too often.
    """
    counter = counter_of(actor, staff_id=None, now=now)
    if counter.place_id is None or counter.partner_id is None:
        raise NotFound
    take(name="counter_people", subject=str(counter.device_id), now=now)
    typed = compact(pin)[:20] if isinstance(pin, str) else ""
    staff_id: UUID | None = (
        PartnerStaff.objects.filter(
            partner_id=counter.partner_id,
            pin_digest=_digest(counter.partner_id, typed.encode("utf-8", "replace").decode()),
            ended_at=None,
        )
        .values_list("pk", flat=True)
        .first()
    )
    standing = counter_of(actor, staff_id=staff_id, now=now) if staff_id else None
    if standing is None or standing.staff_id is None:
        raise Invalid(
            "unknown_pin", _("Nobody here has these digits. Ask whoever looks after this counter."), field="pin"
        )
    return standing
