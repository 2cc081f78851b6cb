"""One cell that is the directory too, and another of which only the keys exist: what is believed, and what not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from nuanxin.access.actors import system
from nuanxin.kernel.envelopes import cell_keys, read, write
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.kernel.signing import PrivateKey
from nuanxin.members.actions.cells.claims import take_ruling
from nuanxin.members.actions.cells.departures import close_late
from nuanxin.members.actions.cells.offers import decline_offer
from nuanxin.members.actions.cells.receiving import receive
from nuanxin.members.actions.cells.registry import register_cell
from nuanxin.members.actions.memberships import suspend
from nuanxin.members.models import (
    Cell,
    CellClaim,
    CellTransfer,
    DirectoryEntry,
    DirectoryMove,
    Membership,
)
from nuanxin.members.queries.cells import counted_by_directory, counted_here, digest_of
from nuanxin.members.rules.cells.messages import BadMessage, UnknownSender, compose
from nuanxin.members.rules.cells.states import CellTransferState, ClaimState, Direction, Kind
from nuanxin.members.states import EndReason, MembershipState
from tests.cells.other import Other, active, arriving, ask_for, mismatches, package_for
from tests.factories.members import worker_of
from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db


def test_a_new_member_is_provisional_until_the_directory_grants(other: Other, join: Callable[..., Membership]) -> None:
    membership = join()
    claim = CellClaim.objects.get(membership=membership)
    assert (claim.state, claim.counted, membership.state) == (ClaimState.WAITING, False, MembershipState.ACTIVE)
    assert (active(), counted_here(), mismatches()) == (0, 0, [])
    claim = ask_for(membership)
    assert (claim.state, claim.counted, claim.version) == (ClaimState.GRANTED, True, 1)
    assert (active(), counted_here(), counted_by_directory(), mismatches()) == (1, 1, {"A": 1}, [])
    take_ruling(claim=claim, ruling={"claim": str(claim.pk), "outcome": "granted", "version": 1}, now=timezone.now())
    assert active() == 1


def test_a_suspended_provisional_member_counts_only_once_it_goes_on(
    other: Other, join: Callable[..., Membership]
) -> None:
    membership = join()
    suspend(actor=system(), number=membership.number, reason="长期外出务工", now=timezone.now())
    assert active() == 0
    assert ask_for(membership).counted
    assert (active(), mismatches()) == (0, [])


def test_whoever_left_before_the_answer_never_counts(other: Other, join: Callable[..., Membership]) -> None:
    from nuanxin.members.actions.memberships import end

    membership = join()
    end(actor=system(), number=membership.number, end_reason="left", evidence="退会申请书", now=timezone.now())
    assert ask_for(membership).state == ClaimState.CLOSED
    assert (active(), counted_by_directory(), mismatches()) == (0, {}, [])
    # The question that was on its way comes now: the claim was given up, and cannot come back.
    claim = CellClaim.objects.get(membership=membership)
    body = {"people": [{"digest": bytes(claim.digest).hex(), "claim": str(claim.pk)}]}
    message = compose(
        identity=uuid4(), kind=Kind.CLAIM, sender="A", receiver="directory", body=body, now=timezone.now()
    )
    text = receive(envelope=write(message, cell_keys().signing), as_directory=True, now=timezone.now())
    assert read(text).message["body"]["rulings"][0]["outcome"] == "void"
    assert counted_by_directory() == {}


def test_whoever_leaves_is_given_back_and_may_join_elsewhere(other: Other, join: Callable[..., Membership]) -> None:
    from nuanxin.members.actions.memberships import end

    membership = join()
    ask_for(membership)
    digest = digest_of(membership.worker)
    assert other.claim(digest, uuid4())["outcome"] == "held"
    end(actor=system(), number=membership.number, end_reason="left", evidence="退会申请书", now=timezone.now())
    assert active() == 0
    assert ask_for(membership).state == ClaimState.CLOSED
    assert other.claim(digest, uuid4())["outcome"] == "granted"
    assert counted_by_directory() == {"B": 1}
    assert [move.cell for move in DirectoryMove.objects.order_by("version")] == ["A", "", "B"]


def test_a_member_of_another_cell_is_told_and_offered_to_move(other: Other, join: Callable[..., Membership]) -> None:
    membership = join()
    other.claim(digest_of(membership.worker), uuid4())
    claim = ask_for(membership)
    assert (claim.state, claim.other_cell) == (ClaimState.ELSEWHERE, "B")
    transfer = CellTransfer.objects.get(membership=membership)
    assert (transfer.state, transfer.direction) == (CellTransferState.OFFERED, Direction.IN)
    membership.refresh_from_db()
    assert membership.state == MembershipState.ACTIVE  # the card works here
    decline_offer(actor=worker_of(membership), now=timezone.now())
    membership.refresh_from_db()
    assert (membership.state, membership.end_reason) == (MembershipState.ENDED, EndReason.ELSEWHERE)
    assert (active(), counted_by_directory(), mismatches()) == (0, {"B": 1}, [])


def test_an_offer_that_nobody_answers_ends(other: Other, join: Callable[..., Membership]) -> None:
    membership = join()
    other.claim(digest_of(membership.worker), uuid4())
    ask_for(membership)
    assert close_late(now=timezone.now()) == 0
    assert close_late(now=timezone.now() + timedelta(days=40)) == 1
    membership.refresh_from_db()
    assert membership.end_reason == EndReason.ELSEWHERE


def test_forged_messages_are_not_believed(other: Other, join: Callable[..., Membership]) -> None:
    transfer = arriving(other, join)
    sealed = other.seal(transfer.pk, package_for(transfer))
    body = {"transfer": str(transfer.pk), "sealed": sealed}
    stranger = PrivateKey.new()
    with pytest.raises(UnknownSender):
        other.say(Kind.PACKAGE, body, key=stranger)
    with pytest.raises(UnknownSender):
        other.say(Kind.PACKAGE, body, sender="C")
    with pytest.raises(BadMessage):
        other.say(Kind.PACKAGE, body, at=timezone.now() - timedelta(minutes=6))
    with pytest.raises(BadMessage):
        other.say(Kind.PACKAGE, body, to="directory")
    with pytest.raises(NotFound):
        other.say(Kind.PACKAGE, {"transfer": str(uuid4()), "sealed": sealed})
    with pytest.raises(UnknownSender):
        receive(envelope="no.envelope", as_directory=False, now=timezone.now())
    Cell.objects.filter(code="B").update(closed_at=timezone.now())
    with pytest.raises(UnknownSender):
        other.say(Kind.PACKAGE, body)
    transfer.refresh_from_db()
    assert (transfer.state, active()) == (CellTransferState.REQUESTED, 0)


def test_nobody_hands_over_what_another_holds(other: Other, join: Callable[..., Membership]) -> None:
    membership = join()
    claim = ask_for(membership)
    body = {"digest": bytes(claim.digest).hex(), "claim": str(claim.pk), "to_cell": "B", "to_claim": str(uuid4())}
    assert other.say(Kind.HAND_OVER, body, to="directory")["outcome"] == "not_yours"
    people = {"people": [{"digest": bytes(claim.digest).hex(), "claim": str(claim.pk)}]}
    assert other.say(Kind.RELEASE, people, to="directory")["rulings"][0]["outcome"] == "not_yours"
    assert other.say(Kind.LOOK_UP, people, to="directory")["rulings"][0]["version"] is None
    assert counted_by_directory() == {"A": 1}


def test_the_same_message_again_gets_the_same_answer(other: Other, join: Callable[..., Membership]) -> None:
    membership = join()
    ask_for(membership)
    digest, identity = digest_of(membership.worker).hex(), uuid4()
    body = {"people": [{"digest": digest, "claim": str(uuid4())}]}
    first = other.say(Kind.CLAIM, body, to="directory", identity=identity)
    DirectoryEntry.objects.update(cell="", claim=None)
    assert other.say(Kind.CLAIM, body, to="directory", identity=identity) == first


def test_only_an_introduction_with_its_own_signature_registers_a_cell(other: Other) -> None:
    with pytest.raises(Invalid):
        register_cell(introduction=write(read(Other().introduction()).message, PrivateKey.new()))
    with pytest.raises(Invalid):
        register_cell(introduction="nonsense")
    assert Cell.objects.count() == 2


def test_the_door_takes_envelopes_and_nothing_else(other: Other, join: Callable[..., Membership]) -> None:
    membership = join()
    people = [{"digest": digest_of(membership.worker).hex(), "claim": str(uuid4())}]
    message = compose(
        identity=uuid4(), kind=Kind.CLAIM, sender="B", receiver="directory", body={"people": people}, now=timezone.now()
    )
    client = Client()
    sent = client.post(
        "/api/v1/directory/messages", {"envelope": write(message, other.signing)}, content_type="application/json"
    )
    assert sent.status_code == 200
    answer = read(sent.json()["envelope"]).verify(cell_keys().signing.public())
    assert (answer["re"], answer["body"]["rulings"][0]["outcome"]) == (message["id"], "granted")
    forged = client.post(
        "/api/v1/directory/messages", {"envelope": write(message, PrivateKey.new())}, content_type="application/json"
    )
    assert (forged.status_code, forged.json()["code"]) == (401, "not_signed_in")


def test_a_single_cell_has_no_such_door(tree: Tree) -> None:
    for door in ("cells", "directory"):
        sent = Client().post(f"/api/v1/{door}/messages", {"envelope": "a.b"}, content_type="application/json")
        assert sent.status_code == 404


def test_a_single_cell_counts_at_once(tree: Tree, join: Callable[..., Membership]) -> None:
    join()
    assert (active(), CellClaim.objects.count(), mismatches()) == (1, 0, [])
