"""The counter: an application entered for somebody who stands there, with the code of that person's phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.kernel.remember import forget
from nuanxin.members.actions.counter import (
    confirm_at_counter,
    enter_at_counter,
    send_again_at_counter,
)
from nuanxin.members.models import Application, Consent
from nuanxin.organizations.models import Door
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_post
from tests.factories.members import make_fields
from tests.factories.organizations import Tree
from tests.factories.texts import code_sent_to

AGREED = ("processing", "identity")


def _cadre(tree: Tree, where: str = "couriers", role: str = "reviewer") -> Any:
    return actor_for(make_post(role=role, union=getattr(tree, where)))


def _enter(actor: Any, tree: Tree, **changed: Any) -> Any:
    given: dict[str, Any] = {"union_code": tree.couriers.code, "raw": make_fields(), "consents": AGREED}
    return enter_at_counter(actor=actor, **given | changed, now=NOW)


def test_entered_and_confirmed_at_the_counter(tree: Tree) -> None:
    cadre, raw = _cadre(tree), make_fields()
    sent = _enter(cadre, tree, raw=raw)
    assert (sent.application.state, sent.application.door_id) == ("unconfirmed", "counter")
    done = confirm_at_counter(
        actor=cadre, number=sent.application.number, code=code_sent_to(raw["phone"]), now=NOW
    ).application
    assert (done.state, done.scanned_union_id) == ("submitted", tree.couriers.pk)
    entered = AuditEntry.objects.get(action="members.application_entered")
    assert (entered.account_id, entered.subject_id) == (cadre.account_id, done.pk)
    assert set(Consent.objects.values_list("kind", flat=True)) == set(AGREED)


def test_only_who_entered_it_confirms_it(tree: Tree) -> None:
    raw = make_fields()
    number = _enter(_cadre(tree), tree, raw=raw).application.number
    other = _cadre(tree)
    with pytest.raises(NotFound):
        confirm_at_counter(actor=other, number=number, code=code_sent_to(raw["phone"]), now=NOW)
    with pytest.raises(NotFound):
        send_again_at_counter(actor=other, number=number, now=NOW)
    assert Application.objects.get().state == "unconfirmed"


def _out_of_reach(tree: Tree) -> None:
    _enter(_cadre(tree, "pool"), tree)


def _not_in_the_post(tree: Tree) -> None:
    _enter(_cadre(tree, role="organizer"), tree)


def _no_consent(tree: Tree) -> None:
    _enter(_cadre(tree), tree, consents=("processing",))


def _bad_number(tree: Tree) -> None:
    _enter(_cadre(tree), tree, raw=make_fields() | {"id_number": "371502199001011230"})


def _no_counter(tree: Tree) -> None:
    _enter(_cadre(tree), tree, door="h5")


def _shut_counter(tree: Tree) -> None:
    Door.objects.filter(pk="counter").update(closed_on=TODAY)
    forget()
    _enter(_cadre(tree), tree)


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (_out_of_reach, NotFound),
        (_not_in_the_post, NotFound),
        (_no_consent, Invalid),
        (_bad_number, Invalid),
        (_no_counter, Invalid),
        (_shut_counter, Invalid),
    ],
)
def test_refusals_change_nothing(tree: Tree, act: Callable[[Tree], None], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        act(tree)
    assert (Application.objects.count(), AuditEntry.objects.count()) == (0, 0)
