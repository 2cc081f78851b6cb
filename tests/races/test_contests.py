"""Races around contests, with a control that must fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from nuanxin.access.actors import anonymous
from nuanxin.kernel.refusals import Refusal
from nuanxin.members.actions.changes import withdraw_application
from nuanxin.members.actions.contest_decisions import decide_contest
from nuanxin.members.actions.contests import contest_application
from nuanxin.members.actions.reminders import escalate_contests
from nuanxin.members.actions.review import decide
from nuanxin.members.models import Application, ApplicationAct, Contest
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.members import make_application
from tests.factories.organizations import Tree, make_tree
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "我就在本区送快递"


@pytest.fixture
def tree(transactional_db: None) -> Tree:
    connect()
    return make_tree()


def counted(count: int, work: Callable[[int], Any]) -> Counter[Any]:
    def result(index: int) -> Any:
        try:
            return work(index)
        except Refusal as refusal:
            return refusal.code

    return Counter(at_once(result, count))


def refused(tree: Tree) -> Application:
    application = make_application(union=tree.couriers)
    reviewer = actor_for("reviewer", union=tree.couriers)
    return decide(actor=reviewer, number=application.number, decision="refuse", reason="未能核实工作", now=NOW)


def test_twenty_objections_are_one(tree: Tree) -> None:
    application = refused(tree)

    def ask(index: int) -> str:
        kind = "refusal" if index % 2 else "routing"
        return contest_application(actor=anonymous(), application=application, kind=kind, words=WORDS, now=NOW).state

    assert counted(20, ask) == {"open": 1, "already_contested": 19}
    assert (Contest.objects.count(), ApplicationAct.objects.filter(act="contested").count()) == (1, 1)


def test_twenty_deciders_make_one_decision(tree: Tree) -> None:
    deciders = [actor_for("reviewer", union=tree.county) for _number in range(20)]
    made = contest_application(actor=anonymous(), application=refused(tree), kind="refusal", words=WORDS, now=NOW)

    def act(index: int) -> str:
        decision = "send_back" if index % 2 else "uphold"
        done = decide_contest(actor=deciders[index], contest_id=made.pk, decision=decision, reason="理由在此", now=NOW)
        return done.state

    answers = counted(20, act)
    assert answers["already_decided"] == 19
    made.refresh_from_db()
    state = Application.objects.get().state
    assert (made.state, state) in {("upheld", "refused"), ("sent_back", "submitted")}
    assert ApplicationAct.objects.filter(act__startswith="contest_").count() == 1


def test_control_reading_the_state_first_decides_several_times(tree: Tree) -> None:
    made = contest_application(actor=anonymous(), application=refused(tree), kind="refusal", words=WORDS, now=NOW)
    barrier = Barrier(20)

    def read_then_write(_index: int) -> str:
        mine = Contest.objects.get(pk=made.pk)
        barrier.wait(timeout=60)
        if mine.state != "open":
            return "already_decided"
        mine.state, mine.decided_at = "upheld", NOW
        mine.save(update_fields=["state", "decided_at"])
        return "upheld"

    assert counted(20, read_then_write)["upheld"] > 1


def test_withdrawn_and_decided_at_once_ends_as_one_or_the_other(tree: Tree) -> None:
    decider = actor_for("reviewer", union=tree.county)
    for _round in range(5):
        application = make_application(union=tree.couriers)
        made = contest_application(actor=anonymous(), application=application, kind="routing", words=WORDS, now=NOW)

        def act(index: int, application: Application = application, made: Contest = made) -> str:
            if index:
                return withdraw_application(
                    actor=anonymous(), application=Application.objects.get(pk=application.pk), now=NOW
                ).state
            return decide_contest(
                actor=decider,
                contest_id=made.pk,
                decision="move",
                reason="理由在此",
                to_union=tree.village.code,
                now=NOW,
            ).state

        counted(2, act)
        application.refresh_from_db()
        made.refresh_from_db()
        ends = {("withdrawn", "dropped"), ("submitted", "moved"), ("withdrawn", "moved")}
        assert (application.state, made.state) in ends


def test_moved_up_and_decided_at_once_is_decided_by_who_may(tree: Tree) -> None:
    decider, _above = actor_for("reviewer", union=tree.county), actor_for("reviewer", union=tree.city)
    for _round in range(5):
        made = contest_application(actor=anonymous(), application=refused(tree), kind="refusal", words=WORDS, now=NOW)
        late = made.due_at + timedelta(minutes=1)

        def act(index: int, made: Contest = made, late: datetime = late) -> object:
            if index:
                return escalate_contests(now=late)
            return decide_contest(
                actor=decider, contest_id=made.pk, decision="uphold", reason="理由在此", now=late
            ).state

        counted(2, act)
        made.refresh_from_db()
        assert (made.union, made.state) in {(tree.county, "upheld"), (tree.city, "open")}
