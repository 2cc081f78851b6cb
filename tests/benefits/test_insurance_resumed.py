"""Gifted insurance when whoever works on it is killed: nothing is lost, nothing is there twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from nuanxin.benefits.actions import insurance_reconciling, insurance_returns, insurance_working
from nuanxin.benefits.actions.insurance_lists import freeze_batch
from nuanxin.benefits.actions.insurance_returns import hand_in_policies, read_return
from nuanxin.benefits.actions.insurance_working import take_up_left, work_on_list, work_on_returns
from nuanxin.benefits.models import Insured, Policy, PolicyReturn, PolicyRow
from nuanxin.benefits.queries.insurance_lists import list_is_whole
from nuanxin.benefits.states.insurance import BatchState
from nuanxin.catalog.models import Area, Delivery, Service
from nuanxin.messages.models import TextMessage
from tests.benefits.test_insurance import as_file, back, officer, sent
from tests.factories import NOW, TODAY
from tests.factories.insurance import fresh, make_batch
from tests.factories.members import make_member
from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db


class Killed(Exception):
    """Whoever worked on it is gone."""


def dies(*_arguments: Any, **_named: Any) -> Any:
    raise Killed


def test_a_list_that_was_being_frozen_is_taken_up_and_frozen_once(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    make_member(union=tree.couriers)
    actor = officer(tree.city)
    batch = make_batch(union=tree.city, actor=actor)
    freeze_batch(actor=actor, batch=batch, now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr("nuanxin.benefits.actions.insurance_lists.digest_of", dies)
        with pytest.raises(Killed):
            work_on_list(batch.pk)
    assert (Insured.objects.count(), fresh(batch).state) == (0, BatchState.FREEZING)
    assert take_up_left(now=timezone.now() + timedelta(days=1)) == 1
    work_on_list(batch.pk)
    work_on_list(batch.pk)
    batch = fresh(batch)
    assert (Insured.objects.count(), batch.state, list_is_whole(batch)) == (1, BatchState.FROZEN, True)


def test_a_file_half_read_is_read_on_and_every_row_is_there_once(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, batch, policies = sent(tree, 7)
    monkeypatch.setattr(insurance_returns, "CHUNK", 2)
    made = hand_in_policies(actor=actor, batch=fresh(batch), name="x", content=as_file(policies), now=NOW)
    beats = []

    def third_dies(back: Any, count: int, now: Any) -> None:
        beats.append(count)
        if len(beats) == 3:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(insurance_returns, "_beat", third_dies)
        with pytest.raises(Killed):
            read_return(return_id=made.pk, now=NOW)
    assert PolicyRow.objects.count() == 4
    assert take_up_left(now=timezone.now() + timedelta(days=1)) == 1
    work_on_returns(batch.pk)
    assert sorted(PolicyRow.objects.values_list("line", flat=True)) == list(range(2, 9))
    assert (PolicyReturn.objects.get().state, Policy.objects.count()) == ("done", 7)
    assert fresh(batch).state == BatchState.SETTLED


def test_policies_half_issued_are_issued_on_with_one_delivery_each(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    area, _new = Area.objects.get_or_create(code="protection", defaults={"name": "保障", "name_en": "Protection"})
    Service.objects.create(
        code="gifted_insurance",
        area=area,
        name="赠送保险",
        way="by_itself",
        union=tree.city,
        starts_on=TODAY,
        created_at=NOW,
    )
    actor, batch, policies = sent(tree, 5)
    monkeypatch.setattr(insurance_reconciling, "_CLEAN", insurance_reconciling._CLEAN.replace("LIMIT 20000", "LIMIT 2"))
    calls = []
    real = insurance_reconciling.issue_next

    def second_dies(**named: Any) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return real(**named)

    with monkeypatch.context() as patched:
        patched.setattr(insurance_working, "issue_next", second_dies)
        with pytest.raises(Killed):
            back(actor, batch, policies)
    assert Policy.objects.count() == 2
    work_on_returns(batch.pk)
    work_on_returns(batch.pk)
    assert (Policy.objects.count(), fresh(batch).state) == (5, BatchState.SETTLED)
    assert Delivery.objects.filter(service_id="gifted_insurance").count() == 5
    assert {str(each.cost) for each in Delivery.objects.all()} == {"36.00"}
    assert TextMessage.objects.filter(template="insurance.issued").count() == 5
