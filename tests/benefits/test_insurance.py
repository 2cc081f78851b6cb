"""Gifted insurance: a frozen list, the roll, policies back, compared to the unit."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from nuanxin.access.actors import system
from nuanxin.benefits.actions.insurance_lists import freeze_batch, freeze_list
from nuanxin.benefits.actions.insurance_plans import give_up_batch, prepare_batch
from nuanxin.benefits.actions.insurance_returns import hand_in_policies, receive_policies
from nuanxin.benefits.actions.insurance_rolls import ask_roll, send_roll, take_roll, write_roll_file
from nuanxin.benefits.actions.insurance_settling import settle_differences
from nuanxin.benefits.actions.insurance_working import take_up_left, work_on_returns
from nuanxin.benefits.models import (
    Difference,
    InsuranceBatch,
    Insured,
    Policy,
    PolicyReturn,
    PolicyRow,
    RollFile,
    RollPart,
)
from nuanxin.benefits.queries.insurance import balance_of, get_batch
from nuanxin.benefits.queries.insurance_lists import count_eligible, list_is_whole
from nuanxin.benefits.queries.insurance_rolls import roll_lines
from nuanxin.benefits.rules.insurance import Checks, parts_of
from nuanxin.benefits.rules.insurance_rows import is_header
from nuanxin.benefits.states.insurance import BatchState, Settlement
from nuanxin.benefits.tasks.insurance import send_parts
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.kernel.states import Moved
from nuanxin.kernel.tables import open_table
from nuanxin.members.models import Worker
from nuanxin.messages.models import TextMessage
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.insurance import (
    FROM,
    fresh,
    frozen,
    insurer_service,
    make_batch,
    make_insurer,
    make_plan,
    policies_of,
)
from tests.factories.members import make_id_number, make_member
from tests.factories.organizations import Tree
from tests.factories.rosters import make_xlsx

pytestmark = pytest.mark.django_db
HEADERS = ("序号", "保单号", "姓名", "证件号码", "保险起期", "保险止期", "保额")


def officer(union: Any) -> Any:
    return actor_for("services", union=union)


def as_file(policies: list[dict[str, Any]]) -> bytes:
    names = ("ref", "policy_number", "name", "id_number", "cover_from", "cover_until", "sum_insured")
    return make_xlsx([[each.get(name, "") for name in names] for each in policies], HEADERS)


def sent(tree: Tree, count: int, **more: Any) -> tuple[Any, InsuranceBatch, list[dict[str, Any]]]:
    for at in range(count):
        make_member(union=tree.couriers, name=f"会员{'甲乙丙丁戊己庚辛壬癸'[at]}")
    actor = officer(tree.city)
    batch = frozen(actor, make_batch(union=tree.city, actor=actor, **more))
    return actor, batch, policies_of(actor, batch)


def back(actor: Any, batch: InsuranceBatch, policies: list[dict[str, Any]]) -> InsuranceBatch:
    hand_in_policies(actor=actor, batch=fresh(batch), name="back.xlsx", content=as_file(policies), now=NOW)
    work_on_returns(batch.pk)
    return fresh(batch)


def kinds(batch: InsuranceBatch, state: str = "open") -> list[str]:
    return sorted(Difference.objects.filter(batch=batch, state=state).values_list("kind", flat=True))


def test_a_list_is_frozen_with_whoever_is_eligible_and_never_changes(tree: Tree) -> None:
    inside = make_member(union=tree.couriers, began_on=TODAY - timedelta(days=300))
    old = make_member(union=tree.couriers, id_number=make_id_number(birth_on=TODAY.replace(year=1950)))
    make_member(union=tree.couriers, state="suspended")
    make_member(union=tree.couriers, group="truck_driver")
    make_member(union=tree.couriers, began_on=TODAY + timedelta(days=1))
    actor = officer(tree.city)
    checks = Checks(groups=("courier",), least_age=16, most_age=65, uninsured=True)
    batch = make_batch(union=tree.city, actor=actor, checks=checks)
    assert count_eligible(batch) == 1
    batch = frozen(actor, batch)
    line = Insured.objects.get(batch=batch)
    assert (batch.state, batch.people, line.line, line.worker_id) == (BatchState.FROZEN, 1, 1, inside.worker_id)
    assert bytes(batch.digest) == hashlib.sha256(bytes(line.mark)).digest()
    assert list_is_whole(batch)
    Worker.objects.filter(pk=inside.worker_id).update(name="改名")
    assert Insured.objects.get(batch=batch).name == "王小芳"
    assert old.worker_id not in Insured.objects.values_list("worker_id", flat=True)


def test_the_application_may_not_change_a_list(tree: Tree, as_application_role: None) -> None:
    denied = pytest.raises(ProgrammingError, match="permission denied")
    with denied, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE benefits_insured SET name = 'x'")


def test_nobody_is_on_two_lists_of_one_time_and_a_given_up_list_frees_them(tree: Tree) -> None:
    make_member(union=tree.couriers)
    actor, once = officer(tree.city), Checks(uninsured=True)
    first = frozen(actor, make_batch(union=tree.city, actor=actor, checks=once))
    second = frozen(actor, make_batch(union=tree.city, actor=actor, checks=once))
    assert (second.state, second.trouble, second.people) == (BatchState.DRAFT, "nobody", 0)
    give_up_batch(actor=actor, batch=first, now=NOW)
    assert frozen(actor, second).people == 1


def test_who_may_not_and_what_cannot_be_is_refused_and_nothing_changes(tree: Tree) -> None:
    make_member(union=tree.couriers)
    actor, plan = officer(tree.city), make_plan(union=tree.city)
    batch = make_batch(union=tree.city, actor=actor, plan=plan)
    with pytest.raises(NotAllowed):
        freeze_batch(actor=actor_for("reviewer", union=tree.city), batch=batch, now=NOW)
    with pytest.raises(NotFound):
        get_batch(officer(tree.county), batch.number)
    for act in (ask_roll, take_roll):
        with pytest.raises(Moved):
            act(actor=actor, batch=batch, now=NOW)
    with pytest.raises(Moved):
        hand_in_policies(actor=actor, batch=batch, name="x", content=b"x", now=NOW)
    for more in ({"on": TODAY + timedelta(days=1)}, {"cover_from": TODAY - timedelta(days=1)}, {"most": 0}):
        with pytest.raises(Invalid):
            make_batch(union=tree.city, actor=actor, plan=plan, **more)
    with pytest.raises(Invalid):
        make_batch(union=tree.city, actor=actor, plan=plan, checks=Checks(least_age=70, most_age=20))
    assert InsuranceBatch.objects.count() == 1
    assert (fresh(batch).state, Insured.objects.count(), PolicyReturn.objects.count()) == (BatchState.DRAFT, 0, 0)


def test_the_roll_is_written_sealed_taken_in_plain_and_written_down(tree: Tree, tmp_path: Path) -> None:
    number = make_id_number()
    make_member(union=tree.couriers, id_number=number, phone="15450009999")
    actor = officer(tree.city)
    batch = frozen(actor, make_batch(union=tree.city, actor=actor))
    with pytest.raises(Conflict):
        take_roll(actor=actor, batch=batch, now=NOW)
    asked = ask_roll(actor=actor, batch=batch, now=NOW)
    assert ask_roll(actor=actor, batch=batch, now=NOW).pk == asked.pk
    assert take_up_left(now=NOW + timedelta(days=1)) == 1
    for _time in range(2):  # two at once, or one that was killed
        write_roll_file(batch_id=batch.pk)
    assert number.encode() not in bytes(RollFile.objects.get().sealed_content)
    assert fresh(batch).state == BatchState.FROZEN
    path = tmp_path / "roll.xlsx"
    path.write_bytes(take_roll(actor=actor, batch=batch, now=NOW))
    table = open_table(path, "roll", most_rows=9, most_columns=20, most_bytes=10**6, is_header=is_header)
    assert [cells[:5] for _line, cells in table.rows()] == [("1", "王小芳", "居民身份证", number, "15450009999")]
    lines = list(roll_lines(batch))
    assert [(each.line, each.name, each.id_number, each.phone) for each in lines] == [
        (1, "王小芳", number, "15450009999")
    ]
    entry = AuditEntry.objects.get(action="benefits.roll_exported")
    assert (entry.account_id, entry.detail["count"], entry.detail["way"]) == (actor.account_id, 1, "file")
    assert number not in str(entry.detail)
    assert fresh(batch).state == BatchState.SENT


def test_what_agrees_is_issued_and_everybody_is_told_once(tree: Tree) -> None:
    actor, batch, policies = sent(tree, 3)
    content = as_file(policies)
    hand_in_policies(actor=actor, batch=batch, name="back.xlsx", content=content, now=NOW)
    work_on_returns(batch.pk)
    batch = fresh(batch)
    assert (batch.state, kinds(batch)) == (BatchState.SETTLED, [])
    assert Policy.objects.filter(batch=batch).count() == 3
    figures = balance_of(batch)
    assert (figures.people, figures.issued, figures.dropped, figures.open) == (3, 3, 0, 0)
    assert figures.premium == Decimal("108.00")
    assert TextMessage.objects.filter(template="insurance.issued").count() == 3
    hand_in_policies(actor=actor, batch=batch, name="again.xlsx", content=content, now=NOW)
    work_on_returns(batch.pk)
    assert (PolicyReturn.objects.count(), PolicyRow.objects.count(), Policy.objects.count()) == (1, 3, 3)
    assert TextMessage.objects.filter(template="insurance.issued").count() == 3


def test_every_difference_is_found_and_nothing_else(tree: Tree) -> None:
    actor, batch, policies = sent(tree, 9)
    stranger = {**policies[0], "ref": "", "policy_number": "X1", "name": "路人", "id_number": make_id_number()}
    second = {**policies[1], "policy_number": "X2"}
    policies[2] = {**policies[2], "name": "别人"}
    policies[3] = {**policies[3], "id_number": make_id_number()}
    policies[4] = {**policies[4], "cover_from": (FROM + timedelta(days=1)).isoformat()}
    policies[5] = {**policies[5], "sum_insured": "1000"}
    policies[6] = {**policies[6], "policy_number": policies[0]["policy_number"]}
    policies[7] = {**policies[7], "policy_number": ""}
    batch = back(actor, batch, [*policies[:8], stranger, second])
    assert kinds(batch) == [
        "dates", "doubled_number", "doubled_person", "extra", "id", "missing", "missing", "name", "sum", "unreadable",
    ]  # fmt: skip
    assert batch.state == BatchState.RETURNED
    assert Policy.objects.filter(batch=batch).count() == 2
    figures = balance_of(batch)
    assert (figures.people, figures.issued, figures.open) == (9, 2, 7)


def test_a_later_return_mends_and_what_it_does_not_mend_is_settled(tree: Tree) -> None:
    actor, batch, policies = sent(tree, 4)
    wrong = [{**policies[0], "sum_insured": "1"}, {**policies[1], "name": "别人"}, policies[2]]
    batch = back(actor, batch, wrong)
    assert kinds(batch) == ["missing", "name", "sum"]
    batch = back(actor, batch, policies[:1])
    assert (kinds(batch), kinds(batch, "mended")) == (["missing", "name"], ["sum"])
    with pytest.raises(Invalid):
        settle_differences(actor=actor, batch=batch, kind="missing", settlement="accept", note="x", now=NOW)
    with pytest.raises(Invalid):
        settle_differences(actor=actor, batch=batch, kind="name", settlement="accept", note=" ", now=NOW)
    with pytest.raises(NotAllowed):
        settle_differences(
            actor=actor_for("reviewer", union=tree.city),
            batch=batch,
            kind="name",
            settlement="accept",
            note="x",
            now=NOW,
        )
    assert settle_differences(
        actor=actor, batch=batch, kind="name", settlement=Settlement.ACCEPT, note="曾用名，已核对", now=NOW
    )
    assert settle_differences(
        actor=actor, batch=batch, kind="missing", settlement=Settlement.DROP, note="已去世", now=NOW
    )
    with pytest.raises(Conflict):
        settle_differences(actor=actor, batch=batch, kind="missing", settlement="drop", note="x", now=NOW)
    work_on_returns(batch.pk)
    batch, figures = fresh(batch), balance_of(batch)
    assert (batch.state, figures.issued, figures.dropped, figures.open) == (BatchState.SETTLED, 3, 1, 0)


def test_messages_come_in_parts_and_the_same_again_changes_nothing(tree: Tree) -> None:
    _actor, batch, policies = sent(tree, 3)
    insurer = batch.plan.insurer
    first = {"id": "m1", "policies": policies[:2]}
    receive_policies(insurer=insurer, batch=batch, body=first, now=NOW)
    work_on_returns(batch.pk)
    assert (Difference.objects.count(), Policy.objects.count()) == (0, 0)
    receive_policies(insurer=insurer, batch=batch, body=first, now=NOW)
    with pytest.raises(Conflict):
        receive_policies(insurer=insurer, batch=batch, body=first | {"policies": []}, now=NOW)
    receive_policies(insurer=insurer, batch=batch, body={"id": "m2", "policies": policies[2:], "last": True}, now=NOW)
    work_on_returns(batch.pk)
    assert (PolicyReturn.objects.count(), Policy.objects.count(), fresh(batch).state) == (2, 3, BatchState.SETTLED)


def test_a_file_without_the_columns_is_refused_with_their_names(tree: Tree) -> None:
    actor, batch, _policies = sent(tree, 1)
    content = make_xlsx([["1", "王小芳"]], ("序号", "姓名"))
    hand_in_policies(actor=actor, batch=fresh(batch), name="x.xlsx", content=content, now=NOW)
    work_on_returns(batch.pk)
    held = PolicyReturn.objects.get()
    assert (held.state, held.failure, fresh(batch).state) == ("failed", "columns_missing", BatchState.SENT)


def test_the_insurers_service_gets_every_part_once_signed_and_resumes(tree: Tree, monkeypatch: Any) -> None:
    for at in range(5):
        make_member(union=tree.couriers, name=f"会员{'甲乙丙丁戊'[at]}")
    actor = officer(tree.city)
    with insurer_service() as service:
        plan = make_plan(union=tree.city, insurer=make_insurer(address=service.address))
        batch = frozen(actor, make_batch(union=tree.city, actor=actor, plan=plan))
        RollPart.objects.filter(batch=batch).delete()
        for number, first, last in parts_of(5, 2):
            RollPart.objects.create(batch=batch, number=number, first_line=first, last_line=last)
        send_roll(actor=actor, batch=batch, now=NOW)
        service.fails_at = 1
        send_parts(batch.pk)
        batch = fresh(batch)
        assert (batch.state, batch.trouble, sorted(service.parts)) == (BatchState.SENDING, "HTTP 503", [0])
        service.fails_at = None
        assert take_up_left(now=NOW + timedelta(days=2)) == 1
        send_parts(batch.pk)
        batch = fresh(batch)
        assert (batch.state, batch.trouble, sorted(service.parts)) == (BatchState.SENT, "", [0, 1, 2])
        assert service.completed == [
            {"batch": batch.number, "parts": 3, "people": 5, "sha256": bytes(batch.digest).hex()}
        ]
        assert sum(len(part["people"]) for part in service.parts.values()) == 5
        assert not service.refused
    assert AuditEntry.objects.get(action="benefits.roll_exported").detail["way"] == "service"


def test_a_wrong_secret_sends_nothing_and_says_so(tree: Tree) -> None:
    make_member(union=tree.couriers)
    actor = officer(tree.city)
    with insurer_service() as service:
        from nuanxin.kernel.secrets import seal

        insurer = make_insurer(address=service.address)
        insurer.sealed_secret = seal("another one")
        insurer.save()
        batch = frozen(
            actor, make_batch(union=tree.city, actor=actor, plan=make_plan(union=tree.city, insurer=insurer))
        )
        send_roll(actor=actor, batch=batch, now=NOW)
        send_parts(batch.pk)
        assert (fresh(batch).trouble, service.parts) == ("HTTP 401", {})


def test_freezing_twice_writes_one_list(tree: Tree) -> None:
    make_member(union=tree.couriers)
    batch = make_batch(union=tree.city)
    freeze_batch(actor=system(), batch=batch, now=NOW)
    assert freeze_list(batch_id=batch.pk, now=NOW)
    assert not freeze_list(batch_id=batch.pk, now=NOW)
    assert Insured.objects.count() == 1
    with pytest.raises(Moved):
        freeze_batch(actor=system(), batch=fresh(batch), now=NOW)


def test_preparing_needs_the_right_post(tree: Tree) -> None:
    plan = make_plan(union=tree.city)
    with pytest.raises((NotAllowed, NotFound)):
        prepare_batch(
            actor=officer(tree.county), plan=plan, union=tree.city, name="x", on=TODAY, cover_from=FROM,
            checks=Checks(), now=NOW,
        )  # fmt: skip
    assert not InsuranceBatch.objects.exists()
