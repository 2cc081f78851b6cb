"""Collective joining ceremonies: one code, one kit each, whoever asks at the same time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.kernel.states import Moved
from nuanxin.members.actions.cards import issue_code
from nuanxin.members.actions.ceremonies import (
    approve_present,
    close_ceremony,
    hand_out_kit,
    note_joining,
    open_ceremony,
    plan_ceremony,
)
from nuanxin.members.models import Ceremony, CeremonyGuest, CeremonyJoining, CeremonyKit, Membership
from nuanxin.members.queries.ceremonies import (
    ceremonies,
    get_ceremony,
    guests_of_roster,
    missing_guests,
    open_ceremony_by_code,
    tally,
)
from nuanxin.members.states import CeremonyState
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.members import make_application, make_member, worker_of
from tests.factories.organizations import Tree
from tests.factories.rosters import hand_in, make_person
from tests.threads import at_once


def plan(tree: Tree, actor: Any = None, **fields: Any) -> Ceremony:
    told: dict[str, Any] = {
        "title": "新就业形态劳动者集体入会仪式",
        "place": "聊城市工人文化宫",
        "starts_at": NOW + timedelta(hours=1),
        "presided_by": "张主席",
    }
    return plan_ceremony(
        actor=actor or actor_for("reviewer", union=tree.township), union=tree.township, **told | fields, now=NOW
    )


def opened(tree: Tree, **fields: Any) -> tuple[Ceremony, Any]:
    cadre = actor_for("reviewer", union=tree.township)
    ceremony = plan(tree, cadre, **fields)
    open_ceremony(actor=cadre, ceremony=ceremony, now=NOW)
    return ceremony, cadre


def test_people_join_by_one_code_and_are_approved_on_the_spot(tree: Tree) -> None:
    ceremony, cadre = opened(tree, guests="王小芳 15400000001\n李明\n赵六")
    came = [make_application(union=tree.township, name="王小芳", phone="15400000001")]
    came.append(make_application(union=tree.village, name="李明"))
    for application in came:
        assert note_joining(ceremony=ceremony, application=application, now=NOW)
        assert not note_joining(ceremony=ceremony, application=application, now=NOW)
    assert [guest.name for guest in missing_guests(ceremony)] == ["赵六"]
    outcomes = approve_present(actor=cadre, ceremony=ceremony, now=NOW)
    assert [outcome.refusal for outcome in outcomes] == [None, None]
    assert (tally(ceremony).expected, tally(ceremony).joined, tally(ceremony).waiting) == (3, 2, 0)
    assert tally(ceremony).members == Membership.objects.count() == 2
    assert approve_present(actor=cadre, ceremony=ceremony, now=NOW) == []


def test_a_kit_is_handed_out_once_by_the_code_of_the_card(tree: Tree) -> None:
    ceremony, cadre = opened(tree)
    member = make_member(union=tree.township)
    code = issue_code(actor=worker_of(member), number=member.number, now=NOW).code
    handed = hand_out_kit(actor=cadre, ceremony=ceremony, code=code, now=NOW)
    assert handed.membership == member
    again = issue_code(actor=worker_of(member), number=member.number, now=NOW).code
    for spent, error, why in ((code, Invalid, "unknown_code"), (again, Conflict, "kit_handed_out")):
        with pytest.raises(error) as refused:
            hand_out_kit(actor=cadre, ceremony=ceremony, code=spent, now=NOW)
        assert refused.value.code == why
    assert CeremonyKit.objects.count() == 1
    assert AuditEntry.objects.filter(action="members.kit_handed_out").count() == 1


def test_no_kit_without_a_good_code_of_a_member_there(tree: Tree) -> None:
    ceremony, cadre = opened(tree)
    member, elsewhere = make_member(union=tree.township), make_member(union=tree.couriers)
    old = issue_code(actor=worker_of(member), number=member.number, now=NOW - timedelta(minutes=5)).code
    other = issue_code(actor=worker_of(elsewhere), number=elsewhere.number, now=NOW).code
    for wrong in ("", "hello", "0123456789", old, other):
        with pytest.raises(Invalid):
            hand_out_kit(actor=cadre, ceremony=ceremony, code=wrong, now=NOW)
    close_ceremony(actor=cadre, ceremony=ceremony, now=NOW)
    good = issue_code(actor=worker_of(member), number=member.number, now=NOW).code
    with pytest.raises(Conflict):
        hand_out_kit(actor=cadre, ceremony=ceremony, code=good, now=NOW)
    assert not CeremonyKit.objects.exists()


def test_only_an_open_ceremony_takes_people(tree: Tree) -> None:
    cadre = actor_for("reviewer", union=tree.township)
    ceremony, application = plan(tree, cadre), make_application(union=tree.township)
    assert open_ceremony_by_code(ceremony.code) is None
    assert not note_joining(ceremony=ceremony, application=application, now=NOW)
    open_ceremony(actor=cadre, ceremony=ceremony, now=NOW)
    assert open_ceremony_by_code(ceremony.code.lower()) == ceremony
    close_ceremony(actor=cadre, ceremony=ceremony, now=NOW)
    assert not note_joining(ceremony=ceremony, application=application, now=NOW)
    for act in (open_ceremony, close_ceremony):
        with pytest.raises(Moved):
            act(actor=cadre, ceremony=ceremony, now=NOW)
    ceremony.refresh_from_db()
    assert ceremony.state == CeremonyState.CLOSED
    assert not CeremonyJoining.objects.exists()


def test_others_may_neither_see_nor_do(tree: Tree) -> None:
    ceremony, _cadre = opened(tree)
    stranger, leader = actor_for("reviewer", union=tree.couriers), actor_for("leader", union=tree.city)
    assert list(ceremonies(stranger)) == []
    with pytest.raises(NotFound):
        get_ceremony(stranger, ceremony.number)
    for actor, error in ((stranger, NotFound), (leader, NotAllowed)):
        with pytest.raises(error):
            close_ceremony(actor=actor, ceremony=ceremony, now=NOW)
        with pytest.raises(error):
            hand_out_kit(actor=actor, ceremony=ceremony, code="0123456789", now=NOW)
        with pytest.raises(error):
            plan(tree, actor)
    assert Ceremony.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"title": " "}, {"place": ""}, {"presided_by": ""}, {"guests": "王小芳 1234"}, {"guests": "王小芳\n💥"}]
)
def test_a_wrong_plan_is_not_kept(tree: Tree, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        plan(tree, **wrong)
    assert not Ceremony.objects.exists()
    assert not CeremonyGuest.objects.exists()


def test_a_roster_says_who_is_expected(tree: Tree) -> None:
    registrar = actor_for("registrar", union=tree.city)
    people = [
        make_person("李明", phone="15400000021"),
        make_person("赵六", phone="15400000022"),
        make_person("错", phone="1"),
    ]
    roster = hand_in(registrar, people, union=tree.township)
    ceremony = plan(tree, guests=f"王小芳\n{guests_of_roster(roster)}")
    assert [guest.name for guest in missing_guests(ceremony)] == ["王小芳", "李明", "赵六"]


@pytest.mark.django_db(transaction=True)
def test_two_helpers_who_scan_at_once_hand_out_one_kit(tree: Tree) -> None:
    ceremony, cadre = opened(tree)
    member = make_member(union=tree.township)
    codes = [issue_code(actor=worker_of(member), number=member.number, now=NOW).code for _each in range(6)]

    def scan(number: int) -> str:
        try:
            hand_out_kit(actor=cadre, ceremony=ceremony, code=codes[number], now=NOW)
        except Conflict as refusal:
            return refusal.code
        return "handed"

    assert sorted(map(str, at_once(scan, times=6))) == ["handed", *["kit_handed_out"] * 5]
    assert CeremonyKit.objects.count() == 1
