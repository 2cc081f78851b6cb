"""Welcome packs by person: who was granted what, what was given when and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from nuanxin.benefits.models import PackRight
from nuanxin.benefits.states.packs import MANAGE_PACKS, RightState
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.models import Membership
from nuanxin.members.queries.searching import Filters, narrow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

#: Besides states: granted, and not fetched in time.
LATE = "late"


@dataclass(frozen=True, slots=True)
class PeopleFilters:
    """Whose packs to list; empty means any.

    :param text: name, its first letters, member number, phone or document, as in the search of members.
    :param state: a `RightState`, or `LATE`.
    """

    text: str = ""
    item: str = ""
    state: str = ""


def people_with_packs(actor: Actor, filters: PeopleFilters, *, on: date) -> QuerySet[Membership]:
    """Return the memberships that brought a pack and fit, at the unions where the actor looks after packs.

    :raises Invalid: a search text that makes no sense.
    """
    rights = PackRight.objects.filter(membership=OuterRef("pk"))
    if filters.item:
        rights = rights.filter(item=filters.item)
    if filters.state == LATE:
        rights = rights.filter(state=RightState.GRANTED, until__lt=on)
    elif filters.state:
        rights = rights.filter(state=filters.state)
    rows = _in_reach(actor).filter(Exists(rights)).select_related("worker", "union")
    return narrow(rows, Filters(text=filters.text)) if filters.text.strip() else rows


def _in_reach(actor: Actor) -> QuerySet[Membership]:
    reach = Q(pk__in=[])
    for path in actor.reach(MANAGE_PACKS):
        reach |= Q(union__path__startswith=path)
    return Membership.objects.filter(reach)


def person_with_pack(actor: Actor, number: str) -> Membership:
    """Return one membership that brought a pack, where the actor looks after packs; 404 otherwise."""
    rows = _in_reach(actor).filter(Exists(PackRight.objects.filter(membership=OuterRef("pk"))), number=number)
    found: Membership | None = rows.select_related("worker", "union").order_by("-pk").first()
    if found is None:
        raise NotFound
    return found


def rights_by_membership(memberships: Iterable[Membership]) -> dict[UUID, list[PackRight]]:
    """Return everything that memberships brought, replaced things too, in the order in which it was granted."""
    found: dict[UUID, list[PackRight]] = {}
    rows = PackRight.objects.filter(membership__in=list(memberships))
    for right in rows.select_related("place", "worker", "membership__union").order_by("granted_at", "pk"):
        found.setdefault(right.membership_id, []).append(right)
    return found


def right_of(membership: Membership, pk: UUID) -> PackRight:
    """Return one thing of a membership's pack; 404 otherwise."""
    found = next((right for right in rights_by_membership([membership]).get(membership.pk, []) if right.pk == pk), None)
    if found is None:
        raise NotFound
    return found
