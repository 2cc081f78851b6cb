"""A union that closes while an application is on its way to it: each order, with a control that must go wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection, connections, transaction

from nuanxin.access.actors import Actor, anonymous, system
from nuanxin.access.models import ApiClient
from nuanxin.kernel.refusals import Conflict
from nuanxin.members.actions.apply import confirm_application, start_application, submit_proved
from nuanxin.members.actions.review import decide
from nuanxin.members.actions.settle import settle
from nuanxin.members.models import Application
from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.members.states import OPEN, ConsentKind
from nuanxin.organizations.actions import close_union
from nuanxin.organizations.models import Door, Union
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.access import actor_for, make_client
from tests.factories.members import make_application, make_fields
from tests.factories.organizations import Tree, make_tree
from tests.factories.texts import code_sent_to
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tree(transactional_db: None) -> Tree:
    connect()
    return make_tree()


@pytest.fixture
def machine(tree: Tree) -> ApiClient:
    return make_client(door=Door.objects.get(pk="gov_app"))[0]


def submit(machine: ApiClient) -> Application:
    """Send somebody's application through the machine's door; it goes to the couriers, while they are open."""
    actor = Actor(kind="client", source_id=machine.pk, scopes=frozenset(machine.scopes), door_code="gov_app")
    return submit_proved(
        actor=actor,
        raw=make_fields(),
        door="gov_app",
        consents=[ConsentKind.PROCESSING, ConsentKind.IDENTITY],
        consent_version=CONSENT_VERSION,
        client_id=machine.pk,
        now=NOW,
    ).application


def apart(work: Any) -> Any:
    """Do work in a thread with a connection of its own."""

    def one() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return one


def until_somebody_waits() -> None:
    """Wait until another connection waits for a lock."""
    end = monotonic() + 20
    while monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            row = cursor.fetchone()
        if row and row[0]:
            return
        sleep(0.01)
    raise AssertionError("nobody waits")


def stranded(union: Union) -> int:
    """Return how many open applications are with a union that has closed."""
    return Application.objects.filter(union=union, union__closed_at__isnull=False, state__in=OPEN).count()


def test_who_is_routed_while_the_union_closes_is_routed_anew(tree: Tree, machine: ApiClient) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            close_union(actor=system(), union=tree.couriers, reason="撤销", now=NOW)
            # Routing still reads it as open, and then waits where it is written.
            sent = pool.submit(apart(lambda: submit(machine)))
            until_somebody_waits()
        application = sent.result(timeout=30)
    assert application.union_id == tree.village.pk
    assert (Application.objects.get().union_id, stranded(tree.couriers)) == (tree.village.pk, 0)


def test_who_proves_the_phone_while_the_union_closes_is_routed_anew(tree: Tree) -> None:
    raw = make_fields()
    consents = [ConsentKind.PROCESSING, ConsentKind.IDENTITY]
    started = start_application(
        actor=anonymous(), raw=raw, door="h5", consents=consents, consent_version=CONSENT_VERSION, now=NOW
    ).application
    code = code_sent_to(raw["phone"])

    def confirm() -> Application:
        return confirm_application(actor=anonymous(), number=started.number, code=code, now=NOW).application

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            close_union(actor=system(), union=tree.couriers, reason="撤销", now=NOW)
            sent = pool.submit(apart(confirm))
            until_somebody_waits()
        assert sent.result(timeout=30).union_id == tree.village.pk
    assert stranded(tree.couriers) == 0


def test_what_is_passed_on_to_a_union_that_closes_stays_where_it_is(tree: Tree) -> None:
    application = make_application(union=tree.village)
    reviewer = actor_for("reviewer", union=tree.village)

    def pass_on() -> str:
        try:
            return decide(
                actor=reviewer,
                number=application.number,
                decision="pass_on",
                reason="属于快递行业",
                to_union=tree.couriers.code,
                now=NOW,
            ).state
        except Conflict as refusal:
            return refusal.code

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            close_union(actor=system(), union=tree.couriers, reason="撤销", now=NOW)
            passing = pool.submit(apart(pass_on))
            until_somebody_waits()
        assert passing.result(timeout=30) == "union_closed"
    application.refresh_from_db()
    assert application.union_id == tree.village.pk


def test_control_looking_first_strands_an_application(tree: Tree) -> None:
    """The same order with the union read first and written plainly after: it lands at the closed union."""
    application = make_application(union=None, state="unconfirmed")
    settlement = settle(application, scanned_code="", now=NOW)
    assert settlement.route.union.code == tree.couriers.code
    ThreadPoolExecutor(1).submit(
        apart(lambda: close_union(actor=system(), union=tree.couriers, reason="撤销", now=NOW))
    ).result(timeout=30)
    Application.objects.filter(pk=application.pk).update(state="submitted", union_id=settlement.route.union.id)
    assert stranded(tree.couriers) == 1


def test_a_union_that_is_just_being_routed_to_does_not_close(tree: Tree, machine: ApiClient) -> None:
    written, close = Event(), Event()

    def send_slowly() -> None:
        with transaction.atomic():
            submit(machine)
            written.set()
            assert close.wait(timeout=20)

    def shut() -> str:
        try:
            close_union(actor=system(), union=tree.couriers, reason="撤销", now=NOW)
        except Conflict as refusal:
            return refusal.code
        return "closed"

    with ThreadPoolExecutor(2) as pool:
        sending = pool.submit(apart(send_slowly))
        assert written.wait(timeout=20)
        closing = pool.submit(apart(shut))
        until_somebody_waits()
        close.set()
        sending.result(timeout=30)
        assert closing.result(timeout=30) == "union_has_people"
    assert stranded(tree.couriers) == 0


def test_twenty_at_once_and_nobody_is_stranded(tree: Tree, machine: ApiClient) -> None:
    def act(number: int) -> str:
        if number % 5:
            return "sent" if submit(machine).union_id else "nowhere"
        try:
            close_union(actor=system(), union=tree.couriers, reason="撤销", now=NOW)
        except Conflict as refusal:
            return refusal.code
        return "closed"

    answers = at_once(act, 20)
    assert answers.count("sent") == 16
    assert (Application.objects.filter(state__in=OPEN).count(), stranded(tree.couriers)) == (16, 0)
