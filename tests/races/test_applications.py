"""Races around applications, each with a control that must fail: it shows that the threads really meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from nuanxin.access.actors import Actor
from nuanxin.kernel.refusals import Refusal
from nuanxin.members.actions.apply import submit_proved
from nuanxin.members.actions.review import decide
from nuanxin.members.models import Application, ApplicationAct, Card, Membership, Worker
from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.members.states import OPEN, ConsentKind
from nuanxin.organizations.models import Door
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.access import actor_for, make_client
from tests.factories.members import make_application, make_fields
from tests.factories.organizations import make_tree
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def counted(count: int, work: Callable[[int], Any]) -> Counter[Any]:
    """Let so many threads do the work at once, and count what came out: results, or the codes of refusals."""

    def result(index: int) -> Any:
        try:
            return work(index)
        except Refusal as refusal:
            return refusal.code

    return Counter(at_once(result, count))


def test_fifty_submissions_of_one_person_are_one_application() -> None:
    connect()
    make_tree()
    client, _key = make_client(door=Door.objects.get(pk="gov_app"))
    raw = make_fields()

    def submit(_index: int) -> str:
        actor = Actor(kind="client", source_id=client.pk, scopes=frozenset(client.scopes), door_code="gov_app")
        return submit_proved(
            actor=actor,
            raw=raw,
            door="gov_app",
            consents=[ConsentKind.PROCESSING, ConsentKind.IDENTITY],
            consent_version=CONSENT_VERSION,
            client_id=client.pk,
            now=NOW,
        ).application.number

    answers = counted(50, submit)
    assert (len(answers), Application.objects.count(), ApplicationAct.objects.count()) == (1, 1, 1)


def test_control_looking_first_lets_several_in() -> None:
    """The same race without the constraint's help: each looks for an open application before it writes its own."""
    make_tree()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX application_one_open")
    raw = make_fields()
    barrier = Barrier(50)

    def look_then_write(_index: int) -> None:
        found = Application.objects.filter(name=raw["name"], state__in=OPEN).exists()
        barrier.wait(timeout=60)
        if not found:
            make_application(union=None, state="phone_held", id_number=raw["id_number"])

    try:
        counted(50, look_then_write)
        assert Application.objects.count() > 1
    finally:
        Application.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX application_one_open ON members_application (id_digest) "
                "WHERE state IN ('phone_held', 'submitted', 'accepted', 'returned')"
            )


def test_twenty_reviewers_make_one_decision() -> None:
    connect()
    tree = make_tree()
    application = make_application(union=tree.couriers)
    reviewers = [actor_for("reviewer", union=tree.couriers) for _number in range(20)]

    def approve(index: int) -> str:
        return decide(actor=reviewers[index], number=application.number, decision="approve", now=NOW).state

    assert counted(20, approve) == {"approved": 1, "already_decided": 19}
    assert [model.objects.count() for model in (Worker, Membership, Card, ApplicationAct)] == [1, 1, 1, 1]


def test_control_reading_the_state_first_decides_several_times() -> None:
    """The same race with the state read before and written after: every reviewer believes to be the first."""
    tree = make_tree()
    application = make_application(union=tree.couriers)
    barrier = Barrier(20)

    def read_then_write(_index: int) -> str:
        mine = Application.objects.get(pk=application.pk)
        barrier.wait(timeout=60)
        if mine.state != "submitted":
            return "already_decided"
        mine.state = "accepted"
        mine.save(update_fields=["state"])
        return "accepted"

    assert counted(20, read_then_write)["accepted"] > 1
