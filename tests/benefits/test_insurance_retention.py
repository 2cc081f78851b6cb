"""What ends with its time: lists, rows, keys and claims of gifted insurance are emptied, files are gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nuanxin.benefits.actions.claims import decide_claim
from nuanxin.benefits.models import Claim, ClaimStep, InsuranceBatch, Insured, Policy, PolicyReturn, PolicyRow, RollFile
from nuanxin.benefits.queries.insurance import balance_of
from nuanxin.benefits.queries.insurance_lists import list_is_whole
from nuanxin.benefits.retention import HALF_A_YEAR, INSURANCE, TEN_YEARS
from nuanxin.records.actions.erasing import forget_aged
from nuanxin.records.models import Attachment, Erasure
from tests.benefits.test_claims import made, owner
from tests.benefits.test_insurance import back, sent
from tests.factories import NOW
from tests.factories.insurance import fresh
from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db
RULES = {line.due.code: line.model for line in INSURANCE if line.due}


def test_every_line_about_insurance_ends_by_itself() -> None:
    assert len(RULES) == len(INSURANCE)


def test_ten_years_after_the_cover_nobody_can_be_read_any_more_and_numbers_stay(
    tree: Tree, as_application_role: None
) -> None:
    actor, batch, policies = sent(tree, 2)
    batch = back(actor, batch, policies)
    policy = Policy.objects.select_related("worker", "insured", "batch__plan").order_by("number")[0]
    made(policy)
    ends = NOW + (batch.cover_until - NOW.date()) + TEN_YEARS
    before = forget_aged(now=ends - timedelta(days=2), codes=set(RULES) - {"roll_files"})
    assert set(before.values()) == {0}
    assert RollFile.objects.count() == 1
    assert forget_aged(now=NOW + timedelta(days=1, minutes=1), codes=["roll_files"]) == {"roll_files": 1}
    assert Attachment.objects.count() == 1
    later = ends + timedelta(days=2)
    assert forget_aged(now=later, codes=RULES) == {
        "insured": 2, "policy_rows": 2, "policy_files": 0, "roll_files": 0, "insurance_keys": 1, "claims": 1,
        "claim_steps": 0,
    }  # fmt: skip
    assert set(forget_aged(now=later, codes=RULES).values()) == {0}
    for line in Insured.objects.all():
        assert (line.name, bytes(line.sealed_id), bytes(line.sealed_phone), bytes(line.id_digest)) == (
            "",
            b"",
            b"",
            b"",
        )
    assert {bytes(row.sealed_id) + row.name.encode() for row in PolicyRow.objects.all()} == {b""}
    claim = Claim.objects.get()
    assert (bytes(claim.sealed_words), bytes(claim.sealed_account), claim.asked) == (b"", b"", claim.asked)
    assert not Attachment.objects.exists()
    batch = fresh(batch)
    assert (bytes(batch.sealed_key), list_is_whole(batch), balance_of(batch).issued) == (b"", True, 2)
    assert Erasure.objects.filter(rule="insured", subject_type="benefits.insured", rows=2).exists()
    assert owner(policy).worker_id == policy.worker_id


@pytest.mark.full
def test_what_the_worker_was_told_ends_too(tree: Tree, as_application_role: None) -> None:
    actor, batch, policies = sent(tree, 1)
    back(actor, batch, policies)
    claim = made(Policy.objects.select_related("worker", "insured", "batch__plan").get())
    decide_claim(actor=actor, claim=claim, act="returned", words="请补充诊断证明", now=NOW + timedelta(days=31))
    later = NOW + timedelta(days=400) + TEN_YEARS
    assert forget_aged(now=later, codes=["claim_steps"]) == {"claim_steps": 1}
    assert {bytes(step.sealed_words) for step in ClaimStep.objects.all()} == {b""}


@pytest.mark.full
def test_a_file_that_was_never_settled_is_gone_after_half_a_year(tree: Tree) -> None:
    actor, batch, policies = sent(tree, 2)
    back(actor, batch, policies[:1])
    assert PolicyReturn.objects.exclude(sealed_content=b"").count() == 1
    assert forget_aged(now=NOW + HALF_A_YEAR, codes=["policy_files"]) == {"policy_files": 0}
    assert forget_aged(now=NOW + HALF_A_YEAR + timedelta(days=1), codes=["policy_files"]) == {"policy_files": 1}
    assert not PolicyReturn.objects.exclude(sealed_content=b"").exists()
    assert InsuranceBatch.objects.get().state == "returned"
