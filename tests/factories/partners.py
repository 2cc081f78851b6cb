"""Partners with a contract, places, counters and people; members who stand there."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from nuanxin.access.actors import Actor, actor_of_key
from nuanxin.access.models import PartnerDevice, PartnerStaff
from nuanxin.access.queries.counters import counter_of
from nuanxin.access.rules.keys import DEVICE_PREFIX, key_digest, new_key
from nuanxin.benefits.models import PackMovement, PackRight, PackStock
from nuanxin.benefits.states.packs import MovementKind, PackItem
from nuanxin.catalog.rules.applies import Here
from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import Partner, PartnerContract, PartnerPlace
from nuanxin.organizations.states import ScanKind
from tests.factories import NOW, TODAY

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.members.models import Membership
    from nuanxin.organizations.models import Union

_serial = count(1)


def make_partner(*, union: Union, name: str | None = None, kind: str = "station", **fields: Any) -> Partner:
    """Make a partner of a union, without a contract."""
    return Partner.objects.create(
        union=union, name=name or f"暖新驿站{next(_serial)}", kind=kind, created_at=NOW, **fields
    )


def make_contract(
    *,
    partner: Partner,
    kinds: list[str] | None = None,
    valid_from: date = TODAY - timedelta(days=400),
    valid_until: date = TODAY + timedelta(days=400),
    **fields: Any,
) -> PartnerContract:
    """Make a contract that is in force and allows everything."""
    return PartnerContract.objects.create(
        partner=partner,
        number=f"HT{next(_serial):04d}",
        kinds=ScanKind.values if kinds is None else kinds,
        valid_from=valid_from,
        valid_until=valid_until,
        created_at=NOW,
        **fields,
    )


def make_place(
    *,
    union: Union,
    partner: Partner | None = None,
    region: str = "371502001001",
    name: str | None = None,
    **fields: Any,
) -> PartnerPlace:
    """Make an open place; its partner, with a contract, too, when none is given."""
    if partner is None:
        partner = make_partner(union=union)
        make_contract(partner=partner)
    named = name or f"站点{next(_serial)}"
    return PartnerPlace.objects.create(
        partner=partner, name=named, region_id=region, address="东昌西路1号", created_at=NOW, **fields
    )


def make_counter(place: PartnerPlace, *, kinds: list[str] | None = None) -> tuple[PartnerDevice, str]:
    """Make an enrolled device at a place; return it with its key."""
    key = new_key(DEVICE_PREFIX)
    device = PartnerDevice.objects.create(
        union=place.partner.union,
        partner=place.partner.name,
        name=f"{next(_serial)}号窗口",
        place=place,
        kinds=kinds or [],
        key_digest=key_digest(key),
        created_at=NOW,
        enrolled_at=NOW,
    )
    return device, key


def at_counter(
    place: PartnerPlace, *, kinds: list[str] | None = None, scan_id: UUID | None = None, now: datetime = NOW
) -> tuple[Actor, Here]:
    """Return a device that acts at a place, and where that is, with a scan of its own."""
    _device, key = make_counter(place, kinds=kinds)
    actor = actor_of_key(key, now)
    counter = counter_of(actor, staff_id=None, now=now)
    return actor, Here(
        device_id=counter.device_id,
        union_path=counter.union_path,
        place_id=counter.place_id,
        partner_id=counter.partner_id,
        place_name=counter.place_name,
        region_code=counter.region_code,
        kinds=counter.kinds,
        scan_id=scan_id or new_id(),
    )


def make_stock(place: PartnerPlace, *, item: str = PackItem.KIT, on_hand: int = 10) -> PackStock:
    """Make a stock with so many pieces that came in by one movement."""
    stock = PackStock.objects.create(place=place, item=item, on_hand=on_hand)
    if on_hand:
        PackMovement.objects.create(stock=stock, kind=MovementKind.IN, amount=on_hand, at=NOW)
    return stock


def make_right(membership: Membership, *, item: str = PackItem.KIT, until: date | None = None) -> PackRight:
    """Make a right that waits to be used."""
    shelved = item != PackItem.INSURANCE
    return PackRight.objects.create(
        worker=membership.worker,
        membership=membership,
        union=membership.union,
        item=item,
        granted_at=NOW,
        source_note="测试规定",
        until=(until or TODAY + timedelta(days=100)) if shelved else None,
    )


def partner_things(union: Union) -> dict[str, Any]:
    """Make one of everything that belongs to a partner; return the ids by what they are."""
    partner = make_partner(union=union)
    place = make_place(union=union, partner=partner)
    device = PartnerDevice.objects.create(union=union, partner=partner.name, name="1号", place=place, created_at=NOW)
    staff = PartnerStaff.objects.create(partner=partner, name="孙丽", pin_digest=b"1", created_at=NOW)
    return {
        "partner": partner.pk,
        "contract": make_contract(partner=partner).pk,
        "partner_place": place.pk,
        "partner_device": device.pk,
        "partner_staff": staff.pk,
        "stock": make_stock(place).pk,
    }
