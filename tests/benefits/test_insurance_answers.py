"""What insurers write, however they write it; and answers that correct, double or contradict earlier ones."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from nuanxin.benefits.actions.insurance_returns import receive_policies
from nuanxin.benefits.actions.insurance_settling import settle_differences
from nuanxin.benefits.actions.insurance_working import work_on_returns
from nuanxin.benefits.models import Difference, Insured, Policy, PolicyReturn, PolicyRow
from nuanxin.benefits.queries.insurance import balance_of
from nuanxin.benefits.queries.insurance_lists import count_eligible
from nuanxin.benefits.rules.insurance import Checks, check_service
from nuanxin.benefits.rules.insurance_rows import read_cells, read_policy, recognize
from nuanxin.benefits.states.insurance import BatchState
from nuanxin.kernel.refusals import Invalid
from nuanxin.web.desk.insurance.words import failure_of
from tests.benefits.test_insurance import back, kinds, sent
from tests.factories import NOW
from tests.factories.insurance import FROM, fresh, make_batch
from tests.factories.members import make_id_number
from tests.factories.organizations import Tree


@pytest.mark.parametrize(
    "text",
    ["2026-12-01", "2026/12/1", "2026.12.01", "20261201", "2026年12月1日", "2026 年 12 月 01 日",
     "２０２６－１２－０１", "2026-12-01 00:00:00", "2026-12-01T00:00:00", "2026年12月1日零时",
     "46357", "46357.0", "46357.5", "'2026-12-01"],
)  # fmt: skip
def test_a_day_is_read_as_tables_and_people_write_it(text: str) -> None:
    assert read_policy({"cover_from": text}).cover_from == date(2026, 12, 1)


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "12-01-2026", "1", "99999999", "2026-02-30"])
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    assert read_policy({"cover_from": text}).cover_from is None


@pytest.mark.parametrize(
    "text",
    ["100000", "100000.00", "100,000.00", "１００，０００", "￥100,000", "¥ 100000元", "10万元", "10 万", "100000.000"],
)  # fmt: skip
def test_a_sum_is_read_with_commas_signs_and_words(text: str) -> None:
    assert read_policy({"sum_insured": text}).sum_insured == Decimal("100000.00")


@pytest.mark.parametrize("text", ["", "-1", "1,00", "10,0000", "1e999", "NaN", "999999999999万", "12.345"])
def test_what_is_no_sum_is_not_guessed(text: str) -> None:
    assert read_policy({"sum_insured": text}).sum_insured is None


@pytest.mark.parametrize("address", ["http://insurer.example", "ftp://insurer.example", "insurer.example", "https://"])
def test_rolls_go_nowhere_in_plain(address: str) -> None:
    with pytest.raises(Invalid):
        check_service(address)
    for good in ("", "https://insurer.example/union", "http://127.0.0.1:9000/union"):
        check_service(good)


def test_numbers_are_read_whatever_their_width_and_case() -> None:
    number = make_id_number()[:17] + "X"
    for text in (number, number.lower(), f" '{number} ", "".join(chr(ord(char) + 0xFEE0) for char in number)):
        assert read_policy({"id_number": text}).id_number == number, text
    said = read_policy({"policy_number": " Ｐ－00 1 ", "name": "王　小芳", "ref": "7.0"})
    assert (said.policy_number, said.name, said.ref) == ("P-001", "王小芳", 7)
    assert read_policy({"policy_number": "3.71502199001011E+17"}).policy_number == ""


def test_each_persons_own_number_counts_beside_that_of_the_group() -> None:
    columns = recognize(("保单号", "分单号", "姓名", "证件号码", "保险起期", "保险止期", "保额"))
    assert read_cells(("G1", "P1", "王小芳", "", "", "", ""), columns).policy_number == "P1"


def anonymous(policies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return policies without the lines of the roll, as many insurers send them."""
    return [{**each, "ref": ""} for each in policies]


@pytest.mark.django_db
def test_a_corrected_id_number_replaces_the_wrong_one_also_without_lines(tree: Tree) -> None:
    actor, batch, policies = sent(tree, 3)
    policies = anonymous(policies)
    wrong = [
        {**policies[0], "id_number": make_id_number()},
        {**policies[1], "id_number": make_id_number(), "name": "别人"},
    ]
    batch = back(actor, batch, [*wrong, policies[2]])
    assert kinds(batch) == ["extra", "id", "missing"]
    batch = back(actor, batch, policies[:2])
    assert (kinds(batch), kinds(batch, "mended")) == ([], ["extra", "id", "missing"])
    assert (batch.state, Policy.objects.count()) == (BatchState.SETTLED, 3)


