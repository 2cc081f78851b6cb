"""People and applications whose time has come are erased by the register; everything that stands on them goes on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from nuanxin.access.actions import trust_device
from nuanxin.access.actors import Actor, anonymous, system
from nuanxin.access.models import TrustedDevice
from nuanxin.insight.queries.recount import recount
from nuanxin.kernel.secrets import KeyDestroyed, PersonKey
from nuanxin.members.actions.apply import confirm_application, start_application
from nuanxin.members.actions.contests import contest_application
from nuanxin.members.actions.corrections import correct_name
from nuanxin.members.actions.endings import expel
from nuanxin.members.actions.erasure import erase_again, erase_application, erase_due, erase_worker
from nuanxin.members.actions.memberships import File, end_own, reveal, suspend
from nuanxin.members.actions.review import decide
from nuanxin.members.models import (
    Application,
    ApplicationAct,
    Card,
    Contest,
    Membership,
    MembershipEntry,
    PhoneRelease,
    TransferRequest,
    Worker,
)
from nuanxin.members.queries.erasure import dry_run, due_applications, due_workers
from nuanxin.members.queries.memberships import get_member
from nuanxin.members.queries.searching import Filters, search
from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.members.rules.erasure import CLOSED, ENDED, OWN_WISH, ErasedPerson, StillNeeded
from nuanxin.messages.actions import notify
from nuanxin.messages.models import Notice, TextMessage
from nuanxin.organizations.models import DatedRule
from nuanxin.records.models import Attachment, AuditEntry, Erasure
from nuanxin.wiring import connect
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.members import make_application, make_fields, make_member, worker_of
from tests.factories.organizations import Tree
from tests.factories.texts import code_sent_to

YEAR = timedelta(days=366)
pytestmark = pytest.mark.django_db


def _row(model: Any, pk: Any) -> Any:
    return model.objects.filter(pk=pk).values_list().get()


def _joined(tree: Tree, now: datetime = NOW, **fields: Any) -> Application:
    """Join by the real actions: applied, phone proved, approved."""
    raw = make_fields(**fields)
    sent = start_application(
        actor=anonymous(),
        raw=raw,
        door="h5",
        consents=["processing", "identity"],
        consent_version=CONSENT_VERSION,
        now=now,
    )
    code = code_sent_to(raw["phone"])
    return confirm_application(actor=anonymous(), number=sent.application.number, code=code, now=now).application


def _refused(tree: Tree, *, days: int = 400, **fields: Any) -> Application:
    at = NOW - timedelta(days=days)
    application = make_application(union=tree.couriers, state="refused", started_at=at, closed_at=at, **fields)
    ApplicationAct.objects.create(
        application=application, at=at, act="refused", union=tree.couriers, reason="张三丰不在本辖区"
    )
    return application


def test_a_refused_application_ends_after_a_year_and_says_nothing_of_the_person(tree: Tree) -> None:
    old, young = _refused(tree, days=366, employer_name="张记面馆"), _refused(tree, days=364)
    report = erase_due(now=NOW)

    assert report.erased[CLOSED] == 1
    row = Application.objects.get(pk=old.pk)
    assert (row.name, row.employer_name, row.reasons, row.number) == ("", "", [], old.number)
    assert {bytes(row.sealed_key), bytes(row.sealed_id), bytes(row.sealed_phone)} == {b""}
    assert {bytes(row.id_digest), bytes(row.phone_digest)}.isdisjoint({bytes(old.id_digest), bytes(old.phone_digest)})
    assert row.erased_at == NOW
    assert (row.state, row.union_id, row.closed_at) == ("refused", tree.couriers.pk, old.closed_at)
    assert list(row.acts.values_list("act", "reason")) == [("refused", "")]
    assert Application.objects.get(pk=young.pk).name == young.name
    assert erase_due(now=NOW).erased[CLOSED] == 0


def test_the_union_of_narrower_rule_keeps_longer_and_the_others_do_not(tree: Tree) -> None:
    _refused(tree, days=500)
    elsewhere = _refused(tree, days=500)
    Application.objects.filter(pk=elsewhere.pk).update(union=tree.city)
    DatedRule.objects.create(
        name=CLOSED, value=730, union=tree.couriers, valid_from=date(2020, 1, 1), source_note="本地规定"
    )
    assert [due.pk for due in due_applications(TODAY)] == [elsewhere.pk]
    assert due_applications(TODAY)[0].union_path == tree.city.path


@pytest.mark.parametrize("state", ["submitted", "accepted", "returned", "phone_held", "approved", "unconfirmed"])
def test_what_is_open_or_led_to_a_membership_is_refused_and_nothing_changes(tree: Tree, state: str) -> None:
    worker = make_member(union=tree.couriers).worker if state == "approved" else None
    application = make_application(
        union=None if state == "unconfirmed" else tree.couriers, state=state, worker=worker, started_at=NOW - 2 * YEAR
    )
    before = _row(Application, application.pk)
    with pytest.raises(StillNeeded):
        erase_application(actor=system(), application_id=application.pk, rule=OWN_WISH, now=NOW)
    assert _row(Application, application.pk) == before
    assert not Erasure.objects.exists()
    assert due_applications(TODAY) == []


def test_what_is_contested_waits_for_the_answer(tree: Tree) -> None:
    application = _refused(tree)
    Contest.objects.create(
        application=application,
        kind="refusal",
        sealed_words=PersonKey(application.sealed_key).seal("我在这里上班"),
        against=tree.couriers,
        union=tree.county,
        asked_at=NOW,
        due_at=NOW,
    )
    assert due_applications(TODAY) == []
    Contest.objects.update(state="upheld", decided_at=NOW)
    assert erase_due(now=NOW).erased[CLOSED] == 1
    assert bytes(Contest.objects.get().sealed_words) == b""


def test_a_member_is_not_erased_before_leaving(tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    before = _row(Worker, member.worker_id)
    with pytest.raises(StillNeeded):
        erase_worker(actor=system(), worker_id=member.worker_id, rule=OWN_WISH, now=NOW)
    assert _row(Worker, member.worker_id) == before


def test_who_left_and_joined_again_is_a_member(tree: Tree) -> None:
    old = make_member(union=tree.couriers, state="ended")
    Membership.objects.filter(pk=old.pk).update(began_on=date(2018, 1, 1), ended_on=date(2020, 1, 1))
    make_member(union=tree.couriers, worker=old.worker)
    assert due_workers(TODAY) == []


def test_a_former_cadre_keeps_the_name_of_acts_and_one_in_post_is_left(tree: Tree) -> None:
    member = make_member(union=tree.couriers, state="ended")
    Membership.objects.update(began_on=date(2018, 1, 1), ended_on=date(2020, 1, 1))
    cadre = actor_for("reviewer", union=tree.city)
    Worker.objects.filter(pk=member.worker_id).update(account=cadre.account_id)
    assert due_workers(TODAY) == []


def _nobody_trips_over(clerk: Actor, membership: Membership) -> None:
    page = search(clerk, Filters(state="ended"))
    assert [row.number for row in page.items] in ([], [membership.number])
    assert search(clerk, Filters(text="欧阳晓夏")).items == []
    assert get_member(clerk, membership.number).worker.name == ""
    for act in (
        lambda: reveal(
            actor=clerk, subject=get_member(clerk, membership.number), what="id", reason="核对身份", now=NOW
        ),
        lambda: correct_name(actor=clerk, number=membership.number, name="王五", evidence="身份证", now=NOW),
    ):
        with pytest.raises(ErasedPerson):
            act()


def test_everything_of_a_person_goes_and_everything_around_stays(tree: Tree, as_application_role: None) -> None:
    application = _joined(tree, name="欧阳晓霞", phone="15400000777", employer_name="欧阳家的店")
    reviewer, clerk = actor_for("reviewer", union=tree.county), actor_for("registrar", union=tree.county)
    decide(actor=reviewer, number=application.number, decision="approve", now=NOW)
    membership = Membership.objects.get(application=application)
    me = worker_of(membership)
    assert me.account_id is not None
    assert membership.worker.account is not None
    trust_device(account=membership.worker.account, now=NOW, label="欧阳的手机")
    proof = File("欧阳的证明.pdf", b"%PDF-1.4 sealed")
    suspend(actor=clerk, number=membership.number, reason="欧阳回老家了", file=proof, now=NOW)
    notify(account_id=me.account_id, template="membership.suspended", values={"reason": "欧阳"}, fact="x", now=NOW)
    correct_name(actor=clerk, number=membership.number, name="欧阳晓夏", evidence="身份证", now=NOW)
    expel(
        actor=clerk,
        number=membership.number,
        reason="欧阳被判刑",
        evidence="欧阳判决书",
        decided_by="委员会",
        now=NOW,
    )
    key = PersonKey(Worker.objects.get().sealed_key)
    audit = AuditEntry.objects.count()
    sealed = [bytes(row.sealed) for row in AuditEntry.objects.all() if row.sealed]
    assert any("欧阳" in key.unseal(value) for value in sealed)
    assert recount() == []

    later = NOW + timedelta(days=1200)
    assert erase_due(now=later).erased[ENDED] == 1

    worker = Worker.objects.get()
    assert (worker.name, worker.pinyin, worker.initials, worker.sex, worker.employer_name) == ("", "", "", "", "")
    assert (worker.birth_on, worker.phone_digest, worker.account_id, worker.erased_at) == (None, None, None, later)
    assert Application.objects.get().erased_at == later
    assert set(MembershipEntry.objects.values_list("reason", "evidence")) == {("", "")}
    assert not TextMessage.objects.exists()
    assert not Notice.objects.exists()
    assert not TrustedDevice.objects.exists()
    assert not Attachment.objects.exists()
    assert not Card.objects.exists()
    assert AuditEntry.objects.count() == audit + 1
    with pytest.raises(KeyDestroyed):
        PersonKey(worker.sealed_key).unseal(sealed[0])
    membership.refresh_from_db()
    assert (membership.state, membership.union_id, membership.ended_on) == ("ended", tree.couriers.pk, TODAY)
    assert recount() == []
    _nobody_trips_over(clerk, membership)


def test_the_register_of_erasures_and_the_audit_hold_ids_and_no_values(tree: Tree) -> None:
    application = _refused(tree, name="张三丰", employer_name="张记面馆")
    erase_due(now=NOW)
    lines = list(Erasure.objects.filter(subject_id=application.pk).values_list())
    assert len(lines) == 1
    row = Erasure.objects.get(subject_id=application.pk)
    assert (row.rule, row.because, row.union_path) == (CLOSED, "rule", tree.couriers.path)
    assert {"members.Application.name", "members.Application.sealed_key", "members.ApplicationAct.reason"} <= set(
        row.fields
    )
    said = str(lines) + str(list(AuditEntry.objects.filter(action="members.application_erased").values_list()))
    assert all(word not in said for word in ("张三丰", "张记面馆", "15", application.sealed_id.hex()) if len(word) > 2)


def test_whoever_was_erased_joins_like_somebody_new(tree: Tree) -> None:
    fields = make_fields(name="欧阳晓霞")
    first = _joined(tree, **fields)
    clerk = actor_for("reviewer", union=tree.county)
    decide(actor=clerk, number=first.number, decision="approve", now=NOW)
    membership = Membership.objects.get()
    end_own(actor=worker_of(membership), membership=membership, now=NOW)
    later = NOW + timedelta(days=1200)
    erase_due(now=later)

    again = _joined(tree, later, **fields)
    assert again.pk != first.pk
    decide(actor=clerk, number=again.number, decision="approve", now=later)
    workers = list(Worker.objects.order_by("created_at", "pk"))
    assert [worker.name for worker in workers] == ["", "欧阳晓霞"]
    assert Membership.objects.filter(worker=workers[1]).get().number != membership.number


def test_two_at_once_erase_once_and_a_killed_run_goes_on(tree: Tree) -> None:
    rows = [_refused(tree) for _ in range(5)]
    assert erase_application(actor=system(), application_id=rows[0].pk, rule=CLOSED, now=NOW)
    assert not erase_application(actor=system(), application_id=rows[0].pk, rule=CLOSED, now=NOW)
    assert erase_due(now=NOW, most=2).erased[CLOSED] == 4
    assert Erasure.objects.filter(subject_type="members.application").count() == 5


def test_after_a_restore_what_was_open_then_keeps_nobody(tree: Tree) -> None:
    member, refused = make_member(union=tree.couriers), _refused(tree, days=10)
    cadre = actor_for("reviewer", union=tree.city)
    Worker.objects.filter(pk=member.worker_id).update(account=cadre.account_id)
    closed = refused.closed_at or NOW
    contest_application(actor=anonymous(), application=refused, kind="refusal", words="我在这里上班", now=closed)
    lines = [
        {"subject_type": "members.worker", "subject_id": member.worker_id, "rule": ENDED},
        {"subject_type": "members.application", "subject_id": refused.pk, "rule": CLOSED},
    ]
    assert erase_again(lines=lines, now=NOW) == 2
    assert [Worker.objects.get(pk=member.worker_id).name, Application.objects.get(pk=refused.pk).name] == ["", ""]
    assert Contest.objects.get().state == "dropped"
    assert Membership.objects.get(pk=member.pk).state == "ended"
    assert erase_again(lines=lines, now=NOW) == 0


def test_an_application_that_was_never_confirmed_keeps_nobody(tree: Tree) -> None:
    member = make_member(union=tree.couriers, state="ended")
    Membership.objects.update(began_on=date(2018, 1, 1), ended_on=date(2020, 1, 1))
    begun = make_application(state="unconfirmed")
    Application.objects.filter(pk=begun.pk).update(id_digest=member.worker.id_digest)
    assert erase_due(now=NOW).erased[ENDED] == 1
    assert not Application.objects.filter(pk=begun.pk).exists()


def test_whose_time_has_come_is_read_by_one_statement(tree: Tree, django_assert_num_queries: Any) -> None:
    for _person in range(3):
        make_member(union=tree.couriers, state="ended")
    Membership.objects.update(began_on=date(2018, 1, 1), ended_on=date(2020, 1, 1))
    with django_assert_num_queries(2):
        due = due_workers(TODAY)
    assert {each.number for each in due} == set(Membership.objects.values_list("number", flat=True))
    assert {each.union_path for each in due} == {tree.couriers.path}


def test_the_phone_of_another_open_application_is_not_let_go(tree: Tree) -> None:
    old = _refused(tree, phone="15400000888")
    make_application(union=tree.couriers, phone="15400000888")
    TextMessage.objects.create(
        template="x", sealed_address=b"", address_digest=old.phone_digest, sealed_text=b"", created_at=NOW, try_at=NOW
    )
    erase_due(now=NOW)
    assert TextMessage.objects.count() == 1


def test_releases_and_transfers_of_the_person_go(tree: Tree) -> None:
    holder = make_member(union=tree.couriers, state="ended")
    Membership.objects.update(began_on=date(2018, 1, 1), ended_on=date(2020, 1, 1))
    application = make_application(union=tree.couriers, state="known_member", started_at=NOW)
    TransferRequest.objects.create(
        membership=holder,
        application=application,
        from_union=tree.couriers,
        to_union=tree.city,
        reasons=[{"rule": "x"}],
        employer_name="张记",
        offered_at=NOW,
    )
    PhoneRelease.objects.create(
        application=application, holder=holder.worker, phone_digest=b"1", union=tree.county, state="refused",
        asked_at=NOW, due_at=NOW, decided_at=NOW, reason="号主是张三",
    )  # fmt: skip
    erase_due(now=NOW)
    emptied = TransferRequest.objects.get()
    assert (emptied.reasons, emptied.employer_name, emptied.region_id) == ([], "", None)
    assert not PhoneRelease.objects.exists()


def test_the_dry_run_counts_what_the_run_erases_and_changes_nothing(tree: Tree) -> None:
    _refused(tree)
    make_application(state="unconfirmed", started_at=NOW - timedelta(days=2))
    Notice.objects.create(
        account_id=tree.city.pk, template="x", values={}, fact="old", created_at=NOW - timedelta(days=400)
    )
    before = Erasure.objects.count()
    planned = {row.rule: row.count for row in dry_run(now=NOW)}
    assert Erasure.objects.count() == before
    assert (planned[CLOSED], planned["unconfirmed"], planned["notices"]) == (1, 1, 1)
    assert erase_due(now=NOW).erased == planned
    assert {row.count for row in dry_run(now=NOW)} == {0}


def test_words_of_append_only_tables_can_be_emptied_and_nothing_else(tree: Tree, as_application_role: None) -> None:
    application = _refused(tree)
    with pytest.raises(ProgrammingError), transaction.atomic():
        ApplicationAct.objects.filter(application=application).update(reason="改写")
    act = ApplicationAct.objects.get(application=application)
    with connection.cursor() as cursor:
        cursor.execute('SELECT "blank_members_applicationact"(%s::uuid[])', [[act.pk]])
    emptied = ApplicationAct.objects.get(pk=act.pk)
    assert (emptied.reason, emptied.act, emptied.at, emptied.union_id) == ("", act.act, act.at, act.union_id)


def test_a_key_that_is_gone_opens_nothing() -> None:
    key = PersonKey.new()
    sealed = key.seal("王小芳")
    assert PersonKey(b"").unseal(b"") == ""
    with pytest.raises(KeyDestroyed):
        PersonKey(b"").unseal(sealed)
    with pytest.raises(InvalidTag):
        PersonKey.new().unseal(sealed)


def test_hearers_are_wired() -> None:
    connect()
