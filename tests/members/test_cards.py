"""Cards: codes are short-lived and single, counters learn little, guesses are few."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nuanxin.access.actors import actor_of_key, anonymous
from nuanxin.kernel.refusals import Invalid, NotAllowed, NotFound, NotSignedIn
from nuanxin.kernel.secrets import digest
from nuanxin.members.actions.cards import issue_code, print_card, replace_card, verify
from nuanxin.members.models import Card, CardCheck, CardCode, Membership
from nuanxin.members.rules.cards import MOST_GUESSES, CodesGuessed, MembershipHasEnded, new_static_code
from nuanxin.members.states import CardAnswer, MembershipState
from nuanxin.messages.models import TextMessage
from nuanxin.records.actions.erasing import forget_aged
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for, make_client, make_device
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree
from tests.members.statements import statements

if TYPE_CHECKING:
    from nuanxin.access.actors import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    return make_tree()


def machine(*scopes: str) -> Actor:
    _, key = make_client(scopes=scopes or ("cards.issue_codes", "cards.verify"))
    return actor_of_key(key, NOW)


def counter(tree: Tree) -> Actor:
    _, key = make_device(union=tree.city)
    return actor_of_key(key, NOW)


def test_a_member_shows_a_code_and_the_counter_learns_little(tree: Tree) -> None:
    member = make_member(union=tree.couriers, name="欧阳小芳")
    issued = issue_code(actor=worker_of(member), number=member.number, now=NOW)
    assert len(issued.code) == 10
    assert issued.code.isdigit()
    assert issued.expires_at == NOW + timedelta(seconds=60)
    checked = verify(actor=counter(tree), code=issued.code, now=NOW)
    assert checked.answer == CardAnswer.VALID
    assert checked.surname == "欧阳**"
    assert (checked.badge, checked.union_name) == ("courier", tree.couriers.name)
    told = "".join(str(getattr(checked, name)) for name in checked.__slots__)
    assert member.number not in told
    assert "小芳" not in told


def test_a_code_is_kept_as_a_digest_only(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    code = issue_code(actor=machine(), number=member.number, now=NOW).code
    assert bytes(CardCode.objects.get().code_digest) == digest("card-code", code)


def test_statements_of_issuing_and_checking(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    key = make_client()[1]
    with statements(3):  # the key, the card, the code
        code = issue_code(actor=actor_of_key(key, NOW), number=member.number, now=NOW).code
    with statements(2):  # the key; the use, with what stands behind it and the question
        assert verify(actor=actor_of_key(key, NOW), code=code, now=NOW).answer == CardAnswer.VALID
    with statements(4):  # also why it could not be used, and the question by itself
        assert verify(actor=actor_of_key(key, NOW), code=code, now=NOW).answer == CardAnswer.USED
    printed = print_card(actor=actor_for("registrar", union=tree.county), number=member.number, now=NOW).code
    with statements(3):
        assert verify(actor=actor_of_key(key, NOW), code=printed, now=NOW).answer == CardAnswer.VALID


def test_each_answer_of_an_online_code(tree: Tree) -> None:
    at_counter, asks = counter(tree), machine()
    member = make_member(union=tree.couriers)
    rows = Membership.objects.filter(pk=member.pk)

    def answer(after: timedelta = timedelta(0)) -> CardAnswer:
        code = issue_code(actor=asks, number=member.number, now=NOW).code
        return verify(actor=at_counter, code=code, now=NOW + after).answer

    assert answer(timedelta(seconds=59)) == CardAnswer.VALID
    assert answer(timedelta(seconds=60)) == CardAnswer.EXPIRED
    rows.update(state=MembershipState.SUSPENDED)
    assert answer() == CardAnswer.SUSPENDED
    code = issue_code(actor=asks, number=member.number, now=NOW).code
    rows.update(state=MembershipState.ENDED, ended_on=NOW.date())
    checked = verify(actor=at_counter, code=code, now=NOW)
    assert (checked.answer, checked.surname) == (CardAnswer.ENDED, "王**")
    assert verify(actor=at_counter, code="0000000000", now=NOW).answer == CardAnswer.UNKNOWN


@pytest.mark.parametrize("state", MembershipState.values)
@pytest.mark.parametrize("replaced", [False, True])
def test_what_is_counted_is_what_is_told(tree: Tree, state: str, replaced: bool) -> None:
    member = make_member(union=tree.couriers)
    code = issue_code(actor=machine(), number=member.number, now=NOW).code
    Membership.objects.update(
        state=state,
        ended_on=NOW.date() if state == MembershipState.ENDED else None,
        retained_for="retired" if state == MembershipState.RETAINED else "",
    )
    Card.objects.update(revoked_at=NOW if replaced else None)
    told = verify(actor=counter(tree), code=code, now=NOW).answer
    check = CardCheck.objects.get()
    assert (check.answer, check.membership_id, check.told, check.reported_at) == (told.value, member.pk, "", None)


def test_a_spent_code_tells_nothing_of_its_member(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    code = issue_code(actor=machine(), number=member.number, now=NOW).code
    at_counter = counter(tree)
    verify(actor=at_counter, code=code, now=NOW)
    checked = verify(actor=at_counter, code=code, now=NOW)
    assert (checked.answer, checked.surname, checked.union_name) == (CardAnswer.USED, "", "")


def test_a_code_of_a_replaced_card_is_named(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    code = issue_code(actor=worker_of(member), number=member.number, now=NOW).code
    replace_card(actor=worker_of(member), number=member.number, reason="手机丢了", now=NOW)
    assert verify(actor=counter(tree), code=code, now=NOW).answer == CardAnswer.REVOKED
    assert Card.objects.filter(membership=member, revoked_at=None).count() == 1
    assert list(TextMessage.objects.values_list("template", flat=True)) == ["card.replaced"]


def test_a_printed_card_is_good_again_and_again_until_it_is_replaced(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    clerk, at_counter = actor_for("registrar", union=tree.county), counter(tree)
    first = print_card(actor=clerk, number=member.number, now=NOW)
    assert len(first.code) == 16
    assert Card.objects.filter(static_digest=digest("card-static", first.code)).count() == 1
    typed = f"{first.code[:4]} {first.code[4:8]}-{first.code[8:]}".lower()
    assert [verify(actor=at_counter, code=typed, now=NOW).answer for _ in range(2)] == [CardAnswer.VALID] * 2
    second = print_card(actor=clerk, number=member.number, now=NOW)
    assert verify(actor=at_counter, code=first.code, now=NOW).answer == CardAnswer.REVOKED
    assert verify(actor=at_counter, code=second.code, now=NOW).answer == CardAnswer.VALID
    assert AuditEntry.objects.filter(action="members.card_printed", subject_id=member.pk).count() == 2


def test_every_question_is_counted_and_the_member_may_see_it(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    at_counter = counter(tree)
    code = issue_code(actor=machine(), number=member.number, now=NOW).code
    verify(actor=at_counter, code=code, now=NOW)
    verify(actor=at_counter, code="1" * 10, now=NOW)
    asked = CardCheck.objects.order_by("pk").values_list("source_id", "membership_id", "answer")
    assert list(asked) == [(at_counter.source_id, member.pk, "valid"), (at_counter.source_id, None, "unknown")]


def test_whoever_guesses_must_wait_and_uses_nothing_up(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    at_counter, other = counter(tree), counter(tree)
    for number in range(MOST_GUESSES):
        verify(actor=at_counter, code=f"{number:010d}", now=NOW)
    code = issue_code(actor=machine(), number=member.number, now=NOW).code
    with pytest.raises(CodesGuessed):
        verify(actor=at_counter, code=code, now=NOW)
    with pytest.raises(CodesGuessed):
        verify(actor=at_counter, code=new_static_code(), now=NOW)
    assert CardCheck.objects.filter(source_id=at_counter.source_id).count() == MOST_GUESSES
    assert verify(actor=other, code=code, now=NOW).answer == CardAnswer.VALID
    later = NOW + timedelta(minutes=10, seconds=1)
    assert verify(actor=at_counter, code=code, now=later).answer == CardAnswer.USED


def test_who_may_ask_for_a_code(tree: Tree) -> None:
    member, other = make_member(union=tree.couriers), make_member(union=tree.couriers)
    for actor, refusal in [
        (anonymous(), NotSignedIn),
        (actor_for("reviewer", union=tree.couriers), NotAllowed),
        (actor_for("administrator", union=tree.nation), NotAllowed),
        (counter(tree), NotAllowed),
        (machine("cards.verify"), NotAllowed),
        (worker_of(other), NotFound),
    ]:
        with pytest.raises(refusal):
            issue_code(actor=actor, number=member.number, now=NOW)
    for number in ("37150000000000", "", "\0" * 14, "\ud800", "٣" * 14, "1" * 5000):
        with pytest.raises(NotFound):
            issue_code(actor=machine(), number=number, now=NOW)
    assert not CardCode.objects.exists()


def test_a_former_member_has_no_card(tree: Tree) -> None:
    member = make_member(union=tree.couriers, state=MembershipState.ENDED)
    with pytest.raises(MembershipHasEnded):
        issue_code(actor=machine(), number=member.number, now=NOW)
    with pytest.raises(MembershipHasEnded):
        print_card(actor=actor_for("registrar", union=tree.county), number=member.number, now=NOW)
    with pytest.raises(MembershipHasEnded):
        replace_card(actor=worker_of(member), number=member.number, reason="", now=NOW)
    assert not CardCode.objects.exists()
    assert Card.objects.filter(membership=member).count() == 1


def test_who_may_check_a_code(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    code = issue_code(actor=machine(), number=member.number, now=NOW).code
    for actor, refusal in [
        (anonymous(), NotSignedIn),
        (worker_of(member), NotAllowed),
        (actor_for("reviewer", union=tree.couriers), NotAllowed),
        (machine("cards.issue_codes"), NotAllowed),
    ]:
        with pytest.raises(refusal):
            verify(actor=actor, code=code, now=NOW)
    assert not CardCheck.objects.exists()
    assert CardCode.objects.get().used_at is None


def test_a_cut_code_is_refused_and_not_counted(tree: Tree) -> None:
    for code in (
        "",
        "123456789",
        "12345678901",
        "ABC",
        "一二三四五六七八九十",
        new_static_code()[:-1],
        "\0" * 10,
        "💳" * 10,
    ):
        with pytest.raises(Invalid):
            verify(actor=counter(tree), code=code, now=NOW)
    assert not CardCheck.objects.exists()


def test_who_may_print_and_replace(tree: Tree) -> None:
    member, other = make_member(union=tree.couriers), make_member(union=tree.couriers)
    for act in (print_card, replace_card):
        extra = {"reason": "丢了"} if act is replace_card else {}
        for actor, refusal in [
            (anonymous(), NotFound),
            (worker_of(other), NotFound),
            (actor_for("registrar", union=tree.township), NotFound),
            (actor_for("organizer", union=tree.county), NotAllowed),
            (machine(), NotFound),
        ]:
            with pytest.raises(refusal):
                act(actor=actor, number=member.number, now=NOW, **extra)
    with pytest.raises(NotFound):
        print_card(actor=worker_of(member), number=member.number, now=NOW)
    card = Card.objects.get(membership=member)
    assert (card.static_digest, card.revoked_at) == (None, None)


def test_old_codes_are_forgotten(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    old = NOW - timedelta(days=1, minutes=2)
    issue_code(actor=machine(), number=member.number, now=old)
    issue_code(actor=machine(), number=member.number, now=NOW)
    assert forget_aged(now=NOW, codes=["card_codes"]) == {"card_codes": 1}
    assert CardCode.objects.get().issued_at == NOW
