"""Endings that a union decides: of members who do not take part any more, in two steps, and expulsion."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.rows import insert, update
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.memberships import Change, File, change_standing, write_entry
from nuanxin.members.actions.telling import tell_member
from nuanxin.members.actions.telling_moves import tell_person
from nuanxin.members.models import Filing, Membership
from nuanxin.members.queries.memberships import get_member
from nuanxin.members.queries.transfers import get_filing, waiting_for
from nuanxin.members.rules.memberships import MOST_REASON, check_body, check_evidence, check_reason
from nuanxin.members.states import EndReason, MembershipAct, MembershipState
from nuanxin.messages.actions import notify
from nuanxin.organizations.queries.rules import dated_rule
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from django.utils.functional import _StrOrPromise

    from nuanxin.kernel.actor import Actor

NOTICE = "members.leave_notice_days"


class NoticeNeeded(Conflict):
    """Nobody is ended before having been asked, and before the time to answer is over."""

    def __init__(self, until: date | None) -> None:
        message: _StrOrPromise
        if until is None:
            message = _("Ask the member first to pay dues or take part again; the membership may end after that time.")
        else:
            message = _("The member has until %(until)s to take part again. Please wait for that day to pass.") % {
                "until": until.isoformat()
            }
        super().__init__("notice_needed", message)


@transaction.atomic
def warn(*, actor: Actor, number: str, reason: str, decided_by: str = "", now: datetime) -> Membership:
    """Ask a member who has paid no dues and taken no part for six months to do so again, within a dated limit.

    First step of leaving automatically (union charter, article 6; membership rules of 2016, article 21).

    :param reason: since when, and what is missing; the member reads it.
    :raises NotFound, NotAllowed, Invalid: as `memberships.suspend`.
    :raises Moved: it is not active, or the member has been asked already.
    """
    membership = get_member(actor, number)
    actor.require(Permission.CHANGE_MEMBERSHIP, at=membership.union)
    change = Change(MembershipAct.WARNED, check_reason(reason), decided_by=check_body(decided_by), basis=NOTICE)
    days = int(dated_rule(NOTICE, union=membership.union, on=local_day(now)).value)
    until = local_day(now) + timedelta(days=days)
    _mark(actor, membership, change, until, now)
    tell_person(
        membership.worker,
        "membership.warned",
        {
            "union": membership.union.name,
            "reason": change.reason,
            "due": until.isoformat(),
            "call": membership.union.contact_phone or "12351",
            "link": f"{settings.NUANXIN_BASE_URL}/card/",
        },
        union=membership.union,
        now=now,
    )
    return membership


@transaction.atomic
def clear(*, actor: Actor, number: str, reason: str, now: datetime) -> Membership:
    """Note that a member who was asked takes part again, or has a good reason not to.

    :raises Moved: nothing was asked, or it was settled meanwhile. Others as `warn`.
    """
    membership = get_member(actor, number)
    actor.require(Permission.CHANGE_MEMBERSHIP, at=membership.union)
    _mark(actor, membership, Change(MembershipAct.CLEARED, check_reason(reason)), None, now)
    tell_member(
        membership.worker, "membership.cleared", union_name=membership.union.name, union_id=membership.union_id, now=now
    )
    return membership


@transaction.atomic
def end_warned(
    *,
    actor: Actor,
    number: str,
    reason: str,
    evidence: str = "",
    file: File | None = None,
    decided_by: str = "",
    now: datetime,
) -> Membership:
    """End the membership of somebody who was asked to take part again and did not: left automatically, from today.

    :raises NoticeNeeded: the member was not asked, or the time to answer is not over.
    :raises Invalid: no reason, no proof, or no body that decided. Moved: changed meanwhile.
    """
    membership = get_member(actor, number)
    actor.require(Permission.CHANGE_MEMBERSHIP, at=membership.union)
    held = Membership.objects.select_for_update(of=("self",), no_key=True).only("warned_until").get(pk=membership.pk)
    day = local_day(now)
    if held.warned_until is None or day <= held.warned_until:
        raise NoticeNeeded(held.warned_until)
    change = Change(
        MembershipAct.ENDED,
        check_reason(reason),
        check_evidence(evidence, has_attachment=file is not None),
        file,
        day,
        basis=NOTICE,
        decided_by=check_body(decided_by, needed=True),
        columns={"ended_on": day, "end_reason": EndReason.LEFT_AUTOMATICALLY},
    )
    change_standing(actor, membership, change, now=now)
    tell_member(membership.worker, "membership.ended", reason=change.reason, union_id=membership.union_id, now=now)
    return membership


@transaction.atomic
def expel(
    *,
    actor: Actor,
    number: str,
    reason: str,
    evidence: str = "",
    file: File | None = None,
    effective_on: date | None = None,
    decided_by: str,
    now: datetime,
) -> Membership:
    """Expel a member, by decision of the committee, and report it to the union above for the record.

    Source: union charter, article 6; membership rules of 2016, article 23 (serious crime with criminal penalty; the
    group discusses, the committee of the basic union decides, the union above is told).

    :param decided_by: the body that decided and the day of its meeting.
    :raises Invalid: no reason, no proof, no body, or a day that cannot be. Moved: it has ended already.
    """
    membership = get_member(actor, number)
    actor.require(Permission.CHANGE_MEMBERSHIP, at=membership.union)
    day = effective_on or local_day(now)
    change = Change(
        MembershipAct.ENDED,
        check_reason(reason),
        check_evidence(evidence, has_attachment=file is not None),
        file,
        day,
        decided_by=check_body(decided_by, needed=True),
        columns={"ended_on": day, "end_reason": EndReason.EXPELLED},
    )
    entry = change_standing(actor, membership, change, now=now)
    upper = membership.union.parent
    if upper is not None:
        filing = Filing(entry=entry, union=upper, filed_at=now)
        insert(filing)
        for account in sorted(waiting_for(upper, Permission.CHANGE_MEMBERSHIP, now=now)):
            notify(
                account_id=account,
                template="desk.filing",
                values={"union": membership.union.name, "number": membership.number},
                fact=f"filing:{filing.pk}",
                link=f"/desk/transfers/filings/{filing.pk}/",
                union_id=upper.pk,
                now=now,
            )
    tell_member(membership.worker, "membership.ended", reason=change.reason, union_id=membership.union_id, now=now)
    return membership


@transaction.atomic
def acknowledge_filing(*, actor: Actor, filing_id: UUID, remark: str = "", now: datetime) -> Filing:
    """Take note, as the union above, of an expulsion that was reported.

    :raises NotFound: out of reach. Moved: somebody has taken note already.
    """
    filing = get_filing(actor, filing_id)
    actor.require(Permission.CHANGE_MEMBERSHIP, at=filing.union)
    changes = {"acknowledged_at": now, "remark": check_text(remark, field="remark", most=MOST_REASON)}
    waiting = Filing.objects.filter(pk=filing.pk, acknowledged_at=None)
    if not waiting.update(acknowledged_by=actor.account_id, **changes):
        raise Moved("acknowledged")
    filing.refresh_from_db()
    membership = filing.entry.membership
    record(
        actor,
        "members.expulsion_acknowledged",
        membership,
        now=now,
        union_path=filing.union.path,
        personal={"remark": filing.remark},
        key=PersonKey(membership.worker.sealed_key),
        number=membership.number,
    )
    return filing


def _mark(actor: Actor, membership: Membership, change: Change, until: date | None, now: datetime) -> None:
    """Write until when a member was asked to take part again, or that it is settled; two at once never both win."""
    if until is None and membership.warned_until is None:
        raise Moved(membership.state)
    if until is not None:
        met = {"state": MembershipState.ACTIVE}
        free = Membership.objects.filter(pk=membership.pk, warned_until=None, **met).update(warned_until=until)
    else:
        free = update(membership, met={"warned_until": membership.warned_until}, changes={"warned_until": None})
    if not free:
        raise Moved(membership.state)
    membership.warned_until = until
    write_entry(actor, membership, change, local_day(now), now=now)
    record(
        actor,
        f"members.membership_{change.act}",
        membership,
        now=now,
        union_path=membership.union.path,
        personal={"reason": change.reason},
        key=PersonKey(membership.worker.sealed_key),
        number=membership.number,
        until=until.isoformat() if until else "",
    )
