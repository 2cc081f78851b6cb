"""Deliveries as cadres see them: who was served, by which service, when, at what cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from nuanxin.access.states import Permission
from nuanxin.catalog.models import Delivery
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.models import Membership
from nuanxin.members.queries.workers import records_of
from nuanxin.members.rules.memberships import is_member_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

RELATED = ("service", "union", "worker", "enterprise", "correction", "account")
#: The order of the list, by key.
ORDER = ("-day", "-pk")


def visible_deliveries(actor: Actor) -> QuerySet[Delivery]:
    """Return the deliveries to people and enterprises of the unions where the actor may see who was served."""
    paths = actor.reach(Permission.RECORD_DELIVERIES)
    if any(path.count("/") <= 2 for path in paths):  # the root of the tree, and the system: everybody
        return Delivery.objects.all()
    reach = Q(pk__in=[])
    for path in paths:
        reach |= Q(union__path__startswith=path)
    return Delivery.objects.filter(reach)


def get_delivery(actor: Actor, delivery_id: UUID) -> Delivery:
    """Return one delivery with what its page shows; 404 out of reach."""
    found = visible_deliveries(actor).select_related(*RELATED, "corrects").filter(pk=delivery_id).first()
    if found is None:
        raise NotFound
    return found


def search_deliveries(
    actor: Actor,
    *,
    since: date | None = None,
    until: date | None = None,
    service: str = "",
    area: str = "",
    union_path: str = "",
    group: str = "",
    member: str = "",
    source: str = "",
    kind: str = "",
) -> QuerySet[Delivery]:
    """Return the deliveries in reach that fit, for `ORDER`.

    :param member: a member's number or full name; finds nothing of services that keep to themselves who had them.
    :param kind: `served` for what stands, `taken_back` for what was taken back and its counter-entries.
    """
    wanted: dict[str, Any] = {
        "day__gte": since,
        "day__lte": until,
        "service": service,
        "service__area": area,
        "union__path__startswith": union_path,
        "group_code": group,
        "source_kind": source,
    }
    rows = visible_deliveries(actor).filter(**{name: value for name, value in wanted.items() if value})
    if member.strip():
        rows = rows.filter(_of(member.strip()[:60]), service__is_private=False)
    if kind == "served":
        rows = rows.filter(times=1, correction=None)
    elif kind == "taken_back":
        rows = rows.filter(Q(times=-1) | Q(correction__isnull=False))
    return rows


def _of(text: str) -> Q:
    if is_member_number(text):
        return Q(worker__in=records_of(Membership.objects.filter(number=text).values("worker")))
    return Q(worker__name=text) | Q(enterprise__name__icontains=text)


def numbers_of(deliveries: Iterable[Delivery]) -> Mapping[UUID, str]:
    """Return the present member number of each person served, by worker; none of private services; one statement."""
    people = {each.worker_id for each in deliveries if each.worker_id and not each.service.is_private}
    rows = Membership.objects.filter(worker__in=people).order_by("pk")
    return dict(rows.values_list("worker_id", "number"))


def deliveries_of_worker(worker_id: UUID) -> QuerySet[Delivery]:
    """Return what a person received, the newest first, without what was taken back; the caller knows whose it is.

    What was noted of a record that was merged into the person's is in it.
    """
    rows = Delivery.objects.filter(worker__in=records_of([worker_id]), times=1, correction=None)
    return rows.select_related("service__area", "union").order_by("-day", "-pk")
