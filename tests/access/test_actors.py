"""Who may do what, where, and in whose name."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nuanxin.access.actors import BadKey, actor_of_account, actor_of_key, anonymous, system, worker_actor
from nuanxin.access.models import Absence, StaffSession
from nuanxin.access.states import Permission, Scope
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import NotAllowed, NotFound, NotSignedIn
from nuanxin.organizations.models import Coverage
from tests.factories import NOW
from tests.factories.access import actor_for, make_account, make_client, make_device, make_post, make_token

REVIEW = Permission.REVIEW


@pytest.mark.parametrize(
    ("held_at", "asked_at", "may"),
    [
        ("county", "county", True),
        ("county", "basic", True),
        ("county", "city", False),
        ("county", "other", False),
        ("nation", "basic", True),
        ("basic", "basic", True),
        ("basic", "county", False),
    ],
)
def test_a_post_reaches_its_own_union_and_what_is_below(
    tree: SimpleNamespace, held_at: str, asked_at: str, may: bool
) -> None:
    actor = actor_for("reviewer", union=getattr(tree, held_at))
    place = getattr(tree, asked_at)
    assert actor.may(REVIEW, at=place) is may
    assert actor.may(REVIEW, at=place.path) is may
    assert actor.may(REVIEW)


def test_without_the_verb_it_is_not_allowed_and_out_of_reach_it_is_not_found(tree: SimpleNamespace) -> None:
    actor = actor_for("reviewer", union=tree.county)
    with pytest.raises(NotAllowed):
        actor.require(Permission.GRANT_POSTS, at=tree.basic)
    with pytest.raises(NotFound):
        actor.require(REVIEW, at=tree.other)
    with pytest.raises(NotAllowed):
        actor.require(Permission.GRANT_POSTS)
    with pytest.raises(NotSignedIn):
        anonymous().require(REVIEW, at=tree.county)
    with pytest.raises(TypeError):
        actor.may(REVIEW, at=tree)


def test_the_act_carries_the_post_that_allowed_it(tree: SimpleNamespace) -> None:
    account = make_account()
    here = make_post(account=account, role="reviewer", union=tree.county)
    there = make_post(account=account, role="registrar", union=tree.other)
    actor = actor_of_account(account, NOW)
    actor.require(REVIEW, at=tree.basic)
    assert actor.post_id == here.pk
    actor.require(Permission.CHANGE_MEMBERSHIP, at=tree.other)
    assert actor.post_id == there.pk
    assert set(actor.reach(Permission.REVEAL)) == {tree.county.path, tree.other.path}
    assert actor.reach(REVIEW) == (tree.county.path,)


def test_reach_holds_no_union_under_another(tree: SimpleNamespace) -> None:
    account = make_account()
    for union in (tree.basic, tree.city, tree.other):
        make_post(account=account, union=union)
    actor = actor_of_account(account, NOW)
    assert set(actor.reach(REVIEW)) == {tree.city.path, tree.other.path}
    assert set(actor.paths) == {tree.city.path, tree.other.path}


@pytest.mark.parametrize(
    ("days_from", "days_until", "held"), [(-1, None, True), (1, None, False), (-2, -1, False), (-1, 0, False)]
)
def test_a_post_counts_from_its_first_moment_until_before_its_last(
    tree: SimpleNamespace, days_from: int, days_until: int | None, held: bool
) -> None:
    until = None if days_until is None else NOW + timedelta(days=days_until)
    post = make_post(union=tree.county, valid_from=NOW + timedelta(days=days_from), valid_until=until)
    assert actor_of_account(post.account, NOW).may(REVIEW) is held


def test_a_closed_account_holds_nothing(tree: SimpleNamespace) -> None:
    post = make_post(account=make_account(is_active=False), union=tree.county)
    assert not actor_of_account(post.account, NOW).grants


def test_a_delegate_acts_in_the_absent_holders_name_only_meanwhile(tree: SimpleNamespace) -> None:
    post, delegate = make_post(union=tree.county), make_account()
    Absence.objects.create(
        post=post, delegate=delegate, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=1)
    )
    actor = actor_of_account(delegate, NOW)
    actor.require(REVIEW, at=tree.basic)
    assert (actor.account_id, actor.post_id, actor.source_id) == (delegate.pk, post.pk, None)
    assert not actor_of_account(delegate, NOW + timedelta(hours=1)).may(REVIEW)
    assert not actor_of_account(delegate, NOW - timedelta(hours=2)).may(REVIEW)


def test_a_staff_session_reaches_further_and_is_named_by_each_act_that_needs_it(tree: SimpleNamespace) -> None:
    post = make_post(role="reviewer", union=tree.county)
    session = StaffSession.objects.create(
        account=post.account, post=post, union=tree.other, reason="联合检查北京转来的申请", starts_at=NOW,
        ends_at=NOW + timedelta(hours=2),
    )  # fmt: skip
    actor = actor_of_account(post.account, NOW)
    actor.require(REVIEW, at=tree.other)
    assert (actor.post_id, actor.source_id) == (post.pk, session.pk)
    actor.require(REVIEW, at=tree.county)
    assert (actor.post_id, actor.source_id) == (post.pk, None)
    assert not actor_of_account(post.account, NOW + timedelta(hours=2)).may(REVIEW, at=tree.other)


def test_at_an_enterprise_its_own_people_office_its_area_and_its_covering_union_count(tree: SimpleNamespace) -> None:
    hr = actor_for("hr", enterprise=tree.firm)
    assert hr.may(Permission.CONFIRM_EMPLOYMENT, at=tree.firm)
    assert not hr.paths
    assert hr.enterprises(Permission.CONFIRM_EMPLOYMENT) == {tree.firm.pk}
    assert actor_for("organizer", union=tree.county).may(Permission.EDIT_ENTERPRISES, at=tree.firm)
    covering = actor_for("organizer", union=tree.basic)
    assert not covering.may(Permission.EDIT_ENTERPRISES, at=tree.firm)
    Coverage.objects.create(enterprise=tree.firm, union=tree.basic, valid_from=NOW.date())
    assert covering.may(Permission.EDIT_ENTERPRISES, at=tree.firm)
    with pytest.raises(NotFound):
        actor_for("organizer", union=tree.other).require(Permission.EDIT_ENTERPRISES, at=tree.firm)


def test_the_posts_of_a_cadre_cost_one_statement(tree: SimpleNamespace) -> None:
    account = make_account()
    for union in (tree.county, tree.other):
        make_post(account=account, union=union)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(actor_of_account(account, NOW).grants) == 2
    assert len(queries) == 1


def test_each_kind_of_key_costs_one_statement(tree: SimpleNamespace) -> None:
    client, client_key = make_client(scopes=[Scope.APPLY, Scope.READ_TALLIES])
    post = make_post(union=tree.county)
    token, token_key = make_token(post=post)
    device, device_key = make_device(union=tree.city)
    with CaptureQueriesContext(connection) as queries:
        machine, cadre, counter = (actor_of_key(key, NOW) for key in (client_key, token_key, device_key))
    assert len(queries) == 3
    assert (machine.kind, machine.source_id) == ("client", client.pk)
    assert set(machine.scopes) == {"applications.create", "tallies.read"}
    assert machine.reach(Permission.VIEW_TALLIES) == ("/",)
    assert not machine.may(REVIEW)
    assert (cadre.kind, cadre.account_id, cadre.source_id) == ("cadre", post.account_id, token.pk)
    cadre.require(REVIEW, at=tree.basic)
    assert cadre.post_id == post.pk
    assert (counter.kind, counter.source_id, counter.paths) == ("device", device.pk, (tree.city.path,))
    counter.require_scope(Scope.VERIFY_CARDS)
    for actor in (counter, cadre):
        with pytest.raises(NotAllowed):
            actor.require_scope(Scope.ISSUE_CODES)
    with pytest.raises(NotAllowed):
        counter.require(Permission.VIEW_MEMBERS, at=tree.city)


def test_bad_keys_are_told_alike(tree: SimpleNamespace) -> None:
    post = make_post(union=tree.county)
    token, key = make_token(post=post)
    client, client_key = make_client()
    assert actor_of_key(key, NOW).may(REVIEW)
    for bad in ("", "nxt_", "nxz_abc", key[:-1], key + "x", "nxc_" + key[4:], "nxc_\ud800\0", "x" * 100_000):
        with pytest.raises(BadKey):
            actor_of_key(bad, NOW)
    with pytest.raises(BadKey):
        actor_of_key(key, token.expires_at)
    client.revoked_at = NOW
    client.save()
    with pytest.raises(BadKey):
        actor_of_key(client_key, NOW)
    post.valid_until = NOW
    post.save()
    with pytest.raises(BadKey) as refused:
        actor_of_key(key, NOW)
    assert (refused.value.code, refused.value.status) == ("bad_key", 401)


def test_the_system_holds_everything_and_a_worker_nothing(tree: SimpleNamespace) -> None:
    for permission in Permission.values:
        system().require(permission, at=tree.basic)
    assert system().reach(REVIEW) == ("/",)
    worker_id = new_id()
    worker = worker_actor(make_account(), worker_id)
    assert (worker.kind, worker.worker_id, worker.paths) == ("worker", worker_id, ())
    with pytest.raises(NotFound):
        worker.require(REVIEW, at=tree.basic)
