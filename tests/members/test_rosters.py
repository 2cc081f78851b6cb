"""Rosters: handed in, checked, enrolled, undone."""

from __future__ import annotations

from typing import Any

import pytest

from nuanxin.insight.queries import recount
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved
from nuanxin.members.actions.rosters import commit_roster, remap_roster, undo_roster, upload_roster, work_off
from nuanxin.members.models import Card, Membership, MembershipEntry, Roster, RosterRow, Worker
from nuanxin.members.queries.rosters import Place, get_roster, place_of, roster_rows, rosters_in_reach
from nuanxin.members.states import MembershipAct, RosterState
from nuanxin.messages.models import TextMessage
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.members import make_application, make_id_number, make_member, make_phone, make_worker
from tests.factories.organizations import Tree, make_enterprise, make_union
from tests.factories.rosters import fresh, hand_in, make_person

pytestmark = pytest.mark.django_db


def registrar(union: Any) -> Any:
    return actor_for("registrar", union=union)


def enroll(roster: Roster, actor: Any, *, partial: bool = False) -> Roster:
    commit_roster(actor=actor, roster=fresh(roster), partial=partial, now=NOW)
    work_off(roster.pk, count=1)
    return fresh(roster)


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
