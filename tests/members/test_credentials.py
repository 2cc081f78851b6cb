"""Credentials of the offline card: fetched ahead, bounded, revoked with the card, judged rightly, used once."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from nuanxin.access.actors import actor_of_key, anonymous
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Invalid, NotAllowed, NotFound, NotSignedIn
from nuanxin.kernel.remember import forget
from nuanxin.kernel.signing import PrivateKey, signing_keys
from nuanxin.members.actions.cards import replace_card, verify
from nuanxin.members.actions.credentials import issue_credentials, take_checks
from nuanxin.members.actions.memberships import end, resume, suspend
from nuanxin.members.models import Card, CardCheck, Credential, CredentialUse, Membership
from nuanxin.members.queries.credentials import Bundle, bundle, revoked_handles, wanted
from nuanxin.members.rules.cards import MembershipHasEnded
from nuanxin.members.rules.credentials import (
    DAYS_AHEAD,
    MOST_PER_DAY,
    PER_DAY,
    CardNotActive,
    CredentialsUsedUp,
    day_number,
    decode,
    encode,
)
from nuanxin.members.rules.reports import MOST_CHECKS
from nuanxin.members.states import CardAnswer, MembershipState
from nuanxin.records.actions.erasing import forget_aged
from tests.factories import NOW
from tests.factories.access import actor_for, make_client, make_device
from tests.factories.credentials import Held, make_credentials
from tests.factories.members import make_member, make_worker, worker_of
from tests.factories.organizations import Tree, make_tree
from tests.members.statements import statements

if TYPE_CHECKING:
    from nuanxin.access.actors import Actor

pytestmark = pytest.mark.django_db
TODAY = day_number(NOW.astimezone(ZONE).date())


@pytest.fixture
def tree() -> Tree:
    return make_tree()


@pytest.fixture
def member(tree: Tree) -> Membership:
    return make_member(union=tree.couriers, name="欧阳小芳")


def counter(tree: Tree) -> Actor:
    return actor_of_key(make_device(union=tree.city)[1], NOW)


def a_key() -> str:
    return encode(PrivateKey.new().public().compressed())


def wish(day: int = TODAY, key: str | None = None) -> dict[str, Any]:
    return {"day": day, "key": a_key() if key is None else key}


def told_in(found: Bundle) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(found.content)
    return told


def listed(found: Bundle, name: str) -> set[bytes]:
    handles = decode(told_in(found)[name])
    return {handles[place : place + 6] for place in range(0, len(handles), 6)}


# -- fetching


def test_a_phone_fetches_what_is_wanted_and_no_more(member: Membership) -> None:
    me = worker_of(member)
    assert wanted(me, now=NOW) == dict.fromkeys(range(TODAY, TODAY + DAYS_AHEAD), PER_DAY)
    keys = [wish(day) for day in range(TODAY, TODAY + DAYS_AHEAD) for _ in range(PER_DAY)]
    with statements(4):  # the card, what is out, the list of badges (remembered), the rows
        given = issue_credentials(actor=me, keys=keys, now=NOW)
    assert [(one.day, one.sent) for one in given] == [(sent["day"], sent["key"]) for sent in keys]
    assert set(wanted(me, now=NOW).values()) == {0}
    assert Credential.objects.count() == PER_DAY * DAYS_AHEAD


def test_a_head_says_little_and_is_signed(member: Membership) -> None:
    key = PrivateKey.new().public()
    given = issue_credentials(actor=worker_of(member), keys=[wish(key=encode(key.whole()))], now=NOW)[0]
    head = decode(given.head)
    signer = signing_keys().current(NOW)
    assert (len(head), head[0], int.from_bytes(head[1:3])) == (110, signer.key_id, TODAY)
    assert head[10:13].decode() == "欧"
    assert head[13:46] == key.compressed()
    assert signer.public.verifies(head[46:], b"NX2" + head[:46])
    row = Credential.objects.get()
    assert bytes(row.handle) == head[3:9]
    assert row.expires_at == datetime(2026, 1, 1, 0, 1, 30, tzinfo=ZONE) + timedelta(days=TODAY + 1)


def test_a_phone_that_lost_them_gets_others_up_to_the_limit(member: Membership) -> None:
    me = worker_of(member)
    make_credentials(me, now=NOW, count=PER_DAY)
    assert wanted(me, held={TODAY: 2}, now=NOW)[TODAY] == PER_DAY - 2
    make_credentials(me, now=NOW, count=PER_DAY)
    make_credentials(me, now=NOW, count=MOST_PER_DAY - 2 * PER_DAY - 1)
    assert wanted(me, held={}, now=NOW)[TODAY] == 1
    with pytest.raises(CredentialsUsedUp):
        issue_credentials(actor=me, keys=[wish(), wish()], now=NOW)
    assert Credential.objects.count() == MOST_PER_DAY - 1


@pytest.mark.parametrize(
    "keys",
    [
        None,
        [],
        "x",
        [None],
        [{"day": TODAY}],
        [{"day": str(TODAY), "key": a_key()}],
        [{"day": True, "key": a_key()}],
        [{"day": TODAY - 1, "key": a_key()}],
        [{"day": TODAY + DAYS_AHEAD, "key": a_key()}],
        [{"day": TODAY, "key": ""}],
        [{"day": TODAY, "key": 5}],
        [{"day": TODAY, "key": "A" * 44}],
        [{"day": TODAY, "key": encode(b"\2" + b"\xff" * 32)}],
        [{"day": TODAY, "key": encode(b"\4" + b"\1" * 64)}],
        [{"day": TODAY, "key": encode(b"\0")}],
        [{"day": TODAY, "key": "密" * 44}],
        [wish() for _ in range(PER_DAY * DAYS_AHEAD + 1)],
        [wish(key=encode(PrivateKey(7).public().compressed())), wish(key=encode(PrivateKey(7).public().whole()))],
    ],
)
def test_what_cannot_be_asked_for(member: Membership, keys: Any) -> None:
    with pytest.raises(Invalid):
        issue_credentials(actor=worker_of(member), keys=keys, now=NOW)
    assert not Credential.objects.exists()


def test_who_may_fetch(tree: Tree, member: Membership) -> None:
    nobody = make_worker(with_account=True)
    for actor, refusal in [
        (anonymous(), NotSignedIn),
        (actor_for("administrator", union=tree.nation), NotAllowed),
        (counter(tree), NotAllowed),
        (actor_of_key(make_client(scopes=("cards.issue_codes",))[1], NOW), NotAllowed),
        (worker_of(Membership(worker=nobody)), NotFound),
    ]:
        with pytest.raises(refusal):
            issue_credentials(actor=actor, keys=[wish()], now=NOW)
        with pytest.raises(refusal):
            wanted(actor, now=NOW)
    for state, refusal in [(MembershipState.SUSPENDED, CardNotActive), (MembershipState.ENDED, MembershipHasEnded)]:
        other = worker_of(make_member(union=tree.couriers, state=state))
        with pytest.raises(refusal):
            issue_credentials(actor=other, keys=[wish()], now=NOW)
        with pytest.raises(refusal):
            wanted(other, now=NOW)
    assert not Credential.objects.exists()


# -- at a counter with a network


def test_each_answer_online(tree: Tree, member: Membership) -> None:
    (held,) = make_credentials(worker_of(member), now=NOW)
    here, there = counter(tree), counter(tree)
    code, second = held.code_at(NOW), timedelta(seconds=1)

    def answer(at: Actor, moment: datetime, text: str = code) -> tuple[str, int]:
        checked = verify(actor=at, code=text, now=moment)
        return checked.answer.value, checked.skew

    assert answer(here, NOW - timedelta(minutes=5)) == ("clock", 5)
    assert answer(here, NOW + timedelta(minutes=3)) == ("stale", 3)
    assert not CredentialUse.objects.exists()
    assert answer(here, NOW) == ("valid", 0)
    assert answer(here, NOW + timedelta(minutes=2)) == ("valid", 0)
    assert answer(there, NOW + second) == ("used", 0)
    assert answer(here, NOW + timedelta(minutes=2) + second) == ("replayed", 0)
    assert answer(here, NOW + timedelta(minutes=9)) == ("replayed", 0)
    assert answer(there, NOW + timedelta(minutes=9)) == ("stale", 9)
    assert answer(here, NOW + timedelta(days=1))[0] == "expired"
    assert answer(here, NOW, held.code(0, day=TODAY + 1)) == ("forged", 0)
    assert CredentialUse.objects.count() == 1


def test_the_answer_shows_what_the_registry_knows(tree: Tree, member: Membership) -> None:
    (held,) = make_credentials(worker_of(member), now=NOW)
    at_counter = counter(tree)
    with statements(2):
        checked = verify(actor=at_counter, code=f"  {held.code_at(NOW)}\r\n", now=NOW)
    assert (checked.surname, checked.badge, checked.union_name) == ("欧阳**", "courier", tree.couriers.name)
    check = CardCheck.objects.get()
    assert (check.membership_id, check.answer, check.told) == (member.pk, "valid", "")


def test_revocation_is_at_once_online(tree: Tree, member: Membership) -> None:
    clerk, at_counter, me = actor_for("registrar", union=tree.county), counter(tree), worker_of(member)
    first, second, third = make_credentials(me, now=NOW, count=3)
    suspend(actor=clerk, number=member.number, reason="六个月未缴会费", now=NOW)
    assert verify(actor=at_counter, code=first.code_at(NOW), now=NOW).answer == CardAnswer.SUSPENDED
    resume(actor=clerk, number=member.number, reason="补缴了会费", now=NOW)
    assert verify(actor=at_counter, code=second.code_at(NOW), now=NOW).answer == CardAnswer.VALID
    replace_card(actor=me, number=member.number, reason="手机丢了", now=NOW)
    checked = verify(actor=at_counter, code=third.code_at(NOW), now=NOW)
    assert (checked.answer, checked.surname) == (CardAnswer.REVOKED, "")
    (fourth,) = make_credentials(me, now=NOW)
    assert verify(actor=at_counter, code=fourth.code_at(NOW), now=NOW).answer == CardAnswer.VALID
    end(actor=clerk, number=member.number, end_reason="left", evidence="本人申请", now=NOW)
    assert verify(actor=at_counter, code=first.code_at(NOW), now=NOW).answer == CardAnswer.ENDED


def test_a_credential_of_an_erased_card_is_no_members(tree: Tree, member: Membership) -> None:
    (held,) = make_credentials(worker_of(member), now=NOW)
    Card.objects.all().delete()
    assert not Credential.objects.exists()
    checked = verify(actor=counter(tree), code=held.code_at(NOW), now=NOW)
    assert (checked.answer, checked.surname) == (CardAnswer.ENDED, "")


def test_a_key_that_is_not_ours_is_forgery(tree: Tree, member: Membership) -> None:
    (held,) = make_credentials(worker_of(member), now=NOW)
    foreign = Held(held.private, bytes((held.head[0] % 255 + 1,)) + held.head[1:])
    assert verify(actor=counter(tree), code=foreign.code_at(NOW), now=NOW).answer == CardAnswer.FORGED
    other = Held(PrivateKey.new(), held.head)
    assert verify(actor=counter(tree), code=other.code_at(NOW), now=NOW).answer == CardAnswer.FORGED
    assert list(CardCheck.objects.values_list("answer", flat=True)) == ["forged"] * 2
    assert not CardCheck.objects.exclude(membership=None).exists()


def test_a_cut_code_is_refused_and_not_counted(tree: Tree, member: Membership) -> None:
    (held,) = make_credentials(worker_of(member), now=NOW)
    code = held.code_at(NOW)
    for text in ("NX2:", code[:-9] + "x", "NX2:" + "Z" * 256, code + "0", code[:100] + "密" + code[101:]):
        with pytest.raises(Invalid):
            verify(actor=counter(tree), code=text, now=NOW)
    assert not CardCheck.objects.exists()


# -- what a counter takes along


def test_the_bundle_is_signed_and_names_what_was_withdrawn(tree: Tree, member: Membership) -> None:
    clerk, at_counter, me = actor_for("registrar", union=tree.county), counter(tree), worker_of(member)
    (held,) = make_credentials(me, now=NOW)
    found = bundle(at_counter, NOW)
    told = told_in(found)
    public = {int(name): decode(key) for name, key in told["keys"].items()}
    assert len(public[found.key_id]) == 65
    assert signing_keys().current(NOW).public.verifies(found.signature, b"NX2B" + found.content)
    assert told["issued_at"] == NOW.isoformat(timespec="milliseconds")
    assert told["badges"][held.head[9] - 1]["code"] == "courier"
    assert (told["revoked"], told["suspended"], told["ended"]) == ("", "", "")

    def next_bundle() -> Bundle:
        forget()
        return bundle(at_counter, NOW)

    suspend(actor=clerk, number=member.number, reason="六个月未缴会费", now=NOW)
    assert listed(next_bundle(), "suspended") == {held.handle}
    resume(actor=clerk, number=member.number, reason="补缴了会费", now=NOW)
    assert not listed(next_bundle(), "suspended")
    replace_card(actor=me, number=member.number, reason="手机丢了", now=NOW)
    assert listed(next_bundle(), "revoked") == {held.handle}
    (fresh,) = make_credentials(me, now=NOW)
    end(actor=clerk, number=member.number, end_reason="left", evidence="本人申请", now=NOW)
    assert listed(next_bundle(), "ended") == {held.handle, fresh.handle}
    assert not revoked_handles(NOW + timedelta(days=2))


def test_who_may_take_a_bundle_and_report(tree: Tree, member: Membership) -> None:
    for actor, refusal in [
        (anonymous(), NotSignedIn),
        (worker_of(member), NotAllowed),
        (actor_for("administrator", union=tree.nation), NotAllowed),
    ]:
        with pytest.raises(refusal):
            bundle(actor, NOW)
        with pytest.raises(refusal):
            take_checks(actor=actor, checks=[], now=NOW)


# -- what a counter reports


def report(held: Held, at: datetime, told: str = "valid") -> dict[str, str]:
    return {"id": str(uuid4()), "at": at.isoformat(), "code": held.code_at(at), "answer": told}


def test_reports_are_taken_once(tree: Tree, member: Membership) -> None:
    (held,) = make_credentials(worker_of(member), now=NOW)
    at_counter, later = counter(tree), NOW + timedelta(hours=3)
    sent = [report(held, NOW), report(held, NOW + timedelta(minutes=10))]
    done = take_checks(actor=at_counter, checks=sent, now=later)
    assert ({str(one) for one in done.taken}, done.refused, done.clashes) == ({one["id"] for one in sent}, [], [])
    again = take_checks(actor=at_counter, checks=sent, now=later)
    assert again.taken == done.taken
    rows = list(CardCheck.objects.order_by("at").values_list("at", "told", "answer", "membership_id", "reported_at"))
    assert rows == [
        (NOW, "valid", "valid", member.pk, later),
        (NOW + timedelta(minutes=10), "valid", "valid", member.pk, later),
    ]
    assert CredentialUse.objects.count() == 2


def test_clashes_are_named_and_kept(tree: Tree, member: Membership) -> None:
    clerk, me = actor_for("registrar", union=tree.county), worker_of(member)
    first, second, third, fourth = make_credentials(me, now=NOW, count=4)
    here, there, hour = counter(tree), counter(tree), timedelta(hours=1)
    before = report(first, NOW)
    suspend(actor=clerk, number=member.number, reason="六个月未缴会费", now=NOW + hour)
    during = report(second, NOW + hour)
    resume(actor=clerk, number=member.number, reason="补缴了会费", now=NOW + 2 * hour)
    replace_card(actor=me, number=member.number, reason="手机丢了", now=NOW + 3 * hour)
    after = report(third, NOW + 4 * hour)
    seen = report(fourth, NOW + 4 * hour, told="revoked")
    done = take_checks(actor=here, checks=[before, during, after, seen], now=NOW + 5 * hour)
    assert {str(clash.sent_id): clash.answer.value for clash in done.clashes} == {
        during["id"]: "suspended",
        after["id"]: "revoked",
    }
    twice = take_checks(actor=there, checks=[before | {"id": str(uuid4())}], now=NOW + 5 * hour)
    assert [clash.answer.value for clash in twice.clashes] == ["used"]
    assert CardCheck.objects.filter(told="valid").exclude(answer="valid").count() == 3


def test_a_counter_that_comes_back_after_the_credentials_are_forgotten_is_not_contradicted(
    tree: Tree, member: Membership
) -> None:
    (held,) = make_credentials(worker_of(member), now=NOW)
    sent, later = report(held, NOW), NOW + timedelta(days=3)
    forget_aged(now=later, codes=["credentials"])
    done = take_checks(actor=counter(tree), checks=[sent], now=later)
    assert ([str(one) for one in done.taken], done.clashes) == ([sent["id"]], [])
    check = CardCheck.objects.get()
    assert (check.told, check.answer, check.membership_id is None) == ("valid", "valid", True)


def test_reports_that_cannot_be_used_are_named_and_not_kept(tree: Tree, member: Membership) -> None:
    (held,) = make_credentials(worker_of(member), now=NOW)
    good = report(held, NOW)
    bad: list[Any] = [
        None,
        {},
        good | {"id": "no"},
        good | {"id": 5},
        good | {"at": "yesterday"},
        good | {"at": NOW.replace(tzinfo=None).isoformat()},
        good | {"at": (NOW + timedelta(hours=1)).isoformat()},
        good | {"at": (NOW - timedelta(days=8)).isoformat()},
        good | {"at": 5},
        good | {"code": "1234567890"},
        good | {"code": "NX2:" + "Z" * 256},
        good | {"code": None},
        good | {"answer": "fine"},
        good | {"answer": ["valid"]},
    ]
    done = take_checks(actor=counter(tree), checks=bad, now=NOW)
    assert (done.taken, len(done.refused)) == ([], len(bad))
    assert not CardCheck.objects.exists()
    refused: tuple[Any, ...] = (None, {}, "x", [good] * (MOST_CHECKS + 1))
    for checks in refused:
        with pytest.raises(Invalid):
            take_checks(actor=counter(tree), checks=checks, now=NOW)


# -- forgetting


def test_old_credentials_are_forgotten_with_their_uses(tree: Tree, member: Membership) -> None:
    held, *_rest = make_credentials(worker_of(member), now=NOW, count=2)
    verify(actor=counter(tree), code=held.code_at(NOW), now=NOW)
    make_credentials(worker_of(member), now=NOW, day=TODAY + 1)
    rules = ["credentials", "credential_uses"]
    assert forget_aged(now=NOW + timedelta(days=1), codes=rules) == {"credentials": 0, "credential_uses": 0}
    assert forget_aged(now=NOW + timedelta(days=2, minutes=2), codes=rules)["credentials"] == 2
    assert list(Credential.objects.values_list("day", flat=True)) == [date(2026, 1, 1) + timedelta(days=TODAY + 1)]
    assert not CredentialUse.objects.exists()
