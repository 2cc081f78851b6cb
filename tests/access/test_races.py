"""Two at once: an enrollment code, the last administrators, one absence, one staff session."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, connections

from nuanxin.access import actions
from nuanxin.access.models import Absence, PartnerDevice, Post, StaffSession
from nuanxin.kernel.refusals import Refusal
from tests.factories import NOW
from tests.factories.access import actor_for, make_post

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(works: list[Callable[[], object]]) -> list[str]:
    """Do the works in threads that start together; give `done` or the refusal's code of each."""
    gate, results, lock = threading.Barrier(len(works)), list[str](), threading.Lock()

    def run(work: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            gate.wait(10)
            try:
                work()
                result = "done"
            except Refusal as refusal:
                result = refusal.code
            with lock:
                results.append(result)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(results)


def test_one_enrollment_code_enrolls_one_of_four_phones(tree: SimpleNamespace) -> None:
    actor = actor_for("administrator", union=tree.city)
    device, code = actions.create_device(actor=actor, union=tree.city, partner="医院", name="窗口", now=NOW)
    results = at_once([lambda: actions.enroll_device(code=code, now=NOW)] * 4)
    assert results == ["bad_enrollment_code"] * 3 + ["done"]
    assert PartnerDevice.objects.get(pk=device.pk).key_digest is not None


def test_control_reading_before_enrolling_would_give_two_keys(tree: SimpleNamespace) -> None:
    actor = actor_for("administrator", union=tree.city)
    device, _code = actions.create_device(actor=actor, union=tree.city, partner="医院", name="窗口", now=NOW)
    read = threading.Barrier(2)

    def look_then_write() -> None:
        assert PartnerDevice.objects.get(pk=device.pk).enrolled_at is None
        read.wait(10)
        PartnerDevice.objects.filter(pk=device.pk).update(enrolled_at=NOW)

    assert at_once([look_then_write] * 2) == ["done", "done"]


def test_two_last_administrators_cannot_end_each_other(tree: SimpleNamespace) -> None:
    first = make_post(role="administrator", union=tree.nation)
    second = make_post(role="administrator", union=tree.nation)
    acting = [(actor_for(first), second), (actor_for(second), first)]
    results = at_once(
        [lambda actor=actor, post=post: actions.end_post(actor=actor, post=post, now=NOW) for actor, post in acting]  # type: ignore[misc]
    )
    assert results == ["done", "last_administrator"]
    assert Post.objects.filter(role_id="administrator", valid_until=None).count() == 1


def test_one_absence_and_one_staff_session_at_a_time(tree: SimpleNamespace) -> None:
    post = make_post(role="administrator", union=tree.county)
    actor = actor_for(post)

    def away() -> None:
        end = NOW + timedelta(days=1)
        actions.register_absence(actor=actor, post=post, starts_at=NOW, ends_at=end, now=NOW)

    assert at_once([away] * 4) == ["absence_overlaps"] * 3 + ["done"]
    assert Absence.objects.count() == 1

    def reach() -> None:
        own = actor_for(post)
        actions.open_staff_session(actor=own, union=tree.other, reason="联合核查北京转来的材料", hours=1, now=NOW)

    assert at_once([reach] * 4) == ["done"] + ["session_open"] * 3
    assert StaffSession.objects.count() == 1
