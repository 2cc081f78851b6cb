"""Claims: whose, what is refused, and that amounts never grow on their way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from nuanxin.benefits.actions.claims import File, add_documents, decide_claim, make_claim, withdraw_claim
from nuanxin.benefits.models import Claim, ClaimStep, Policy
from nuanxin.benefits.queries.insurance import (
    claims_to_handle,
    due_days,
    get_claim,
    my_claim,
    my_claims,
    my_policy,
    visible_claims,
)
from nuanxin.benefits.rules.claims import due_on, has_stood_since
from nuanxin.kernel.clock import ZONE, WorkingCalendar, local_day
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.kernel.states import Moved
from nuanxin.members.models import Membership, Worker
from nuanxin.messages.models import TextMessage
from nuanxin.records.models import Attachment, AuditEntry
from nuanxin.records.queries import working_calendar
from tests.benefits.test_insurance import back, sent
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.insurance import FROM
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)
BILL = File("bill.png", b"\x89PNG\r\n\x1a\n00")


@pytest.fixture
def policy(tree: Tree) -> Policy:
    actor, batch, policies = sent(tree, 2)
    back(actor, batch, policies)
    return Policy.objects.select_related("worker", "insured", "batch__plan").order_by("number")[0]


def owner(policy: Policy) -> Any:
    return worker_of(Membership.objects.select_related("worker").get(worker=policy.worker_id))


def made(policy: Policy, **more: Any) -> Claim:
    given: dict[str, Any] = {
        "actor": owner(policy), "policy": policy, "happened_on": FROM + timedelta(days=3), "words": "摔倒骨折",
        "asked": "1200", "account": "6222 0212 3456 7890", "files": [BILL], "now": LATER,
    }  # fmt: skip
    return make_claim(**given | more)


def test_what_cannot_be_is_refused_and_nothing_is_kept(tree: Tree, policy: Policy) -> None:
    other = Policy.objects.exclude(pk=policy.pk).get()
    wrong: tuple[tuple[dict[str, Any], type[Exception]], ...] = (
        ({"actor": owner(other)}, NotFound),
        ({"actor": actor_for("services", union=tree.city)}, NotFound),
        ({"happened_on": FROM - timedelta(days=1)}, Invalid),
        ({"happened_on": LATER.date() + timedelta(days=1)}, Invalid),
        ({"words": " "}, Invalid),
        ({"asked": "100000.01"}, Invalid),
        ({"asked": "0"}, Invalid),
        ({"asked": "12.345"}, Invalid),
        ({"account": "12"}, Invalid),
        ({"files": []}, Invalid),
        ({"files": [File("x", b"MZ")]}, Invalid),
    )
    for change, refusal in wrong:
        with pytest.raises(refusal), transaction.atomic():
            made(policy, **change)
    assert (Claim.objects.count(), ClaimStep.objects.count(), Attachment.objects.count()) == (0, 0, 0)


def test_a_day_is_claimed_once_until_it_is_over(policy: Policy) -> None:
    claim = made(policy)
    with pytest.raises(Conflict):
        made(policy)
    withdraw_claim(actor=owner(policy), claim=claim, now=LATER)
    with pytest.raises(Moved):
        withdraw_claim(actor=owner(policy), claim=claim, now=LATER)
    assert made(policy).pk != claim.pk


def test_only_posts_that_handle_claims_at_the_members_union_see_them(tree: Tree, policy: Policy) -> None:
    claim = made(policy)
    handler = actor_for("services", union=tree.county)
    assert get_claim(handler, claim.number).pk == claims_to_handle(handler).get().pk == claim.pk
    for role, union in (("reviewer", tree.city), ("services", tree.township), ("auditor", tree.city)):
        actor = actor_for(role, union=union)
        assert not visible_claims(actor).exists()
        with pytest.raises((NotAllowed, NotFound)):
            decide_claim(actor=actor, claim=claim, act="forwarded", now=LATER)
    with pytest.raises(NotFound):
        my_claim(owner(Policy.objects.exclude(pk=policy.pk).get()), claim.number)
    claim.refresh_from_db()
    assert claim.state == "sent"


def test_amounts_never_grow_and_each_step_is_told(tree: Tree, policy: Policy) -> None:
    claim, actor = made(policy), actor_for("services", union=tree.city)

    def act(what: str, **more: Any) -> None:
        decide_claim(
            actor=actor, claim=Claim.objects.select_related("worker", "union").get(), act=what, now=LATER, **more
        )

    with pytest.raises(Invalid):
        act("returned")
    act("returned", words="请补充诊断证明")
    assert not claims_to_handle(actor).exists()  # it waits for the member
    with pytest.raises(Moved):
        act("forwarded")
    add_documents(
        actor=owner(policy), claim=Claim.objects.select_related("worker", "union").get(), files=[BILL], now=LATER
    )
    act("forwarded")
    with pytest.raises(Invalid):
        act("approved", amount="1200.01")
    act("approved", amount="900")
    with pytest.raises(Invalid):
        act("paid", amount="900.01")
    with pytest.raises(Invalid):
        act("paid", amount="900", paid_on=LATER.date() + timedelta(days=1))
    act("paid", amount="900")
    with pytest.raises(Moved):
        act("paid", amount="900")
    claim.refresh_from_db()
    assert (str(claim.asked), str(claim.approved), str(claim.paid)) == ("1200.00", "900.00", "900.00")
    assert list(ClaimStep.objects.order_by("at", "pk").values_list("act", flat=True)) == [
        "made", "returned", "added", "forwarded", "approved", "paid",
    ]  # fmt: skip
    told = set(TextMessage.objects.filter(template__startswith="insurance.claim").values_list("template", flat=True))
    assert told == {f"insurance.claim_{what}" for what in ("returned", "forwarded", "approved", "paid")}
    assert not any("诊断" in str(entry.detail) for entry in AuditEntry.objects.all())
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.update(paid=901)


def test_steps_say_by_when_whoever_has_it_should_do_the_next_thing() -> None:
    calendar, moment = WorkingCalendar(), datetime(2026, 11, 20, 15, tzinfo=ZONE)  # a Friday
    steps = [("made", moment), ("added", moment + timedelta(hours=1)), ("returned", moment + timedelta(hours=2))]
    assert has_stood_since(steps[:2]) == moment
    assert due_on("sent", moment, 3, calendar) == date(2026, 11, 25)
    assert has_stood_since(steps) == moment + timedelta(hours=2)
    assert due_on("returned", moment, 30, calendar) == date(2026, 12, 20)
    steps.append(("added", moment + timedelta(days=3)))
    assert has_stood_since(steps) == moment + timedelta(days=3)
    assert has_stood_since([]) is None


def test_lists_and_pages_know_the_day_that_the_rule_says(policy: Policy) -> None:
    claim = made(policy)
    assert due_days([claim]) == {claim.pk: local_day(working_calendar().due(LATER, 3))}
    withdraw_claim(actor=owner(policy), claim=claim, now=LATER)
    assert due_days([claim]) == {}


def test_thirteen_files_are_refused_and_none_is_dropped_in_silence(policy: Policy) -> None:
    with pytest.raises(Invalid), transaction.atomic():
        made(policy, files=[BILL] * 13)
    claim = made(policy, files=[BILL] * 11)
    with pytest.raises(Invalid), transaction.atomic():
        add_documents(actor=owner(policy), claim=claim, files=[BILL] * 2, now=LATER)
    assert Attachment.objects.count() == 11


def test_whoever_was_made_one_person_claims_under_the_policy_of_the_other_record(tree: Tree, policy: Policy) -> None:
    before = made(policy)
    kept = worker_of(make_member(union=tree.couriers))
    Worker.objects.filter(pk=policy.worker_id).update(merged_into=kept.worker_id)
    same = my_policy(kept, policy.pk)
    claim = made(same, actor=kept, happened_on=FROM + timedelta(days=4))
    assert claim.worker_id == kept.worker_id
    assert set(my_claims(kept)) == {before, claim}
    withdraw_claim(actor=kept, claim=my_claim(kept, before.number), now=LATER)
    decide_claim(actor=actor_for("services", union=tree.city), claim=claim, act="forwarded", now=LATER)
    assert TextMessage.objects.filter(template="insurance.claim_forwarded").count() == 1
