"""Retained memberships (保留会籍): kept while somebody is not at work, and taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.memberships import Change, File, change_standing
from nuanxin.members.actions.telling import tell_member
from nuanxin.members.actions.transfers import move_membership
from nuanxin.members.models import Membership
from nuanxin.members.queries.memberships import get_member
from nuanxin.members.queries.transfers import Work, route_of
from nuanxin.members.rules.memberships import MOST_REASON, check_body, check_evidence, check_retain_reason
from nuanxin.members.rules.transfers import RETAIN_AT
from nuanxin.members.states import MembershipAct, RetainReason
from nuanxin.organizations.models import Union
from nuanxin.organizations.queries.rules import dated_rule

if TYPE_CHECKING:
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor


@transaction.atomic
def retain(
    *,
    actor: Actor,
    number: str,
    retain_reason: str,
    reason: str = "",
    evidence: str = "",
    file: File | None = None,
    effective_on: date | None = None,
    decided_by: str = "",
    residence: str = "",
    now: datetime,
) -> Membership:
    """Keep the membership of somebody who is not at work: no dues, no vote, not counted as active; the card stays.

    It stays with its union; when the employer has closed, the dated rule `members.retain_at` says whether the union
    above keeps it (Beijing 2020) or the union of the place where the member lives (rules of 2000, article 6). The
    union may also be kept by law while its employer ends (trade union law 2021, article 13).

    :param retain_reason: retired, unemployed, military or employer_closed; proof is needed, in words or as a file.
    :param residence: code of the region where the member lives, for whom it matters; the known one when empty.
    :raises NotFound, NotAllowed: out of reach; the post does not include changing memberships.
    :raises Invalid: an unknown reason, no proof, a day that cannot be, a place that is none.
    :raises Moved: it is not active (any more).
    """
    membership = get_member(actor, number)
    actor.require(Permission.CHANGE_MEMBERSHIP, at=membership.union)
    why = check_retain_reason(retain_reason)
    change = Change(
        MembershipAct.RETAINED,
        check_text(reason, field="reason", most=MOST_REASON),
        check_evidence(evidence, has_attachment=file is not None),
        file,
        effective_on,
        basis=why,
        decided_by=check_body(decided_by),
        columns={"retained_for": why},
    )
    change_standing(actor, membership, change, now=now)
    if why == RetainReason.EMPLOYER_CLOSED:
        _to_keeper(actor, membership, residence, now)
    tell_member(membership.worker, "membership.retained", reason=str(why.label), union_id=membership.union_id, now=now)
    return membership


@transaction.atomic
def take_up_again(
    *,
    actor: Actor,
    number: str,
    reason: str = "",
    evidence: str = "",
    file: File | None = None,
    effective_on: date | None = None,
    decided_by: str = "",
    now: datetime,
) -> Membership:
    """Let a retained membership go on in full: the member is at work again.

    :raises Moved: it is not retained (any more). Others as `retain`.
    """
    membership = get_member(actor, number)
    actor.require(Permission.CHANGE_MEMBERSHIP, at=membership.union)
    change = Change(
        MembershipAct.RETURNED,
        check_text(reason, field="reason", most=MOST_REASON),
        check_text(evidence, field="evidence", most=MOST_REASON),
        file,
        effective_on,
        decided_by=check_body(decided_by),
    )
    change_standing(actor, membership, change, now=now)
    tell_member(
        membership.worker,
        "membership.returned",
        union_name=membership.union.name,
        union_id=membership.union_id,
        now=now,
    )
    return membership


def _to_keeper(actor: Actor, membership: Membership, residence: str, now: datetime) -> None:
    """Bring the membership of somebody whose employer has closed to the union that keeps it by rule."""
    union = membership.union
    rule = dated_rule(RETAIN_AT, union=union, on=local_day(now))
    if rule.value.get("upper"):
        keeper = union.parent
    else:
        place = residence.strip() or membership.worker.region_id
        if not place.isdigit():
            raise Invalid("unknown_region", _("Please choose where the member lives."), field="residence")
        keeper = Union.objects.get(pk=route_of(membership.worker, Work(place), now=now).union.id)
    if keeper is not None and keeper.pk != union.pk:
        move_membership(actor, membership, to_union=keeper, basis=RETAIN_AT, now=now)
