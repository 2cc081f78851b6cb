"""One cell that is the directory too, and another of which only the keys exist: what is believed, and what not."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from nuanxin.access.actors import system
from nuanxin.insight.models import TallyDelta
from nuanxin.insight.queries.recount import recount
from nuanxin.kernel.envelopes import cell_keys, decode, encode, open_sealed, read, seal_for, write
from nuanxin.kernel.refusals import Invalid, NotAllowed, NotFound
from nuanxin.kernel.secrets import unseal
from nuanxin.kernel.signing import PrivateKey
from nuanxin.members.actions.admission import admit
from nuanxin.members.actions.cells.claims import take_ruling
from nuanxin.members.actions.cells.departures import answer_request, close_late
from nuanxin.members.actions.cells.offers import accept_offer, decline_offer
from nuanxin.members.actions.cells.outbox import bound_to, take_answer
from nuanxin.members.actions.cells.receiving import receive
from nuanxin.members.actions.cells.registry import register_cell
from nuanxin.members.actions.memberships import suspend
from nuanxin.members.models import (
    Cell,
    CellClaim,
    CellMessage,
    CellTransfer,
    DirectoryEntry,
    DirectoryMove,
    EarlierStay,
    Membership,
    MembershipEntry,
)
from nuanxin.members.queries.cells import all_stays, counted_by_directory, counted_here, digest_of
from nuanxin.members.rules.cells.messages import BadMessage, UnknownSender, compose
from nuanxin.members.rules.cells.states import CellTransferState, ClaimState, Direction, Kind, MessageState
from nuanxin.members.states import EndReason, MembershipAct, MembershipState
from nuanxin.organizations.models import DatedRule
from nuanxin.wiring import connect
from tests.factories.access import actor_for
from tests.factories.members import make_application, make_id_number, worker_of
from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db


class Other:
    """The cell that only has keys."""

    code = "B"

    def __init__(self) -> None:
        self.signing, self.sealing = PrivateKey.new(), PrivateKey.new()

    def introduction(self) -> str:
        points = {name: getattr(self, name).public().compressed().hex() for name in ("signing", "sealing")}
        card = {"code": self.code, "name": "济南", "address": "http://127.0.0.1:9", **points}
        return write(card, self.signing)

    def say(
        self,
        kind: Kind,
        body: dict[str, Any],
        *,
        to: str = "A",
        identity: UUID | None = None,
        at: datetime | None = None,
        key: PrivateKey | None = None,
        sender: str = "B",
    ) -> dict[str, Any]:
        """Say something to this installation and return what it answers."""
        now = timezone.now()
        message = compose(identity=identity or uuid4(), kind=kind, sender=sender, receiver=to, body=body, now=at or now)
        text = receive(envelope=write(message, key or self.signing), as_directory=to == "directory", now=now)
        answer: dict[str, Any] = read(text).verify(cell_keys().signing.public())["body"]
        return answer

    def seal(self, transfer: UUID, content: dict[str, Any]) -> str:
        bound = bound_to(transfer, sender="B", receiver="A")
        return encode(seal_for(cell_keys().sealing.public(), json.dumps(content).encode(), bound_to=bound))

    def claim(self, digest: bytes, claim: UUID) -> dict[str, Any]:
        body = {"people": [{"digest": digest.hex(), "claim": str(claim)}]}
        ruling: dict[str, Any] = self.say(Kind.CLAIM, body, to="directory")["rulings"][0]
        return ruling


@pytest.fixture
def other(tree: Tree, settings: Settings) -> Other:
    settings.NUANXIN_CELL, settings.NUANXIN_DIRECTORY = "A", True
    settings.NUANXIN_DIRECTORY_URL = "http://127.0.0.1:9"
    settings.NUANXIN_DIRECTORY_KEY = base64.b64encode(bytes(32)).decode()
    connect()
    made = Other()
    register_cell(introduction=made.introduction())
    Cell.objects.create(
        code="A",
        name="聊城",
        address="http://127.0.0.1:8",
        signing_point=cell_keys().signing.public().compressed(),
        sealing_point=cell_keys().sealing.public().compressed(),
    )
    return made


@pytest.fixture
def join(tree: Tree) -> Callable[..., Membership]:
    def admitted(id_number: str | None = None, name: str = "王小芳") -> Membership:
        from nuanxin.members.models import Worker
        from nuanxin.members.queries.persons import id_digest

        number = id_number or make_id_number()
        known = Worker.objects.filter(id_digest=id_digest(number)).first()
        application = make_application(union=tree.couriers, name=name, id_number=number, worker=known)
        return admit(system(), application, union=tree.couriers, basis="test", now=timezone.now())

    return admitted


def ask_for(membership: Membership) -> CellClaim:
    """Ask the directory, which is this installation too, for a claim, and take the answer."""
    claim = CellClaim.objects.filter(membership=membership).latest("asked_at")
    kind = Kind.RELEASE if claim.state == ClaimState.LEAVING else Kind.CLAIM
    message = compose(
        identity=uuid4(),
        kind=kind,
        sender="A",
        receiver="directory",
        body={"people": [{"digest": bytes(claim.digest).hex(), "claim": str(claim.pk)}]},
        now=timezone.now(),
    )
    text = receive(envelope=write(message, cell_keys().signing), as_directory=True, now=timezone.now())
    take_ruling(claim=claim, ruling=read(text).message["body"]["rulings"][0], now=timezone.now())
    claim.refresh_from_db()
    return claim


def active() -> int:
    return sum(TallyDelta.objects.values_list("active", flat=True))


def mismatches() -> list[Any]:
    return [each for each in recount() if each.measure != "applications"]


def body_of(message: CellMessage) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(unseal(message.sealed_body))
    return body


def package_for(transfer: CellTransfer, *, number: str = "37159876543212", **changes: Any) -> dict[str, Any]:
    """Return what the other cell packs for a transfer to us."""
    worker = transfer.membership.worker
    from nuanxin.kernel.secrets import PersonKey

    let_go = timezone.now().isoformat()
    return {
        "number": number,
        "began_on": "2024-05-01",
        "released_at": let_go,
        "name": worker.name,
        "phone": "",
        "id_kind": worker.id_kind,
        "id_number": PersonKey(worker.sealed_key).unseal(worker.sealed_id),
        "group": "courier",
        "stays": [
            {
                "id": str(uuid4()),
                "cell": "B",
                "cell_name": "济南",
                "union_code": "JNKD0000",
                "union_name": "济南快递",
                "began_at": "2024-05-01T09:00:00+08:00",
                "ended_at": let_go,
            }
        ],
    } | changes


def arriving(other: Other, join: Callable[..., Membership]) -> CellTransfer:
    """Let somebody join here whom the other cell holds, and say yes to moving."""
    membership = join()
    held = uuid4()
    other.claim(digest_of(membership.worker), held)
    ask_for(membership)
    transfer = CellTransfer.objects.get(membership=membership)
    accept_offer(actor=worker_of(transfer.membership), now=timezone.now())
    transfer.refresh_from_db()
    transfer.held = held  # type: ignore[attr-defined]
    return transfer


def bring(other: Other, transfer: CellTransfer, **changes: Any) -> dict[str, Any]:
    sealed = other.seal(transfer.pk, package_for(transfer, **changes))
    return other.say(Kind.PACKAGE, {"transfer": str(transfer.pk), "sealed": sealed})


def hand_over(other: Other, transfer: CellTransfer) -> None:
    other.say(
        Kind.HAND_OVER,
        {
            "transfer": str(transfer.pk),
            "digest": bytes(transfer.claim.digest).hex(),
            "claim": str(transfer.held),  # type: ignore[attr-defined]
            "to_cell": "A",
            "to_claim": str(transfer.claim_id),
        },
        to="directory",
    )


def requested(
    other: Other, membership: Membership, name: str = "王小芳", **changes: Any
) -> tuple[UUID, dict[str, Any]]:
    """Let the other cell ask for a member of ours."""
    key = uuid4()
    body = {
        "transfer": str(key),
        "claim": str(uuid4()),
        "digest": digest_of(membership.worker).hex(),
        "union": "济南快递行业工会",
        "sealed": other.seal(key, {"name": name}),
    } | changes
    return key, other.say(Kind.REQUEST, body)


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
