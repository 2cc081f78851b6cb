"""What a cell claims of the directory: a person is provisional until the claim is granted, and let go when it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from nuanxin.access.actors import system
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.events import announce
from nuanxin.kernel.rows import insert
from nuanxin.kernel.states import move
from nuanxin.members.actions.cells.arrivals import settle_arrival
from nuanxin.members.actions.cells.departures import refuse_request
from nuanxin.members.actions.cells.offers import offer_transfer
from nuanxin.members.actions.events import CountChanged
from nuanxin.members.actions.memberships import where_of_member
from nuanxin.members.models import CellClaim, CellTransfer, Membership
from nuanxin.members.queries.cells import admitted_at, counts, digest_of, last_act, live_claim, own_code, uncounted
from nuanxin.members.rules.cells.claims import Step, after_ruling
from nuanxin.members.rules.cells.messages import pause
from nuanxin.members.rules.cells.states import CELL_TRANSFER_MOVES, CLAIM_MOVES, LIVE, CellTransferState, ClaimState
from nuanxin.members.states import EndReason, MembershipState
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nuanxin.members.actions.events import (
        MembersBegan,
        MembersEnded,
        MembershipBegan,
        MembershipMoved,
        MembersTransferred,
    )

#: Memberships read at a time where many began or ended at once.
_AT_A_TIME = 2000
_SOON = timedelta(seconds=2)


def claim_admission(event: MembershipBegan) -> None:
    """Write that the directory is to be asked for a new member, who is not counted until it has granted the claim."""
    membership = event.membership
    at = event.at or datetime.combine(event.where.day, time(), ZONE)
    insert(CellClaim(membership=membership, digest=digest_of(membership.worker), asked_at=at, next_at=at))


def claim_admissions(event: MembersBegan) -> None:
    """Write the claims of many people who became members by one act; hears it in its transaction."""
    for start in range(0, len(event.memberships), _AT_A_TIME):
        found = Membership.objects.select_related("worker").filter(pk__in=event.memberships[start : start + _AT_A_TIME])
        CellClaim.objects.bulk_create(
            CellClaim(membership=row, digest=digest_of(row.worker), asked_at=event.at, next_at=event.at)
            for row in found
        )


def follow_endings(event: MembersEnded) -> None:
    """Count those of many ended memberships no more that counted, and let all of their claims go."""
    for start in range(0, len(event.memberships), _AT_A_TIME):
        claims = CellClaim.objects.select_related("membership__worker", "membership__union").filter(
            membership__in=event.memberships[start : start + _AT_A_TIME], state__in=LIVE
        )
        for claim in claims:
            if claim.counted:
                where = where_of_member(claim.membership, event.at)
                announce(CountChanged(where, admissions=0, active=-1))
            move(claim, CLAIM_MOVES, ClaimState.LEAVING, counted=False, tries=0, next_at=event.at)


def if_counted(hear: Callable[[Any], object]) -> Callable[[Any], None]:
    """Return a hearer that hears only of members whom this cell counts; of one whom no claim is behind, as ever."""

    def heard(event: Any) -> None:
        if counts(event.membership.pk):
            hear(event)

    return heard


def those_counted(hear: Callable[[MembersTransferred], object]) -> Callable[[MembersTransferred], None]:
    """Return a hearer of transfers by the thousand that hears only of members whom this cell counts."""

    def heard(event: MembersTransferred) -> None:
        apart = uncounted([row[0] for row in event.moves])
        hear(replace(event, moves=[row for row in event.moves if row[0] not in apart]))

    return heard


def follow_end(event: MembershipMoved) -> None:
    """Let the directory's row go when a membership has ended; hears `MembershipMoved` after whoever counts.

    Whoever moved to another cell is handed over by the package's own message. Who is just coming from another cell is
    waited for: what that cell hands over must be given back.
    """
    membership = event.membership
    if membership.state != MembershipState.ENDED:
        return
    claim = live_claim(membership.pk)
    if claim is None:
        return
    if membership.end_reason == EndReason.MOVED_AWAY:
        move(claim, CLAIM_MOVES, ClaimState.HANDED, counted=False)
        return
    coming = CellTransfer.objects.filter(
        claim=claim, state__in=[CellTransferState.REQUESTED, CellTransferState.ARRIVED]
    ).exists()
    if claim.state == ClaimState.ELSEWHERE and coming:
        return
    for transfer in CellTransfer.objects.filter(claim=claim, state=CellTransferState.OFFERED):
        move(transfer, CELL_TRANSFER_MOVES, CellTransferState.LAPSED, closed_at=last_act(membership))
    for transfer in CellTransfer.objects.filter(claim=claim, state=CellTransferState.ASKED):
        refuse_request(actor=system(), transfer=transfer, code="not_here", reason="", now=last_act(membership))
    move(claim, CLAIM_MOVES, ClaimState.LEAVING, counted=False, tries=0, next_at=last_act(membership))


@transaction.atomic
def take_ruling(*, claim: CellClaim, ruling: Mapping[str, Any], now: datetime) -> None:
    """Do what the directory has said of one claim; what has changed here meanwhile stays as it is."""
    locked = (
        CellClaim.objects.select_for_update(of=("self",))
        .select_related("membership__worker", "membership__union")
        .get(pk=claim.pk)
    )
    if locked.state != claim.state:
        return
    transfer = CellTransfer.objects.filter(claim=locked, state=CellTransferState.ARRIVED).first()
    step = after_ruling(
        locked.state,
        str(ruling["outcome"]),
        is_ours=ruling.get("cell") == own_code(),
        has_package=transfer is not None,
        has_ended=locked.membership.state == MembershipState.ENDED,
    )
    if step == Step.CLOSE:
        move(locked, CLAIM_MOVES, ClaimState.CLOSED, settled_at=now)
    elif step == Step.COUNT:
        _count(locked, int(ruling["version"]), now)
    elif step == Step.TAKE_OVER and transfer is not None:
        settle_arrival(claim=locked, transfer=transfer, version=int(ruling["version"]), now=now)
    elif step == Step.OFFER:
        move(locked, CLAIM_MOVES, ClaimState.ELSEWHERE, other_cell=str(ruling["cell"])[:20], tries=0)
        offer_transfer(claim=locked, now=now)
    elif step == Step.GIVE_BACK:
        move(locked, CLAIM_MOVES, ClaimState.LEAVING, tries=0, next_at=now)
    elif locked.state == ClaimState.ELSEWHERE:  # the package is here: the other cell is just telling the directory
        CellClaim.objects.filter(pk=locked.pk, state=locked.state).update(next_at=now + _SOON)
    else:
        put_off(claims=[locked], now=now)


def _count(claim: CellClaim, version: int, now: datetime) -> None:
    """Let a member count from now on: the admission where and when it was, the standing where the member is."""
    membership = claim.membership
    granted: dict[str, Any] = {"version": version, "settled_at": now, "counted": True, "admitted": True}
    move(claim, CLAIM_MOVES, ClaimState.GRANTED, **granted)
    record(
        system(),
        "members.claim_granted",
        membership,
        now=now,
        union_path=membership.union.path,
        number=membership.number,
        version=version,
    )
    here = where_of_member(membership, now)
    there = replace(here, day=membership.began_on, union_path=admitted_at(membership))
    announce(CountChanged(there, admissions=1, active=0))
    announce(CountChanged(here, admissions=0, active=int(membership.state == MembershipState.ACTIVE)))


def put_off(*, claims: list[CellClaim], now: datetime) -> None:
    """Ask for claims again later: the directory could not be asked, or has nothing new."""
    for claim in claims:
        CellClaim.objects.filter(pk=claim.pk, state=claim.state, tries=claim.tries).update(
            tries=claim.tries + 1, next_at=now + pause(claim.tries + 1)
        )
