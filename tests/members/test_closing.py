"""A union closes only when nobody belongs to it or waits for it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from nuanxin.access.actors import system
from nuanxin.kernel.refusals import Conflict
from nuanxin.members.actions.review import decide
from nuanxin.members.models import PhoneRelease
from nuanxin.members.states import OPEN, ApplicationState, MembershipState
from nuanxin.organizations.actions import close_union
from nuanxin.organizations.models import Union
from nuanxin.records.models import AuditEntry
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.access import actor_for, make_account, make_post, sign_in
from tests.factories.members import make_application, make_member, make_worker
from tests.factories.organizations import make_union
from tests.threads import at_once

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.organizations import Tree

#: Where the union itself has the application; a held phone waits at the county instead.
_HERE = [state for state in OPEN if state != ApplicationState.PHONE_HELD]


@pytest.fixture(autouse=True)
def wired() -> None:
    """Let those hear of it who keep a union open."""
    connect()


def _refused(union: Union) -> str:
    with pytest.raises(Conflict) as refusal:
        close_union(actor=system(), union=union, reason="撤销", now=NOW)
    assert refusal.value.code == "union_has_people"
    assert Union.objects.get(pk=union.pk).closed_at is None
    assert not AuditEntry.objects.filter(action="organizations.union_closed").exists()
    return str(refusal.value.message)


def _close(union: Union) -> None:
    close_union(actor=system(), union=union, reason="撤销", now=NOW)
    assert Union.objects.get(pk=union.pk).closed_at == NOW


@pytest.mark.django_db
@pytest.mark.parametrize("state", [MembershipState.ACTIVE, MembershipState.SUSPENDED])
def test_members_keep_their_union_open(tree: Tree, state: str) -> None:
    make_member(union=tree.couriers, state=state)
    make_member(union=tree.couriers, state=MembershipState.ENDED)
    assert "会员1人、未办结的入会申请0件" in _refused(tree.couriers)


@pytest.mark.django_db
@pytest.mark.parametrize("state", _HERE)
def test_open_applications_keep_their_union_open(tree: Tree, state: str) -> None:
    make_application(union=tree.couriers, state=state)
    assert "会员0人、未办结的入会申请1件" in _refused(tree.couriers)


@pytest.mark.django_db
def test_a_phone_to_release_keeps_the_county_open(tree: Tree) -> None:
    county = make_union(parent=tree.city, region="371503", name="茌平区总工会")
    worker = make_worker()
    release = PhoneRelease.objects.create(
        application=make_application(state=ApplicationState.PHONE_HELD),
        holder=worker,
        phone_digest=worker.phone_digest,
        union=county,
        asked_at=NOW,
        due_at=NOW,
    )
    assert "未办结的入会申请1件" in _refused(county)
    PhoneRelease.objects.filter(pk=release.pk).update(state="refused")
    _close(county)


@pytest.mark.django_db
def test_what_has_ended_keeps_nothing_open(tree: Tree) -> None:
    make_member(union=tree.couriers, state=MembershipState.ENDED)
    make_application(union=tree.couriers, state=ApplicationState.WITHDRAWN)
    make_application(union=tree.couriers, state=ApplicationState.LAPSED)
    make_member(union=tree.village)
    _close(tree.couriers)


@pytest.mark.django_db
def test_the_desk_says_so_and_keeps_the_reason(client: Client, tree: Tree) -> None:
    make_member(union=tree.couriers)
    make_application(union=tree.couriers)
    account = make_account()
    make_post(account=account, role="organizer", union=tree.city)
    sign_in(client, account)
    answer = client.post(f"/desk/organizations/unions/{tree.couriers.code}/close/", {"reason": "两会合并"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "该工会还有会员1人、未办结的入会申请1件。请先为会员办理转会" in page
    assert "两会合并" in page
    assert Union.objects.get(pk=tree.couriers.pk).closed_at is None


@pytest.mark.django_db(transaction=True)
def test_nobody_is_approved_into_a_union_that_closes_meanwhile(tree: Tree) -> None:
    application = make_application(union=tree.couriers)
    reviewer = actor_for("reviewer", union=tree.couriers)

    def act(number: int) -> str:
        if number == 0:
            decide(actor=reviewer, number=application.number, decision="approve", now=NOW)
            return "approved"
        try:
            close_union(actor=system(), union=tree.couriers, reason="撤销", now=NOW)
        except Conflict as refusal:
            return refusal.code
        return "closed"

    assert Counter(at_once(act, 8)) == {"approved": 1, "union_has_people": 7}
    assert Union.objects.get(pk=tree.couriers.pk).closed_at is None
