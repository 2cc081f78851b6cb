"""Memberships as cadres, HR, machines and the member see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission, Scope
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Membership, MembershipEntry, Worker
from nuanxin.members.queries.persons import id_digests, phone_digest
from nuanxin.members.rules.memberships import Wanted, is_member_number, read_search

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

RELATED = ("worker__occupation_group", "worker__region", "worker__employer", "worker__platform", "union", "door")
PAGE = 50
MOST_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of members is narrowed to; empty means any."""

    text: str = ""
    #: Path of a union: it and everything below it.
    union_path: str = ""
    group: str = ""
    #: Region code: it and everything below it.
    region: str = ""
    state: str = ""
    employer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One page of members, newest first, and the cursor of the next one."""

    items: list[Membership]
    next: str | None


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
        return _one(Membership.objects.filter(worker_id=actor.worker_id), number)
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
    return found


def search(actor: Actor, filters: Filters, *, after: str = "", most: int = PAGE) -> MemberPage:
    """Find members where the actor may see people: newest first, page by page.

    :param after: the cursor that the page before gave.
    :raises Invalid: a search text or cursor that makes no sense.
    """
    rows = narrow(visible_members(actor), filters)
    if after:
        rows = rows.filter(pk__lt=_cursor(after))
    most = max(1, min(most, MOST_A_PAGE))
    found = list(rows.select_related(*RELATED).order_by("-pk")[: most + 1])
    return MemberPage(found[:most], str(found[most - 1].pk) if len(found) > most else None)


def _cursor(after: str) -> UUID:
    try:
        return UUID(after)
    except ValueError:
        raise Invalid("bad_cursor", _("This page link is broken. Please start again."), field="cursor") from None


def narrow(rows: QuerySet[Membership], filters: Filters) -> QuerySet[Membership]:
    """Narrow memberships by a search text and filters; every filter only takes away."""
    wanted = read_search(filters.text)
    if wanted is not None:
        rows = rows.filter(_match(wanted))
    exact = {"worker__occupation_group": filters.group, "state": filters.state}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if filters.union_path:
        rows = rows.filter(union__path__startswith=filters.union_path)
    if filters.region:
        rows = rows.filter(worker__region__code__startswith=filters.region)
    if filters.employer_id:
        rows = rows.filter(worker__employer=filters.employer_id)
    return rows


def _match(wanted: Wanted) -> Q:
    value = wanted.value
    return {
        "id": lambda: Q(worker__id_digest__in=id_digests(value)),
        "phone": lambda: Q(worker__phone_digest=phone_digest(value)),
        "number": lambda: Q(number=value),
        "number_prefix": lambda: _number_or_permit(value),
        "letters": lambda: (
            Q(worker__pinyin__startswith=value)
            | Q(worker__initials__startswith=value)
            | Q(worker__name__istartswith=value)
        ),
        "name": lambda: Q(worker__name__startswith=value),
    }[wanted.by]()


def _number_or_permit(value: str) -> Q:
    held = list(Worker.objects.filter(id_digest__in=id_digests(value)).values_list("pk", flat=True))
    return Q(worker_id__in=held) if held else Q(number__startswith=value)


def history(membership: Membership) -> QuerySet[MembershipEntry]:
    """Return every act upon a membership, oldest first; the caller has fetched what it may see."""
    return MembershipEntry.objects.filter(membership=membership).select_related("union", "account").order_by("at", "pk")


def phone_of(membership: Membership) -> str:
    """Return a member's phone in plain: for masking on a page, never for showing."""
    worker = membership.worker
    return PersonKey(worker.sealed_key).unseal(worker.sealed_phone) if worker.sealed_phone else ""


def identity_of(membership: Membership) -> str:
    """Return a member's ID number in plain: for masking on a page, never for showing."""
    return PersonKey(membership.worker.sealed_key).unseal(membership.worker.sealed_id)
