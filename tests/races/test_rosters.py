"""Two clerks hand in the same people at once; and a worker that is killed while it checks and enrolls."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from nuanxin.insight.queries import recount
from nuanxin.members.actions.rosters import commit_roster, upload_roster, work_off
from nuanxin.members.models import Card, Membership, MembershipEntry, Roster, RosterRow, Worker
from nuanxin.members.queries.rosters import Place
from nuanxin.members.states import RosterState
from nuanxin.messages.models import TextMessage
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.access import actor_for, make_roles
from tests.factories.organizations import Tree, make_tree
from tests.factories.rosters import fresh, hand_in, make_person, make_xlsx
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parent.parent.parent
PEOPLE = 40
KILLS = int(os.environ.get("NUANXIN_KILLS", "20"))


def build() -> tuple[Tree, Any]:
    connect()
    make_roles()
    tree = make_tree()
    return tree, actor_for("registrar", union=tree.city)


def test_two_clerks_with_the_same_people_enroll_each_once() -> None:
    tree, actor = build()
    rows = [make_person() for _number in range(PEOPLE)]
    # the control: what was decided when the rows were checked would make everybody a member twice
    rosters = [hand_in(actor, part, union=tree.couriers) for part in (rows, rows[::-1])]
    assert [roster.counts for roster in rosters] == [{"new": PEOPLE}] * 2
    for roster in rosters:
        commit_roster(actor=actor, roster=roster, partial=False, now=NOW)
    at_once(lambda number: work_off(rosters[number].pk), 2)
    assert {fresh(roster).state for roster in rosters} == {RosterState.DONE}
    told = Counter(RosterRow.objects.values_list("outcome", flat=True))
    assert told == {"new": PEOPLE, "member": PEOPLE}
    assert (Worker.objects.count(), Membership.objects.count(), Card.objects.count()) == (PEOPLE, PEOPLE, PEOPLE)
    assert recount() == []


def test_one_roster_worked_off_by_several_at_once_is_enrolled_once() -> None:
    tree, actor = build()
    roster = hand_in(actor, [make_person() for _number in range(PEOPLE)], union=tree.couriers, check=False)
    at_once(lambda _number: work_off(roster.pk), 4)
    assert (fresh(roster).state, fresh(roster).counts) == (RosterState.CHECKED, {"new": PEOPLE})
    commit_roster(actor=actor, roster=fresh(roster), partial=False, now=NOW)
    at_once(lambda _number: work_off(roster.pk), 4)
    assert (fresh(roster).state, fresh(roster).committed) == (RosterState.DONE, PEOPLE)
    at_once(lambda _number: work_off(roster.pk), 4)
    assert Membership.objects.count() == PEOPLE
    assert TextMessage.objects.filter(template="membership.enrolled").count() == PEOPLE
    assert recount() == []


#: Works a roster off in small chunks, in the database of the test.
_WORKER = """
import sys, django
from uuid import UUID
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from nuanxin.members.actions.rosters import checking, work_off
from nuanxin.wiring import connect
connect()
checking.CHUNK = 40
print("ready", flush=True)
work_off(UUID(sys.argv[2]))
"""


def start(roster: Roster) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", _WORKER, str(connection.settings_dict["NAME"]), str(roster.pk)]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def signature() -> dict[str, Any]:
    """Return what a run has come to, without what is drawn at random."""
    members = Membership.objects.values_list("worker__id_digest", "union__code", "state", "door")
    return {
        "members": sorted((bytes(digest).hex(), *rest) for digest, *rest in members),
        "rows": sorted(RosterRow.objects.values_list("line", "outcome", "union__code")),
        "entries": MembershipEntry.objects.count(),
        "cards": Card.objects.count(),
        "told": TextMessage.objects.filter(template="membership.enrolled").count(),
        "counts": list(Roster.objects.values_list("state", "counts", "rows", "committed", "told")),
    }


@pytest.mark.full
@pytest.mark.timeout(1500)
def test_killed_at_random_moments_it_ends_as_if_undisturbed() -> None:
    tree, actor = build()
    rows = [make_person() for _number in range(2400)]
    rows[7], rows[900] = make_person(""), rows[12]
    content, place, chance = make_xlsx(rows), Place(tree.couriers, None), random.Random(3715)

    def run(kills: int) -> tuple[dict[str, Any], int]:
        made = upload_roster(actor=actor, place=place, name="a.xlsx", content=content, now=NOW)
        killed = 0
        for step in ("check", "enroll", "tell"):
            if step == "enroll":
                commit_roster(actor=actor, roster=fresh(made), partial=True, now=NOW)
            for _kill in range(-(-kills // 3)):
                both = [start(made), start(made)]
                time.sleep(chance.uniform(0.01, 0.35))
                killed += any(process.poll() is None for process in both)
                for process in both:
                    process.kill()
                    process.wait()
            assert [process.wait() for process in [start(made), start(made)]] == [0, 0]
        return signature(), killed

    undisturbed, _none = run(0)
    assert recount() == []
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE members_worker, members_roster, insight_tallydelta, insight_tallyday, insight_tallytotal, "
            "notices_textmessage CASCADE"
        )
    killed_run, killed = run(KILLS)
    print(f"killed {killed} times while at work")
    assert killed >= KILLS // 2
    assert killed_run == undisturbed
    assert recount() == []
    assert Worker.objects.values("id_digest").distinct().count() == Membership.objects.count() == 2398
