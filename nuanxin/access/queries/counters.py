"""What a partner's counter may do now: its place, the contract in force, and who stands there. One statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actors import Keyholder, device_actor
from nuanxin.access.models import PartnerDevice, PartnerStaff
from nuanxin.access.rules.keys import key_digest
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotAllowed, NotFound, Refusal
from nuanxin.organizations.rules.partners import allowed

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Partner


#: What a device may do that no key of a machine includes.
STANDING: Final = "scans"


@dataclass(frozen=True, slots=True)
class Counter:
    """A device at its place, with everything that decides what may be done there."""

    device_id: UUID
    union_path: str
    place_id: UUID | None = None
    place_name: str = ""
    region_code: str = ""
    partner_id: UUID | None = None
    contract_number: str = ""
    #: What contract, device and person allow, now.
    kinds: frozenset[str] = frozenset()
    staff_id: UUID | None = None
    staff_name: str = ""
    #: The partner has named its people, and none of them stands here: nothing may be done until one does.
    needs_staff: bool = False
    #: Why nothing may be done, if it is so: `no_place`, `partner_ended`, `place_closed`, `no_contract`, `needs_staff`.
    shut: str = ""


class CounterShut(Refusal):
    """Nothing is done for members at this counter now; says why."""

    status = 409

    def __init__(self, why: str) -> None:
        super().__init__(f"counter_{why}", WHY_SHUT[why])
        self.why = why


WHY_SHUT = {
    "no_place": _("This counter only checks cards. Ask the union to assign it to a place."),
    "partner_ended": _("The union works with this partner no more. Please call the union."),
    "place_closed": _("This place is closed in the union's books. Please call the union."),
    "no_contract": _("No contract is in force today. Please call the union."),
    "needs_staff": _("Please say first who stands at this counter: type your six digits."),
}

_SQL = """
SELECT d.id, d.name, u.path, p.id, p.name, p.region_id, p.closed_at IS NOT NULL, a.id, a.ended_at IS NOT NULL, d.kinds,
  c.number, c.kinds, s.id, s.name, s.kinds,
  EXISTS (SELECT 1 FROM access_partnerstaff x WHERE x.partner_id = a.id AND x.ended_at IS NULL
             AND (x.place_id IS NULL OR x.place_id = p.id))
FROM access_partnerdevice d JOIN organizations_union u ON u.id = d.union_id
LEFT JOIN organizations_partnerplace p ON p.id = d.place_id
LEFT JOIN organizations_partner a ON a.id = p.partner_id
LEFT JOIN LATERAL (
  SELECT number, kinds FROM organizations_partnercontract
   WHERE partner_id = a.id AND ended_at IS NULL AND valid_from <= %(day)s AND valid_until > %(day)s
   ORDER BY valid_from DESC, id DESC LIMIT 1) c ON true
LEFT JOIN access_partnerstaff s ON s.id = %(staff)s AND s.partner_id = a.id AND s.ended_at IS NULL
  AND (s.place_id IS NULL OR s.place_id = p.id)
WHERE {device} AND d.revoked_at IS NULL
"""
_OF_DEVICE = _SQL.format(device="d.id = %(device)s")
_OF_KEY = _SQL.format(device="d.key_digest = %(key)s")


def stand(asking: Actor | Keyholder, *, staff_id: UUID | None, now: datetime) -> tuple[Actor, Counter]:
    """Return the device that asks, and what it may do now. One statement, also for a key that nobody has looked up.

    :raises BadKey: as `actor_of_key`.
    :raises NotAllowed: the key of a machine or a cadre: they stand at no counter.
    :raises NotFound: the actor is no device that counts.
    """
    if not isinstance(asking, Keyholder):
        return asking, counter_of(asking, staff_id=staff_id, now=now)
    row = _ask(_OF_KEY, {"key": key_digest(asking.key), "staff": staff_id, "day": local_day(now)})
    if row is None:
        asking.actor().require_scope(STANDING)
        raise NotAllowed(STANDING)
    asking.asked = True
    return device_actor(*row[:3]), _counter(row)


def counter_of(actor: Actor, *, staff_id: UUID | None, now: datetime) -> Counter:
    """Return what the acting device may do now; nothing is kept between two scans, so that an end counts at once.

    :param staff_id: who says to stand there; somebody who left, or serves elsewhere, counts as nobody.
    :raises NotFound: the actor is no device that counts.
    """
    if actor.kind != "device" or actor.source_id is None:
        raise NotFound
    row = _ask(_OF_DEVICE, {"device": actor.source_id, "staff": staff_id, "day": local_day(now)})
    if row is None:
        raise NotFound
    return _counter(row)


def _ask(statement: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _counter(row: tuple[Any, ...]) -> Counter:
    device, _name, path, place, name, region, closed, partner, ended, own, number, kinds, staff, who, theirs, named = (
        row
    )
    shut = _shut(place, ended=ended, closed=closed, number=number, needs_staff=named and staff is None)
    return Counter(
        device_id=device,
        union_path=path,
        place_id=place,
        place_name=name or "",
        region_code=region or "",
        partner_id=partner,
        contract_number=number or "",
        kinds=frozenset() if shut else allowed(kinds, own, theirs or ()),
        staff_id=staff,
        staff_name=who or "",
        needs_staff=named and staff is None,
        shut=shut,
    )


def _shut(place: UUID | None, *, ended: bool, closed: bool, number: str | None, needs_staff: bool) -> str:
    """Return the first thing that keeps a counter from doing anything; empty when nothing does."""
    if place is None:
        return "no_place"
    if ended:
        return "partner_ended"
    if closed:
        return "place_closed"
    if number is None:
        return "no_contract"
    return "needs_staff" if needs_staff else ""


def devices_of(partner: Partner) -> QuerySet[PartnerDevice]:
    """Return the devices at a partner's places, which the caller may see."""
    return PartnerDevice.objects.filter(place__partner=partner).select_related("place", "union")


def get_device_of(partner: Partner, pk: UUID) -> PartnerDevice:
    """Return one device of a partner that was fetched before. :raises NotFound: it has none such."""
    found = devices_of(partner).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def staff_of(partner: Partner, *, ended: bool = False) -> QuerySet[PartnerStaff]:
    """Return who serves at a partner's counters, those who left too if asked for."""
    rows = PartnerStaff.objects.filter(Q() if ended else Q(ended_at=None), partner=partner)
    return rows.select_related("place", "partner__union").order_by("created_at", "pk")


def get_staff(partner: Partner, pk: UUID) -> PartnerStaff:
    """Return one person of a partner that was fetched before. :raises NotFound: there is none such."""
    found = staff_of(partner, ended=True).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def staff_names(pks: set[UUID]) -> dict[UUID, str]:
    """Return the names of people at counters by id, for pages that show who acted."""
    return {row.pk: row.name for row in PartnerStaff.objects.filter(pk__in=pks).only("name")}