@pytest.mark.django_db
def test_a_row_that_is_there_twice_is_one_difference_and_the_person_is_insured(tree: Tree) -> None:
    actor, batch, policies = sent(tree, 2)
    batch = back(actor, batch, [*policies, policies[1]])
    assert (kinds(batch), Policy.objects.count()) == (["doubled_person"], 2)
    settle_differences(actor=actor, batch=batch, kind="doubled_person", settlement="refuse", note="重复行", now=NOW)
    work_on_returns(batch.pk)
    figures = balance_of(fresh(batch))
    assert (fresh(batch).state, figures.issued, figures.dropped, figures.open) == (BatchState.SETTLED, 2, 0, 0)


@pytest.mark.django_db
def test_an_answer_without_any_policy_leaves_everybody_missing(tree: Tree) -> None:
    actor, batch, _policies = sent(tree, 2)
    batch = back(actor, batch, [])
    held = PolicyReturn.objects.get()
    assert (held.state, str(failure_of(held.failure))[:7], batch.state) == ("failed", "这份文件里没有", BatchState.SENT)
    receive_policies(insurer=batch.plan.insurer, batch=batch, body={"id": "1", "policies": [], "last": True}, now=NOW)
    work_on_returns(batch.pk)
    batch = fresh(batch)
    assert (kinds(batch), PolicyRow.objects.count(), batch.state) == (["missing"] * 2, 0, BatchState.RETURNED)
    assert (balance_of(batch).issued, balance_of(batch).open) == (0, 2)


@pytest.mark.django_db
def test_whoever_was_left_out_is_not_insured_by_a_later_answer_and_may_be_on_another_list(tree: Tree) -> None:
    actor, batch, policies = sent(tree, 2)
    batch = back(actor, batch, policies[:1])
    settle_differences(actor=actor, batch=batch, kind="missing", settlement="drop", note="已退会", now=NOW)
    work_on_returns(batch.pk)
    once = Checks(uninsured=True)
    assert count_eligible(make_batch(union=tree.city, actor=actor, plan=batch.plan, checks=once)) == 1
    batch = back(actor, fresh(batch), policies)
    assert (kinds(batch), Policy.objects.count(), batch.state) == (["extra"], 1, BatchState.RETURNED)
    settle_differences(actor=actor, batch=batch, kind="extra", settlement="refuse", note="未投保", now=NOW)
    work_on_returns(batch.pk)
    assert (fresh(batch).state, balance_of(batch).dropped) == (BatchState.SETTLED, 1)


@pytest.mark.django_db
@pytest.mark.full
def test_whoever_ended_without_a_policy_may_be_on_another_list(tree: Tree) -> None:
    actor, batch, policies = sent(tree, 1)
    other = make_batch(union=tree.city, actor=actor, plan=batch.plan, checks=Checks(uninsured=True))
    batch = back(actor, batch, [{**policies[0], "sum_insured": "1"}])
    assert count_eligible(other) == 0
    settle_differences(actor=actor, batch=batch, kind="sum", settlement="refuse", note="保额不符", now=NOW)
    work_on_returns(batch.pk)
    assert (fresh(batch).state, Policy.objects.count(), count_eligible(other)) == (BatchState.SETTLED, 0, 1)


@pytest.mark.django_db
@pytest.mark.full
def test_a_policy_in_force_follows_a_later_answer_only_once_that_was_taken(tree: Tree) -> None:
    actor, batch, policies = sent(tree, 1)
    batch = back(actor, batch, policies)
    assert Policy.objects.get().cover_from == FROM
    later = FROM + timedelta(days=2)
    batch = back(actor, batch, [{**policies[0], "cover_from": later.isoformat()}])
    assert (kinds(batch), batch.state, Policy.objects.get().cover_from) == (["dates"], BatchState.RETURNED, FROM)
    settle_differences(actor=actor, batch=batch, kind="dates", settlement="accept", note="批改单", now=NOW)
    work_on_returns(batch.pk)
    assert (fresh(batch).state, Policy.objects.get().cover_from) == (BatchState.SETTLED, later)


@pytest.mark.django_db
@pytest.mark.full
def test_signs_that_mean_something_to_the_database_stay_signs(tree: Tree) -> None:
    actor, batch, policies = sent(tree, 2)
    batch = back(actor, batch, [{**policies[0], "policy_number": "A\\N\\tB"}, {**policies[1], "policy_number": "\\N"}])
    assert (batch.state, set(Policy.objects.values_list("number", flat=True))) == (
        BatchState.SETTLED, {"A\\N\\tB", "\\N"},
    )  # fmt: skip
    assert not Difference.objects.exists()
    assert Insured.objects.count() == 2
