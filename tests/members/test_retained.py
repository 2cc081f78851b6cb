"""Retained and taken up again, asked to take part and ended after all, expelled and reported to the union above."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from nuanxin.access.actors import actor_of_key
from nuanxin.insight.queries import recount
from nuanxin.kernel.refusals import NotFound, Refusal
from nuanxin.members.actions.cards import issue_code, verify
from nuanxin.members.actions.endings import acknowledge_filing, clear, end_warned, expel, warn
from nuanxin.members.actions.memberships import end, suspend
from nuanxin.members.actions.retained import retain, take_up_again
from nuanxin.members.models import Filing, Membership
from nuanxin.members.queries.memberships import history
from nuanxin.members.queries.searching import Filters, search
from nuanxin.members.queries.transfers import visible_filings
from nuanxin.members.rules.memberships import active_change
from nuanxin.members.states import STANDING_ACTS, MembershipAct, MembershipState
from nuanxin.messages.models import Notice, TextMessage
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_client, make_device
from tests.factories.insight import announce_fact, where
from tests.factories.members import make_member
from tests.factories.organizations import make_dated_rule
from tests.members.moves_scene import standing, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from nuanxin.access.actors import Actor
    from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=31)


@pytest.fixture
def clerk(tree: Tree) -> Actor:
    return actor_for("registrar", union=tree.county)


@pytest.fixture
def member(tree: Tree) -> Membership:
    member = make_member(union=tree.couriers)
    announce_fact("admit", where(tree.couriers, day=member.began_on))
    return member


def kept(clerk: Actor, member: Membership, why: str = "unemployed", **more: Any) -> Membership:
    values: dict[str, Any] = {"evidence": "失业证明", "now": NOW} | more
    return retain(actor=clerk, number=member.number, retain_reason=why, **values)


@pytest.mark.parametrize(
    ("old", "new", "change"), [("active", "retained", -1), ("retained", "active", 1), ("retained", "ended", 0)]
)
def test_a_retained_member_does_not_count_as_active(old: str, new: str, change: int) -> None:
    assert active_change(old, new) == change


def test_every_act_has_a_place_among_those_that_say_the_standing_or_not() -> None:
    others = {"transferred", "warned", "cleared", "merged"}
    assert {str(act) for act in MembershipAct} - {str(act) for act in STANDING_ACTS} == others


def test_a_membership_is_retained_and_taken_up_again(tree: Tree, clerk: Actor, member: Membership) -> None:
    asks, counter = actor_of_key(make_client()[1], NOW), actor_of_key(make_device(union=tree.city)[1], NOW)
    since = TODAY - timedelta(days=5)
    kept(clerk, member, effective_on=since, decided_by="基层工会委员会11月20日会议")
    assert standing(member) == ("retained", tree.couriers.name, "unemployed")
    entry = list(history(member))[-1]
    assert (entry.act, entry.effective_on, entry.evidence, entry.decided_by) == (
        "retained",
        since,
        "失业证明",
        "基层工会委员会11月20日会议",
    )
    assert recount() == []
    code = issue_code(actor=asks, number=member.number, now=NOW).code
    checked = verify(actor=counter, code=code, now=NOW)
    assert (checked.answer, checked.surname) == ("retained", "王**")
    assert search(clerk, Filters(state=MembershipState.RETAINED)).count == 1
    assert search(clerk, Filters(state=MembershipState.ACTIVE)).count == 0
    take_up_again(actor=clerk, number=member.number, evidence="劳动合同", now=NOW)
    assert standing(member) == ("active", tree.couriers.name, "")
    assert recount() == []
    assert [row.template for row in TextMessage.objects.order_by("created_at", "pk")] == [
        "membership.retained",
        "membership.returned",
    ]


@pytest.mark.parametrize("why", ["retired", "unemployed", "military"])
def test_whoever_is_not_at_work_stays_with_the_union(tree: Tree, clerk: Actor, member: Membership, why: str) -> None:
    kept(clerk, member, why)
    assert standing(member) == ("retained", tree.couriers.name, why)


@pytest.mark.parametrize(("upper", "keeper"), [(True, "county"), (False, "township")])
def test_who_keeps_the_membership_when_the_employer_closed_is_a_dated_rule(
    tree: Tree, clerk: Actor, upper: bool, keeper: str
) -> None:
    make_dated_rule(name="members.retain_at", value={"upper": upper}, union=tree.city)
    member = make_member(union=tree.couriers, group="food_delivery_rider", region="371502001002")
    announce_fact(
        "admit", where(tree.couriers, region="371502001002", group="food_delivery_rider", day=member.began_on)
    )
    kept(clerk, member, "employer_closed")
    assert standing(member) == ("retained", getattr(tree, keeper).name, "employer_closed")
    assert [row.act for row in history(member)] == ["admitted", "retained", "transferred"]
    assert recount() == []


def test_retained_may_end(tree: Tree, clerk: Actor, member: Membership) -> None:
    kept(clerk, member)
    end(actor=clerk, number=member.number, end_reason="left", evidence="本人申请", now=NOW)
    assert standing(member) == ("ended", tree.couriers.name, "")
    assert recount() == []


def test_leaving_automatically_takes_two_steps(tree: Tree, clerk: Actor, member: Membership) -> None:
    finish: dict[str, Any] = {"reason": "经教育仍不参加", "evidence": "通知书存根", "decided_by": "工会委员会"}
    with pytest.raises(Refusal, match="notice_needed"):
        end_warned(actor=clerk, number=member.number, now=NOW, **finish)
    warn(actor=clerk, number=member.number, reason="六个月未缴会费", now=NOW)
    assert Membership.objects.get().warned_until == TODAY + timedelta(days=30)
    with pytest.raises(Refusal, match="already_moved"):
        warn(actor=clerk, number=member.number, reason="六个月未缴会费", now=NOW)
    with pytest.raises(Refusal, match="notice_needed"):
        end_warned(actor=clerk, number=member.number, now=NOW + timedelta(days=30), **finish)
    end_warned(actor=clerk, number=member.number, now=LATER, **finish)
    fresh = Membership.objects.get()
    assert (fresh.state, fresh.end_reason, fresh.warned_until) == ("ended", "left_automatically", None)
    assert [row.act for row in history(fresh)] == ["admitted", "warned", "ended"]
    assert recount() == []


def test_whoever_takes_part_again_is_not_ended(tree: Tree, clerk: Actor, member: Membership) -> None:
    with pytest.raises(Refusal, match="already_moved"):
        clear(actor=clerk, number=member.number, reason="已补缴会费", now=NOW)
    warn(actor=clerk, number=member.number, reason="六个月未缴会费", now=NOW)
    clear(actor=clerk, number=member.number, reason="已补缴会费", now=NOW)
    assert Membership.objects.get().warned_until is None
    with pytest.raises(Refusal, match="notice_needed"):
        end_warned(
            actor=clerk, number=member.number, reason="仍不参加", evidence="存根", decided_by="委员会", now=LATER
        )


def test_an_expulsion_is_reported_to_the_union_above(tree: Tree, clerk: Actor, member: Membership) -> None:
    above = actor_for("registrar", union=tree.county)
    expel(
        actor=clerk,
        number=member.number,
        reason="触犯刑律，被判处刑罚",
        evidence="判决书",
        decided_by="工会委员会11月22日会议",
        now=NOW,
    )
    fresh = Membership.objects.get()
    assert (fresh.state, fresh.end_reason) == ("ended", "expelled")
    filing = Filing.objects.get()
    assert (filing.union, filing.entry.decided_by) == (tree.county, "工会委员会11月22日会议")
    assert above.account_id in set(Notice.objects.filter(template="desk.filing").values_list("account_id", flat=True))
    assert visible_filings(actor_for("registrar", union=tree.couriers)).count() == 0
    with pytest.raises(NotFound):
        acknowledge_filing(actor=actor_for("registrar", union=tree.couriers), filing_id=filing.pk, now=NOW)
    with pytest.raises(NotFound):
        acknowledge_filing(actor=actor_for("reviewer", union=tree.county), filing_id=filing.pk, now=NOW)
    acknowledge_filing(actor=above, filing_id=filing.pk, remark="已备案", now=NOW)
    with pytest.raises(Refusal, match="already_moved"):
        acknowledge_filing(actor=above, filing_id=filing.pk, now=NOW)
    filing.refresh_from_db()
    assert (filing.acknowledged_by_id, filing.remark) == (above.account_id, "已备案")


ACTS: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (retain, {"retain_reason": "holiday", "evidence": "证明"}, "unknown_choice"),
    (retain, {"retain_reason": "retired"}, "evidence_missing"),
    (retain, {"retain_reason": "retired", "evidence": "证明", "effective_on": TODAY + timedelta(1)}, "in_the_future"),
    (take_up_again, {}, "already_moved"),
    (warn, {"reason": "不"}, "reason_missing"),
    (expel, {"reason": "触犯刑律", "decided_by": "委员会"}, "evidence_missing"),
    (expel, {"reason": "触犯刑律", "evidence": "判决书", "decided_by": ""}, "body_missing"),
    (end, {"end_reason": "expelled", "evidence": "判决书"}, "unknown_choice"),
    (end, {"end_reason": "left_automatically", "evidence": "存根"}, "unknown_choice"),
    (end, {"end_reason": "moved_away", "evidence": "存根"}, "unknown_choice"),
]


@pytest.mark.parametrize(("act", "values", "code"), ACTS)
def test_what_is_refused_changes_nothing(
    tree: Tree, clerk: Actor, member: Membership, act: Callable[..., Any], values: dict[str, Any], code: str
) -> None:
    before = written()
    with pytest.raises(Refusal) as refused:
        act(actor=clerk, number=member.number, now=NOW, **values)
    assert (refused.value.code, written(), standing(member)[0]) == (code, before, "active")


@pytest.mark.parametrize(
    ("act", "values"),
    [
        (retain, {"retain_reason": "retired", "evidence": "证明"}),
        (take_up_again, {}),
        (warn, {"reason": "六个月未缴会费"}),
        (clear, {"reason": "已补缴会费"}),
        (end_warned, {"reason": "仍不参加", "evidence": "存根", "decided_by": "委员会"}),
        (expel, {"reason": "触犯刑律", "evidence": "判决书", "decided_by": "委员会"}),
    ],
)
def test_who_may_not(tree: Tree, member: Membership, act: Callable[..., Any], values: dict[str, Any]) -> None:
    before = written()
    for actor, code in (
        (actor_for("reviewer", union=tree.county), "not_allowed"),
        (actor_for("registrar", union=tree.township), "not_found"),
    ):
        with pytest.raises(Refusal) as refused:
            act(actor=actor, number=member.number, now=NOW, **values)
        assert refused.value.code == code
    assert written() == before


def test_whoever_rests_is_not_retained(tree: Tree, clerk: Actor, member: Membership) -> None:
    suspend(actor=clerk, number=member.number, reason="六个月未缴会费", now=NOW)
    with pytest.raises(Refusal, match="already_moved"):
        kept(clerk, member)
