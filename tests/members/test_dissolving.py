"""A union that is dissolved or merged: everybody goes on in the same act, or nothing changes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from nuanxin.access.actors import system
from nuanxin.insight.queries import recount
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound, Refusal
from nuanxin.members.actions.dissolving import tell_carried
from nuanxin.members.actions.review import decide
from nuanxin.members.models import Application, ApplicationAct, Membership, MembershipEntry
from nuanxin.members.queries.dissolving import dissolution
from nuanxin.members.queries.history import stays
from nuanxin.members.queries.searching import Filters, search
from nuanxin.members.states import ApplicationState, MembershipState
from nuanxin.messages.models import TextMessage
from nuanxin.organizations.actions import dissolve_union
from nuanxin.organizations.models import Coverage, Union
from nuanxin.organizations.states import EmployerScope, UnionKind
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for, make_account, make_post, sign_in
from tests.factories.insight import announce_fact, where
from tests.factories.members import make_application, make_member
from tests.factories.organizations import make_enterprise, make_union
from tests.members.moves_scene import written
from tests.threads import at_once

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.organizations import Tree

REASON = "县总工会批复：两会合并"


def _member(union: Union, **fields: Any) -> Membership:
    made = make_member(union=union, **fields)
    announce_fact("admit", where(union, day=made.began_on))
    if made.state != MembershipState.ACTIVE:
        announce_fact("suspend", where(union))
    return made


def _application(union: Union, **fields: Any) -> Application:
    made = make_application(union=union, **fields)
    ApplicationAct.objects.create(application=made, at=NOW, act="submitted", union=union)
    announce_fact("apply", where(union))
    return made


def _small_union(tree: Tree, name: str = "柳园街道骑手联合工会") -> Union:
    return make_union(parent=tree.county, kind=UnionKind.JOINT, name=name, region="371502001", admits=EmployerScope.ANY)


@pytest.mark.django_db
def test_a_merged_union_brings_everybody_to_its_heir(tree: Tree) -> None:
    small = _small_union(tree)
    rider = _member(small, name="王小芳")
    rested = _member(small, state=MembershipState.RETAINED)
    gone = make_member(union=small, state=MembershipState.ENDED)
    announce_fact("admit", where(small, day=gone.began_on))
    announce_fact("suspend", where(small))
    waiting, returned = (_application(small, state=state) for state in ("accepted", "returned"))
    firm, begun = make_enterprise(union=small), make_enterprise()
    Coverage.objects.create(enterprise=begun, union=small, valid_from=local_day(NOW))
    plan = dissolution(system(), small, tree.couriers, on=local_day(NOW))
    assert plan.members == [(tree.couriers, Counter(active=1, retained=1))]
    assert (plan.applications, plan.enterprises, plan.below) == ([(tree.couriers, 2)], 2, 0)
    assert recount() == []

    dissolve_union(actor=system(), union=small, heir=tree.couriers, reason=REASON, now=NOW)

    assert Union.objects.get(pk=small.pk).closed_at == NOW
    for membership, state in ((rider, "active"), (rested, "retained")):
        membership.refresh_from_db()
        assert (membership.union, membership.state) == (tree.couriers, state)
        assert [(stay.union, stay.until is None) for stay in stays(membership)] == [
            (small, False),
            (tree.couriers, True),
        ]
    gone.refresh_from_db()
    assert gone.union == small
    assert recount() == []
    clerk = actor_for("registrar", union=tree.couriers)
    assert {row.pk for row in search(clerk, Filters(text="")).items} == {rider.pk, rested.pk}
    waiting.refresh_from_db()
    returned.refresh_from_db()
    assert (waiting.union, waiting.state) == (tree.couriers, ApplicationState.SUBMITTED)
    assert (returned.union, returned.state) == (tree.couriers, ApplicationState.RETURNED)
    assert waiting.due_at is not None
    assert waiting.due_at > NOW
    for enterprise in (firm, begun):
        assert Coverage.objects.get(enterprise=enterprise, valid_until=None).union == tree.couriers
    entry = AuditEntry.objects.get(action="organizations.union_dissolved")
    assert (entry.detail["heir"], entry.detail["enterprises"]) == (tree.couriers.code, 2)


@pytest.mark.django_db
def test_everybody_is_told_once(tree: Tree) -> None:
    small = _small_union(tree)
    for _each in range(3):
        _member(small)
    dissolve_union(actor=system(), union=small, heir=tree.couriers, reason=REASON, now=NOW)
    for _try in range(2):
        tell_carried(union_id=small.pk, at=NOW)
    assert TextMessage.objects.filter(template="transfer.carried").count() == 3


@pytest.mark.django_db
def test_a_dissolved_union_lets_each_go_where_the_rules_lead(tree: Tree) -> None:
    small = _small_union(tree)
    firm = make_enterprise(union=small)
    courier = _member(small, group="courier", employer=firm)
    carer = _member(small, group="care_worker", region="371502001001")
    plan = dissolution(system(), small, None, on=local_day(NOW))
    foreseen = {target.id: standings.total() for target, standings in plan.members}
    dissolve_union(actor=system(), union=small, heir=None, reason=REASON, now=NOW)
    for membership in (courier, carer):
        membership.refresh_from_db()
        assert membership.union_id != small.pk
    assert Counter(Membership.objects.values_list("union_id", flat=True)) == foreseen
    assert courier.union == tree.couriers
    assert not Coverage.objects.filter(enterprise=firm, valid_until=None).exists()
    assert recount() == []


@pytest.mark.django_db
def test_what_must_not_be_dissolved_stays_as_it_is(tree: Tree) -> None:
    small = _small_union(tree)
    _member(small)
    make_enterprise(union=small)
    make_union(parent=tree.couriers, kind=UnionKind.JOINT, region="371502001", name="站点联合工会")
    closed = _small_union(tree, name="已撤销的工会")
    Union.objects.filter(pk=closed.pk).update(closed_at=NOW)
    own, above = actor_for("organizer", union=small), actor_for("organizer", union=tree.county)
    before = (written(), list(Coverage.objects.values_list("pk", "union_id", "valid_until")))
    for actor, union, heir, reason, refusal, code in (
        (own, small, None, REASON, NotFound, ""),
        (above, small, None, "并", Invalid, "reason_missing"),
        (above, small, small, REASON, Invalid, "own_heir"),
        (above, small, closed, REASON, Conflict, "union_closed"),
        (above, small, tree.county, REASON, Conflict, "heir_covers_nobody"),
        (above, tree.couriers, None, REASON, Conflict, "union_above"),
        (system(), tree.nation, None, REASON, Invalid, "root_stays"),
    ):
        with pytest.raises(refusal) as raised:
            dissolve_union(actor=actor, union=union, heir=heir, reason=reason, now=NOW)
        assert not code or raised.value.code == code
        assert (written(), list(Coverage.objects.values_list("pk", "union_id", "valid_until"))) == before
        assert Union.objects.filter(pk=union.pk, closed_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_is_left_in_a_union_that_is_dissolved_meanwhile(tree: Tree) -> None:
    small = _small_union(tree)
    applications = [make_application(union=small) for _each in range(6)]
    reviewer = actor_for("reviewer", union=tree.county)

    def act(number: int) -> str:
        try:
            if number == 3:
                dissolve_union(actor=system(), union=small, heir=tree.couriers, reason=REASON, now=NOW)
                return "dissolved"
            decide(actor=reviewer, number=applications[number % 6].number, decision="approve", now=NOW)
        except Refusal as refusal:
            return refusal.code
        return "approved"

    outcomes = Counter(at_once(act, 6))
    assert outcomes["dissolved"] == 1
    assert not Membership.objects.filter(union=small).exclude(state=MembershipState.ENDED).exists()
    assert not Application.objects.filter(union=small, state__in=("submitted", "accepted")).exists()
    assert Membership.objects.count() == outcomes["approved"]
    moved = MembershipEntry.objects.filter(act="transferred").count()
    assert Membership.objects.filter(union=tree.couriers).count() >= moved


@pytest.mark.django_db
def test_the_desk_shows_who_goes_where_before_it_is_done(client: Client, tree: Tree) -> None:
    small = _small_union(tree)
    _member(small)
    account = make_account()
    make_post(account=account, role="organizer", union=tree.city)
    sign_in(client, account)
    address = f"/desk/organizations/unions/{small.code}/dissolve/"
    typed = {"heir": tree.couriers.code, "reason": REASON}
    shown = client.post(address, typed).content.decode()
    assert f"1名会员转到{tree.couriers.name}" in shown
    assert Union.objects.get(pk=small.pk).closed_at is None
    wrong = client.post(address, typed | {"heir": "NOSUCH00"})
    assert wrong.status_code == 422
    assert REASON in wrong.content.decode()
    done = client.post(address, typed | {"sure": "1"})
    assert done.status_code == 302
    assert Membership.objects.get().union == tree.couriers
