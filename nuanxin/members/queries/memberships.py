"""Memberships as cadres, HR, machines and the member see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Q

from nuanxin.access.states import Permission, Scope
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Membership, MembershipEntry
from nuanxin.members.rules.memberships import is_member_number

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

RELATED = ("worker__occupation_group", "worker__region", "worker__employer", "worker__platform", "union", "door")


def visible_members(actor: Actor) -> QuerySet[Membership]:
    """Return the memberships of the unions where the actor may see people; for other actors none."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.VIEW_MEMBERS):
        reach |= Q(union__path__startswith=path)
    return Membership.objects.filter(reach)


def members_of_enterprise(actor: Actor) -> QuerySet[Membership]:
    """Return the members who work at an enterprise whose people office the actor is."""
    return Membership.objects.filter(worker__employer__in=actor.enterprises(Permission.CONFIRM_EMPLOYMENT))


def get_member(actor: Actor, number: str) -> Membership:
    """Return one membership that the actor may see, with what its page shows; 404 otherwise."""
    return _one(visible_members(actor), number)


def get_own_or_visible(actor: Actor, number: str) -> Membership:
    """Return a worker's own membership, or one that a cadre may see; 404 otherwise."""
    if actor.worker_id is not None:
        own = Q(worker_id=actor.worker_id) | Q(worker__merged_into=actor.worker_id)
        return _one(Membership.objects.filter(own), number)
    return get_member(actor, number)


def standing_of(actor: Actor, number: str) -> Membership:
    """Return a membership for its standing: the member's own, a cadre's, or any for a key that may read standings.

    :raises NotFound: no such member, or not to be seen.
    """
    if actor.kind == "client":
        actor.require_scope(Scope.READ_MEMBERS)
        return _one(Membership.objects.all(), number)
    return get_own_or_visible(actor, number)


def _one(rows: QuerySet[Membership], number: str) -> Membership:
    if not is_member_number(number):
        raise NotFound
    found: Membership | None = rows.select_related(*RELATED).filter(number=number).first()
    if found is None:
        raise NotFound
    return _led_on(rows, found) if found.worker.merged_into_id else found


def _led_on(rows: QuerySet[Membership], found: Membership) -> Membership:
    """Return the membership of the record into which a person's was merged, when it may be seen too."""
    kept = rows.select_related(*RELATED).filter(worker=found.worker.merged_into_id)
    return kept.order_by(F("ended_on").desc(nulls_first=True), "-pk").first() or found


def history(membership: Membership) -> QuerySet[MembershipEntry]:
    """Return every act upon a membership, oldest first; the caller has fetched what it may see."""
    return (
        MembershipEntry.objects.filter(membership=membership)
        .select_related("union", "from_union", "account")
        .order_by("at", "pk")
    )


def phone_of(membership: Membership) -> str:
    """Return a member's phone in plain: for masking on a page, never for showing."""
    worker = membership.worker
    return PersonKey(worker.sealed_key).unseal(worker.sealed_phone) if worker.sealed_phone else ""


def identity_of(membership: Membership) -> str:
    """Return a member's ID number in plain: for masking on a page, never for showing."""
    return PersonKey(membership.worker.sealed_key).unseal(membership.worker.sealed_id)
