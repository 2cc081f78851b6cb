"""Workers' sign-in, and changing one's own number."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from nuanxin.access.models import Account, PhoneCode, TrustedDevice
from nuanxin.kernel.refusals import Invalid, NotSignedIn, Refusal, TooMany
from nuanxin.kernel.secrets import PersonKey, unseal
from nuanxin.members.actions.corrections import PhoneTaken, begin_phone_change, change_own_phone
from nuanxin.members.actions.workers import SignedIn, begin_sign_in, complete_sign_in, needs_last6
from nuanxin.members.models import Worker
from nuanxin.members.queries import worker_id_of
from nuanxin.members.queries.workers import my_page
from nuanxin.members.rules.workers import WrongIdentity, same_last6
from nuanxin.messages.models import Notice, TextMessage
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.members import make_application, make_id_number, make_member, make_worker, worker_of
from tests.factories.organizations import Tree, make_tree
from tests.members.statements import statements

pytestmark = pytest.mark.django_db
PHONE = "15400000001"


@pytest.fixture
def tree() -> Tree:
    return make_tree()


def sent_code(phone: str = PHONE) -> str:
    """Return the code in the newest text to a phone."""
    texts = [
        text for text in TextMessage.objects.order_by("-created_at", "-pk") if unseal(text.sealed_address) == phone
    ]
    found = re.search(r"\d{6}", unseal(texts[0].sealed_text))
    assert found is not None
    return found.group()


def sign_in(worker: Worker, *, token: str = "", last6: str | None = None, minutes: int = 0) -> SignedIn:
    now = NOW + timedelta(minutes=minutes)
    key = PersonKey(worker.sealed_key)
    phone = key.unseal(worker.sealed_phone)
    begin_sign_in(phone=phone, now=now)
    last = key.unseal(worker.sealed_id)[-6:] if last6 is None else last6
    return complete_sign_in(phone=phone, code=sent_code(phone), last6=last, device_token=token, now=now)


def test_the_first_sign_in_makes_the_account_and_trusts_the_phone(tree: Tree) -> None:
    worker = make_worker(phone=PHONE)
    signed_in = sign_in(worker)
    assert signed_in.account.username.startswith("w")
    assert not signed_in.account.has_usable_password()
    assert worker_id_of(signed_in.account.pk) == worker.pk
    assert signed_in.device_token
    assert not Notice.objects.exists()


def test_a_trusted_phone_needs_the_code_only_and_a_new_one_is_told(tree: Tree) -> None:
    worker = make_worker(phone=PHONE)
    first = sign_in(worker)
    token = first.device_token or ""
    assert not needs_last6(phone=PHONE, device_token=token)
    assert needs_last6(phone=PHONE, device_token="")
    again = sign_in(worker, token=token, last6="", minutes=2)
    assert (again.account.pk, again.device_token) == (first.account.pk, None)
    assert not Notice.objects.exists()
    other = sign_in(worker, minutes=4)
    assert other.account.pk == first.account.pk
    assert Notice.objects.get().template == "device.new"
    assert Account.objects.filter(username__startswith="w").count() == 1


def test_whoever_has_the_number_but_not_the_identity_gets_nowhere(tree: Tree) -> None:
    worker = make_worker(phone=PHONE)
    with pytest.raises(WrongIdentity):
        sign_in(worker, last6="000000")
    assert not TrustedDevice.objects.exists()
    assert not Account.objects.filter(username__startswith="w").exists()


def test_a_device_trusted_for_somebody_else_proves_nothing(tree: Tree) -> None:
    token = sign_in(make_worker(phone="15400000002")).device_token or ""
    with pytest.raises(Invalid) as refused:
        sign_in(make_worker(phone=PHONE), token=token, last6="")
    assert refused.value.code == "last6_missing"
    assert PhoneCode.objects.filter(used_at=None).count() == 1  # the code is not used up


def test_identity_cannot_be_guessed(tree: Tree) -> None:
    worker = make_worker(phone=PHONE)
    for minute in range(5):
        begin_sign_in(phone=PHONE, now=NOW + timedelta(minutes=2 * minute))
        with pytest.raises(WrongIdentity):
            complete_sign_in(
                phone=PHONE, code=sent_code(), last6=f"{minute:06}", now=NOW + timedelta(minutes=2 * minute)
            )
    with pytest.raises(TooMany) as refused:
        sign_in(worker, minutes=90)
    assert refused.value.code == "too_many_identity"
    assert sign_in(worker, minutes=25 * 60).device_token


def test_a_stranger_without_the_code_locks_nobody_out(tree: Tree) -> None:
    worker = make_worker(phone=PHONE)
    for _ in range(8):
        with pytest.raises(Invalid):
            complete_sign_in(phone=PHONE, code="000000", last6="123456", now=NOW)
    assert sign_in(worker).device_token


def test_an_unknown_number_is_answered_alike_and_not_written_to(tree: Tree) -> None:
    make_worker(phone=PHONE)
    stranger = "15400000099"

    def story(phone: str) -> list[object]:
        told: list[object] = [begin_sign_in(phone=phone, now=NOW)]
        for step in (
            lambda: begin_sign_in(phone=phone, now=NOW),
            lambda: complete_sign_in(phone=phone, code="000000", last6="123456", now=NOW),
            lambda: complete_sign_in(phone=phone, code="", last6="", now=NOW),
            lambda: complete_sign_in(phone=phone, code="12", last6="123456", now=NOW + timedelta(hours=2)),
        ):
            with pytest.raises(Refusal) as refused:
                step()
            told.append(refused.value.code)
        return told

    assert story(PHONE) == story(stranger)
    assert [unseal(text.sealed_address) for text in TextMessage.objects.all()] == [PHONE]


def test_a_closed_account_stays_closed(tree: Tree) -> None:
    worker = make_worker(phone=PHONE)
    account = sign_in(worker).account
    Account.objects.filter(pk=account.pk).update(is_active=False)
    with pytest.raises(Invalid) as refused:
        sign_in(worker, minutes=2)
    assert refused.value.code == "account_closed"


def test_a_worker_changes_the_own_number(tree: Tree) -> None:
    worker = make_worker(phone=PHONE, with_account=True)
    actor = worker_of(make_member(union=tree.couriers, worker=worker))
    new = "15400000002"
    last6 = PersonKey(worker.sealed_key).unseal(worker.sealed_id)[-6:].lower()
    begin_phone_change(actor=actor, phone=new, now=NOW)
    with pytest.raises(WrongIdentity):
        change_own_phone(actor=actor, phone=new, code=sent_code(new), last6="000000", now=NOW)
    later = NOW + timedelta(minutes=2)
    begin_phone_change(actor=actor, phone=new, now=later)
    change_own_phone(actor=actor, phone=new, code=sent_code(new), last6=last6, now=later)
    worker = Worker.objects.get()
    assert PersonKey(worker.sealed_key).unseal(worker.sealed_phone) == new
    with pytest.raises(Invalid):
        begin_phone_change(actor=actor, phone=new, now=later)


def test_a_number_held_by_somebody_else_is_not_taken(tree: Tree) -> None:
    worker, other = make_worker(phone=PHONE, with_account=True), make_worker(phone="15400000002")
    actor = worker_of(make_member(union=tree.couriers, worker=worker))
    begin_phone_change(actor=actor, phone="15400000002", now=NOW)
    with pytest.raises(PhoneTaken):
        change_own_phone(
            actor=actor,
            phone="15400000002",
            code=sent_code("15400000002"),
            last6=PersonKey(worker.sealed_key).unseal(worker.sealed_id)[-6:],
            now=NOW,
        )
    assert bytes(Worker.objects.get(pk=other.pk).phone_digest or b"") == bytes(other.phone_digest or b"")
    assert TextMessage.objects.filter(template="phone.changed").count() == 0


def test_nobody_changes_a_number_without_signing_in(tree: Tree) -> None:
    with pytest.raises(NotSignedIn):
        begin_phone_change(actor=actor_for("registrar", union=tree.county), phone=PHONE, now=NOW)
    assert not PhoneCode.objects.exists()


def test_what_a_worker_sees_first(tree: Tree) -> None:
    id_number = make_id_number()
    member = make_member(union=tree.couriers, id_number=id_number)
    sent = make_application(union=tree.couriers, id_number=id_number, state="refused")
    make_application(id_number=id_number, state="unconfirmed")
    actor = worker_of(member)
    with statements(4):
        page = my_page(actor)
    assert (page.worker.pk, page.membership, [row.pk for row in page.applications]) == (
        member.worker_id, member, [sent.pk],
    )  # fmt: skip
    assert page.card is not None


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("12345X", True),
        ("12345x", True),
        ("１２３４５ｘ", True),
        ("123 45x", True),
        ("", False),
        ("12345", False),
        (None, False),
    ],
)
def test_the_last_six_characters(typed: object, same: bool) -> None:
    assert same_last6("37150219900312345X", typed) is same
