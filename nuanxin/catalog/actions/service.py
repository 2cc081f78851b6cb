"""Services are entered, changed and ended by the union that answers for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.catalog.models import Area, Budget, Delivery, Service
from nuanxin.catalog.queries.service import get_service
from nuanxin.catalog.rules.service import check_budget, check_code, read_service
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.members.rules.eligibility import read_checks
from nuanxin.organizations.queries import get_union
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from nuanxin.kernel.actor import Actor


@transaction.atomic
def save_service(
    *,
    actor: Actor,
    code: str,
    union_code: str,
    area: str,
    texts: Mapping[str, str],
    way: str,
    checks: object,
    is_private: bool = False,
    starts_on: date,
    ends_on: date | None = None,
    cost_each: Decimal | None = None,
    budget: Decimal | None = None,
    is_new: bool,
    now: datetime,
) -> Service:
    """Enter a service, or change it; its code and its union stay, and its area once somebody was served.

    :param texts: name, summary, how to get it, department and their English, by field name.
    :param checks: for whom it is; see `members.rules.eligibility`.
    :param is_private: whether cadres see only how many had it, and no names.
    :param cost_each: what one time usually costs, in yuan.
    :param budget: what it may cost in the present year, in yuan; none: leave it as it is.
    :raises NotFound: the service or the union is out of reach.
    :raises NotAllowed: the post does not include it there.
    :raises Invalid: what was typed cannot be; every field is named.
    :raises Conflict: the code is taken, or the area is fixed by what was counted in it.
    """
    known = None if is_new else get_service(actor, code)
    union = known.union if known else get_union(actor, union_code, Permission.EDIT_SERVICES)
    actor.require(Permission.EDIT_SERVICES, at=union)
    values = read_service(texts=texts, way=way, starts_on=starts_on, ends_on=ends_on, cost_each=cost_each)
    values |= {"checks": read_checks(checks), "area_id": _area(area), "is_private": is_private}
    amount = check_budget(budget)
    changed = _change(known, values) if known else sorted(values)
    service = known or _enter(Service(code=check_code(code), union=union, created_at=now, **values))
    if amount is not None:
        Budget.objects.update_or_create(service=service, year=local_day(now).year, defaults={"amount": amount})
    said: dict[str, Any] = {"service": service.code, "fields": changed, "budget": "" if amount is None else f"{amount}"}
    act = "catalog.service_changed" if known else "catalog.service_entered"
    record(actor, act, service, now=now, union_path=union.path, **said)
    return service


def _change(service: Service, values: Mapping[str, Any]) -> list[str]:
    """Change a service, and return the names of the fields that were otherwise before."""
    if service.area_id != values["area_id"] and Delivery.objects.filter(service=service).exists():
        raise Conflict(
            "area_fixed",
            _("People were served and counted in this area already. End this service, and enter a new one."),
        )
    changed = sorted(name for name in values if getattr(service, name) != values[name])
    Service.objects.filter(pk=service.pk).update(**values)
    service.refresh_from_db()
    return changed


def _area(code: str) -> str:
    if not Area.objects.filter(pk=code).exists():
        raise Invalid("unknown_area", _("Please choose the area of services."), field="area")
    return code


def _enter(service: Service) -> Service:
    try:
        with transaction.atomic():
            service.save(force_insert=True)
    except IntegrityError:
        raise Conflict("code_taken", _("Another service has this code. Please choose another one.")) from None
    return service


@transaction.atomic
def end_service(*, actor: Actor, code: str, ends_on: date | None, now: datetime) -> Service:
    """Say after which day a service is given no more, or that it goes on.

    :raises NotFound: out of reach.
    :raises NotAllowed: the post does not include it there.
    :raises Invalid: a day before the service began.
    """
    service = get_service(actor, code)
    actor.require(Permission.EDIT_SERVICES, at=service.union)
    if ends_on is not None and ends_on < service.starts_on:
        raise Invalid("ends_before", _("The last day is before the first one."), field="ends_on")
    before = service.ends_on
    Service.objects.filter(pk=service.pk).update(ends_on=ends_on)
    service.ends_on = ends_on
    record(
        actor,
        "catalog.service_ended" if ends_on else "catalog.service_goes_on",
        service,
        now=now,
        union_path=service.union.path,
        service=service.code,
        before=f"{before or ''}",
        after=f"{ends_on or ''}",
    )
    return service
