"""Members who come to one cell and go from it: packages, requests, refusals, and coming back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from nuanxin.access.actors import system
from nuanxin.kernel.envelopes import cell_keys, decode, open_sealed, write
from nuanxin.kernel.refusals import Invalid, NotAllowed, NotFound
from nuanxin.members.actions.cells.departures import answer_request, close_late
from nuanxin.members.actions.cells.offers import accept_offer
from nuanxin.members.actions.cells.outbox import bound_to, take_answer
from nuanxin.members.actions.cells.receiving import receive
from nuanxin.members.actions.memberships import suspend
from nuanxin.members.models import (
    CellMessage,
    CellTransfer,
    DirectoryEntry,
    EarlierStay,
    Membership,
    MembershipEntry,
)
from nuanxin.members.queries.cells import all_stays, counted_by_directory, counted_here
from nuanxin.members.rules.cells.messages import BadMessage, compose
from nuanxin.members.rules.cells.states import CellTransferState, ClaimState, Direction, Kind, MessageState
from nuanxin.members.states import EndReason, MembershipAct, MembershipState
from nuanxin.organizations.models import DatedRule
from tests.cells.other import Other, active, arriving, ask_for, body_of, bring, hand_over, mismatches, requested
from tests.factories.access import actor_for
from tests.factories.members import make_id_number, worker_of
from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db


def test_a_package_counts_only_with_the_directorys_row(other: Other, join: Callable[..., Membership]) -> None:
    transfer = arriving(other, join)
    assert bring(other, transfer) == {"state": "arrived"}
    assert ask_for(transfer.membership).state == ClaimState.ELSEWHERE
    assert active() == 0
    hand_over(other, transfer)
    assert counted_by_directory() == {"A": 1}
    assert ask_for(transfer.membership).counted
    membership = Membership.objects.get(pk=transfer.membership_id)
    assert (membership.number, str(membership.began_on)) == ("37159876543212", "2024-05-01")
    assert [stay.cell for stay in all_stays(membership)] == ["B", "A"]
    assert (active(), counted_here(), mismatches()) == (1, 1, [])
    assert bytes(CellTransfer.objects.get().sealed_package) == b""


def test_a_package_twice_and_late_changes_nothing(other: Other, join: Callable[..., Membership]) -> None:
    transfer = arriving(other, join)
    hand_over(other, transfer)
    bring(other, transfer)
    ask_for(transfer.membership)
    assert bring(other, transfer, number="37150000000000") == {"state": "done"}
    hand_over(other, transfer)
    assert Membership.objects.get(pk=transfer.membership_id).number == "37159876543212"
    assert (active(), EarlierStay.objects.count(), DirectoryEntry.objects.get().version) == (1, 1, 2)


@pytest.mark.parametrize(
    "spoil",
    [
        {"number": "12"},
        {"released_at": "2026-01-01T00:00:00"},
        {"stays": []},
        {"began_on": "never"},
        {"id_number": "371502199003150018"},
    ],
)
def test_a_package_that_does_not_hang_together_is_refused(
    other: Other, join: Callable[..., Membership], spoil: dict[str, Any]
) -> None:
    transfer = arriving(other, join)
    with pytest.raises(BadMessage):
        bring(other, transfer, **spoil)
    transfer.refresh_from_db()
    assert (transfer.state, active()) == (CellTransferState.REQUESTED, 0)


def test_who_is_asked_for_is_let_go_at_once_by_the_rule(other: Other, join: Callable[..., Membership]) -> None:
    membership = join()
    ask_for(membership)
    key, answer = requested(other, membership)
    assert answer == {"state": "sent"}
    membership.refresh_from_db()
    assert (membership.state, membership.end_reason) == (MembershipState.ENDED, EndReason.MOVED_AWAY)
    assert (active(), mismatches()) == (0, [])
    messages = {message.kind: message for message in CellMessage.objects.filter(transfer=key)}
    assert set(messages) == {Kind.HAND_OVER, Kind.PACKAGE}
    sealed = decode(body_of(messages[Kind.PACKAGE])["sealed"])
    package = json.loads(open_sealed(other.sealing, sealed, bound_to=bound_to(key, sender="A", receiver="B")))
    assert package["number"] == membership.number
    assert package["stays"][-1]["ended_at"] == package["released_at"]
    for message in messages.values():
        take_answer(message=message, answer={}, now=timezone.now())
    assert CellTransfer.objects.get(pk=key).state == CellTransferState.DONE
    assert body_of(CellMessage.objects.get(transfer=key, kind=Kind.PACKAGE)) == {}


def test_another_name_waits_for_the_union(other: Other, join: Callable[..., Membership], tree: Tree) -> None:
    membership = join()
    ask_for(membership)
    key, answer = requested(other, membership, name="李大刚")
    assert answer == {"state": "asked"}
    assert active() == 1
    with pytest.raises(NotFound):
        answer_request(actor=actor_for("registrar", union=tree.pool), transfer_id=key, consent=True, now=timezone.now())
    with pytest.raises(NotAllowed):
        answer_request(actor=actor_for("reviewer", union=tree.city), transfer_id=key, consent=True, now=timezone.now())
    registrar = actor_for("registrar", union=tree.city)
    with pytest.raises(Invalid):
        answer_request(actor=registrar, transfer_id=key, consent=False, now=timezone.now())
    assert CellTransfer.objects.get(pk=key).state == CellTransferState.ASKED
    answer_request(actor=registrar, transfer_id=key, consent=False, reason="姓名不符，请核对", now=timezone.now())
    refusal = CellMessage.objects.get(transfer=key, state=MessageState.WAITING)
    assert (refusal.kind, body_of(refusal)["reason"]) == (Kind.REFUSAL, "姓名不符，请核对")
    assert (active(), counted_by_directory()) == (1, {"A": 1})


def test_silence_counts_as_the_dated_rule_says(other: Other, join: Callable[..., Membership]) -> None:
    membership = join()
    ask_for(membership)
    DatedRule.objects.filter(name="members.transfer_silence").update(value={"old": True, "new": True})
    key, _answer = requested(other, membership, name="李大刚")
    close_late(now=timezone.now() + timedelta(days=60))
    assert CellTransfer.objects.get(pk=key).state == CellTransferState.SENT


def test_who_rests_or_is_not_here_stays(other: Other, join: Callable[..., Membership]) -> None:
    membership = join()
    ask_for(membership)
    suspend(actor=system(), number=membership.number, reason="长期外出务工", now=timezone.now())
    key, answer = requested(other, membership)
    assert answer == {"state": "refused"}
    assert body_of(CellMessage.objects.get(transfer=key))["code"] == "rests"
    with pytest.raises(BadMessage):
        requested(other, membership, digest="00" * 32)


def test_a_refusal_ends_the_provisional_membership(other: Other, join: Callable[..., Membership]) -> None:
    transfer = arriving(other, join)
    other.say(Kind.REFUSAL, {"transfer": str(transfer.pk), "code": "refused", "reason": "姓名不符"})
    membership = Membership.objects.get(pk=transfer.membership_id)
    assert (membership.state, membership.end_reason) == (MembershipState.ENDED, EndReason.ELSEWHERE)
    assert ask_for(membership).state == ClaimState.CLOSED
    assert counted_by_directory() == {"B": 1}


def test_whoever_comes_back_goes_on_with_the_membership_of_then(other: Other, join: Callable[..., Membership]) -> None:
    number = make_id_number()
    first = join(number)
    ask_for(first)
    key, _answer = requested(other, first)
    left = CellTransfer.objects.get(pk=key)
    hand = body_of(CellMessage.objects.get(transfer=key, kind=Kind.HAND_OVER))
    message = compose(
        identity=uuid4(), kind=Kind.HAND_OVER, sender="A", receiver="directory", body=hand, now=timezone.now()
    )
    receive(envelope=write(message, cell_keys().signing), as_directory=True, now=timezone.now())
    CellMessage.objects.update(state=MessageState.DONE)
    CellTransfer.objects.update(state=CellTransferState.DONE)
    stays = [stay.as_row() for stay in all_stays(first)]
    again = join(number)
    assert ask_for(again).state == ClaimState.ELSEWHERE
    transfer = CellTransfer.objects.get(membership=again, direction=Direction.IN)
    accept_offer(actor=worker_of(again), now=timezone.now())
    transfer.refresh_from_db()
    transfer.held = left.other_claim  # type: ignore[attr-defined]
    let_go = timezone.now().isoformat()
    there = {**stays[-1], "id": str(uuid4()), "cell": "B", "began_at": stays[-1]["ended_at"], "ended_at": let_go}
    bring(other, transfer, number=first.number, released_at=let_go, stays=[*stays, there])
    hand_over(other, transfer)
    ask_for(again)
    first.refresh_from_db()
    again.refresh_from_db()
    assert (first.state, again.state, again.end_reason) == ("active", "ended", EndReason.MERGED)
    assert [stay.cell for stay in all_stays(first)] == ["A", "B", "A"]
    acts = MembershipEntry.objects.filter(membership=first).order_by("at").values_list("act", flat=True)
    assert list(acts) == [MembershipAct.ADMITTED, MembershipAct.ENDED, MembershipAct.ARRIVED]
    assert (active(), counted_here(), counted_by_directory(), mismatches()) == (1, 1, {"A": 1}, [])
