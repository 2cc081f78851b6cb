"""Two cells and a directory in memory, over a line that loses, doubles, delays and reorders: the real rules decide.

What the cells keep is reduced to what the rules ask for. After each step: nobody is counted twice, whoever counts is
who the directory names, and nobody is lost; when the line is quiet, each person who is a member counts exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from nuanxin.kernel.states import check_move
from nuanxin.members.rules.cells import directory
from nuanxin.members.rules.cells.claims import COUNTING, Step, after_ruling
from nuanxin.members.rules.cells.directory import Holding
from nuanxin.members.rules.cells.states import CLAIM_MOVES, LIVE, ClaimState, Kind

CELLS = ("A", "B")
PEOPLE = 2


@dataclass
class Claim:
    """One stay of one person in one cell."""

    id: UUID
    person: int
    state: str = ClaimState.WAITING
    counted: bool = False
    has_ended: bool = False
    has_package: bool = False
    asked: bool = False

    def move(self, new: str) -> None:
        check_move(CLAIM_MOVES, self.state, new)
        self.state = new


@dataclass
class Sent:
    """A message on the line, as often as the line likes."""

    sender: str
    receiver: str
    kind: Kind
    claim: UUID
    person: int
    other: UUID | None = None


@dataclass
class Cell:
    claims: dict[UUID, Claim] = field(default_factory=dict)
    #: What is sent until it is answered: hand-overs and packages of members who were let go.
    outbox: list[Sent] = field(default_factory=list)

    def live(self, person: int) -> Claim | None:
        return next((c for c in self.claims.values() if c.person == person and c.state in LIVE), None)


class World(RuleBasedStateMachine):
    """Anything may happen at any time."""

    @initialize()
    def begin(self) -> None:
        self.cells = {name: Cell() for name in CELLS}
        self.rows = {person: Holding() for person in range(PEOPLE)}
        self.void: set[UUID] = set()
        #: Claims of cells to which somebody was let go: a request is done once, as the transfer's id sees to.
        self.gone: set[UUID] = set()
        self.line: list[Sent] = []
        #: Copies of messages that arrived: any of them may arrive once more.
        self.late: list[Sent] = []
        self.serial = 0

    def _other(self, name: str) -> str:
        return CELLS[1 - CELLS.index(name)]

    def _new_claim(self, name: str, person: int) -> None:
        self.serial += 1
        claim = Claim(UUID(int=self.serial), person)
        self.cells[name].claims[claim.id] = claim

    def _is_member(self, name: str, person: int) -> bool:
        claim = self.cells[name].live(person)
        return claim is not None and not claim.has_ended

    @rule(name=st.sampled_from(CELLS), person=st.integers(0, PEOPLE - 1))
    def join(self, name: str, person: int) -> None:
        if self.cells[name].live(person) is None:
            self._new_claim(name, person)

    @rule(name=st.sampled_from(CELLS), person=st.integers(0, PEOPLE - 1))
    def leave(self, name: str, person: int) -> None:
        claim = self.cells[name].live(person)
        if claim is None or claim.has_ended:
            return
        claim.has_ended = True
        if claim.state == ClaimState.ELSEWHERE and (claim.asked or claim.has_package):
            return  # what the other cell hands over must be given back
        claim.move(ClaimState.LEAVING)
        claim.counted = False

    @rule(name=st.sampled_from(CELLS), person=st.integers(0, PEOPLE - 1))
    def ask_to_move(self, name: str, person: int) -> None:
        claim = self.cells[name].live(person)
        if claim is not None and claim.state == ClaimState.ELSEWHERE and not claim.has_ended and not claim.asked:
            claim.asked = True
            self._send(Sent(name, self._other(name), Kind.REQUEST, claim.id, person))

    @rule(name=st.sampled_from(CELLS))
    def ask_the_directory(self, name: str) -> None:
        cell = self.cells[name]
        handing = {sent.person for sent in cell.outbox if sent.kind == Kind.HAND_OVER}
        for claim in cell.claims.values():
            if claim.state == ClaimState.LEAVING:
                self._send(Sent(name, "directory", Kind.RELEASE, claim.id, claim.person))
            elif claim.person in handing:
                continue
            elif claim.state == ClaimState.WAITING or (claim.state == ClaimState.ELSEWHERE and claim.has_package):
                self._send(Sent(name, "directory", Kind.CLAIM, claim.id, claim.person))

    @rule(name=st.sampled_from(CELLS))
    def send_again(self, name: str) -> None:
        for sent in self.cells[name].outbox:
            self._send(sent)
        for claim in self.cells[name].claims.values():
            if claim.state == ClaimState.ELSEWHERE and claim.asked and not claim.has_package:
                self._send(Sent(name, self._other(name), Kind.REQUEST, claim.id, claim.person))

    def _send(self, sent: Sent) -> None:
        self.line.append(sent)

    @precondition(lambda self: self.line)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.line) - 1))
        fate = data.draw(st.sampled_from(["once", "once", "keep", "lose", "answer lost"]))
        sent = self.line[at] if fate == "keep" else self.line.pop(at)
        if fate == "lose":
            return
        answer = self._take(sent)
        if fate != "answer lost":
            self._take_answer(sent, answer)

    def _take(self, sent: Sent) -> dict[str, Any]:
        if sent.receiver == "directory":
            return self._rule(sent)
        cell = self.cells[sent.receiver]
        if sent.kind == Kind.REQUEST:
            self._take_request(cell, sent)
        elif sent.kind == Kind.REFUSAL:
            self._take_refusal(cell, sent)
        elif sent.other is not None:
            claim = cell.claims[sent.other]
            claim.has_package = True  # also twice, and also late: it is the same package
        return {}

    def _rule(self, sent: Sent) -> dict[str, Any]:
        row = self.rows[sent.person]
        if sent.kind == Kind.CLAIM:
            ruling = directory.claim(row, cell=sent.sender, claim=sent.claim, is_void=sent.claim in self.void)
        elif sent.kind == Kind.RELEASE:
            ruling = directory.release(row, cell=sent.sender, claim=sent.claim)
        else:
            assert sent.other is not None
            to_cell = self._other(sent.sender)
            ruling = directory.hand_over(row, cell=sent.sender, claim=sent.claim, to_cell=to_cell, to_claim=sent.other)
        assert ruling.row.version >= row.version
        self.rows[sent.person] = ruling.row
        if ruling.void:
            self.void.add(ruling.void)
        return {"outcome": ruling.outcome, "cell": ruling.row.cell}

    def _take_request(self, cell: Cell, sent: Sent) -> None:
        claim = cell.live(sent.person)
        if sent.claim in self.gone or any(kept.other == sent.claim for kept in cell.outbox):
            return
        if claim is None or claim.state != ClaimState.GRANTED:
            if claim is None or claim.state == ClaimState.ELSEWHERE:
                cell.outbox.append(Sent(sent.receiver, sent.sender, Kind.REFUSAL, sent.claim, sent.person, sent.claim))
            return
        claim.move(ClaimState.HANDED)
        claim.counted, claim.has_ended = False, True
        for kind, receiver in ((Kind.HAND_OVER, "directory"), (Kind.PACKAGE, sent.sender)):
            cell.outbox.append(Sent(sent.receiver, receiver, kind, claim.id, sent.person, sent.claim))
        self.gone.add(sent.claim)

    def _take_refusal(self, cell: Cell, sent: Sent) -> None:
        assert sent.other is not None
        claim = cell.claims[sent.other]
        if claim.state == ClaimState.ELSEWHERE and claim.asked and not claim.has_package:
            claim.asked = False
            claim.move(ClaimState.LEAVING if claim.has_ended else ClaimState.WAITING)

    def _take_answer(self, sent: Sent, answer: dict[str, Any]) -> None:
        cell = self.cells[sent.sender]
        if sent.kind not in {Kind.CLAIM, Kind.RELEASE}:
            cell.outbox = [kept for kept in cell.outbox if kept != sent]
            return
        claim = cell.claims[sent.claim]
        asked_as = ClaimState.LEAVING if sent.kind == Kind.RELEASE else claim.state
        if claim.state != asked_as or (sent.kind == Kind.CLAIM and claim.state == ClaimState.LEAVING):
            return
        step = after_ruling(
            claim.state,
            answer["outcome"],
            is_ours=answer["cell"] == sent.sender,
            has_package=claim.has_package,
            has_ended=claim.has_ended,
        )
        if step in COUNTING:
            claim.move(ClaimState.GRANTED)
            claim.counted = not claim.has_ended
            if claim.has_ended:
                claim.move(ClaimState.LEAVING)
        elif step == Step.OFFER:
            claim.move(ClaimState.ELSEWHERE)
        elif step == Step.GIVE_BACK:
            claim.move(ClaimState.LEAVING)
        elif step == Step.CLOSE:
            claim.move(ClaimState.CLOSED)

    @invariant()
    def nobody_counts_twice(self) -> None:
        for person in range(PEOPLE):
            counting = [
                (name, claim.id)
                for name, cell in self.cells.items()
                for claim in cell.claims.values()
                if claim.person == person and claim.counted
            ]
            assert len(counting) <= 1
            row = self.rows[person]
            assert counting in ([], [(row.cell, row.claim)])

    @invariant()
    def one_live_claim_in_a_cell(self) -> None:
        for cell in self.cells.values():
            for person in range(PEOPLE):
                assert sum(c.person == person and c.state in LIVE for c in cell.claims.values()) <= 1

    @rule()
    def quiet_for_a_while(self) -> None:
        """For once everything arrives; copies of what was sent may come again much later."""
        for name in CELLS:
            self.ask_the_directory(name)
            self.send_again(name)
            for person in range(PEOPLE):
                self.ask_to_move(name, person)
        while self.line:
            sent = self.line.pop(0)
            self.late.append(sent)
            self._take_answer(sent, self._take(sent))
            self.nobody_counts_twice()
        self.late = self.late[-40:]

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def come_again_late(self, data: st.DataObject) -> None:
        self._take(self.late[data.draw(st.integers(0, len(self.late) - 1))])

    def teardown(self) -> None:
        """Let the line become quiet and reliable: everything settles, and each member counts exactly once."""
        if not hasattr(self, "cells"):
            return
        for _round in range(12):
            self.quiet_for_a_while()
        for person in range(PEOPLE):
            members = [name for name in CELLS if self._is_member(name, person)]
            counted = [name for name in CELLS if (claim := self.cells[name].live(person)) and claim.counted]
            assert counted == members
            assert len(members) <= 1
            assert self.rows[person].cell == (members[0] if members else "")


TestProtocol = World.TestCase
TestProtocol.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)


def test_a_question_that_comes_late_does_not_take_the_place_of_a_later_one() -> None:
    """Somebody left and came back at once; the first stay's question arrives last."""
    first, second = UUID(int=1), UUID(int=2)
    row = directory.claim(Holding(), cell="A", claim=second, is_void=False).row
    late = directory.claim(row, cell="A", claim=first, is_void=False)
    assert (late.outcome, late.row) == (directory.HELD, row)
    assert directory.release(row, cell="A", claim=first).row == row
    assert directory.claim(replace(row, claim=first), cell="A", claim=second, is_void=False).row.claim == second
