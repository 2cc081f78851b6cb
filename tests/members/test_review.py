"""Deciding: by whom, to what end, and what it leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nuanxin.insight.models import TallyDelta
from nuanxin.kernel.ids import luhn_digit
from nuanxin.kernel.refusals import Invalid, NotAllowed, NotFound, Refusal
from nuanxin.members.actions.admission import EnrolledMeanwhile
from nuanxin.members.actions.changes import correct_application, say_employment, withdraw_application
from nuanxin.members.actions.clockwork import escalate_overdue, lapse_uncorrected
from nuanxin.members.actions.releases import decide_release
from nuanxin.members.actions.review import decide, decide_many
from nuanxin.members.actions.transfers import answer_transfer
from nuanxin.members.models import (
    Application,
    ApplicationAct,
    Card,
    Membership,
    MembershipEntry,
    PhoneRelease,
    TransferRequest,
    Worker,
)
from nuanxin.members.queries.applications import queue
from nuanxin.members.rules.review import AlreadyDecided
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.members import make_application, make_fields, make_id_number, make_member, make_phone
from tests.factories.organizations import Tree, make_dated_rule, make_enterprise
from tests.factories.texts import texts_to

LATER = NOW + timedelta(hours=1)


def luhn_of(head: str) -> str:
    return head + luhn_digit(head)


def written() -> list[int]:
    models = (ApplicationAct, Worker, Membership, MembershipEntry, Card, AuditEntry, TallyDelta)
    return [model.objects.count() for model in models]


def test_approval_makes_a_person_a_membership_and_a_card(tree: Tree) -> None:
    phone = make_phone()
    application = make_application(union=tree.couriers, phone=phone)
    reviewer = actor_for("reviewer", union=tree.couriers)
    done = decide(actor=reviewer, number=application.number, decision="approve", now=LATER)
    membership = Membership.objects.get(worker=done.worker)
    assert (done.state, membership.union, membership.state, f"{membership.began_on}") == (
        "approved",
        tree.couriers,
        "active",
        "2026-11-23",
    )
    assert membership.number.startswith("3715")
    assert Card.objects.filter(membership=membership, revoked_at=None).count() == 1
    act = done.acts.get()
    assert (act.act, act.union, act.account_id, act.post_id) == (
        "approved",
        tree.couriers,
        reviewer.account_id,
        reviewer.post_id,
    )
    assert reviewer.post_id is not None
    assert TallyDelta.objects.values_list("admissions", "active").get() == (1, 1)
    assert texts_to(phone)[-1].count(tree.couriers.name) == 1


def test_a_member_number_that_is_taken_is_no_end(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = make_member(union=tree.couriers).number
    application = make_application(union=tree.couriers)
    reviewer = actor_for("reviewer", union=tree.couriers)
    digits = iter(taken[4:13] + "987654321")
    monkeypatch.setattr("secrets.choice", lambda _from: next(digits, "7"))
    done = decide(actor=reviewer, number=application.number, decision="approve", now=LATER)
    assert Membership.objects.get(worker=done.worker).number == luhn_of(taken[:4] + "987654321")


@pytest.mark.parametrize(
    ("decision", "state", "due"),
    [("accept", "accepted", "2026-11-26"), ("refuse", "refused", ""), ("return", "returned", "2026-11-26")],
)
def test_other_decisions(tree: Tree, decision: str, state: str, due: str) -> None:
    application = make_application(union=tree.couriers)
    reviewer = actor_for("reviewer", union=tree.couriers)
    done = decide(actor=reviewer, number=application.number, decision=decision, reason="材料不清楚", now=LATER)
    assert (done.state, f"{done.due_at:%Y-%m-%d}" if done.due_at else "") == (state, due)
    assert Membership.objects.count() == 0


def test_passing_on_gives_the_other_union_its_own_limit_and_a_reason(tree: Tree) -> None:
    application = make_application(union=tree.couriers)
    reviewer = actor_for("reviewer", union=tree.couriers)
    done = decide(
        actor=reviewer,
        number=application.number,
        decision="pass_on",
        reason="住在古楼街道",
        to_union=tree.township.code,
        now=LATER,
    )
    done.refresh_from_db()
    assert (done.state, done.union, done.hops, done.reasons[-1]["rule"]) == (
        "submitted",
        tree.township,
        1,
        "passed_on",
    )


@pytest.mark.parametrize(
    ("at", "hops", "to", "code"),
    [
        ("pool", 0, "township", "pool_keeps"),
        ("couriers", 2, "township", "too_many_hops"),
        ("couriers", 0, "couriers", "same_union"),
    ],
)
def test_where_passing_on_ends(tree: Tree, at: str, hops: int, to: str, code: str) -> None:
    union = getattr(tree, at)
    application = make_application(union=union, hops=hops)
    before = written()
    with pytest.raises(Invalid) as refused:
        decide(
            actor=actor_for("reviewer", union=union),
            number=application.number,
            decision="pass_on",
            reason="不在本会范围",
            to_union=getattr(tree, to).code,
            now=LATER,
        )
    application.refresh_from_db()
    assert (refused.value.code, application.state, application.union) == (code, "submitted", union)
    assert written() == before


@pytest.mark.parametrize("decision", ["refuse", "return", "pass_on"])
def test_the_applicant_must_be_able_to_learn_why(tree: Tree, decision: str) -> None:
    application = make_application(union=tree.couriers)
    before = written()
    with pytest.raises(Invalid) as refused:
        decide(
            actor=actor_for("reviewer", union=tree.couriers), number=application.number, decision=decision, now=LATER
        )
    assert refused.value.code == "reason_missing"
    assert written() == before


@pytest.mark.parametrize(
    ("role", "at", "refusal"),
    [("leader", "couriers", NotFound), ("registrar", "couriers", NotAllowed), ("reviewer", "township", NotFound)],
)
def test_who_may_not_decide(tree: Tree, role: str, at: str, refusal: type[Refusal]) -> None:
    application = make_application(union=tree.couriers)
    before = written()
    with pytest.raises(refusal):
        decide(actor=actor_for(role, union=getattr(tree, at)), number=application.number, decision="approve", now=LATER)
    application.refresh_from_db()
    assert (application.state, written()) == ("submitted", before)


def test_the_second_reviewer_is_told_who_decided(tree: Tree) -> None:
    application = make_application(union=tree.couriers)
    first, second = actor_for("reviewer", union=tree.couriers), actor_for("reviewer", union=tree.county)
    decide(actor=first, number=application.number, decision="approve", now=LATER)
    before = written()
    with pytest.raises(AlreadyDecided) as refused:
        decide(actor=second, number=application.number, decision="refuse", reason="重复申请", now=LATER)
    assert "王敏" in str(refused.value.message)
    assert written() == before


@pytest.mark.parametrize("is_known", [False, True])
def test_whoever_became_a_member_meanwhile_is_not_admitted_again(tree: Tree, is_known: bool) -> None:
    id_number = make_id_number()
    application = make_application(union=tree.couriers, id_number=id_number)
    member = make_member(union=tree.township, id_number=id_number)
    if is_known:
        Application.objects.filter(pk=application.pk).update(worker=member.worker)
    before = written()
    with pytest.raises(EnrolledMeanwhile):
        decide(actor=actor_for(union=tree.couriers), number=application.number, decision="approve", now=LATER)
    application.refresh_from_db()
    assert (application.state, written()) == ("submitted", before)


def test_a_batch_decides_what_it_can_and_says_what_it_could_not(tree: Tree) -> None:
    good, bad = make_application(union=tree.couriers), make_application(union=tree.couriers, state="withdrawn")
    reviewer = actor_for("reviewer", union=tree.couriers)
    outcomes = decide_many(actor=reviewer, numbers=[good.number, bad.number], decision="approve", now=LATER)
    assert [outcome.refusal and outcome.refusal.code for outcome in outcomes] == [None, "already_decided"]


def test_the_queue_is_by_due_time_and_ends_at_ones_reach(tree: Tree) -> None:
    late = make_application(union=tree.couriers, due_at=NOW + timedelta(days=2))
    soon = make_application(union=tree.couriers, due_at=NOW + timedelta(days=1))
    make_application(union=tree.township)
    make_application(union=tree.couriers, state="returned")
    assert list(queue(actor_for("reviewer", union=tree.couriers))) == [soon, late]


def test_what_is_not_answered_goes_to_the_union_above(tree: Tree) -> None:
    application = make_application(union=tree.couriers, due_at=NOW - timedelta(minutes=1))
    assert escalate_overdue(now=NOW) == 1
    application.refresh_from_db()
    assert (application.union, application.state, application.hops) == (tree.county, "submitted", 0)
    assert application.reasons[-1]["rule"] == "escalated"
    assert escalate_overdue(now=NOW) == 0


def test_a_returned_application_lapses_or_comes_back(tree: Tree) -> None:
    lapsing = make_application(union=tree.couriers, state="returned", due_at=NOW - timedelta(minutes=1))
    raw = make_fields(name="王小方")
    mended = make_application(union=tree.couriers, state="returned", phone=raw["phone"])
    assert lapse_uncorrected(now=NOW) == 1
    lapsing.refresh_from_db()
    assert lapsing.state == "lapsed"
    nobody = actor_for("leader", union=tree.village)
    done = correct_application(actor=nobody, application=mended, raw=raw, now=NOW)
    assert (done.state, done.name, done.union) == ("submitted", "王小方", tree.couriers)


def test_a_correction_of_the_trade_is_routed_anew(tree: Tree) -> None:
    raw = make_fields(occupation_group="security_guard")
    application = make_application(union=tree.couriers, state="returned", phone=raw["phone"])
    done = correct_application(actor=actor_for("leader", union=tree.village), application=application, raw=raw, now=NOW)
    assert done.union == tree.village


def test_withdrawing_closes_once(tree: Tree) -> None:
    application = make_application(union=tree.couriers)
    actor = actor_for("leader", union=tree.village)
    assert withdraw_application(actor=actor, application=application, now=NOW).state == "withdrawn"
    before = written()
    with pytest.raises(Refusal) as refused:
        withdraw_application(actor=actor, application=application, now=NOW)
    assert (refused.value.code, written()) == ("already_moved", before)


def test_the_people_office_confirms_its_own_only(tree: Tree) -> None:
    firm, other = make_enterprise(), make_enterprise()
    application = make_application(union=tree.couriers, employer=firm)
    clerk = actor_for("hr", enterprise=firm)
    with pytest.raises(NotFound):
        say_employment(actor=clerk, number=application.number, works_here=True, now=LATER)
    application.consents.create(kind="employer", version="1", given_at=NOW)
    with pytest.raises(NotFound):
        say_employment(actor=actor_for("hr", enterprise=other), number=application.number, works_here=True, now=LATER)
    done = say_employment(actor=clerk, number=application.number, works_here=True, now=LATER)
    assert (done.employer_says, done.state) == ("confirmed", "submitted")


def test_a_dated_rule_lets_a_confirmation_approve_at_once(tree: Tree) -> None:
    firm = make_enterprise()
    make_dated_rule(name="members.auto_approve", value={"employer_confirmed": True}, union=tree.county)
    application = make_application(union=tree.couriers, employer=firm)
    application.consents.create(kind="employer", version="1", given_at=NOW)
    clerk = actor_for("hr", enterprise=firm)
    say_employment(actor=clerk, number=application.number, works_here=True, now=LATER)
    application.refresh_from_db()
    act = application.acts.order_by("-pk").first()
    assert (application.state, act and act.account, act and act.basis.startswith("members.auto_approve")) == (
        "approved",
        None,
        True,
    )


def held_phone(tree: Tree) -> tuple[PhoneRelease, Any]:
    phone = make_phone()
    member = make_member(union=tree.township, phone=phone)
    application = make_application(union=None, state="phone_held", phone=phone)
    release = PhoneRelease.objects.create(
        application=application,
        holder=member.worker,
        phone_digest=application.phone_digest,
        union=tree.county,
        asked_at=NOW,
        due_at=NOW + timedelta(days=3),
    )
    return release, member


def test_a_released_phone_moves_the_number_and_the_application_goes_on(tree: Tree) -> None:
    release, member = held_phone(tree)
    registrar = actor_for("registrar", union=tree.county)
    decide_release(actor=registrar, release_id=release.pk, release=True, reason="机主已换号", now=LATER)
    member.worker.refresh_from_db()
    application = Application.objects.get(phone_digest=release.phone_digest)
    assert (member.worker.phone_digest, application.state, application.union) == (None, "submitted", tree.couriers)


def test_a_refused_release_closes_the_application_and_leaves_the_phone(tree: Tree) -> None:
    release, member = held_phone(tree)
    registrar = actor_for("registrar", union=tree.county)
    decide_release(actor=registrar, release_id=release.pk, release=False, reason="机主仍在使用", now=LATER)
    member.worker.refresh_from_db()
    application = Application.objects.get(phone_digest=release.phone_digest)
    assert (bytes(member.worker.phone_digest), application.state) == (bytes(release.phone_digest), "refused")


@pytest.mark.parametrize(("role", "at"), [("reviewer", "county"), ("registrar", "township")])
def test_who_may_not_release(tree: Tree, role: str, at: str) -> None:
    release, _member = held_phone(tree)
    before = written()
    with pytest.raises(NotFound):
        decide_release(
            actor=actor_for(role, union=getattr(tree, at)), release_id=release.pk, release=True, reason="试试", now=NOW
        )
    assert (PhoneRelease.objects.get().state, written()) == ("open", before)


def test_an_offered_transfer_is_answered_once(tree: Tree) -> None:
    member = make_member(union=tree.township, phone=(phone := make_phone()))
    application = make_application(union=None, state="known_member", phone=phone)
    TransferRequest.objects.create(
        membership=member,
        from_union=tree.township,
        application=application,
        to_union=tree.couriers,
        offered_at=NOW,
    )
    actor = actor_for("leader", union=tree.village)
    assert answer_transfer(actor=actor, application=application, wants=True, now=NOW).state == "done"
    with pytest.raises(Refusal):
        answer_transfer(actor=actor, application=application, wants=True, now=NOW)
    assert Membership.objects.get(pk=member.pk).union == tree.couriers
