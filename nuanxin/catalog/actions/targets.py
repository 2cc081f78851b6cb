"""Targets are set by the union whose list it is. How far they are is counted, and cannot be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.catalog.models import Area, Target, TargetClass
from nuanxin.catalog.queries.service import get_service
from nuanxin.catalog.queries.targets import get_target
from nuanxin.catalog.rules.service import check_target
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.text import check_text
from nuanxin.organizations.models import OccupationGroup
from nuanxin.organizations.queries import get_union
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

Row = TypeVar("Row", bound=models.Model)
#: Texts of a target and how long they may be.
_TEXTS = {"name": 100, "name_en": 200, "owner": 60, "owner_en": 120}


@dataclass(frozen=True, slots=True)
class TargetFields:
    """A target as it was typed: codes of what it counts, texts, and the amount in its unit.

    With neither service nor area everything counts; `group` narrows it to one occupation group.
    """

    year: int
    number: int
    heading: str
    name: str
    unit: str
    amount: int
    owner: str
    due_on: date
    name_en: str = ""
    owner_en: str = ""
    service: str = ""
    area: str = ""
    group: str = ""


@transaction.atomic
def save_target(
    *, actor: Actor, fields: TargetFields, target_id: UUID | None = None, union_code: str = "", now: datetime
) -> Target:
    """Put a target on a union's list, or change it; the union stays.

    :param target_id: the target to change; none: a new one.
    :raises NotFound: the target, the union or the service is out of reach.
    :raises NotAllowed: the post does not include it there.
    :raises Invalid: what was typed cannot be.
    :raises Conflict: the list of that year has this number already.
    """
    known = get_target(actor, target_id) if target_id else None
    union = known.union if known else get_union(actor, union_code, Permission.EDIT_SERVICES)
    actor.require(Permission.EDIT_SERVICES, at=union)
    target = known or Target(union=union, created_at=now)
    before = {"amount": target.amount, "unit": target.unit, "due_on": f"{target.due_on}"} if known else {}
    _fill(actor, target, fields)
    try:
        with transaction.atomic():
            target.save(force_insert=known is None)
    except IntegrityError:
        raise Conflict("number_taken", _("The list of this year has an item of this number already.")) from None
    after = {"amount": target.amount, "unit": target.unit, "due_on": f"{target.due_on}"}
    act = "catalog.target_changed" if known else "catalog.target_set"
    record(actor, act, target, now=now, union_path=union.path, year=target.year, before=before, after=after)
    return target


def _fill(actor: Actor, target: Target, fields: TargetFields) -> None:
    check_target(
        name=fields.name,
        unit=fields.unit,
        amount=fields.amount,
        year=fields.year,
        due_on=fields.due_on,
        one_thing=not (fields.service and fields.area),
    )
    for name, most in _TEXTS.items():
        setattr(target, name, check_text(getattr(fields, name), field=name, most=most))
    for name in ("year", "number", "unit", "amount", "due_on"):
        setattr(target, name, getattr(fields, name))
    target.heading = _one(TargetClass, fields.heading, "heading")
    target.service = get_service(actor, fields.service) if fields.service else None
    target.area = _one(Area, fields.area, "area") if fields.area else None
    target.group = _one(OccupationGroup, fields.group, "group") if fields.group else None


def _one(model: type[Row], code: str, field: str) -> Row:
    found = model._default_manager.filter(pk=code).first()
    if found is None:
        raise Invalid("unknown_code", _("Please choose one of the list."), field=field)
    return found


@transaction.atomic
def drop_target(*, actor: Actor, target_id: UUID, now: datetime) -> Target:
    """Take a target off the list; what was counted for it stays counted.

    :raises NotFound: no such target in reach.
    :raises NotAllowed: the post does not include it there.
    """
    target = get_target(actor, target_id)
    actor.require(Permission.EDIT_SERVICES, at=target.union)
    Target.objects.filter(pk=target.pk, dropped_at=None).update(dropped_at=now)
    target.dropped_at = now
    record(actor, "catalog.target_dropped", target, now=now, union_path=target.union.path, number=target.number)
    return target
