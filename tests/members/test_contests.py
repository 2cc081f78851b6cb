"""Contesting: what may be contested, by whom it is decided, and where the application goes then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from nuanxin.access.actors import Actor, anonymous
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Invalid, NotFound, Refusal
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.changes import withdraw_application
from nuanxin.members.actions.contest_decisions import decide_contest
from nuanxin.members.actions.contests import contest_application
from nuanxin.members.actions.memberships import File, end_own
from nuanxin.members.actions.reminders import escalate_contests
from nuanxin.members.actions.review import decide
from nuanxin.members.models import Application, ApplicationAct, Contest, Lapse, Membership, TransferRequest, Worker
from nuanxin.members.queries.contests import contest_queue, contestable, contests_of, events_of
from nuanxin.members.queries.held import held_about
from nuanxin.messages.models import Notice, TextMessage
from nuanxin.organizations.queries.rules import forget_rules
from nuanxin.records.models import Attachment, AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for, make_account, make_post
from tests.factories.members import make_application, make_id_number, make_member, make_phone
from tests.factories.organizations import Tree, make_dated_rule
from tests.factories.texts import texts_to

LATER = NOW + timedelta(hours=1)
WORDS = "我在东昌府区送快递，站点开了证明，请再看看。"
PDF = b"%PDF-1.7 proof"


def written() -> list[int]:
    models = (Contest, ApplicationAct, Attachment, AuditEntry, TextMessage, Notice, Membership, TransferRequest, Lapse)
    return [model.objects.count() for model in models]


@pytest.fixture
def county_reviewer(tree: Tree) -> Actor:
    return actor_for("reviewer", union=tree.county)


def refused(tree: Tree, **fields: Any) -> tuple[Application, Actor]:
    """Make an application that a reviewer of the couriers has refused."""
    application = make_application(union=tree.couriers, **fields)
    reviewer = actor_for("reviewer", union=tree.couriers)
    decide(actor=reviewer, number=application.number, decision="refuse", reason="未能核实在本区工作", now=NOW)
    application.refresh_from_db()
    return application, reviewer


def contest(application: Application, kind: str = "refusal", **fields: Any) -> Contest:
    given: dict[str, Any] = {"words": WORDS, "now": LATER} | fields
    return contest_application(actor=anonymous(), application=application, kind=kind, **given)


def test_a_refusal_is_contested_in_words_and_with_a_file(tree: Tree, county_reviewer: Actor) -> None:
    phone = make_phone()
    application, _refuser = refused(tree, phone=phone)
    made = contest(application, file=File("王小芳的证明.pdf", PDF), wanted=tree.village.code)
    assert (made.state, made.against, made.union, made.wanted) == ("open", tree.couriers, tree.county, tree.village)
    assert made.due_at == datetime(2026, 11, 30, 17, 30, tzinfo=ZONE)
    assert PersonKey(application.sealed_key).unseal(made.sealed_words) == WORDS
    assert WORDS.encode() not in bytes(made.sealed_words)
    assert Attachment.objects.get().name == f"{application.number}-refusal.pdf"
    assert "东昌府区总工会" in texts_to(phone)[-1]
    notice = Notice.objects.get(account_id=county_reviewer.account_id or "")
    assert (notice.template, notice.link) == ("contest.waiting", f"/desk/review/contests/{made.pk}/")
    assert list(contest_queue(county_reviewer)) == [made]


@pytest.mark.parametrize(
    ("state", "kind", "fields", "code"),
    [
        ("submitted", "refusal", {}, "nothing_to_contest"),
        ("withdrawn", "routing", {}, "nothing_to_contest"),
        ("lapsed", "routing", {}, "nothing_to_contest"),
        ("submitted", "weather", {}, "unknown_kind"),
        ("submitted", "routing", {"words": " 不对 "}, "reason_missing"),
        ("submitted", "routing", {"words": "不" * 1001}, "too_long"),
        ("submitted", "routing", {"words": "看\x00这里不对"}, "bad_characters"),
        ("submitted", "routing", {"wanted": "NOWHERE0"}, "unknown_union"),
        ("submitted", "routing", {"file": File("a.exe", b"MZ not evidence")}, "bad_file"),
        ("submitted", "routing", {"file": File("a.pdf", b"%PDF-" + b"0" * 5_300_000)}, "file_too_large"),
    ],
)
def test_what_cannot_be_contested(tree: Tree, state: str, kind: str, fields: dict[str, Any], code: str) -> None:
    application = make_application(union=tree.couriers, state=state)
    before = written()
    with pytest.raises(Refusal) as refusal:
        contest(application, kind, **fields)
    assert (refusal.value.code, written()) == (code, before)


def test_what_is_with_no_union_cannot_be_contested(tree: Tree) -> None:
    with pytest.raises(NotFound):
        contest(make_application(union=None, state="phone_held"), "routing")


def test_the_time_to_contest_ends_by_dated_rule(tree: Tree) -> None:
    application, _refuser = refused(tree)
    assert [each.kind for each in contestable(application, [], now=LATER)] == ["refusal", "routing"]
    last = datetime(2026, 12, 14, 17, 30, tzinfo=ZONE)
    before = written()
    with pytest.raises(Refusal) as refusal:
        contest(application, now=last + timedelta(seconds=1))
    assert (refusal.value.code, written()) == ("too_late_to_contest", before)
    assert contestable(application, [], now=last + timedelta(seconds=1)) == []
    make_dated_rule(name="members.contest_days", value=20, union=tree.county)
    forget_rules()
    assert contest(application, now=last + timedelta(seconds=1)).state == "open"


def test_each_kind_once_and_one_at_a_time(tree: Tree, county_reviewer: Actor) -> None:
    application, _refuser = refused(tree)
    first = contest(application)
    for kind in ("refusal", "routing"):
        before = written()
        with pytest.raises(Refusal) as refusal:
            contest(application, kind)
        assert (refusal.value.code, written()) == ("already_contested", before)
    decide_contest(actor=county_reviewer, contest_id=first.pk, decision="uphold", reason="理由充分", now=LATER)
    with pytest.raises(Refusal):
        contest(application)
    assert [each.kind for each in contestable(application, contests_of(application), now=LATER)] == ["routing"]
    assert contest(application, "routing").state == "open"


def test_upheld_it_stays_and_the_applicant_reads_why(tree: Tree, county_reviewer: Actor) -> None:
    phone = make_phone()
    application, _refuser = refused(tree, phone=phone)
    made = contest(application)
    done = decide_contest(
        actor=county_reviewer, contest_id=made.pk, decision="uphold", reason="站点不在本区", now=LATER
    )
    application.refresh_from_db()
    assert (done.state, done.decided_by_id, application.state) == ("upheld", county_reviewer.account_id, "refused")
    assert "站点不在本区" in texts_to(phone)[-1]


def test_sent_back_somebody_else_decides_anew(tree: Tree, county_reviewer: Actor) -> None:
    application, refuser = refused(tree)
    made = contest(application)
    decide_contest(actor=county_reviewer, contest_id=made.pk, decision="send_back", reason="请再核实", now=LATER)
    application.refresh_from_db()
    assert (application.state, application.union, application.closed_at) == ("submitted", tree.couriers, None)
    assert application.due_at == datetime(2026, 11, 24, 17, 30, tzinfo=ZONE)
    before = written()
    with pytest.raises(Refusal) as refusal:
        decide(actor=refuser, number=application.number, decision="approve", now=LATER)
    assert (refusal.value.code, written()) == ("same_person", before)
    other = actor_for("reviewer", union=tree.couriers)
    assert decide(actor=other, number=application.number, decision="approve", now=LATER).state == "approved"


def test_moved_to_a_union_whose_rules_admit(tree: Tree, county_reviewer: Actor) -> None:
    application, refuser = refused(tree)
    made = contest(application, wanted=tree.village.code)
    decide_contest(
        actor=county_reviewer,
        contest_id=made.pk,
        decision="move",
        reason="住在古城社区",
        to_union=tree.village.code,
        now=LATER,
    )
    application.refresh_from_db()
    assert (application.state, application.union) == ("submitted", tree.village)
    assert (application.reasons[-1]["rule"], application.barred_account_id) == ("contest", refuser.account_id)


@pytest.mark.parametrize(
    ("decision", "to", "code"),
    [
        ("move", "", "unknown_union"),
        ("move", "NOWHERE0", "unknown_union"),
        ("move", "DCFQZGH0", "not_admitting"),
        ("admit", "", "not_possible"),
        ("weather", "", "not_possible"),
    ],
)
def test_where_deciding_ends(tree: Tree, county_reviewer: Actor, decision: str, to: str, code: str) -> None:
    application, _refuser = refused(tree)
    made = contest(application)
    before = written()
    with pytest.raises(Invalid) as refusal:
        decide_contest(
            actor=county_reviewer, contest_id=made.pk, decision=decision, reason="理由在此", to_union=to, now=LATER
        )
    made.refresh_from_db()
    assert (refusal.value.code, made.state, written()) == (code, "open", before)


def test_without_a_reason_nothing_is_decided(tree: Tree, county_reviewer: Actor) -> None:
    application, _refuser = refused(tree)
    made = contest(application)
    before = written()
    with pytest.raises(Invalid):
        decide_contest(actor=county_reviewer, contest_id=made.pk, decision="uphold", reason=" ", now=LATER)
    assert written() == before


def test_a_routing_cannot_be_sent_back(tree: Tree, county_reviewer: Actor) -> None:
    made = contest(make_application(union=tree.couriers), "routing")
    with pytest.raises(Invalid):
        decide_contest(actor=county_reviewer, contest_id=made.pk, decision="send_back", reason="请再核实", now=LATER)


def test_an_upper_union_that_admits_takes_the_applicant_in(tree: Tree) -> None:
    application = make_application(union=tree.village)
    first, upper = actor_for("reviewer", union=tree.village), actor_for("reviewer", union=tree.township)
    decide(actor=first, number=application.number, decision="refuse", reason="不在本社区居住", now=NOW)
    made = contest(application)
    assert made.union == tree.township
    decide_contest(actor=upper, contest_id=made.pk, decision="admit", reason="在本街道工作", now=LATER)
    application.refresh_from_db()
    assert (application.state, Membership.objects.get().union) == ("approved", tree.township)


@pytest.mark.parametrize("state", ["submitted", "accepted", "returned", "approved"])
def test_a_routing_is_contested_while_open_and_after(tree: Tree, county_reviewer: Actor, state: str) -> None:
    application = make_application(union=tree.couriers, state="submitted" if state == "approved" else state)
    if state == "approved":
        decide(actor=actor_for("reviewer", union=tree.couriers), number=application.number, decision="approve", now=NOW)
    made = contest(application, "routing", wanted=tree.township.code)
    decide_contest(
        actor=county_reviewer,
        contest_id=made.pk,
        decision="move",
        reason="按居住地",
        to_union=tree.township.code,
        now=LATER,
    )
    application.refresh_from_db()
    if state == "approved":
        request = TransferRequest.objects.get()
        assert (request.state, request.to_union, application.state) == ("done", tree.township, "approved")
        assert Membership.objects.get().union == tree.township
    else:
        assert (application.state, application.union) == ("submitted", tree.township)


def test_who_has_left_meanwhile_is_not_transferred(tree: Tree, county_reviewer: Actor) -> None:
    application = make_application(union=tree.couriers)
    decide(actor=actor_for("reviewer", union=tree.couriers), number=application.number, decision="approve", now=NOW)
    made = contest(application, "routing")
    membership = Membership.objects.select_related("union", "worker").get()
    end_own(actor=anonymous(), membership=membership, now=LATER)
    before = written()
    given: dict[str, Any] = {"actor": county_reviewer, "contest_id": made.pk, "reason": "按居住地", "now": LATER}
    with pytest.raises(Refusal) as refusal:
        decide_contest(decision="move", to_union=tree.township.code, **given)
    assert (refusal.value.code, written()) == ("membership_ended", before)
    assert decide_contest(decision="uphold", **given).state == "upheld"


@pytest.mark.parametrize(("role", "at"), [("leader", "county"), ("registrar", "county"), ("reviewer", "couriers")])
def test_who_may_not_decide(tree: Tree, county_reviewer: Actor, role: str, at: str) -> None:
    application, _refuser = refused(tree)
    made = contest(application)
    before = written()
    with pytest.raises(NotFound):
        decide_contest(
            actor=actor_for(role, union=getattr(tree, at)),
            contest_id=made.pk,
            decision="uphold",
            reason="理由在此",
            now=LATER,
        )
    assert written() == before


def test_who_refused_it_never_decides_the_contest(tree: Tree) -> None:
    """A county reviewer may refuse below, too; then the county is passed over, or a colleague decides."""
    application = make_application(union=tree.couriers)
    refuser = actor_for("reviewer", union=tree.county)
    decide(actor=refuser, number=application.number, decision="refuse", reason="未能核实工作", now=NOW)
    city = actor_for("reviewer", union=tree.city)
    made = contest(application)
    assert made.union == tree.city
    Contest.objects.filter(pk=made.pk).update(union=tree.county)
    before = written()
    with pytest.raises(Refusal) as refusal:
        decide_contest(actor=refuser, contest_id=made.pk, decision="uphold", reason="理由在此", now=LATER)
    assert (refusal.value.code, written()) == ("same_person", before)
    decide_contest(actor=city, contest_id=made.pk, decision="uphold", reason="理由在此", now=LATER)


def test_at_the_top_another_person_of_the_same_office_decides(tree: Tree) -> None:
    application = make_application(union=tree.nation)
    refuser, colleague = actor_for("reviewer", union=tree.nation), actor_for("reviewer", union=tree.nation)
    decide(actor=refuser, number=application.number, decision="refuse", reason="未能核实工作", now=NOW)
    made = contest(application)
    assert (made.union, made.same_office) == (tree.nation, True)
    with pytest.raises(Refusal):
        decide_contest(actor=refuser, contest_id=made.pk, decision="uphold", reason="理由在此", now=LATER)
    decide_contest(actor=colleague, contest_id=made.pk, decision="uphold", reason="理由在此", now=LATER)


def test_a_delegate_decides_for_an_absent_reviewer(tree: Tree) -> None:
    post = make_post(role="reviewer", union=tree.county)
    delegate = make_account(name="代理人")
    post.absences.create(delegate=delegate, starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=30))
    application, _refuser = refused(tree)
    made = contest(application)
    assert Notice.objects.filter(account_id=delegate.pk).count() == 1
    actor = actor_for(delegate)
    assert decide_contest(actor=actor, contest_id=made.pk, decision="uphold", reason="理由在此", now=LATER).state


def test_not_decided_in_time_it_goes_to_the_next_union_above(tree: Tree, county_reviewer: Actor) -> None:
    city = actor_for("reviewer", union=tree.city)
    phone = make_phone()
    application, _refuser = refused(tree, phone=phone)
    made = contest(application)
    assert escalate_contests(now=made.due_at) == 0
    late = made.due_at + timedelta(minutes=1)
    assert escalate_contests(now=late) == 1
    limit = made.due_at
    made.refresh_from_db()
    assert (made.union, made.state) == (tree.city, "open")
    assert made.due_at > late
    lapse = Lapse.objects.get()
    assert (lapse.union, lapse.contest, lapse.limit_at) == (tree.county, made, limit)
    assert "聊城市总工会" in texts_to(phone)[-1]
    assert Notice.objects.filter(account_id=city.account_id or "").exists()
    # At the top it stays, and is noted once.
    later = made.due_at + timedelta(minutes=1)
    assert [escalate_contests(now=later), escalate_contests(now=later)] == [0, 0]
    assert Lapse.objects.filter(union=tree.city).count() == 1


def test_what_was_withdrawn_is_contested_no_longer(tree: Tree, county_reviewer: Actor) -> None:
    application = make_application(union=tree.couriers)
    made = contest(application, "routing")
    withdraw_application(actor=anonymous(), application=application, now=LATER)
    made.refresh_from_db()
    assert (made.state, list(contest_queue(county_reviewer))) == ("dropped", [])
    before = written()
    with pytest.raises(Refusal) as refusal:
        decide_contest(actor=county_reviewer, contest_id=made.pk, decision="uphold", reason="理由在此", now=LATER)
    assert (refusal.value.code, written()) == ("already_decided", before)


@pytest.mark.parametrize("way", ["applied", "member", "phone"])
def test_who_went_another_way_meanwhile_is_not_opened_again(tree: Tree, county_reviewer: Actor, way: str) -> None:
    identity, phone = make_id_number(), make_phone()
    application, _refuser = refused(tree, id_number=identity, phone=phone)
    made = contest(application)
    if way == "applied":
        make_application(union=tree.village, id_number=identity)
    elif way == "member":
        make_member(union=tree.village, id_number=identity)
    else:
        make_member(union=tree.village, phone=phone)
    before = written()
    with pytest.raises(Refusal) as refusal:
        decide_contest(actor=county_reviewer, contest_id=made.pk, decision="send_back", reason="请再核实", now=LATER)
    application.refresh_from_db()
    assert refusal.value.code in {"gone_another_way", "phone_held"}
    assert (application.state, written()) == ("refused", before)


def test_who_was_a_member_meanwhile_and_left_comes_back_as_the_same_person(tree: Tree, county_reviewer: Actor) -> None:
    identity, phone = make_id_number(), make_phone()
    application, _refuser = refused(tree, id_number=identity, phone=phone)
    made = contest(application)
    make_member(union=tree.village, id_number=identity, phone=phone, state="ended")
    decide_contest(actor=county_reviewer, contest_id=made.pk, decision="send_back", reason="请再核实", now=LATER)
    other = actor_for("reviewer", union=tree.couriers)
    decide(actor=other, number=application.number, decision="approve", now=LATER)
    assert (Worker.objects.count(), Membership.objects.count()) == (1, 2)


def test_both_sides_are_told_the_same_story(tree: Tree, county_reviewer: Actor) -> None:
    application, _refuser = refused(tree)
    made = contest(application, file=File("a.pdf", PDF))
    decide_contest(actor=county_reviewer, contest_id=made.pk, decision="send_back", reason="请再核实", now=LATER)
    events = events_of(Application.objects.select_related("union").get(pk=application.pk))
    assert [event.act.act for event in events] == ["refused", "contested", "contest_sent_back"]
    assert [event.words for event in events] == ["", WORDS, ""]
    assert [len(event.files) for event in events] == [0, 1, 0]


def test_the_export_of_a_person_holds_what_was_contested(tree: Tree, county_reviewer: Actor) -> None:
    application = make_application(union=tree.couriers)
    contest(application, "routing", file=File("a.pdf", PDF))
    reviewer = actor_for("reviewer", union=tree.couriers)
    done = decide(actor=reviewer, number=application.number, decision="approve", now=LATER)
    assert done.worker is not None
    held = held_about(done.worker)
    assert [(row["words"], row["union"]) for row in held["contests"]] == [(WORDS, "东昌府区总工会")]
    assert len(held["attachments"]) == 1
