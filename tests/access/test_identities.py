"""Links to identities elsewhere: one to one, also when two ask at once; gone with the phone or the password."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from nuanxin.access.actions import account_of_identity, link_identity, unlink_identity
from nuanxin.access.actions.identities import LinkedElsewhere, drop_identities, subject_digest
from nuanxin.access.actors import Actor, actor_of_account, anonymous
from nuanxin.access.models import Account, LinkedIdentity
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.actions.corrections import correct_phone
from nuanxin.messages.models import Notice
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for, make_account, make_roles
from tests.factories.members import make_member, make_phone
from tests.factories.organizations import make_tree
from tests.threads import at_once

ACROSS, HERE = subject_digest("weixin", "union:1"), subject_digest("weixin", "app 1")


def link(account: Account, *digests: bytes, platform: str = "weixin", for_desk: bool = False) -> LinkedIdentity:
    actor = actor_of_account(account, NOW)
    wanted: dict[str, Any] = {"platform": platform, "digests": digests or (ACROSS, HERE), "for_desk": for_desk}
    return link_identity(actor=actor, account=account, now=NOW, **wanted)


def known(*digests: bytes, for_desk: bool = False) -> Account | None:
    return account_of_identity(platform="weixin", digests=digests, for_desk=for_desk, now=NOW)


@pytest.mark.django_db
def test_linked_twice_it_is_one_link_and_one_entry() -> None:
    account = make_account()
    assert link(account).pk == link(account).pk == link(account, HERE, ACROSS).pk
    assert AuditEntry.objects.filter(action="access.identity_linked").count() == 1
    assert [notice.template for notice in Notice.objects.all()] == ["identity.linked"]


@pytest.mark.django_db
@pytest.mark.parametrize("digests", [(ACROSS,), (subject_digest("weixin", "union:2"), ACROSS)])
def test_another_ones_identity_is_not_taken(digests: tuple[bytes, ...]) -> None:
    link(make_account())
    with pytest.raises(LinkedElsewhere):
        link(make_account(), *digests)
    assert LinkedIdentity.objects.count() == 1


@pytest.mark.django_db
def test_an_account_has_one_identity_of_each_platform() -> None:
    account = make_account()
    link(account)
    with pytest.raises(LinkedElsewhere):
        link(account, subject_digest("weixin", "union:2"))
    link(account, subject_digest("dingtalk", "union:1"), platform="dingtalk")
    assert LinkedIdentity.objects.count() == 2
    assert AuditEntry.objects.count() == 2


@pytest.mark.django_db
def test_a_link_counts_at_the_desk_only_when_made_there() -> None:
    account = make_account()
    link(account)
    assert known(ACROSS) == account
    assert known(ACROSS, for_desk=True) is None
    link(account, for_desk=True)
    assert known(ACROSS, for_desk=True) == account
    assert AuditEntry.objects.filter(action="access.identity_linked").count() == 2


@pytest.mark.django_db
def test_a_better_name_takes_the_links_place() -> None:
    account = make_account()
    link(account, HERE)
    assert known(ACROSS, HERE) == account
    assert known(ACROSS) == account
    assert known(HERE) is None


@pytest.mark.django_db
def test_the_database_holds_an_identity_once() -> None:
    assert subject_digest("weixin", "union:1") != subject_digest("dingtalk", "union:1")
    link(make_account())
    other = LinkedIdentity(account=make_account(), platform="weixin", subject_digest=ACROSS, linked_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save()


@pytest.mark.django_db
@pytest.mark.parametrize("who", [anonymous, lambda: actor_of_account(make_account(), NOW)])
def test_only_ones_own_link_is_unlinked(who: Any) -> None:
    account = make_account()
    row = link(account)
    actor: Actor = who()
    with pytest.raises(NotFound):
        unlink_identity(actor=actor, pk=row.pk, now=NOW)
    assert known(ACROSS) == account
    unlink_identity(actor=actor_of_account(account, NOW), pk=row.pk, now=NOW)
    assert known(ACROSS) is None


@pytest.mark.django_db
def test_a_closed_account_is_nobody() -> None:
    account = make_account()
    link(account)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert known(ACROSS) is None


@pytest.mark.django_db
def test_links_fall_with_the_phone() -> None:
    make_roles()
    tree = make_tree()
    member = make_member(union=tree.couriers, with_account=True)
    assert member.worker.account is not None
    link(member.worker.account)
    registrar = actor_for("registrar", union=tree.couriers)
    correct_phone(actor=registrar, number=member.number, phone=make_phone(), evidence="本人到场，出示身份证", now=NOW)
    assert known(ACROSS) is None
    assert drop_identities(account_id=member.worker.account.pk) == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_the_identity() -> None:
    accounts = [make_account(), make_account()]

    def attempt(number: int) -> str:
        try:
            link(accounts[number])
        except LinkedElsewhere:
            return "refused"
        return "linked"

    assert sorted(map(str, at_once(attempt, 2))) == ["linked", "refused"]
    assert LinkedIdentity.objects.count() == 1
