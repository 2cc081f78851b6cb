"""One offline code at twenty counters at once is good at one; a card replaced while it fetches leaves none behind."""

from __future__ import annotations

from collections import Counter
from uuid import uuid4

import pytest

from nuanxin.access.actors import actor_of_key
from nuanxin.members.actions.cards import replace_card, verify
from nuanxin.members.actions.credentials import take_checks
from nuanxin.members.models import Card, CardCheck, Credential, CredentialUse
from nuanxin.members.rules.credentials import MOST_PER_DAY, CredentialsUsedUp
from nuanxin.members.states import CardAnswer
from tests.factories import NOW
from tests.factories.access import make_device
from tests.factories.credentials import make_credentials
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import make_tree
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
COUNTERS = 20


def test_one_code_at_twenty_counters_is_good_once() -> None:
    tree = make_tree()
    member = make_member(union=tree.couriers)
    code = make_credentials(worker_of(member), now=NOW)[0].code_at(NOW)
    counters = [actor_of_key(make_device(union=tree.city, name=f"{n}号")[1], NOW) for n in range(COUNTERS)]
    answers = Counter(at_once(lambda n: verify(actor=counters[n], code=code, now=NOW).answer))
    assert answers == {CardAnswer.VALID: 1, CardAnswer.USED: COUNTERS - 1}
    assert CredentialUse.objects.count() == 1
    assert CardCheck.objects.filter(answer="valid").count() == 1


def test_one_report_sent_by_eight_at_once_is_kept_once() -> None:
    tree = make_tree()
    (held,) = make_credentials(worker_of(make_member(union=tree.couriers)), now=NOW)
    actor = actor_of_key(make_device(union=tree.city)[1], NOW)
    sent = [{"id": str(uuid4()), "at": NOW.isoformat(), "code": held.code_at(NOW), "answer": "valid"}]

    def report(_: int) -> tuple[int, int]:
        done = take_checks(actor=actor, checks=sent, now=NOW)
        return len(done.taken), len(done.clashes)

    assert set(at_once(report, 8)) == {(1, 0)}
    assert CardCheck.objects.count() == 1


def test_counters_that_saw_the_same_codes_in_another_order_do_not_wait_in_a_ring() -> None:
    tree = make_tree()
    held = make_credentials(worker_of(make_member(union=tree.couriers)), now=NOW, count=12)
    codes = [each.code_at(NOW) for each in held]
    counters = [actor_of_key(make_device(union=tree.city, name=f"{n}号")[1], NOW) for n in range(4)]

    def report(number: int) -> int:
        order = codes if number % 2 else codes[::-1]
        checks = [{"id": str(uuid4()), "at": NOW.isoformat(), "code": code, "answer": "valid"} for code in order]
        return len(take_checks(actor=counters[number], checks=checks, now=NOW).clashes)

    assert Counter(at_once(report, 4)) == {0: 1, 12: 3}
    assert CredentialUse.objects.count() == 12


def test_a_card_that_is_replaced_leaves_no_good_credential() -> None:
    member = make_member(union=make_tree().couriers)
    me = worker_of(member)

    def act(number: int) -> str:
        try:
            if number % 4 == 3:
                replace_card(actor=me, number=member.number, reason="", now=NOW)
            else:
                make_credentials(me, now=NOW, count=2)
        except Exception as refusal:
            return type(refusal).__name__
        return "done"

    outcomes = Counter(at_once(act, 8))
    assert set(outcomes) <= {"done", "Moved", "NotFound", "CredentialsUsedUp"}
    live = Card.objects.get(revoked_at=None)
    assert not Credential.objects.exclude(card=live).filter(withdrawn="").exists()


def test_no_two_phones_get_more_than_the_limit() -> None:
    me = worker_of(make_member(union=make_tree().couriers))

    def fetch(_: int) -> str:
        try:
            make_credentials(me, now=NOW, count=5)
        except CredentialsUsedUp:
            return "used up"
        return "done"

    assert Counter(at_once(fetch, 8)) == {"done": MOST_PER_DAY // 5, "used up": 8 - MOST_PER_DAY // 5}
    assert Credential.objects.count() == MOST_PER_DAY // 5 * 5
