"""Services, targets and deliveries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

from nuanxin.access.actors import system
from nuanxin.catalog.actions import deliver
from nuanxin.catalog.actions.seed import seed_catalog_lists
from nuanxin.catalog.models import Service, Target
from tests.factories import NOW, TODAY

if TYPE_CHECKING:
    from nuanxin.members.models import Membership
    from nuanxin.organizations.models import Union

_serial = count(1)


def make_service(*, union: Union, code: str = "", **fields: Any) -> Service:
    """Make a service of a union that goes on all year."""
    seed_catalog_lists()
    number = next(_serial)
    service = Service(
        **{
            "code": code or f"service_{number}",
            "union": union,
            "area_id": "health",
            "name": f"服务{number}",
            "name_en": f"Service {number}",
            "way": "scan",
            "checks": [{"check": "member"}],
            "cost_each": Decimal(180),
            "starts_on": date(TODAY.year, 1, 1),
            "created_at": NOW,
        }
        | fields
    )
    service.save(force_insert=True)
    return service


def make_target(*, union: Union, **fields: Any) -> Target:
    """Put a target on a union's list for this year."""
    seed_catalog_lists()
    number = next(_serial)
    target = Target(
        **{
            "union": union,
            "year": TODAY.year,
            "number": number,
            "heading_id": "check_up",
            "name": f"目标{number}",
            "name_en": f"Target {number}",
            "unit": "time",
            "amount": 10,
            "owner": "权益保障部",
            "due_on": date(TODAY.year, 12, 31),
            "created_at": NOW,
        }
        | fields
    )
    target.save(force_insert=True)
    return target


def make_delivery(service: Service, member: Membership, **told: Any) -> UUID:
    """Serve a member once, today."""
    usual: dict[str, Any] = {
        "service": service.code,
        "worker_id": member.worker_id,
        "source_kind": "test",
        "source_id": f"{next(_serial)}",
        "now": NOW,
    }
    made = deliver(actor=system(), **usual | told)
    assert made is not None
    return made
