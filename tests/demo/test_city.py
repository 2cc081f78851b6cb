"""The demo city holds together, is the same twice, and keeps its promises at full size."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from demo.applications import DECIDED, DUE, ERASED, WAITING
from demo.check import read_figures
from demo.city import Report, build, verify
from nuanxin.access.models import Account, Post
from nuanxin.insight.models import TallyTotal
from nuanxin.kernel.documents import read_document
from nuanxin.kernel.identifiers import parse_credit_code, parse_phone
from nuanxin.kernel.ids import luhn_ok
from nuanxin.kernel.secrets import PersonKey, digest, keyring
from nuanxin.members.models import Application, ApplicationAct, Contest, Lapse, Membership, Worker
from nuanxin.members.queries.contests import decider_above
from nuanxin.members.queries.erasure import due_applications
from nuanxin.members.queries.persons import id_digest
from nuanxin.members.rules.reasons import reasons_in_words
from nuanxin.members.states import ApplicationState, MembershipState
from nuanxin.operate.assembly import DIVISIONS
from nuanxin.organizations.models import Enterprise, Union
from nuanxin.organizations.states import UnionKind
from nuanxin.records.models import Attachment, Erasure
from nuanxin.regions.actions import load_regions
from tests.factories import NOW
from tests.factories.regions import make_liaocheng_regions


def test_numbers_agree_with_rows(small_city: Report) -> None:
    figures = read_figures(promised={"active_members": 231, "pools": 1})
    assert figures.faults == []
    assert TallyTotal.objects.get(scope="u:CN000000", slice="").active == 231
    assert TallyTotal.objects.get(scope="r:3715", slice="").admissions == Membership.objects.count()


def test_a_wrong_promise_is_named(small_city: Report) -> None:
    figures = read_figures(promised={"active_members": 99})
    assert figures.faults == ["active_members: 231, promised 99"]


def test_tallies_that_disagree_are_named(small_city: Report) -> None:
    worker = Membership.objects.filter(state=MembershipState.ACTIVE).first()
    assert worker is not None
    Membership.objects.filter(pk=worker.pk).update(state=MembershipState.SUSPENDED)
    assert read_figures(promised={}).faults == ["tallies count 231 active members"]


def test_people_are_well_formed_and_sealed(small_city: Report) -> None:
    for worker in Worker.objects.order_by("?")[:60]:
        key = PersonKey(worker.sealed_key)
        number, phone = key.unseal(worker.sealed_id), key.unseal(worker.sealed_phone)
        identity = read_document(worker.id_kind, number, on=NOW.date())
        assert (identity.number, identity.birth_on or worker.birth_on) == (number, worker.birth_on)
        assert "000" in (number[14:17], number.removeprefix("H")[:3])
        assert parse_phone(phone) == phone
        assert phone.startswith("154")
        assert bytes(worker.id_digest) == id_digest(number, worker.id_kind)
        assert worker.phone_digest is not None
        assert bytes(worker.phone_digest) == digest("phone", phone)
        assert worker.pinyin.startswith(worker.initials[0])
    assert all(luhn_ok(number) for number in Membership.objects.values_list("number", flat=True))


def test_a_few_people_have_other_documents(small_city: Report) -> None:
    kinds = set(Worker.objects.values_list("id_kind", flat=True))
    assert kinds == {"resident_id", "residence_permit", "hk_macao_permit", "taiwan_permit", "foreign_resident"}


def test_enterprises_have_valid_credit_codes(small_city: Report) -> None:
    codes = list(Enterprise.objects.values_list("credit_code", flat=True))
    assert len(codes) == 80
    assert all(parse_credit_code(code) == code and code[2:6] == "3715" for code in codes)


def test_applications_of_every_state_say_why(small_city: Report) -> None:
    assert set(Application.objects.values_list("state", flat=True)) == {*WAITING, *DECIDED}
    for application in Application.objects.filter(erased_at=None).exclude(state=ApplicationState.UNCONFIRMED):
        assert any(reason.chosen for reason in reasons_in_words(application.reasons))
        assert ApplicationAct.objects.filter(application=application).exists()
    waiting = Application.objects.filter(due_at__isnull=False)
    assert waiting.exists()
    assert not waiting.filter(due_at__lte=NOW).exists()


def test_limits_that_passed_lie_where_the_clock_left_them(small_city: Report) -> None:
    lapse = Lapse.objects.select_related("application__union", "union").first()
    assert lapse is not None
    assert lapse.application.union is not None
    assert lapse.union.path.startswith(lapse.application.union.path)
    assert ApplicationAct.objects.filter(application=lapse.application, act="escalated", at=lapse.at).exists()


def test_objections_lie_with_who_may_decide(small_city: Report) -> None:
    contests = Contest.objects.select_related("application", "against", "union").order_by("asked_at")
    assert {contest.state for contest in contests} == {"open", "upheld"}
    for contest in contests:
        barred = {contest.application.barred_account_id} if contest.kind == "routing" else barred_accounts_then(contest)
        assert decider_above(contest.against, barred=barred, now=NOW) == contest.union
        assert PersonKey(contest.application.sealed_key).unseal(contest.sealed_words)
        assert contest.due_at > NOW or contest.decided_at
    file = Attachment.objects.get(subject_type="members.contest")
    assert Contest.objects.filter(pk=file.subject_id).exists()
    assert keyring().unseal(bytes(file.sealed_content)).startswith(b"\x89PNG")


def barred_accounts_then(contest: Contest) -> set[UUID | None]:
    """Return who took part in what is contested before it was."""
    acts = ApplicationAct.objects.filter(application=contest.application, act="refused")
    return set(acts.values_list("account_id", flat=True))


def test_some_are_erased_and_some_are_due(small_city: Report) -> None:
    erased = Erasure.objects.filter(subject_type="members.application")
    assert erased.count() == len(ERASED) + 1
    assert set(erased.values_list("because", flat=True)) == {"rule", "person"}
    assert len(due_applications(NOW.date())) == len(DUE)
    assert len(due_applications(NOW.date() + timedelta(days=60))) > len(DUE)


def test_every_receiving_union_has_a_reviewer(small_city: Report) -> None:
    receiving = Union.objects.exclude(kind=UnionKind.FEDERATION)
    reviewed = Post.objects.filter(role="reviewer").values("union")
    assert receiving.exists()
    assert not receiving.exclude(pk__in=reviewed).exists()


def test_a_city_that_stands_is_left_alone(small_city: Report) -> None:
    before = Worker.objects.count()
    assert build(NOW, scale=0.004) == Report()
    assert Worker.objects.count() == before


def test_without_regions_there_is_no_city(db: None) -> None:
    assert build(NOW) == Report()
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_same_seed_same_day_same_city() -> None:
    make_liaocheng_regions()
    first, second, other = _city(1), _city(1), _city(2)
    assert first == second
    assert first != other


def _city(seed: int) -> list[object]:
    """Build a city, note what it is made of, and take it back."""
    with transaction.atomic():
        build(NOW, scale=0.002, seed=seed, serves=False)
        people = Worker.objects.order_by("pk").values_list("pk", "name", "birth_on", "region", "employer")
        unions = Union.objects.exclude(parent=None).order_by("pk").values_list("pk", "code", "name")
        applications = Application.objects.order_by("pk").values_list("pk", "number", "state", "union")
        noted: list[object] = [*people, *unions, *applications]
        transaction.set_rollback(True)
    return noted


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.django_db
@pytest.mark.skipif(
    not DIVISIONS.exists(), reason="the front-end packages, which bring the divisions, are not installed"
)
def test_the_full_city_keeps_every_promise() -> None:
    load_regions(source=DIVISIONS, now=NOW)
    build(NOW)
    assert verify().faults == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
