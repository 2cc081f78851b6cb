"""Suspended, resumed, ended; corrected with proof; revealed with a reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from nuanxin.kernel import events
from nuanxin.kernel.refusals import Invalid, NotAllowed, NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved
from nuanxin.members.actions.corrections import PhoneTaken, correct_name, correct_phone
from nuanxin.members.actions.events import MembershipMoved
from nuanxin.members.actions.memberships import File, end, resume, reveal, suspend
from nuanxin.members.models import Membership, MembershipEntry, Worker
from nuanxin.members.queries.memberships import history
from nuanxin.members.rules.memberships import active_change, check_effective
from nuanxin.messages.models import TextMessage
from nuanxin.records.models import Attachment, AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.members import make_application, make_id_number, make_member, make_phone
from tests.factories.organizations import Tree, make_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\nproof"


@pytest.fixture
def tree() -> Tree:
    return make_tree()


@pytest.fixture
def heard() -> Iterator[list[MembershipMoved]]:
    """Hear what is announced, with nobody else listening."""
    kept = dict(events._within), dict(events._after)
    told: list[MembershipMoved] = []
    events.wire(within={MembershipMoved: [told.append]}, after={})
    yield told
    events.wire(within=kept[0], after=kept[1])


def test_a_membership_rests_goes_on_and_ends(tree: Tree, heard: list[MembershipMoved]) -> None:
    clerk, member = actor_for("registrar", union=tree.county), make_member(union=tree.couriers)
    suspend(actor=clerk, number=member.number, reason="六个月未缴会费", effective_on=TODAY - timedelta(days=3), now=NOW)
    resume(actor=clerk, number=member.number, reason="已补缴会费", now=NOW)
    end(actor=clerk, number=member.number, end_reason="left", evidence="本人书面申请", now=NOW)
    member.refresh_from_db()
    assert (member.state, member.ended_on, member.end_reason) == ("ended", TODAY, "left")
    assert [(row.act, row.effective_on) for row in history(member)] == [
        ("admitted", TODAY - timedelta(days=100)),
        ("suspended", TODAY - timedelta(days=3)),
        ("resumed", TODAY),
        ("ended", TODAY),
    ]
    assert [(event.act, event.active) for event in heard] == [("suspended", -1), ("resumed", 1), ("ended", -1)]
    assert {event.where.union_path for event in heard} == {tree.couriers.path}
    last = history(member).last()
    assert last is not None
    assert (last.account_id, last.post_id, last.evidence) == (clerk.account_id, clerk.post_id, "本人书面申请")
    assert TextMessage.objects.count() == 3


def test_ending_a_resting_membership_takes_nobody_from_the_active(tree: Tree, heard: list[MembershipMoved]) -> None:
    clerk, member = actor_for("registrar", union=tree.county), make_member(union=tree.couriers, state="suspended")
    end(actor=clerk, number=member.number, end_reason="left", evidence="本人申请", now=NOW)
    assert [event.active for event in heard] == [0]


def test_the_family_of_a_deceased_member_is_not_written_to(tree: Tree) -> None:
    clerk, member = actor_for("registrar", union=tree.county), make_member(union=tree.couriers)
    end(actor=clerk, number=member.number, end_reason="deceased", file=File("证明.pdf", PDF), now=NOW)
    assert not TextMessage.objects.exists()
    proof = Attachment.objects.get()
    assert (proof.media_type, proof.size) == ("application/pdf", len(PDF))
    assert PDF not in bytes(proof.sealed_content)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda a, n: suspend(actor=a, number=n, reason="", now=NOW), "reason_missing"),
        (lambda a, n: suspend(actor=a, number=n, reason="   ab  ", now=NOW), "reason_missing"),
        (lambda a, n: suspend(actor=a, number=n, reason="好" * 501, now=NOW), "too_long"),
        (lambda a, n: suspend(actor=a, number=n, reason="未缴会费", evidence="x\0", now=NOW), "bad_characters"),
        (
            lambda a, n: suspend(actor=a, number=n, reason="未缴会费", effective_on=TODAY + timedelta(days=1), now=NOW),
            "in_the_future",
        ),
        (
            lambda a, n: suspend(actor=a, number=n, reason="未缴会费", effective_on=date(2000, 1, 1), now=NOW),
            "before_it_began",
        ),
        (lambda a, n: resume(actor=a, number=n, reason="已经补缴", now=NOW), "already_moved"),
        (lambda a, n: end(actor=a, number=n, end_reason="bored", evidence="申请书", now=NOW), "unknown_choice"),
        (lambda a, n: end(actor=a, number=n, end_reason="left", now=NOW), "evidence_missing"),
        (
            lambda a, n: end(actor=a, number=n, end_reason="left", file=File("a.exe", b"MZ"), now=NOW),
            "bad_file",
        ),
    ],
)
def test_what_is_refused_changes_nothing(tree: Tree, change: Callable[..., Any], code: str) -> None:
    clerk, member = actor_for("registrar", union=tree.county), make_member(union=tree.couriers)
    with pytest.raises((Invalid, Moved)) as refused:
        change(clerk, member.number)
    assert refused.value.code == code
    assert Membership.objects.get().state == "active"
    assert MembershipEntry.objects.count() == 1
    assert not AuditEntry.objects.filter(action__startswith="members.").exists()
    assert not TextMessage.objects.exists()


def test_an_end_is_final(tree: Tree) -> None:
    clerk, member = actor_for("registrar", union=tree.county), make_member(union=tree.couriers, state="ended")
    for act in (suspend, resume):
        with pytest.raises(Moved):
            act(actor=clerk, number=member.number, reason="不可能的事", now=NOW)
    with pytest.raises(Moved):
        end(actor=clerk, number=member.number, end_reason="left", evidence="再次申请", now=NOW)
    assert MembershipEntry.objects.count() == 1


def test_who_may_change_correct_and_reveal(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    acts: list[Callable[[Any], object]] = [
        lambda a: suspend(actor=a, number=member.number, reason="未缴会费", now=NOW),
        lambda a: end(actor=a, number=member.number, end_reason="left", evidence="书面申请", now=NOW),
        lambda a: correct_name(actor=a, number=member.number, name="王大芳", evidence="身份证", now=NOW),
        lambda a: correct_phone(actor=a, number=member.number, phone=make_phone(), evidence="身份证", now=NOW),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act(actor_for("registrar", union=tree.township))
        with pytest.raises(NotAllowed):
            act(actor_for("reviewer", union=tree.couriers))
    with pytest.raises(NotAllowed):
        reveal(actor=actor_for("organizer", union=tree.county), subject=member, what="id", reason="核对身份", now=NOW)
    assert Worker.objects.get().name == "王小芳"
    assert not AuditEntry.objects.filter(action__startswith="members.").exists()


def test_a_name_is_corrected_with_proof(tree: Tree) -> None:
    clerk, member = actor_for("registrar", union=tree.county), make_member(union=tree.couriers, name="王小芳")
    correct_name(actor=clerk, number=member.number, name="王 晓芳", evidence="出示身份证原件", now=NOW)
    worker = Worker.objects.get()
    assert (worker.name, worker.pinyin, worker.initials) == ("王晓芳", "wangxiaofang", "wxf")
    entry = AuditEntry.objects.get(action="members.name_corrected")
    assert "王小芳" not in str(entry.detail)
    assert "王小芳" in PersonKey(worker.sealed_key).unseal(entry.sealed)
    with pytest.raises(Invalid) as refused:
        correct_name(actor=clerk, number=member.number, name="王晓芳", evidence="身份证", now=NOW)
    assert refused.value.code == "unchanged"
    with pytest.raises(Invalid) as refused:
        correct_name(actor=clerk, number=member.number, name="王晓方", now=NOW)
    assert refused.value.code == "evidence_missing"


def test_a_lost_number_is_replaced_with_proof_and_both_numbers_learn_of_it(tree: Tree) -> None:
    clerk, member = actor_for("registrar", union=tree.county), make_member(union=tree.couriers, phone="15400000001")
    other = make_member(union=tree.couriers, phone="15400000009")
    with pytest.raises(PhoneTaken):
        correct_phone(actor=clerk, number=member.number, phone="15400000009", evidence="身份证", now=NOW)
    assert not TextMessage.objects.exists()
    correct_phone(actor=clerk, number=member.number, phone="154 0000 0002", evidence="出示身份证", now=NOW)
    worker = Worker.objects.get(pk=member.worker_id)
    assert PersonKey(worker.sealed_key).unseal(worker.sealed_phone) == "15400000002"
    assert TextMessage.objects.filter(template="phone.changed").count() == 2
    assert bytes(Worker.objects.get(pk=other.worker_id).phone_digest or b"") != bytes(worker.phone_digest or b"")


def test_a_value_is_revealed_for_a_reason_and_written_down(tree: Tree) -> None:
    reviewer = actor_for("reviewer", union=tree.couriers)
    number = make_id_number()
    member = make_member(union=tree.couriers, id_number=number, phone="15400000001")
    assert reveal(actor=reviewer, subject=member, what="id", reason="电话核对", now=NOW) == number
    assert reveal(actor=reviewer, subject=member, what="phone", reason="电话核对", now=NOW) == "15400000001"
    application = make_application(union=tree.couriers, phone="15400000005")
    assert reveal(actor=reviewer, subject=application, what="phone", reason="电话核对", now=NOW) == "15400000005"
    seen = AuditEntry.objects.filter(action="members.revealed").order_by("pk")
    assert [(row.subject_id, row.detail["what"]) for row in seen] == [
        (member.pk, "id"), (member.pk, "phone"), (application.pk, "phone"),
    ]  # fmt: skip
    assert number not in "".join(str(row.detail) for row in seen)
    for what, reason, code in [("id", "无", "reason_missing"), ("name", "电话核对", "unknown_choice")]:
        with pytest.raises(Invalid) as refused:
            reveal(actor=reviewer, subject=member, what=what, reason=reason, now=NOW)
        assert refused.value.code == code
    assert seen.count() == 3


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("active", "suspended", -1),
        ("suspended", "active", 1),
        ("active", "ended", -1),
        ("suspended", "ended", 0),
    ],
)
def test_who_counts_as_active(old: str, new: str, change: int) -> None:
    assert active_change(old, new) == change


def test_days_of_effect() -> None:
    assert check_effective(TODAY, began_on=TODAY, today=TODAY) == TODAY
