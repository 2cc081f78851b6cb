"""What a check-up is made of for one person: the package for everybody, and what the own trade gets on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from nuanxin.access.states import Permission
from nuanxin.activities.models import CheckPackage
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.models import Membership, Worker
from nuanxin.members.states import MembershipState

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


def packages_for(worker_id: UUID, *, on: date) -> list[CheckPackage]:
    """Return the packages of the unions above a member that are in force, add-ons of the own trade after them.

    Of one code the narrowest union's row counts, then the newest.
    """
    group = Worker.objects.values_list("occupation_group_id", flat=True).filter(pk=worker_id).first()
    live = Membership.objects.filter(worker=worker_id).exclude(state=MembershipState.ENDED)
    path = live.values_list("union__path", flat=True).first()
    if path is None:
        return []
    codes = path.strip("/").split("/")
    above = [f"/{'/'.join(codes[: at + 1])}/" for at in range(len(codes))]
    rows = CheckPackage.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=on),
        Q(group=None) | Q(group=group),
        union__path__in=above,
        valid_from__lte=on,
    ).select_related("union", "group")
    best: dict[str, CheckPackage] = {}
    for row in sorted(rows, key=lambda each: (len(each.union.path), each.valid_from, each.pk)):
        best[row.code] = row
    return sorted(best.values(), key=lambda each: (each.is_add_on, each.code))


def visible_packages(actor: Actor) -> QuerySet[CheckPackage]:
    """Return the packages of unions in reach, ended ones too."""
    within = Q(pk__in=[])
    for path in actor.reach(Permission.VIEW_BOOKINGS):
        within |= Q(union__path__startswith=path)
    return CheckPackage.objects.filter(within).select_related("union", "group")


def get_package(actor: Actor, pk: UUID) -> CheckPackage:
    """Return one in reach. :raises NotFound: none."""
    found = visible_packages(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
