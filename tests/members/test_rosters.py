"""Rosters: handed in, checked, enrolled, undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nuanxin.insight.queries import recount
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved
from nuanxin.members.actions.cards import issue_code, verify
from nuanxin.members.actions.rosters import commit_roster, remap_roster, undo_roster, upload_roster, work_off
from nuanxin.members.actions.rosters.undoing import RosterUsed
from nuanxin.members.models import Card, Membership, MembershipEntry, Roster, RosterRow, Worker
from nuanxin.members.queries.rosters import Place, get_roster, place_of, roster_rows, rosters_in_reach
from nuanxin.members.rules.applicants import Fields, check_fields
from nuanxin.members.rules.rosters import limits
from nuanxin.members.rules.rosters.decide import Known, decide
from nuanxin.members.rules.rosters.packing import cells_of, fields_of, pack
from nuanxin.members.states import EndReason, MembershipAct, RosterOutcome, RosterState
from nuanxin.messages.models import Notice, TextMessage
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_device
from tests.factories.members import (
    make_application,
    make_fields,
    make_id_number,
    make_member,
    make_phone,
    make_worker,
    worker_of,
)
from tests.factories.organizations import Tree, make_enterprise, make_union
from tests.factories.rosters import HEADERS, fresh, hand_in, make_person, make_roster

pytestmark = pytest.mark.django_db
_HERE, _THERE, _NAMED = make_id_number(), make_id_number(), make_id_number()


def registrar(union: Any) -> Any:
    return actor_for("registrar", union=union)


def enroll(roster: Roster, actor: Any, *, partial: bool = False) -> Roster:
    commit_roster(actor=actor, roster=fresh(roster), partial=partial, now=NOW)
    work_off(roster.pk)
    work_off(roster.pk)  # enrolled by the first, told by the second
    return fresh(roster)


def outcomes(roster: Roster) -> list[tuple[str, list[str]]]:
    rows = RosterRow.objects.filter(roster=roster).order_by("line")
    return [(row.outcome, [code for _field, code in row.problems]) for row in rows]


def test_the_clerk_of_a_long_roster_is_told_and_of_a_short_one_not(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = registrar(tree.city)
    enroll(hand_in(actor, [make_person()], union=tree.couriers), actor)
    assert not Notice.objects.exists()
    monkeypatch.setattr(limits, "SHORT", 0)
    roster = enroll(hand_in(actor, [make_person()], union=tree.couriers), actor)
    hand_in(actor, [], union=tree.couriers, headers=("?",))
    told = Notice.objects.filter(account_id=actor.account_id).order_by("id")
    assert list(told.values_list("template", flat=True)) == ["roster.checked", "roster.done", "roster.failed"]
    assert {row.link for row in told[:2]} == {f"/desk/rosters/{roster.number}/"}


def test_people_of_a_file_become_members_with_cards(tree: Tree) -> None:
    actor = registrar(tree.city)
    rows = [make_person("王小芳"), make_person("李强", region="古城社区"), make_person("张伟", group="快递员")]
    roster = hand_in(actor, rows, union=tree.couriers)
    assert (roster.state, roster.counts) == (RosterState.CHECKED, {"new": 3}), roster.failure
    done = enroll(roster, actor)
    assert (done.state, done.committed, done.told) == (RosterState.DONE, 3, True)
    assert Membership.objects.filter(union=tree.couriers, state="active", door_id="roster").count() == 3
    assert Card.objects.count() == 3
    assert recount() == []
    worker = Worker.objects.get(name="李强")
    key = PersonKey(worker.sealed_key)
    assert (key.unseal(worker.sealed_id), key.unseal(worker.sealed_phone)) == rows[1][1:3]
    entry = MembershipEntry.objects.get(membership__worker=worker)
    assert (entry.act, entry.evidence) == (MembershipAct.ADMITTED, f"{roster.number}:3")
    assert TextMessage.objects.filter(template="membership.enrolled").count() == 3
    assert AuditEntry.objects.filter(subject_id=roster.pk, action="members.roster_enrolled").count() == 1


def test_the_same_file_twice_changes_nothing(tree: Tree) -> None:
    actor, rows = registrar(tree.city), [make_person(), make_person()]
    enroll(hand_in(actor, rows, union=tree.couriers), actor)
    before = sorted(Membership.objects.values_list("pk", "state", "union"))
    again = hand_in(actor, rows, union=tree.couriers)
    assert again.counts == {"member": 2}
    assert enroll(again, actor).counts == {"member": 2}
    assert sorted(Membership.objects.values_list("pk", "state", "union")) == before
    assert MembershipEntry.objects.count() == 2
    assert recount() == []


def test_what_becomes_of_rows_that_the_registry_knows(tree: Tree) -> None:
    actor = registrar(tree.city)
    other = make_union(parent=tree.city, kind="enterprise", name="别处工会")
    here = make_worker(name="在册", id_number=_HERE)
    there = make_worker(name="别处", id_number=_THERE)
    named = make_worker(name="原名", id_number=_NAMED)
    make_member(union=tree.couriers, worker=here)
    make_member(union=other, worker=there)
    applied = make_application(union=tree.couriers, name="申请")
    key = PersonKey(applied.sealed_key)
    holder = make_phone()
    make_worker(name="号主", phone=holder)
    twice = make_person("两次")
    rows = [
        make_person("在册", id_number=_HERE),
        make_person("别处", id_number=_THERE),
        make_person("改名", id_number=_NAMED),
        make_person("申请", id_number=key.unseal(applied.sealed_id)),
        make_person("占号", phone=holder),
        twice,
        twice,
        make_person("同号", phone=twice[2]),
        make_person("", phone="1"),
    ]
    assert named.pk
    roster = hand_in(actor, rows, union=tree.couriers)
    assert outcomes(roster) == [
        ("member", []),
        ("transfer", []),
        ("conflict", ["other_name"]),
        ("conflict", ["has_applied"]),
        ("conflict", ["phone_held"]),
        ("new", []),
        ("error", ["duplicate_row"]),
        ("error", ["duplicate_phone"]),
        ("error", ["missing", "bad_phone"]),
    ]
    page = roster_rows(roster, outcome="error", most=2)
    assert [row.cells[0] for row in page.rows] == ["两次", "同号"]
    assert [row.line for row in roster_rows(roster, outcome="error", after=page.next or 0).rows] == [10]


def test_partial_commit_is_a_choice(tree: Tree) -> None:
    actor = registrar(tree.city)
    roster = hand_in(actor, [make_person(), make_person("")], union=tree.couriers)
    with pytest.raises(Conflict) as refused:
        commit_roster(actor=actor, roster=roster, partial=False, now=NOW)
    assert refused.value.code == "rows_stopped"
    assert fresh(roster).state == RosterState.CHECKED
    assert Membership.objects.count() == 0
    done = enroll(roster, actor, partial=True)
    assert (done.state, done.counts) == (RosterState.DONE, {"new": 1, "error": 1})
    assert Membership.objects.count() == 1


def test_what_has_come_in_between_is_settled_at_the_commit(tree: Tree) -> None:
    actor, phone = registrar(tree.city), make_phone()
    rows = [make_person("先到"), make_person("占号", phone=phone), make_person("新人")]
    roster = hand_in(actor, rows, union=tree.couriers)
    assert roster.counts == {"new": 3}
    make_member(union=tree.couriers, name="先到", id_number=rows[0][1])
    make_worker(name="别人", phone=phone)
    done = enroll(roster, actor)
    assert outcomes(done) == [("member", []), ("conflict", ["phone_held"]), ("new", [])]
    assert done.counts == {"member": 1, "conflict": 1, "new": 1}
    assert Membership.objects.filter(worker__name="先到").count() == 1


def test_who_is_a_member_elsewhere_moves_by_the_rules_of_transfers_only(tree: Tree) -> None:
    actor = registrar(tree.city)
    other = make_union(parent=tree.city, kind="enterprise", region="371502", name="别处工会")
    moved = make_member(union=other, name="搬来", id_number=_THERE)
    roster = hand_in(actor, [make_person("搬来", id_number=_THERE)], union=tree.couriers)
    done = enroll(roster, actor)
    assert done.counts == {"transfer": 1}
    moved.refresh_from_db()
    assert Membership.objects.count() == 1
    acts = list(MembershipEntry.objects.filter(membership=moved).order_by("at", "pk").values_list("act", flat=True))
    assert (moved.union_id == tree.couriers.pk) is (MembershipAct.TRANSFERRED in acts)


def test_rows_go_where_their_people_work_and_nowhere_out_of_reach(tree: Tree) -> None:
    firm = make_enterprise(name="飞跃物流有限公司", union=make_union(parent=tree.county, kind="enterprise"))
    covered = firm.coverages.get().union
    rows = [
        make_person("快递", region="371502001001"),
        make_person("保洁", group="domestic_worker", region="371502001001"),
        make_person("在编", employer="飞跃物流有限公司"),
    ]
    roster = hand_in(registrar(tree.city), rows, union=tree.city)
    unions = list(RosterRow.objects.filter(roster=roster).order_by("line").values_list("union", flat=True))
    assert unions == [tree.couriers.pk, tree.village.pk, covered.pk]
    narrow = hand_in(registrar(tree.couriers), rows, union=tree.couriers)
    assert outcomes(narrow) == [("new", []), ("error", ["other_union"]), ("error", ["other_union"])]


def test_a_people_office_hands_in_its_own_people_only(tree: Tree) -> None:
    union = make_union(parent=tree.county, kind="enterprise", name="飞跃工会")
    firm = make_enterprise(name="飞跃物流有限公司", union=union)
    make_enterprise(name="别家物流有限公司", union=union)
    actor = actor_for("hr", enterprise=firm)
    place = place_of(actor, on=TODAY)
    assert (place.union, place.enterprise) == (union, firm)
    rows = [
        make_person("自家"),
        make_person("别家", employer="别家物流有限公司"),
        make_person("写明", employer=firm.name),
    ]
    roster = hand_in(actor, rows, union=union, enterprise=firm)
    assert outcomes(roster) == [("new", []), ("error", ["other_employer"]), ("new", [])]
    enroll(roster, actor, partial=True)
    assert set(Membership.objects.values_list("union", "worker__employer")) == {(union.pk, firm.pk)}
    uncovered = actor_for("hr", enterprise=make_enterprise())
    with pytest.raises(Conflict) as refused:
        place_of(uncovered, on=TODAY)
    assert refused.value.code == "no_union_yet"
    with pytest.raises(NotFound):
        place_of(actor, union_code=tree.city.code, on=TODAY)


def test_undo_ends_what_it_began_and_the_file_may_come_again(tree: Tree) -> None:
    actor, rows = registrar(tree.city), [make_person("甲"), make_person("乙")]
    roster = enroll(hand_in(actor, rows, union=tree.couriers), actor)
    undone = undo_roster(actor=actor, roster=fresh(roster), now=NOW)
    assert undone.state == RosterState.UNDONE
    assert set(Membership.objects.values_list("state", "end_reason")) == {("ended", EndReason.UNDONE)}
    assert recount() == []
    again = enroll(hand_in(actor, rows, union=tree.couriers), actor)
    assert again.counts == {"new": 2}
    assert Membership.objects.filter(state="active").count() == 2
    assert Worker.objects.count() == 2
    assert recount() == []
    with pytest.raises(Moved):
        undo_roster(actor=actor, roster=fresh(roster), now=NOW)


def test_a_roster_whose_card_was_checked_is_not_undone(tree: Tree) -> None:
    actor = registrar(tree.city)
    roster = enroll(hand_in(actor, [make_person("甲"), make_person("乙")], union=tree.couriers), actor)
    member = Membership.objects.order_by("pk").first()
    assert member is not None
    code = issue_code(actor=worker_of(member), number=member.number, now=NOW).code
    device = make_device(union=tree.city)[0]
    checker = actor_for("reviewer", union=tree.city)
    checker.scopes, checker.source_id = frozenset({"cards.verify"}), device.pk
    verify(actor=checker, code=code, now=NOW)
    with pytest.raises(RosterUsed):
        undo_roster(actor=actor, roster=fresh(roster), now=NOW)
    assert fresh(roster).state == RosterState.DONE
    assert Membership.objects.filter(state="active").count() == 2


def test_columns_are_chosen_by_hand_and_remembered(tree: Tree) -> None:
    actor, headers = registrar(tree.city), ("甲", "乙", "丙", "丁", "戊", "己", "庚")
    roster = hand_in(actor, [make_person("王芳")], union=tree.couriers, headers=headers)
    assert (roster.state, roster.failure["code"]) == (RosterState.FAILED, "columns_missing")
    with pytest.raises(Invalid):
        remap_roster(actor=actor, roster=fresh(roster), columns={"name": 0}, now=NOW)
    chosen = {"name": 0, "id_number": 1, "phone": 2, "occupation_group": 3, "region": 4}
    remap_roster(actor=actor, roster=fresh(roster), columns=chosen, now=NOW)
    work_off(roster.pk)
    assert (fresh(roster).state, fresh(roster).counts) == (RosterState.CHECKED, {"new": 1})
    assert hand_in(actor, [make_person("李强")], union=tree.couriers, headers=headers).counts == {"new": 1}


def test_defaults_hold_for_rows_that_do_not_name_their_own(tree: Tree) -> None:
    actor = registrar(tree.city)
    roster = hand_in(
        actor,
        [make_person(group="", region="")],
        union=tree.couriers,
        defaults={"occupation_group": "courier", "region_code": "371502001"},
    )
    assert roster.counts == {"new": 1}
    with pytest.raises(Invalid):
        hand_in(actor, [make_person()], union=tree.couriers, defaults={"occupation_group": "astronaut"})
    assert Roster.objects.count() == 1


def test_a_file_that_is_no_table_fails_and_says_why(tree: Tree) -> None:
    actor = registrar(tree.city)
    place = Place(tree.couriers, None)
    roster = upload_roster(actor=actor, place=place, name="../照片.xlsx", content=b"\x89PNG\r\n\x1a\n00", now=NOW)
    work_off(roster.pk)
    assert (fresh(roster).state, fresh(roster).failure["code"]) == (RosterState.FAILED, "wrong_type")
    assert roster.file_name == "照片.xlsx"
    for content, code in ((b"", "empty_file"), (bytes(32 * 1024 * 1024), "too_large")):
        with pytest.raises(Invalid) as refused:
            upload_roster(actor=actor, place=place, name="a.xlsx", content=content, now=NOW)
        assert refused.value.code == code
    assert Roster.objects.count() == 1


def test_who_may_and_who_sees(tree: Tree) -> None:
    roster = make_roster(union=tree.couriers)
    stranger = registrar(make_union(parent=tree.nation, region="110101"))
    columns = {"name": 0, "id_number": 1, "phone": 2}
    acts: tuple[Callable[[Any], Roster], ...] = (
        lambda actor: commit_roster(actor=actor, roster=fresh(roster), partial=True, now=NOW),
        lambda actor: undo_roster(actor=actor, roster=fresh(roster), now=NOW),
        lambda actor: remap_roster(actor=actor, roster=fresh(roster), columns=columns, now=NOW),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act(actor_for("reviewer", union=tree.city))
        with pytest.raises(NotFound):
            act(stranger)
    assert fresh(roster).state == RosterState.CHECKED
    assert list(rosters_in_reach(stranger)) == []
    assert get_roster(registrar(tree.city), roster.number).pk == roster.pk
    with pytest.raises(NotFound):
        get_roster(stranger, roster.pk)


def test_a_chunk_is_checked_and_enrolled_once_whoever_asks_again(tree: Tree) -> None:
    actor = registrar(tree.city)
    roster = hand_in(actor, [make_person()], union=tree.couriers)
    Roster.objects.filter(pk=roster.pk).update(state=RosterState.CHECKING)
    work_off(roster.pk)
    assert RosterRow.objects.filter(roster=roster).count() == 1
    enroll(roster, actor)
    work_off(roster.pk)
    Roster.objects.filter(pk=roster.pk).update(state=RosterState.COMMITTING)
    work_off(roster.pk)
    assert Membership.objects.count() == 1
    assert TextMessage.objects.filter(template="membership.enrolled").count() == 1


@pytest.mark.parametrize(
    ("known", "phone_held", "has_applied", "outcome", "code"),
    [
        (None, False, False, "new", ""),
        (None, True, False, "conflict", "phone_held"),
        (None, False, True, "conflict", "has_applied"),
        (("王芳", "", ""), False, False, "new", ""),
        (("王 芳", "", ""), False, False, "new", ""),
        (("李芳", "", ""), False, False, "conflict", "other_name"),
        (("王芳", "here", "active"), True, True, "member", ""),
        (("王芳", "here", "retained"), False, False, "member", ""),
        (("王芳", "there", "active"), True, False, "transfer", ""),
        (("王芳", "there", "retained"), False, False, "transfer", ""),
        (("王芳", "there", "suspended"), False, False, "conflict", "rests_elsewhere"),
        (("李芳", "there", "active"), False, False, "conflict", "other_name"),
    ],
)
def test_what_becomes_of_a_row(
    known: tuple[str, str, str] | None, phone_held: bool, has_applied: bool, outcome: str, code: str
) -> None:
    here, there = Roster().pk, Roster().pk
    found = None
    if known is not None:
        name, union, state = known
        found = Known(Roster().pk, name, b"", Roster().pk if union else None, {"here": here}.get(union, there), state)
    said = decide(found, name="王芳", union_id=here, phone_held=phone_held, has_applied=has_applied)
    assert (said.outcome, "".join(code for _field, code in said.problems)) == (RosterOutcome(outcome), code)


def test_a_row_is_kept_as_it_stands_and_as_it_was_understood() -> None:
    fields = check_fields(make_fields(), on=TODAY, groups={"courier"}, platforms=())
    assert isinstance(fields, Fields)
    cells = ("王小芳", "a\x1fb", "")
    assert fields_of(pack(cells, fields)) == (fields, None)
    assert cells_of(pack(cells, fields)) == ("王小芳", "a b", "")
    assert fields_of(pack(cells, None)) is None
    assert len(HEADERS) == 7
