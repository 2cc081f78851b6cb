"""What each act does, what it refuses, and that a refusal changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from nuanxin.access import actions
from nuanxin.access.actors import actor_of_account, actor_of_key, system
from nuanxin.access.models import Absence, Account, ApiClient, ApiToken, PartnerDevice, Post, Role, StaffSession
from nuanxin.access.rules.grants import NotYours
from nuanxin.access.rules.limits import LIMITS
from nuanxin.access.states import ROLES, Permission, Scope
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, Refusal, TooMany
from nuanxin.messages.queries import inbox
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for, make_account, make_post, make_roles
from tests.members.statements import statements

ROWS = (Account, Post, Absence, StaffSession, ApiClient, ApiToken, PartnerDevice, AuditEntry)


def rows() -> dict[str, list[Any]]:
    """Return everything the acts of this floor could change."""
    return {model.__name__: sorted(map(str, model.objects.values_list())) for model in ROWS}


def refuses(kind: type[Refusal], act: Callable[[], object], code: str = "") -> None:
    """Assert that an act is refused and changed nothing."""
    before = rows()
    with pytest.raises(kind) as refused, transaction.atomic():
        act()
    assert not code or refused.value.code == code
    assert rows() == before


def inbox_of(account: Account) -> str:
    return " ".join(told.text for told in inbox(actor_of_account(account, NOW)))


def entry(action: str) -> AuditEntry:
    return AuditEntry.objects.get(action=action)


def test_the_first_administrator_is_made_once(tree: SimpleNamespace) -> None:
    made = actions.create_first_administrator(username="Admin", now=NOW)
    assert made.account.username == "admin"
    assert made.account.check_password(made.password)
    assert f"username: admin\npassword (to be changed at the first sign-in): {made.password}" == str(made)
    actor = actor_of_account(made.account, NOW)
    assert actor.reach(Permission.GRANT_POSTS) == (tree.nation.path,)
    assert entry("access.account_created").actor_kind == "system"
    refuses(Conflict, lambda: actions.create_first_administrator(username="second", now=NOW), "administrator_exists")


def test_there_is_no_administrator_before_there_is_a_union(db: None) -> None:
    refuses(NotFound, lambda: actions.create_first_administrator(username="admin", now=NOW))


@pytest.mark.parametrize("username", ["ab", "a" * 61, "有名字", "a b\0c", "<b>bold</b>", 7, "-dash", "a@b.cn"])
def test_sign_in_names_that_cannot_be_are_refused(tree: SimpleNamespace, username: object) -> None:
    actor = actor_for("administrator", union=tree.nation)
    refuses(Invalid, lambda: actions.create_cadre_account(actor=actor, username=username, name="王芳", now=NOW))


def test_an_account_is_made_by_those_who_grant_posts_only(tree: SimpleNamespace) -> None:
    actor = actor_for("organizer", union=tree.county)
    made = actions.create_cadre_account(actor=actor, username="ｗａｎｇ.f", name="王 芳", now=NOW)
    assert (made.account.username, made.account.name, made.account.must_change_password) == ("wang.f", "王芳", True)
    refuses(
        Conflict,
        lambda: actions.create_cadre_account(actor=actor, username="WANG.F", name="王芳", now=NOW),
        "username_taken",
    )
    reviewer = actor_for("reviewer", union=tree.county)
    refuses(NotAllowed, lambda: actions.create_cadre_account(actor=reviewer, username="other", name="王芳", now=NOW))


def test_a_post_is_granted_at_and_below_ones_own_union_and_never_beyond_ones_own_verbs(tree: SimpleNamespace) -> None:
    roles, account = make_roles(), make_account()
    organizer = actor_for("organizer", union=tree.county)
    administrator = actor_for("administrator", union=tree.county)

    def grant(actor: Any = administrator, **changes: Any) -> Post:
        where: dict[str, Any] = {"role": roles["reviewer"], "union": tree.basic, "account": account, "now": NOW}
        return actions.grant_post(actor=actor, **(where | changes))

    refuses(NotYours, lambda: grant(organizer), "role_beyond_your_own")
    refuses(NotFound, lambda: grant(union=tree.city))
    refuses(NotFound, lambda: grant(union=tree.other))
    refuses(NotAllowed, lambda: grant(actor_for("reviewer", union=tree.county)))
    refuses(NotSignedIn, lambda: grant(actor_of_nobody()))
    refuses(Invalid, lambda: grant(role=roles["hr"]), "role_does_not_fit")
    refuses(Invalid, lambda: grant(union=None), "one_place")
    refuses(Invalid, lambda: grant(enterprise=tree.firm), "one_place")
    refuses(Invalid, lambda: grant(valid_from=NOW, valid_until=NOW), "ends_before_start")
    post = grant()
    assert actor_of_account(account, NOW).may(Permission.REVIEW, at=tree.basic)
    assert entry("access.post_granted").post_id == administrator.post_id
    assert (post.granted_by_id, entry("access.post_granted").union_path) == (administrator.account_id, tree.basic.path)
    assert tree.basic.name in inbox_of(account)
    refuses(Conflict, grant, "post_held")
    refuses(Conflict, lambda: grant(valid_from=NOW + timedelta(days=5)), "post_held")
    hr = grant(organizer, role=roles["hr"], union=None, enterprise=tree.firm)
    assert hr.enterprise == tree.firm


def actor_of_nobody() -> Any:
    from nuanxin.access.actors import anonymous

    return anonymous()


def test_a_post_ends_at_once_and_the_last_administrator_stays(tree: SimpleNamespace) -> None:
    first = make_post(role="administrator", union=tree.nation)
    actor = actor_for(first)
    post = make_post(union=tree.county)
    refuses(NotFound, lambda: actions.end_post(actor=actor_for("administrator", union=tree.other), post=post, now=NOW))
    actions.end_post(actor=actor, post=post, now=NOW)
    assert not actor_of_account(post.account, NOW).grants
    refuses(Conflict, lambda: actions.end_post(actor=actor, post=post, now=NOW), "post_ended")
    refuses(Conflict, lambda: actions.end_post(actor=actor, post=first, now=NOW), "last_administrator")
    make_post(role="administrator", union=tree.nation)
    actions.end_post(actor=actor, post=first, now=NOW)
    future = make_post(union=tree.county, valid_from=NOW + timedelta(days=3))
    actions.end_post(actor=system(), post=future, now=NOW)
    assert not Post.objects.filter(pk=future.pk).exists()


def test_one_says_oneself_that_one_is_away_and_those_above_may_say_it_too(tree: SimpleNamespace) -> None:
    post, delegate = make_post(union=tree.county), make_account()
    own = actor_for(post)

    def absent(actor: Any = own, **changes: Any) -> Absence:
        period: dict[str, Any] = {"starts_at": NOW, "ends_at": NOW + timedelta(days=3), "delegate": delegate}
        return actions.register_absence(actor=actor, post=post, now=NOW, **(period | changes))

    refuses(NotAllowed, lambda: absent(actor_for("reviewer", union=tree.county)))
    refuses(NotFound, lambda: absent(actor_for("administrator", union=tree.other)))
    refuses(Invalid, lambda: absent(delegate=post.account), "bad_delegate")
    absence = absent()
    assert post.account.name in inbox_of(delegate)
    assert actor_of_account(delegate, NOW).may(Permission.REVIEW, at=tree.basic)
    with pytest.raises(Conflict, match="absence_overlaps"):
        absent(starts_at=NOW + timedelta(days=2), ends_at=NOW + timedelta(days=9))
    later = NOW + timedelta(hours=1)
    actions.end_absence(actor=own, absence=absence, now=later)
    assert not actor_of_account(delegate, later).may(Permission.REVIEW)
    refuses(Conflict, lambda: actions.end_absence(actor=own, absence=absence, now=later), "absence_over")


def test_a_staff_session_is_for_those_who_may_and_one_at_a_time(tree: SimpleNamespace) -> None:
    post = make_post(role="administrator", union=tree.county)
    actor = actor_for(post)

    def reach(actor: Any = actor, **changes: Any) -> StaffSession:
        form: dict[str, Any] = {"union": tree.other, "reason": "联合核查北京转来的材料", "hours": 2, "now": NOW}
        return actions.open_staff_session(actor=actor, **(form | changes))

    refuses(Conflict, lambda: reach(union=tree.basic), "in_reach")
    refuses(Invalid, lambda: reach(reason="  短  "), "reason_too_short")
    refuses(Invalid, lambda: reach(hours=24), "hours_out_of_range")
    with pytest.raises(NotAllowed):
        reach(actor_for("reviewer", union=tree.county))
    session = reach()
    refuses(Conflict, reach, "session_open")
    wider = actor_of_account(post.account, NOW + timedelta(hours=1))
    assert wider.may(Permission.REVIEW, at=tree.other)
    refuses(
        NotFound,
        lambda: actions.close_staff_session(actor=system(), session_id=session.pk, now=NOW),
    )
    actions.close_staff_session(actor=actor, session_id=session.pk, now=NOW + timedelta(hours=1))
    assert not actor_of_account(post.account, NOW + timedelta(hours=1)).may(Permission.REVIEW, at=tree.other)


def test_a_session_is_not_a_ladder_to_more_sessions(tree: SimpleNamespace) -> None:
    post = make_post(role="administrator", union=tree.county)
    actions.open_staff_session(
        actor=actor_for(post), union=tree.other, reason="联合核查北京转来的材料", hours=2, now=NOW
    )
    wider = actor_of_account(post.account, NOW)
    account, roles = make_account(), make_roles()
    with pytest.raises(NotAllowed):
        actions.grant_post(actor=wider, account=account, role=roles["reviewer"], union=tree.other, now=NOW)


def test_a_client_gets_all_scopes_and_a_door_of_its_own_unless_told_otherwise(tree: SimpleNamespace) -> None:
    key = actions.issue_client_token(name="gov", now=NOW)
    actor = actor_of_key(key, NOW)
    assert (actor.scopes, actor.door_code) == (frozenset(Scope.values), "api-gov")
    narrow = actions.issue_client_token(name="gov", scopes=[Scope.VERIFY_CARDS], now=NOW)
    assert actor_of_key(narrow, NOW).scopes == {Scope.VERIFY_CARDS}
    with pytest.raises(Refusal, match="bad_key"):
        actor_of_key(key, NOW)
    refuses(Invalid, lambda: actions.issue_client_token(name="x", scopes=["everything"], now=NOW), "unknown_scope")
    refuses(Invalid, lambda: actions.issue_client_token(name=" ", now=NOW), "missing")
    county = actor_for("administrator", union=tree.county)
    refuses(NotFound, lambda: actions.issue_client_token(name="x", actor=county, now=NOW))
    client = ApiClient.objects.get(revoked_at=None)
    refuses(NotFound, lambda: actions.revoke_client(actor=county, client=client, now=NOW))
    actions.revoke_client(actor=system(), client=client, now=NOW)
    refuses(Conflict, lambda: actions.revoke_client(actor=system(), client=client, now=NOW), "already_revoked")


def test_a_cadres_token_acts_with_its_one_post(tree: SimpleNamespace) -> None:
    key = actions.issue_cadre_token(role="reviewer", union_code="DCF", now=NOW)
    again = actions.issue_cadre_token(role="reviewer", union_code="DCF", now=NOW)
    assert Post.objects.count() == 1
    for each in (key, again):
        assert actor_of_key(each, NOW).reach(Permission.REVIEW) == (tree.county.path,)
    account = Account.objects.get()
    assert not account.has_usable_password()
    refuses(NotFound, lambda: actions.issue_cadre_token(role="king", union_code="DCF", now=NOW))
    refuses(NotFound, lambda: actions.issue_cadre_token(role="reviewer", union_code="NONE", now=NOW))
    token = ApiToken.objects.order_by("pk").first()
    assert token is not None
    actions.revoke_token(actor=system(), token=token, now=NOW)
    with pytest.raises(Refusal, match="bad_key"):
        actor_of_key(key, NOW)
    post = Post.objects.get()
    stranger = actor_for(make_account())
    refuses(NotFound, lambda: actions.issue_own_token(actor=stranger, post=post, now=NOW))


def test_a_device_is_enrolled_once_within_half_an_hour(tree: SimpleNamespace) -> None:
    actor = actor_for("administrator", union=tree.city)
    device, code = actions.create_device(actor=actor, union=tree.county, partner="医院", name="窗口", now=NOW)
    outside = actor_for("administrator", union=tree.other)
    for bad in ("", "AAAAAAAAAA", None, "\ud800", "x" * 5000):
        refuses(Invalid, lambda bad=bad: actions.enroll_device(code=bad, now=NOW), "bad_enrollment_code")  # type: ignore[misc]
    late = NOW + timedelta(minutes=30)
    refuses(Invalid, lambda: actions.enroll_device(code=code, now=late), "bad_enrollment_code")
    fresh = actions.renew_enrollment(actor=actor, device=device, now=late)
    refuses(Invalid, lambda: actions.enroll_device(code=code, now=late), "bad_enrollment_code")
    enrolled, key = actions.enroll_device(code=f" {fresh.lower()} ", now=late)
    assert enrolled.pk == device.pk
    assert actor_of_key(key, late).kind == "device"
    refuses(Invalid, lambda: actions.enroll_device(code=fresh, now=late), "bad_enrollment_code")
    refuses(Conflict, lambda: actions.renew_enrollment(actor=actor, device=device, now=late), "device_not_waiting")
    refuses(NotFound, lambda: actions.revoke_device(actor=outside, device=device, now=late))
    refuses(
        NotFound,
        lambda: actions.create_device(actor=outside, union=tree.county, partner="医院", name="窗口", now=NOW),
    )
    refuses(Invalid, lambda: actions.create_device(actor=actor, union=tree.city, partner=" ", name="x", now=NOW))
    actions.revoke_device(actor=actor, device=device, now=late)
    with pytest.raises(Refusal, match="bad_key"):
        actor_of_key(key, late)


def test_an_account_with_posts_elsewhere_is_not_ours_to_change(tree: SimpleNamespace) -> None:
    actor = actor_for("administrator", union=tree.county)
    account = make_account(password="three green lanterns")
    make_post(account=account, union=tree.county)
    make_post(account=account, union=tree.other)
    refuses(NotFound, lambda: actions.reset_password(actor=actor, account=account, now=NOW))
    refuses(NotFound, lambda: actions.set_active(actor=actor, account=account, active=False, now=NOW))
    mine = make_post(union=tree.basic).account
    actions.set_active(actor=actor, account=mine, active=False, now=NOW)
    refuses(Conflict, lambda: actions.set_active(actor=actor, account=mine, active=False, now=NOW), "already_so")
    own = Account.objects.get(pk=str(actor.account_id))
    refuses(Conflict, lambda: actions.set_active(actor=actor, account=own, active=False, now=NOW), "own_account")


def test_a_trusted_phone_is_known_by_its_cookie_until_the_number_changes(db: None) -> None:
    account, other = make_account(), make_account()
    token = actions.trust_device(account=account, now=NOW, label="手机")
    assert actions.is_trusted(account_id=account.pk, token=token)
    assert not actions.is_trusted(account_id=other.pk, token=token)
    assert not actions.is_trusted(account_id=account.pk, token="")
    assert actions.shut_out_phones(account_id=account.pk, now=NOW) == 1
    assert not actions.is_trusted(account_id=account.pk, token=token)


def test_tries_are_counted_within_a_window_and_forgiven(db: None) -> None:
    take: dict[str, Any] = {"name": "sign_in", "subject": "a"}
    most, window = LIMITS["sign_in"].most, timedelta(seconds=LIMITS["sign_in"].seconds)
    for _try in range(most):
        actions.take(**take, now=NOW)
    with pytest.raises(TooMany) as refused:
        actions.take(**take, now=NOW + timedelta(seconds=20))
    assert refused.value.retry_after == window.total_seconds() - 20
    actions.take(**(take | {"subject": "b"}), now=NOW)
    actions.take(**take, now=NOW + window)
    actions.forgive(name="sign_in", subject="a")
    for _try in range(most):
        actions.take(**take, now=NOW)


def test_several_limits_are_counted_by_one_statement_and_the_longest_is_named(db: None) -> None:
    wanted = {"codes_minute": "p", "codes_hour": "p"}
    with statements(1):
        assert actions.take_all(wanted, now=NOW)
    for number in range(1, 5):
        actions.take_all(wanted, now=NOW + timedelta(minutes=number))
    with pytest.raises(TooMany) as refused:
        actions.take_all(wanted, now=NOW + timedelta(minutes=4, seconds=1))
    assert (refused.value.code, refused.value.retry_after) == ("too_many_codes_hour", 3600 - 241)


def test_what_counts_once_counts_once_until_it_expires(db: None) -> None:
    once = actions.Once("challenge", NOW + timedelta(minutes=10))
    with statements(1):
        assert actions.take_all({"codes_address": "a"}, once=once, now=NOW)
    assert not actions.take_all({"codes_address": "a"}, once=once, now=NOW + timedelta(minutes=9))


def test_what_is_known_to_be_too_much_is_refused_without_asking_the_database(db: None) -> None:
    for _try in range(6):
        with contextlib.suppress(TooMany):
            actions.take(name="sign_in", subject="flood", now=NOW)
    with statements(0), pytest.raises(TooMany):
        actions.take(name="sign_in", subject="flood", now=NOW)


def test_roles_that_an_installation_changed_stay_as_they_are(db: None) -> None:
    assert actions.seed_roles() == len(ROLES)
    Role.objects.filter(code="leader").update(permissions=[])
    assert actions.seed_roles() == 0
    assert Role.objects.get(code="leader").permissions == []


def test_roles_gain_what_a_new_version_offers_for_the_first_time(db: None) -> None:
    actions.seed_roles()
    registrar = Role.objects.get(code="registrar")
    before = [one for one in registrar.permissions if one not in {"members.merge", "members.reveal"}]
    Role.objects.filter(code="registrar").update(
        permissions=[*before, "insight.view"], offered=[one for one in registrar.offered if one != "members.merge"]
    )
    assert actions.seed_roles() == 1
    registrar.refresh_from_db()
    assert "members.merge" in registrar.permissions
    assert "members.reveal" not in registrar.permissions  # taken away on purpose
    assert actions.seed_roles() == 0
