"""Two transfers of one member at once, a transfer against an end, both unions at once: one way only, counted once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from nuanxin.insight.queries import recount
from nuanxin.kernel.refusals import Refusal
from nuanxin.members.actions.clockwork import settle_transfers
from nuanxin.members.actions.memberships import end
from nuanxin.members.actions.transfers import cancel_transfer, decide_transfer, request_transfer
from nuanxin.members.models import Membership, MembershipEntry, TransferRequest
from nuanxin.members.queries.history import stays
from nuanxin.members.queries.transfers import Work
from nuanxin.organizations.actions.unions import close_union
from nuanxin.organizations.models import Union
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.insight import announce_fact, where
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree
from tests.members.moves_scene import make_beijing
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tree(transactional_db: None) -> Tree:
    connect()
    return make_tree()


@pytest.fixture
def member(tree: Tree) -> Membership:
    member = make_member(union=tree.township)
    announce_fact("admit", where(tree.township, day=member.began_on))
    worker_of(member)
    return Membership.objects.select_related("union", "worker__account").get(pk=member.pk)


def check_whole(member: Membership) -> None:
    """No gap, no overlap, one place, and the numbers agree."""
    fresh = Membership.objects.select_related("union").get(pk=member.pk)
    found = stays(fresh)
    assert found[-1].union == fresh.union
    assert [one.until for one in found[:-1]] == [other.since for other in found[1:]]
    assert found[-1].until == fresh.ended_on
    assert recount() == []


def test_control_reading_then_writing_moves_a_member_twice(tree: Tree, member: Membership) -> None:
    """Without the condition on where the member was seen, everybody wins."""

    def act(number: int) -> bool:
        seen = Membership.objects.get(pk=member.pk).union_id
        target = tree.couriers if number % 2 else tree.village
        return seen == tree.township.pk and bool(Membership.objects.filter(pk=member.pk).update(union=target))

    assert Counter(at_once(act, 8))[True] > 1


def test_eight_transfers_of_one_member_move_once(tree: Tree, member: Membership) -> None:
    clerks = [actor_for("reviewer", union=tree.county) for _ in range(8)]

    def act(number: int) -> str:
        target = tree.couriers if number % 2 else tree.village
        try:
            request_transfer(
                actor=clerks[number],
                membership=member,
                to_union=target,
                started_by="cadre",
                reason="本人要求",
                now=NOW,
            )
        except Refusal as refusal:
            return refusal.code
        return "moved"

    assert Counter(at_once(act, 8)) == {"moved": 1, "already_moved": 7}
    assert MembershipEntry.objects.filter(act="transferred").count() == 1
    assert TransferRequest.objects.filter(state="done").count() == 1
    check_whole(member)


def test_a_transfer_and_an_end_at_once_leave_one_story(tree: Tree, member: Membership) -> None:
    clerks = [actor_for("registrar" if number % 2 else "reviewer", union=tree.county) for number in range(8)]

    def act(number: int) -> str:
        try:
            if number % 2:
                end(actor=clerks[number], number=member.number, end_reason="left", evidence="本人申请", now=NOW)
                return "ended"
            request_transfer(
                actor=clerks[number],
                membership=member,
                to_union=tree.couriers,
                started_by="cadre",
                reason="本人要求",
                now=NOW,
            )
        except Refusal as refusal:
            return refusal.code
        return "moved"

    done = Counter(at_once(act, 8))
    assert done["ended"] <= 1
    assert done["moved"] <= 1
    assert done["ended"] + done["moved"] >= 1
    check_whole(member)


def test_both_unions_the_member_and_the_clock_at_once(tree: Tree, member: Membership) -> None:
    beijing = make_beijing(tree)
    asked = request_transfer(
        actor=worker_of(member),
        membership=member,
        to_union=beijing,
        started_by="worker",
        work=Work("110101001001"),
        now=NOW,
    )
    here, there = actor_for("reviewer", union=tree.township), actor_for("reviewer", union=beijing)
    me = worker_of(member)

    def act(number: int) -> object:
        try:
            if number % 4 == 3:
                return settle_transfers(now=NOW + timedelta(days=60))
            if number % 4 == 2:
                return cancel_transfer(actor=me, transfer_id=asked.pk, now=NOW).state
            actor, side = ((here, "old"), (there, "new"))[number % 4]
            return decide_transfer(actor=actor, transfer_id=asked.pk, side=side, agrees=True, now=NOW).state
        except Refusal as refusal:
            return refusal.code

    at_once(act, 8)
    asked.refresh_from_db()
    moved = MembershipEntry.objects.filter(act="transferred").count()
    assert (asked.state, moved) in {("done", 1), ("declined", 0)}
    check_whole(member)


def test_nobody_comes_to_a_union_that_closes_at_the_same_moment(tree: Tree, member: Membership) -> None:
    administrator = actor_for("administrator", union=tree.nation)
    reviewer = actor_for("reviewer", union=tree.county)

    def act(number: int) -> str:
        try:
            if number == 0:
                close_union(actor=administrator, union=tree.couriers, reason="合并", now=NOW)
                return "closed"
            request_transfer(
                actor=reviewer,
                membership=member,
                to_union=tree.couriers,
                started_by="cadre",
                reason="本人要求",
                now=NOW,
            )
        except Refusal as refusal:
            return refusal.code
        return "moved"

    done = set(at_once(act, 2))
    fresh = Membership.objects.get(pk=member.pk)
    closed = Union.objects.get(pk=tree.couriers.pk).closed_at is not None
    assert not (closed and fresh.union_id == tree.couriers.pk)
    assert done in ({"closed", "union_closed"}, {"union_has_people", "moved"})
    check_whole(member)
