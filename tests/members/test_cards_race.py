"""One code shown at twenty counters at once is good at one of them."""

from __future__ import annotations

from collections import Counter
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from nuanxin.access.actors import Actor, actor_of_key
from nuanxin.kernel.secrets import digest
from nuanxin.kernel.states import Moved
from nuanxin.members.actions.cards import issue_code, print_card, replace_card, verify
from nuanxin.members.models import Card, CardCheck, CardCode
from nuanxin.members.states import CardAnswer
from tests.factories import NOW
from tests.factories.access import actor_for, make_client, make_device
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import make_tree
from tests.threads import at_once

if TYPE_CHECKING:
    from nuanxin.members.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)
COUNTERS = 20


def a_code() -> tuple[Membership, str, list[Actor]]:
    tree = make_tree()
    member = make_member(union=tree.couriers)
    code = issue_code(actor=actor_of_key(make_client()[1], NOW), number=member.number, now=NOW).code
    counters = [actor_of_key(make_device(union=tree.city, name=f"{n}号")[1], NOW) for n in range(COUNTERS)]
    return member, code, counters


def test_one_code_at_twenty_counters_is_good_once() -> None:
    _, code, counters = a_code()
    answers = Counter(at_once(lambda n: verify(actor=counters[n], code=code, now=NOW).answer))
    assert answers == {CardAnswer.VALID: 1, CardAnswer.USED: COUNTERS - 1}
    assert CardCheck.objects.filter(answer="valid").count() == 1
    assert CardCheck.objects.filter(answer="used").count() == COUNTERS - 1


def test_looking_first_and_using_then_would_let_several_in() -> None:
    """The control: the same twenty counters, with a read and then a write, must be wrong."""
    _, code, _ = a_code()
    looked = Barrier(COUNTERS)

    def look_then_use(_: int) -> CardAnswer:
        row = CardCode.objects.get(code_digest=digest("card-code", code))
        looked.wait(timeout=30)
        if row.used_at is not None:
            return CardAnswer.USED
        row.used_at = NOW
        row.save(update_fields=["used_at"])
        return CardAnswer.VALID

    assert Counter(at_once(look_then_use))[CardAnswer.VALID] > 1


def test_replacing_a_card_several_times_at_once_leaves_one() -> None:
    member, _, _ = a_code()
    owner = worker_of(member)

    def replace(_: int) -> str:
        try:
            replace_card(actor=owner, number=member.number, reason="", now=NOW)
        except Exception as refusal:
            return type(refusal).__name__
        return "replaced"

    outcomes = Counter(at_once(replace, 8))
    assert set(outcomes) <= {"replaced", "Moved"}
    assert outcomes["replaced"] >= 1
    assert Card.objects.filter(membership=member, revoked_at=None).count() == 1
    assert Card.objects.filter(membership=member).count() == 1 + outcomes["replaced"]


def test_printing_twice_at_once_leaves_one_good_piece_of_paper() -> None:
    member, _, counters = a_code()
    clerks = [actor_for("registrar", union=member.union) for _ in range(4)]

    def paper(number: int) -> str | None:
        try:
            return print_card(actor=clerks[number], number=member.number, now=NOW).code
        except Moved:
            return None

    printed = [str(code) for code in at_once(paper, 4) if code]
    answers = Counter(verify(actor=counters[0], code=code, now=NOW).answer for code in printed)
    assert answers == Counter({CardAnswer.VALID: 1, CardAnswer.REVOKED: len(printed) - 1})
