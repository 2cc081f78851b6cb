"""Invitations: found by their secret link or their code, and listed for those who answer for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from nuanxin.access.models import Post
from nuanxin.access.queries import current, holders
from nuanxin.access.states import Permission
from nuanxin.formation.models import Invitation
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.kernel.secrets import digest, unseal
from nuanxin.kernel.text import compact
from nuanxin.members.models import Roster
from nuanxin.members.states import RosterState
from nuanxin.organizations.models import Coverage
from nuanxin.organizations.queries.unions import ancestors_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Enterprise, Union


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an enterprise has come since it was invited."""

    covered_by: Union | None
    rosters: int
    enrolled: int


def token_digest(token: str) -> bytes:
    """Return the keyed digest under which an invitation's link is held."""
    return digest("invitation", token[:100])


def code_digest(code: str) -> bytes:
    """Return the keyed digest under which an invitation's short code is held; as typed, in any case and spacing."""
    return digest("invitation code", compact(code[:40]).upper())


def invitation_by_token(token: str) -> Invitation:
    """Return the invitation of a link. :raises NotFound: there is none."""
    return _one(Invitation.objects.filter(token_digest=token_digest(token)))


def invitation_by_code(code: str) -> Invitation:
    """Return the invitation of a short code. :raises NotFound: there is none."""
    return _one(Invitation.objects.filter(code_digest=code_digest(code)))


def _one(rows: QuerySet[Invitation]) -> Invitation:
    found = rows.select_related("enterprise", "union").first()
    if found is None:
        raise NotFound
    return found


def secrets_of(invitation: Invitation) -> tuple[str, str]:
    """Return the secret of the link and the short code, for those who hand them over."""
    return unseal(invitation.sealed_token), unseal(invitation.sealed_code)


def invitations(actor: Actor, *, state: str = "") -> QuerySet[Invitation]:
    """Return the invitations of the unions where the actor forms unions."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.FORM_UNIONS):
        reach |= Q(union__path__startswith=path)
    rows = Invitation.objects.filter(reach).select_related("enterprise", "union")
    return rows.filter(state=state) if state else rows


def get_invitation(actor: Actor, number: str) -> Invitation:
    """Return one invitation in reach; 404 otherwise."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    found = invitations(actor).select_related("enterprise__region", "union", "account").filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def progress_of(found: Sequence[Invitation], *, on: date) -> dict[UUID, Progress]:
    """Return how far each invited enterprise has come, by invitation: two statements, however many there are."""
    firms = [each.enterprise_id for each in found]
    covers = Coverage.objects.filter(enterprise__in=firms, valid_from__lte=on, union__closed_at=None)
    covers = covers.filter(Q(valid_until=None) | Q(valid_until__gt=on)).select_related("union")
    covering = {each.enterprise_id: each.union for each in covers.order_by("pk")}
    done = Roster.objects.filter(enterprise__in=firms, state=RosterState.DONE)
    rows = list(done.values_list("enterprise_id", "uploaded_at", "counts"))
    progress = {}
    for each in found:
        mine = [counts for firm, at, counts in rows if firm == each.enterprise_id and at >= each.sent_at]
        enrolled = sum(int(counts.get("new", 0)) for counts in mine)
        progress[each.pk] = Progress(covering.get(each.enterprise_id), len(mine), enrolled)
    return progress


def has_people_office(enterprise: Enterprise, *, now: datetime) -> bool:
    """Answer whether somebody at the enterprise itself enrolls its people."""
    posts = Post.objects.filter(current(now), enterprise=enterprise, account__is_active=True)
    return posts.filter(role__permissions__contains=[Permission.ENROLL_ROSTERS]).exists()


def formers_of(union: Union, *, now: datetime) -> set[UUID]:
    """Return who forms unions at a union: those with a post there, or else at the nearest union above with one."""
    above = [union, *reversed(ancestors_of(union))]
    found = holders(Permission.FORM_UNIONS, codes=[each.code for each in above], now=now)
    return next((people for each in above if (people := found.get(each.code, set()))), set())
