"""Services as cadres and workers see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, Sum

from nuanxin.access.states import Permission
from nuanxin.catalog.models import Area, Budget, Service, Target
from nuanxin.kernel.refusals import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union


def given_on(day: date) -> Q:
    """Return the condition of a service being given on a day."""
    return Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))


def visible_services(actor: Actor) -> QuerySet[Service]:
    """Return the services of the unions in reach, and of those above them: those are given to their members, too."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.VIEW_SERVICES):
        reach |= Q(union__path__startswith=path) | Q(union__code__in=path.strip("/").split("/"))
    return Service.objects.filter(reach).select_related("area", "union")


def search_services(
    actor: Actor, *, text: str = "", area: str = "", way: str = "", given: str = "", today: date
) -> QuerySet[Service]:
    """Return the services in reach that fit, grouped by area.

    :param given: `now`, `later`, `ended`, or empty for all.
    """
    rows = visible_services(actor)
    if text.strip():
        words = text.strip()[:60]
        rows = rows.filter(
            Q(name__icontains=words)
            | Q(name_en__icontains=words)
            | Q(code__icontains=words)
            | Q(department__icontains=words)
            | Q(union__name__icontains=words)
        )
    if area:
        rows = rows.filter(area_id=area)
    if way:
        rows = rows.filter(way=way)
    if given == "now":
        rows = rows.filter(given_on(today))
    elif given == "later":
        rows = rows.filter(starts_on__gt=today)
    elif given == "ended":
        rows = rows.filter(ends_on__lt=today)
    return rows.order_by("area__position", "area_id", "position", "pk")


def services_delivered(actor: Actor) -> QuerySet[Service]:
    """Return every service that a delivery in reach may name: also of unions beside, to which members went."""
    actor.require(Permission.RECORD_DELIVERIES)
    return Service.objects.order_by("area__position", "area_id", "position", "pk")


def get_service(actor: Actor, code: str) -> Service:
    """Return one service that the actor may see; 404 otherwise."""
    found = visible_services(actor).filter(pk=code).first()
    if found is None:
        raise NotFound
    return found


def areas() -> list[Area]:
    """Return the areas of services in their order."""
    return list(Area.objects.order_by("position", "pk"))


def named_areas() -> set[str]:
    """Return the areas that a service or a target names."""
    return {
        *Service.objects.order_by().values_list("area_id", flat=True).distinct(),
        *Target.objects.filter(area__isnull=False).order_by().values_list("area_id", flat=True).distinct(),
    }


def budgets(services: Iterable[str], year: int) -> Mapping[str, Decimal]:
    """Return what each service may cost in a year, in yuan; one statement."""
    rows = Budget.objects.filter(service__in=list(services), year=year)
    return dict(rows.values_list("service_id", "amount"))


def budgets_of_union(union: Union, year: int) -> Mapping[str, Decimal]:
    """Return what the services of a union may cost in a year, in yuan, by area; one statement."""
    rows = Budget.objects.filter(service__union=union, year=year).values("service__area").annotate(sum=Sum("amount"))
    return {row["service__area"]: row["sum"] for row in rows}
