"""The rights of the person on the phone: read what follows, then do it; and nobody does it to somebody else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nuanxin.access.models import Account, BrowserSession
from nuanxin.members.actions.rights import close_due_accounts
from nuanxin.members.models import Application, Consent, Membership, Worker
from nuanxin.members.queries.applications import progress_token
from nuanxin.messages.actions import notify
from nuanxin.messages.models import Notice
from nuanxin.records.models import AuditEntry, Erasure
from nuanxin.web.kit.sessions import PHONE_CODE
from nuanxin.wiring import connect
from tests.factories.access import make_post, make_roles
from tests.factories.members import make_application, make_id_number, make_member, worker_of
from tests.factories.organizations import Tree, make_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def _signed_in(tree: Tree, **fields: Any) -> tuple[Client, Membership]:
    member = make_member(union=tree.couriers, **fields)
    worker_of(member)
    client = Client()
    assert member.worker.account is not None
    client.force_login(member.worker.account, backend=PHONE_CODE)
    return client, member


def _consent(application: Application, kind: str, now: datetime) -> Consent:
    return Consent.objects.create(application=application, kind=kind, version="2026-11-01", given_at=now)


def test_every_right_has_its_page(tree: Tree) -> None:
    client, _member = _signed_in(tree)
    page = client.get(reverse("worker:rights")).content.decode()
    for name in ("export", "correct", "acts", "my_consents", "leave", "close", "erasure"):
        assert f'href="{reverse(f"worker:{name}")}"' in page
        assert client.get(reverse(f"worker:{name}")).status_code == 200, name


def test_the_employer_is_asked_no_more_and_nothing_else_ends(tree: Tree, now: datetime) -> None:
    client, member = _signed_in(tree)
    consent = _consent(make_application(union=tree.couriers, worker=member.worker), "employer", now)
    address = reverse("worker:consent_withdraw", args=[consent.pk])
    assert "用人单位" in client.get(address).content.decode() or "单位" in client.get(address).content.decode()
    assert Consent.objects.get().withdrawn_at is None
    assert client.post(address).status_code == 302
    assert Consent.objects.get().withdrawn_at is not None
    assert Application.objects.get().state == "submitted"
    member.refresh_from_db()
    assert member.state == "active"
    assert client.post(address).status_code == 409


def test_taking_back_what_carries_the_membership_ends_it_and_says_so_before(tree: Tree, now: datetime) -> None:
    client, member = _signed_in(tree)
    application = make_application(union=tree.couriers, state="approved", worker=member.worker)
    Membership.objects.filter(pk=member.pk).update(application=application)
    consent = _consent(application, "identity", now)
    address = reverse("worker:consent_withdraw", args=[consent.pk])
    assert tree.couriers.name in client.get(address).content.decode()
    client.post(address)
    member.refresh_from_db()
    assert (member.state, member.end_reason) == ("ended", "left")
    assert AuditEntry.objects.filter(action="members.consent_withdrawn").count() == 1


def test_the_link_alone_ends_no_membership(tree: Tree, now: datetime) -> None:
    client, member = _signed_in(tree)
    application = make_application(union=tree.couriers, state="approved", worker=member.worker)
    Membership.objects.filter(pk=member.pk).update(application=application)
    consent = _consent(application, "processing", now)
    address = reverse("worker:application_consent", args=[progress_token(application.pk), consent.pk])
    answer = Client().post(address)
    assert answer["Location"].startswith(reverse("worker:sign_in"))
    member.refresh_from_db()
    assert (member.state, Consent.objects.get().withdrawn_at) == ("active", None)
    client.post(address)
    member.refresh_from_db()
    assert member.state == "ended"


def test_nobody_takes_back_anothers_consent(tree: Tree, now: datetime) -> None:
    client, _member = _signed_in(tree)
    other = make_application(union=tree.couriers)
    consent = _consent(other, "processing", now)
    assert client.post(reverse("worker:consent_withdraw", args=[consent.pk])).status_code == 404
    token = progress_token(make_application(union=tree.couriers).pk)
    assert Client().post(reverse("worker:application_consent", args=[token, consent.pk])).status_code == 404
    assert Consent.objects.get().withdrawn_at is None


def test_leaving_is_one_page_and_one_tap(tree: Tree) -> None:
    client, member = _signed_in(tree)
    assert client.post(reverse("worker:leave")).status_code == 302
    member.refresh_from_db()
    assert (member.state, member.end_reason) == ("ended", "left")
    assert client.get(reverse("worker:leave")).status_code == 302
    assert client.post(reverse("worker:leave")).status_code == 409


def test_an_account_closes_after_days_and_can_be_kept_meanwhile(tree: Tree, now: datetime) -> None:
    client, member = _signed_in(tree)
    account_id = member.worker.account_id
    assert account_id is not None
    notify(account_id=account_id, template="membership.suspended", values={"reason": "x"}, fact="x", now=now)
    assert client.post(reverse("worker:close"), {"leave": "no"}).status_code == 302
    assert client.get(reverse("worker:me")).status_code == 302  # signed out everywhere
    account = Account.objects.get(pk=account_id)
    assert account.closes_at is not None
    client.force_login(account, backend=PHONE_CODE)
    assert "账号" in client.get(reverse("worker:rights")).content.decode()
    client.post(reverse("worker:close"))
    assert Account.objects.get(pk=account_id).closes_at is None

    client.post(reverse("worker:close"), {"leave": "no"})
    assert close_due_accounts(now=now + timedelta(days=6)) == 0
    assert close_due_accounts(now=now + timedelta(days=8)) == 1
    account.refresh_from_db()
    assert (account.username, account.is_active, account.name) == (f"erased-{account_id}", False, "")
    assert Worker.objects.get().account_id is None
    assert not Notice.objects.exists()
    assert not BrowserSession.objects.filter(account=account_id).exists()
    member.refresh_from_db()
    assert member.state == "active"
    assert Worker.objects.get().name == member.worker.name


def test_who_is_given_a_post_meanwhile_keeps_the_account(tree: Tree, now: datetime) -> None:
    client, member = _signed_in(tree)
    client.post(reverse("worker:close"), {"leave": "no"})
    assert member.worker.account
    account = member.worker.account
    make_post(account=account, union=tree.county)
    assert close_due_accounts(now=now + timedelta(days=8)) == 0
    account.refresh_from_db()
    assert (account.closes_at, account.is_active) == (None, True)


def test_closing_may_end_the_membership_too(tree: Tree) -> None:
    client, member = _signed_in(tree)
    client.post(reverse("worker:close"), {"leave": "yes"})
    member.refresh_from_db()
    assert member.state == "ended"


def test_a_member_reads_what_stays_and_why_and_is_not_erased(tree: Tree) -> None:
    client, member = _signed_in(tree)
    refused = make_application(
        union=tree.couriers, state="refused", worker=member.worker, closed_at=timezone.now(), name="旧名字"
    )
    page = client.get(reverse("worker:erasure")).content.decode()
    assert refused.number in page
    client.post(reverse("worker:erasure"))
    assert Application.objects.get(pk=refused.pk).erased_at is not None
    assert Worker.objects.get(pk=member.worker_id).erased_at is None
    assert Erasure.objects.get().because == "person"


def test_records_of_an_ended_membership_stay_until_the_rule_says(tree: Tree) -> None:
    client, _member = _signed_in(tree, state="ended")
    page = client.get(reverse("worker:erasure")).content.decode()
    assert "民法典" in page
    client.post(reverse("worker:erasure"))
    assert Worker.objects.get().erased_at is None


def test_who_left_long_ago_is_erased_whole_at_once(tree: Tree) -> None:
    client, member = _signed_in(tree, state="ended")
    past = timezone.now().date() - timedelta(days=1200)
    Membership.objects.update(began_on=past, ended_on=past)
    assert client.post(reverse("worker:erasure")).status_code == 302
    worker = Worker.objects.get(pk=member.worker_id)
    assert (worker.name, worker.account_id) == ("", None)
    assert client.get(reverse("worker:me")).status_code == 302


def test_an_applicant_erases_a_refused_application_by_link_and_id(tree: Tree) -> None:
    number = make_id_number()
    found = make_application(union=tree.couriers, state="refused", id_number=number, closed_at=timezone.now())
    token = progress_token(found.pk)
    client = Client()
    assert "个人信息保护法" in client.get(reverse("worker:application_data", args=[token])).content.decode()
    address = reverse("worker:application_erase", args=[token])
    assert client.post(address, {"last6": "000000"}).status_code == 422
    assert Application.objects.get().erased_at is None
    assert client.post(address, {"last6": number[-6:]}).status_code == 302
    assert Application.objects.get().name == ""
    assert client.get(reverse("worker:application_data", args=[token])).status_code == 404
    assert client.get(reverse("worker:application", args=[token])).status_code == 404


def test_guesses_at_the_id_end_after_five(tree: Tree) -> None:
    found = make_application(union=tree.couriers, state="refused", closed_at=timezone.now())
    address = reverse("worker:application_erase", args=[progress_token(found.pk)])
    answers = [Client().post(address, {"last6": "000000"}) for _ in range(6)]
    assert {answer.status_code for answer in answers} <= {422, 429}
    assert Application.objects.get().erased_at is None


def test_an_open_application_is_not_erased(tree: Tree) -> None:
    number = make_id_number()
    found = make_application(union=tree.couriers, id_number=number)
    address = reverse("worker:application_erase", args=[progress_token(found.pk)])
    assert Client().post(address, {"last6": number[-6:]}).status_code == 422
    assert Application.objects.get().erased_at is None


def test_work_is_corrected_by_oneself_and_the_old_word_is_kept_sealed(tree: Tree) -> None:
    client, member = _signed_in(tree, employer_name="老东家")
    address = reverse("worker:correct")
    assert client.post(address, {"employer_name": "新东家", "platform": "meituan"}).status_code == 302
    worker = Worker.objects.get()
    assert (worker.employer_name, worker.platform_id) == ("新东家", "meituan")
    assert client.post(address, {"employer_name": "x" * 121, "platform": ""}).status_code == 422
    assert Worker.objects.get().employer_name == "新东家"
    entry = AuditEntry.objects.get(action="members.work_corrected")
    assert "东家" not in str(entry.detail)
    member.refresh_from_db()
    assert member.union_id == tree.couriers.pk
