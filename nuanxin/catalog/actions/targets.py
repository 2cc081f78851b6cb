"""Targets are set by the union whose list it is. How far they are is counted, and cannot be set."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.catalog.models import Area, Target, TargetClass
from nuanxin.catalog.queries.services import get_service
from nuanxin.catalog.queries.targets import get_target
from nuanxin.catalog.rules.services import check_target
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


@transaction.atomic
def save_target(
    *,
    actor: Actor,
    target_id: UUID | None = None,
    union_code: str = "",
    year: int,
    number: int,
    heading: str,
    name: str,
    name_en: str = "",
    unit: str,
    amount: int,
    service: str = "",
    area: str = "",
    group: str = "",
    owner: str,
    owner_en: str = "",
    due_on: date,
    now: datetime,
) -> Target:
    """Put a target on a union's list, or change it; the union stays.

    :param target_id: the target to change; none: a new one.
    :param amount: how much, in the unit: persons, times, enterprises or whole yuan.
    :param service: what counts; with neither service nor area, everything does.
    :raises NotFound: the target, the union or the service is out of reach.
    :raises NotAllowed: the post does not include it there.
    :raises Invalid: what was typed cannot be.
    :raises Conflict: the list of that year has this number already.
    """
    known = get_target(actor, target_id) if target_id else None
    union = known.union if known else get_union(actor, union_code, Permission.EDIT_SERVICES)
    actor.require(Permission.EDIT_SERVICES, at=union)
    check_target(name=name, unit=unit, amount=amount, year=year, due_on=due_on, one_thing=not (service and area))
    target = known or Target(union=union, created_at=now)
    before = {"amount": target.amount, "unit": target.unit, "due_on": f"{target.due_on}"} if known else {}
    target.year, target.number, target.unit, target.amount, target.due_on = year, number, unit, amount, due_on
    for field, text, most in (
        ("name", name, 100),
        ("name_en", name_en, 200),
        ("owner", owner, 60),
        ("owner_en", owner_en, 120),
    ):
        setattr(target, field, check_text(text, field=field, most=most))
    target.heading = _one(TargetClass, heading, "heading")
    target.service = get_service(actor, service) if service else None
    target.area = _one(Area, area, "area") if area else None
    target.group = _one(OccupationGroup, group, "group") if group else None
    try:
        with transaction.atomic():
            target.save(force_insert=known is None)
    except IntegrityError:
        raise Conflict("number_taken", _("The list of this year has an item of this number already.")) from None
    record(
        actor,
        "catalog.target_changed" if known else "catalog.target_set",
        target,
        now=now,
        union_path=union.path,
        before=before,
        amount=amount,
        unit=unit,
        due_on=f"{due_on}",
        year=year,
    )
    return target


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
