"""Moving to another union: at once within the city, else by the answers of both, by silence, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from nuanxin.access.actors import actor_of_key, anonymous
from nuanxin.insight.queries import recount
from nuanxin.kernel.refusals import NotAllowed, NotFound, NotSignedIn, Refusal
from nuanxin.members.actions.cards import issue_code, verify
from nuanxin.members.actions.clockwork import settle_transfers
from nuanxin.members.actions.memberships import end, suspend
from nuanxin.members.actions.transfers import (
    answer_transfer,
    cancel_transfer,
    decide_transfer,
    move_membership,
    request_transfer,
)
from nuanxin.members.models import Card, Membership, TransferAnswer, TransferRequest
from nuanxin.members.queries.history import stays
from nuanxin.members.queries.transfers import Work, scanned_work, sides_of, transfer_queue
from nuanxin.messages.models import Notice, TextMessage
from nuanxin.organizations.models import Union
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_client, make_device
from tests.factories.insight import announce_fact, where
from tests.factories.members import make_application, make_member, worker_of
from tests.factories.organizations import make_dated_rule, make_enterprise, make_union
from tests.members.moves_scene import make_beijing, standing, written

if TYPE_CHECKING:
    from nuanxin.access.actors import Actor
    from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db
LATE = NOW + timedelta(days=60)


@pytest.fixture
def beijing(tree: Tree) -> Union:
    return make_beijing(tree)


@pytest.fixture
def member(tree: Tree) -> Membership:
    """A courier of the township's union; the county's union of couriers would take her in."""
    member = make_member(union=tree.township)
    announce_fact("admit", where(tree.township, day=member.began_on))
    return member


def ask(member: Membership, to_union: Union, actor: Actor | None = None, **more: Any) -> TransferRequest:
    values: dict[str, Any] = {"started_by": "worker", "now": NOW} | more
    fresh = Membership.objects.select_related("union", "worker").get(pk=member.pk)
    return request_transfer(actor=actor or worker_of(member), membership=fresh, to_union=to_union, **values)


def to_beijing(member: Membership, beijing: Union, **more: Any) -> TransferRequest:
    return ask(member, beijing, **{"work": Work("110101001001")} | more)


# -- within the city


def test_within_the_city_a_member_moves_at_once_and_keeps_everything(tree: Tree, member: Membership) -> None:
    code = issue_code(actor=worker_of(member), number=member.number, now=NOW).code
    done = ask(member, tree.couriers, door="h5")
    assert (done.state, done.closed_at, done.door_id) == ("done", NOW, "h5")
    assert "同城转会即时办理" in done.basis
    assert standing(member) == ("active", tree.couriers.name, "")
    fresh = Membership.objects.get(pk=member.pk)
    assert (fresh.number, fresh.began_on, fresh.came_on) == (member.number, member.began_on, TODAY)
    assert Card.objects.get(revoked_at=None).membership_id == member.pk
    counter = actor_of_key(make_device(union=tree.city)[1], NOW)
    checked = verify(actor=counter, code=code, now=NOW)
    assert (checked.answer, checked.union_name) == ("valid", tree.couriers.name)
    assert [(stay.union.name, stay.since, stay.until) for stay in stays(fresh)] == [
        (tree.township.name, member.began_on, TODAY),
        (tree.couriers.name, TODAY, None),
    ]
    assert recount() == []
    assert list(TextMessage.objects.values_list("template", flat=True)) == ["transfer.done"]


def test_both_unions_are_told(tree: Tree, member: Membership) -> None:
    left, came = actor_for("reviewer", union=tree.township), actor_for("reviewer", union=tree.county)
    ask(member, tree.couriers)
    assert {(row.account_id, row.template) for row in Notice.objects.all()} == {
        (left.account_id, "desk.transfer_left"),
        (came.account_id, "desk.transfer_came"),
    }


def test_a_city_that_wants_both_unions_heard_hears_them(tree: Tree, member: Membership) -> None:
    make_dated_rule(name="members.transfer_within_city", value={"at_once": False}, union=tree.city)
    assert ask(member, tree.couriers).state == "requested"


# -- between cities


def test_both_unions_agree_and_the_member_works_elsewhere(tree: Tree, member: Membership, beijing: Union) -> None:
    here, there = actor_for("reviewer", union=tree.township), actor_for("reviewer", union=beijing)
    asked = to_beijing(member, beijing)
    assert (asked.state, standing(member)[1]) == ("requested", tree.township.name)
    assert [row.template for row in TextMessage.objects.all()] == ["transfer.requested"]
    assert {row.account_id for row in Notice.objects.filter(template="transfer.waiting")} == {
        here.account_id,
        there.account_id,
    }
    assert [transfer_queue(actor).count() for actor in (here, there)] == [1, 1]
    asked = decide_transfer(actor=there, transfer_id=asked.pk, side="new", agrees=True, now=NOW)
    assert (asked.state, transfer_queue(there).count(), sides_of(there, asked)) == ("requested", 0, [])
    done = decide_transfer(actor=here, transfer_id=asked.pk, side="old", agrees=True, now=NOW)
    assert (done.state, standing(member)) == ("done", ("active", beijing.name, ""))
    member.worker.refresh_from_db()
    assert member.worker.region_id == "110101001001"
    assert recount() == []


@pytest.mark.parametrize("side", ["old", "new"])
def test_one_union_refuses_and_says_why(tree: Tree, member: Membership, beijing: Union, side: str) -> None:
    asked = to_beijing(member, beijing)
    cadre = actor_for("reviewer", union=beijing if side == "new" else tree.township)
    with pytest.raises(Refusal):
        decide_transfer(actor=cadre, transfer_id=asked.pk, side=side, agrees=False, reason="不", now=NOW)
    refused = decide_transfer(
        actor=cadre, transfer_id=asked.pk, side=side, agrees=False, reason="本人已在外地就业", now=NOW
    )
    assert (refused.state, standing(member)[1]) == ("refused", tree.township.name)
    assert TextMessage.objects.filter(template="transfer.refused").count() == 1
    assert to_beijing(member, beijing).state == "requested"


def test_a_union_answers_once_and_only_for_itself(tree: Tree, member: Membership, beijing: Union) -> None:
    asked = to_beijing(member, beijing)
    there = actor_for("reviewer", union=beijing)
    decide_transfer(actor=there, transfer_id=asked.pk, side="new", agrees=True, now=NOW)
    before = written()
    for actor, side, refusal in (
        (there, "new", Refusal),
        (there, "old", NotFound),
        (there, "both", Refusal),
        (actor_for("reviewer", union=tree.village), "old", NotFound),
        (actor_for("registrar", union=tree.township), "old", NotFound),
        (anonymous(), "old", NotFound),
    ):
        with pytest.raises(refusal):
            decide_transfer(actor=actor, transfer_id=asked.pk, side=side, agrees=True, now=NOW)
    assert (written(), standing(member)[1]) == (before, tree.township.name)


def test_silence_is_consent_once_time_has_run_out(tree: Tree, member: Membership, beijing: Union) -> None:
    asked = to_beijing(member, beijing)
    assert asked.due_at is not None
    assert settle_transfers(now=asked.due_at) == 0
    assert settle_transfers(now=LATE) == 1
    assert settle_transfers(now=LATE) == 0
    asked.refresh_from_db()
    assert (asked.state, standing(member)[1]) == ("done", beijing.name)
    assert sorted(TransferAnswer.objects.values_list("side", "answer")) == [("new", "silent"), ("old", "silent")]


@pytest.mark.parametrize("mute", ["old", "new"])
def test_where_silence_is_no_consent_the_request_is_closed(
    tree: Tree, member: Membership, beijing: Union, mute: str
) -> None:
    value = {"old": True, "new": True} | {mute: False}
    make_dated_rule(name="members.transfer_silence", value=value, union=beijing if mute == "new" else tree.city)
    asked = to_beijing(member, beijing)
    assert settle_transfers(now=LATE) == 1
    asked.refresh_from_db()
    assert (asked.state, standing(member)[1]) == ("lapsed", tree.township.name)
    assert TextMessage.objects.filter(template="transfer.lapsed").count() == 1


def test_a_union_that_closed_meanwhile_takes_nobody(tree: Tree, member: Membership, beijing: Union) -> None:
    asked = to_beijing(member, beijing)
    Union.objects.filter(pk=beijing.pk).update(closed_at=NOW)
    assert settle_transfers(now=LATE) == 1
    asked.refresh_from_db()
    assert (asked.state, standing(member)[1]) == ("lapsed", tree.township.name)


def test_the_member_cancels(tree: Tree, member: Membership, beijing: Union) -> None:
    asked = to_beijing(member, beijing)
    with pytest.raises(NotFound):
        cancel_transfer(actor=worker_of(make_member(union=tree.township)), transfer_id=asked.pk, now=NOW)
    assert cancel_transfer(actor=worker_of(member), transfer_id=asked.pk, now=NOW).state == "declined"
    with pytest.raises(Refusal):
        cancel_transfer(actor=worker_of(member), transfer_id=asked.pk, now=NOW)
    assert settle_transfers(now=LATE) == 0


# -- who starts it


def test_a_cadre_of_the_new_union_has_agreed_by_asking(tree: Tree, member: Membership, beijing: Union) -> None:
    there = actor_for("reviewer", union=beijing)
    asked = ask(member, beijing, there, started_by="cadre", reason="本人已在东城区工作")
    assert (asked.state, list(TransferAnswer.objects.values_list("side", "answer"))) == (
        "requested",
        [("new", "consented")],
    )
    assert TextMessage.objects.get().template == "transfer.started"


def test_a_cadre_above_both_moves_at_once(tree: Tree, member: Membership, beijing: Union) -> None:
    nation = actor_for("reviewer", union=tree.nation)
    assert ask(member, beijing, nation, started_by="cadre", reason="本人已在东城区工作").state == "done"
    assert standing(member)[1] == beijing.name


def test_the_new_employer_starts_it(tree: Tree, member: Membership) -> None:
    firm = make_enterprise(union=tree.couriers)
    office = actor_for("hr", enterprise=firm)
    assert ask(member, tree.couriers, office, started_by="employer").state == "done"
    with pytest.raises((NotFound, NotAllowed)):
        ask(member, tree.township, office, started_by="employer")


def test_a_machine_asks_for_a_member_by_its_scope(tree: Tree, member: Membership) -> None:
    wrong = actor_of_key(make_client(scopes=("members.read",))[1], NOW)
    with pytest.raises(NotAllowed):
        ask(member, tree.couriers, wrong)
    right = actor_of_key(make_client(scopes=("members.transfer",))[1], NOW)
    assert ask(member, tree.couriers, right).state == "done"


def test_what_cannot_be_asked_for_changes_nothing(tree: Tree, member: Membership, beijing: Union) -> None:
    closed = make_union(parent=tree.county, name="已撤销工会", closed_at=NOW)
    resting = make_member(union=tree.township, state="suspended")
    gone = make_member(union=tree.township, state="ended")
    reviewer = actor_for("reviewer", union=tree.township)
    before = written()
    for who, to_union, more, code in (
        (member, tree.township, {}, "already_here"),
        (member, closed, {}, "union_closed"),
        (member, beijing, {}, "not_admitting"),
        (member, tree.couriers, {"actor": worker_of(resting)}, "not_found"),
        (member, tree.couriers, {"actor": anonymous()}, "not_signed_in"),
        (member, tree.couriers, {"actor": reviewer}, "not_allowed"),
        (member, tree.couriers, {"actor": reviewer, "started_by": "cadre", "reason": "不"}, "reason_missing"),
        (
            member,
            tree.couriers,
            {"actor": actor_for("reviewer", union=beijing), "started_by": "cadre", "reason": "本人要求"},
            "not_found",
        ),
        (resting, tree.couriers, {}, "membership_suspended"),
        (gone, tree.couriers, {}, "membership_ended"),
    ):
        with pytest.raises(Refusal) as refused:
            ask(who, to_union, **more)
        assert refused.value.code == code
    assert (written(), standing(member)[1]) == (before, tree.township.name)


def test_one_request_at_a_time(tree: Tree, member: Membership, beijing: Union) -> None:
    to_beijing(member, beijing)
    before = written()
    for to_union in (beijing, tree.couriers):
        with pytest.raises(Refusal, match="transfer_asked"):
            ask(member, to_union, work=Work("110101001001") if to_union == beijing else None)
    assert written() == before


def test_whoever_read_it_elsewhere_moves_nothing(tree: Tree, member: Membership) -> None:
    stale = Membership.objects.select_related("union", "worker").get(pk=member.pk)
    ask(member, tree.couriers)
    before = written()
    with pytest.raises(Refusal, match="already_moved"):
        request_transfer(
            actor=worker_of(member), membership=stale, to_union=tree.couriers, started_by="worker", now=NOW
        )
    with pytest.raises(Refusal, match="already_moved"):
        move_membership(anonymous(), stale, to_union=tree.village, basis="merge", now=NOW)
    assert (written(), standing(member)[1]) == (before, tree.couriers.name)


# -- with a scan


def test_where_a_scan_says_that_one_works(tree: Tree, member: Membership, beijing: Union) -> None:
    worker = member.worker
    assert scanned_work(worker, tree.couriers, now=NOW) == Work("371502001001")
    assert scanned_work(worker, beijing, now=NOW) == Work("110101001")
    assert scanned_work(worker, tree.county, now=NOW) is None
    own = make_union(parent=tree.county, kind="enterprise", name="顺达物流工会", admits="covered")
    firm = make_enterprise(union=own)
    assert scanned_work(worker, own, now=NOW) == Work("371502001001", firm)
    worker.employer = firm
    assert scanned_work(worker, tree.couriers, now=NOW) == Work("371502001001")


# -- with an offer


def offered(tree: Tree, member: Membership, **fields: Any) -> Any:
    application = make_application(union=None, state="known_member", **fields)
    TransferRequest.objects.create(
        membership=member, from_union=member.union, application=application, to_union=tree.couriers, offered_at=NOW
    )
    return application


def test_an_offer_is_taken_up_with_the_members_own_phone(tree: Tree) -> None:
    member = make_member(union=tree.township, phone="15450009999")
    application = offered(tree, member, phone="15450009999", region="371502001002")
    assert answer_transfer(actor=anonymous(), application=application, wants=True, now=NOW).state == "done"
    member.worker.refresh_from_db()
    assert (standing(member)[1], member.worker.region_id) == (tree.couriers.name, "371502001002")
    with pytest.raises(Refusal):
        answer_transfer(actor=anonymous(), application=application, wants=True, now=NOW)


def test_nobody_moves_a_member_with_another_phone(tree: Tree, member: Membership) -> None:
    application = offered(tree, member)
    before = written()
    with pytest.raises(Refusal, match="other_phone"):
        answer_transfer(actor=anonymous(), application=application, wants=True, now=NOW)
    assert (written(), TransferRequest.objects.get().state) == (before, "offered")
    assert answer_transfer(actor=anonymous(), application=application, wants=False, now=NOW).state == "declined"


# -- with what else happens to a membership


@pytest.mark.parametrize("act", ["suspend", "end"])
def test_a_request_is_closed_when_the_membership_rests_or_ends(
    tree: Tree, member: Membership, beijing: Union, act: str
) -> None:
    asked, clerk = to_beijing(member, beijing), actor_for("registrar", union=tree.county)
    if act == "suspend":
        suspend(actor=clerk, number=member.number, reason="六个月未缴会费", now=NOW)
    else:
        end(actor=clerk, number=member.number, end_reason="left", evidence="本人申请", now=NOW)
    asked.refresh_from_db()
    assert (asked.state, asked.closed_at) == ("lapsed", NOW)
    with pytest.raises(Refusal):
        decide_transfer(
            actor=actor_for("reviewer", union=beijing), transfer_id=asked.pk, side="new", agrees=True, now=NOW
        )
    assert recount() == []


@pytest.mark.parametrize(("why", "state"), [("unemployed", "active"), ("retired", "retained")])
def test_moving_takes_a_retained_membership_up_again_but_for_the_retired(tree: Tree, why: str, state: str) -> None:
    member = make_member(union=tree.township, state="retained")
    announce_fact("admit", where(tree.township, day=member.began_on))
    announce_fact("retain", where(tree.township))
    Membership.objects.update(retained_for=why)
    ask(member, tree.couriers)
    assert standing(member) == (state, tree.couriers.name, "" if state == "active" else why)
    assert recount() == []


def test_nobody_ends_before_coming(tree: Tree, member: Membership) -> None:
    ask(member, tree.couriers)
    clerk = actor_for("registrar", union=tree.county)
    with pytest.raises(Refusal, match="before_it_began"):
        end(
            actor=clerk,
            number=member.number,
            end_reason="left",
            evidence="本人申请",
            effective_on=TODAY - timedelta(days=1),
            now=NOW,
        )


def test_an_anonymous_may_not_start_one(tree: Tree, member: Membership) -> None:
    with pytest.raises((NotSignedIn, NotFound)):
        ask(member, tree.couriers, anonymous(), started_by="cadre", reason="本人要求")
