"""How far it is proved who somebody is: what raises it, what takes it back, what is refused with nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, TooMany
from nuanxin.members.actions.assurance import NoVerifier, answered, ask_again, raise_assurance, see_in_person
from nuanxin.members.actions.corrections import correct_phone
from nuanxin.members.actions.review import decide
from nuanxin.members.models import AssuranceProof, Membership, Worker
from nuanxin.members.queries.assurance import proofs_of, verified_long_ago
from nuanxin.members.queries.searching import Filters, search
from nuanxin.members.rules.assurance import PHONE_OPEN, act_of, is_old, reaches, words_of_level
from nuanxin.members.states import Assurance, ProofAct
from nuanxin.members.tasks import verify_identity, verify_person
from nuanxin.messages.models import TextMessage
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for, make_account, make_post
from tests.factories.members import make_application, make_member, worker_of
from tests.factories.organizations import Tree, make_dated_rule
from tests.members.test_verification import bureau

__all__ = ["bureau"]
A = Assurance


@pytest.mark.parametrize(
    ("held", "level", "act"),
    [
        (A.REGISTERED, A.WELLFORMED, ProofAct.RAISED),
        (A.WELLFORMED, A.VERIFIED, ProofAct.RAISED),
        (A.VERIFIED, A.VERIFIED, ProofAct.RENEWED),
        (A.VERIFIED, A.SEEN, ProofAct.RAISED),
        (A.SEEN, A.SEEN, ProofAct.RENEWED),
        (A.VERIFIED, A.WELLFORMED, ProofAct.LOWERED),
    ],
)
def test_what_a_proof_does(held: str, level: str, act: str) -> None:
    assert act_of(held, level) == act
    assert reaches(level, held) == (act != ProofAct.LOWERED)


@pytest.mark.parametrize(
    ("level", "age", "days", "old"),
    [(A.VERIFIED, 731, 730, True), (A.VERIFIED, 729, 730, False), (A.VERIFIED, 9999, 0, False),
     (A.SEEN, 731, 730, True), (A.WELLFORMED, 9999, 730, False)],
)  # fmt: skip
def test_when_a_proof_is_old(level: str, age: int, days: int, old: bool) -> None:
    assert is_old(level, NOW - timedelta(days=age), days=days, now=NOW) is old


@pytest.mark.parametrize(
    ("level", "phone", "words"),
    [
        (A.WELLFORMED, True, set()),
        (A.WELLFORMED, False, {PHONE_OPEN}),
        (A.VERIFIED, True, {"a:verified"}),
        (A.SEEN, False, {"a:verified", "a:seen", PHONE_OPEN}),
    ],
)
def test_by_which_words_somebody_is_found(level: str, phone: bool, words: set[str]) -> None:
    assert words_of_level(level, phone_proved=phone) == words


@pytest.fixture
def cadre(tree: Tree) -> Any:
    return actor_for(make_post(role="registrar", union=tree.couriers))


def test_an_admission_proves_phone_and_form_without_a_further_row(tree: Tree) -> None:
    application = make_application(union=tree.couriers)
    reviewer = actor_for(make_post(role="reviewer", union=tree.couriers))
    decide(actor=reviewer, number=application.number, decision="approve", now=NOW)
    worker = Membership.objects.get().worker
    assert (worker.assurance, worker.phone_proved, worker.assured_at) == ("wellformed", True, None)
    assert AssuranceProof.objects.count() == 0


def test_seen_at_the_desk(tree: Tree, cadre: Any) -> None:
    membership = make_member(union=tree.couriers)
    see_in_person(actor=cadre, number=membership.number, reason="身份证，服务大厅", now=NOW)
    worker = Worker.objects.get()
    proof = AssuranceProof.objects.get()
    assert (worker.assurance, worker.assured_at) == ("seen", NOW)
    assert (proof.act, proof.level, proof.source, proof.evidence) == ("raised", "seen", "desk", "身份证，服务大厅")
    assert (proof.account_id, proof.union_id) == (cadre.account_id, tree.couriers.pk)
    assert "members.assurance_raised" in AuditEntry.objects.values_list("action", flat=True)
    assert TextMessage.objects.filter(template="identity.seen").count() == 1


def test_seen_again_renews_the_day(tree: Tree, cadre: Any) -> None:
    membership = make_member(union=tree.couriers)
    for day in (0, 400):
        see_in_person(actor=cadre, number=membership.number, reason="身份证原件", now=NOW + timedelta(days=day))
    assert Worker.objects.get().assured_at == NOW + timedelta(days=400)
    assert list(AssuranceProof.objects.order_by("at").values_list("act", flat=True)) == ["raised", "renewed"]


def _no_reason(tree: Tree, number: str) -> None:
    see_in_person(
        actor=actor_for(make_post(role="registrar", union=tree.couriers)), number=number, reason="见", now=NOW
    )


def _stranger(tree: Tree, number: str) -> None:
    see_in_person(
        actor=actor_for(make_post(role="registrar", union=tree.pool)), number=number, reason="身份证原件", now=NOW
    )


def _oneself(tree: Tree, number: str) -> None:
    account = make_account(name="自己")
    Worker.objects.update(account=account)
    post = make_post(role="registrar", union=tree.couriers, account=account)
    see_in_person(actor=actor_for(post), number=number, reason="身份证原件", now=NOW)


def _weaker(tree: Tree, number: str) -> None:
    worker = Worker.objects.get()
    actor = actor_for(make_post(role="registrar", union=tree.couriers))
    raise_assurance(actor=actor, worker=worker, level=A.REGISTERED, source="desk", union=tree.couriers, now=NOW)


@pytest.mark.parametrize(
    ("act", "refusal"),
    [(_no_reason, Invalid), (_stranger, NotFound), (_oneself, Conflict), (_weaker, Conflict)],
)
def test_refusals_change_nothing(tree: Tree, act: Callable[[Tree, str], None], refusal: type[Exception]) -> None:
    membership = make_member(union=tree.couriers)
    with pytest.raises(refusal):
        act(tree, membership.number)
    assert Worker.objects.get().assurance == "wellformed"
    assert (AssuranceProof.objects.count(), TextMessage.objects.count()) == (0, 0)


def test_an_auditor_may_not_say_that_somebody_was_seen(tree: Tree) -> None:
    membership = make_member(union=tree.couriers)
    organizer = actor_for(make_post(role="organizer", union=tree.couriers))
    with pytest.raises(NotAllowed):
        see_in_person(actor=organizer, number=membership.number, reason="身份证原件", now=NOW)
    assert Worker.objects.get().assurance == "wellformed"


def test_an_outside_source_raises_renews_and_takes_back(tree: Tree) -> None:
    member = make_member(union=tree.couriers)

    def answer(match: bool, days: int) -> Any:
        return answered(
            worker_id=member.worker_id, source="http", match=match, union=tree.couriers, now=NOW + timedelta(days=days)
        )

    assert [answer(False, 0), answer(True, 1), answer(True, 2), answer(False, 3), answer(False, 4)] == [
        None, "raised", "renewed", "lowered", None,
    ]  # fmt: skip
    worker = Worker.objects.get()
    assert (worker.assurance, worker.assured_at) == ("wellformed", None)
    assert AssuranceProof.objects.count() == 3
    assert list(TextMessage.objects.values_list("template", flat=True)) == ["identity.unverified"]


def test_whoever_was_seen_stays_so_whatever_a_source_says(tree: Tree, cadre: Any) -> None:
    member = make_member(union=tree.couriers)
    see_in_person(actor=cadre, number=member.number, reason="身份证原件", now=NOW)
    for match in (True, False):
        assert answered(worker_id=member.worker_id, source="http", match=match, union=None, now=NOW) is None
    assert (Worker.objects.get().assurance, AssuranceProof.objects.count()) == ("seen", 1)


def test_the_source_may_answer_after_the_admission(tree: Tree, bureau: str) -> None:
    application = make_application(union=tree.couriers)
    reviewer = actor_for(make_post(role="reviewer", union=tree.couriers))
    decide(actor=reviewer, number=application.number, decision="approve", now=NOW)
    verify_identity(application_id=str(application.pk))
    verify_identity(application_id=str(application.pk))
    assert Worker.objects.get().assurance == "verified"
    assert AssuranceProof.objects.get().source == "http"


def test_a_source_is_asked_again_when_its_word_is_old(tree: Tree, bureau: str) -> None:
    make_dated_rule(name="members.reverify_days", value=365, union=tree.couriers)
    make_dated_rule(name="members.reverify_days", value=0, union=tree.pool)
    proved: dict[str, Any] = {"assurance": "verified", "assured_at": NOW - timedelta(days=366)}
    old = make_member(union=tree.couriers, **proved)
    make_member(union=tree.pool, **proved)
    make_member(union=tree.couriers, **proved | {"assured_at": NOW - timedelta(days=364)})
    assert [worker.pk for worker, _union in verified_long_ago(now=NOW)] == [old.worker_id]
    assert proofs_of(Worker.objects.get(pk=old.worker_id), tree.couriers, now=NOW).is_old
    verify_person(worker_id=str(old.worker_id))
    assert AssuranceProof.objects.get().act == "renewed"


def test_a_worker_asks_three_times_a_day_where_there_is_a_source(tree: Tree, bureau: str, settings: Any) -> None:
    actor = worker_of(make_member(union=tree.couriers, with_account=True))
    for _time in range(3):
        ask_again(actor=actor, now=NOW)
    with pytest.raises(TooMany):
        ask_again(actor=actor, now=NOW)
    settings.NUANXIN_VERIFIER_URL = ""
    with pytest.raises(NoVerifier):
        ask_again(actor=actor, now=NOW)


def test_a_phone_written_by_a_cadre_is_not_proved(tree: Tree, cadre: Any) -> None:
    membership = make_member(union=tree.couriers)
    correct_phone(actor=cadre, number=membership.number, phone="13900001234", evidence="本人到场", now=NOW)
    assert Worker.objects.get().phone_proved is False


def test_members_are_found_by_their_proof(tree: Tree, cadre: Any) -> None:
    plain, seen = make_member(union=tree.couriers), make_member(union=tree.couriers)
    open_phone = make_member(union=tree.couriers, phone_proved=False)
    see_in_person(actor=cadre, number=seen.number, reason="身份证原件", now=NOW)

    def found(proof: str) -> set[str]:
        return {row.number for row in search(cadre, Filters(proof=proof)).items}

    assert found("") == {plain.number, seen.number, open_phone.number}
    assert found("a:verified") == found("a:seen") == {seen.number}
    assert found(PHONE_OPEN) == {open_phone.number}
