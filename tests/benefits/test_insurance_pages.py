"""Gifted insurance in the browser: from a plan to a paid claim, at the desk and on the phone."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nuanxin.access.actors import system
from nuanxin.benefits.actions.insurance_lists import freeze_list
from nuanxin.benefits.actions.insurance_rolls import write_roll_file
from nuanxin.benefits.actions.insurance_working import work_on_returns
from nuanxin.benefits.models import Claim, Difference, InsuranceBatch, InsurancePlan, Insurer, Policy
from nuanxin.kernel.clock import local_day
from nuanxin.records.models import AuditEntry
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.insurance import make_plan, policies_of
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree
from tests.factories.rosters import make_xlsx

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n00"
HEADERS = ("序号", "保单号", "姓名", "身份证号", "保险起期", "保险止期", "保额")


def at(name: str, *arguments: Any) -> str:
    return reverse(f"desk:insurance:{name}", args=arguments)


@pytest.fixture
def desk(client: Client, tree: Tree) -> Client:
    account = make_account()
    make_post(account=account, role="services", union=tree.city)
    sign_in(client, account)
    return client


def phone_of(member: Any) -> Client:
    worker_of(member)
    phone = Client()
    phone.force_login(member.worker.account, backend=PHONE_CODE)
    return phone


def file_of(rows: list[dict[str, Any]]) -> SimpleUploadedFile:
    names = ("ref", "policy_number", "name", "id_number", "cover_from", "cover_until", "sum_insured")
    return SimpleUploadedFile("back.xlsx", make_xlsx([[each[name] for name in names] for each in rows], HEADERS))


def test_from_a_plan_to_a_paid_claim(desk: Client, tree: Tree) -> None:
    member = make_member(union=tree.couriers)
    other = make_member(union=tree.couriers, name="李强")
    today = local_day(timezone.now())
    assert desk.post(at("new_insurer"), {"name": "平安互助", "hotline": "95511"}).status_code == 302
    plan = {
        "insurer": str(Insurer.objects.get().pk), "union": tree.city.code, "code": "acc", "name": "意外险",
        "cover": "意外医疗", "sum_insured": "100,000", "premium": "36", "months": 12, "valid_from": "2026-01-01",
    }  # fmt: skip
    assert desk.post(at("new_plan"), plan | {"premium": "-1"}).status_code == 422
    assert desk.post(at("new_plan"), plan).status_code == 302
    batch_form = {
        "name": "第一批", "plan": str(InsurancePlan.objects.get().pk), "union": tree.city.code, "on": today.isoformat(),
        "cover_from": today.isoformat(), "states": ["active"], "uninsured": "on",
    }  # fmt: skip
    made = desk.post(at("new"), batch_form)
    batch = InsuranceBatch.objects.get()
    assert made.headers["Location"] == at("batch", batch.number)
    assert desk.get(at("batch", batch.number)).status_code == 200
    assert desk.post(at("freeze", batch.number)).status_code == 302
    assert desk.get(at("progress", batch.number)).status_code == 200
    freeze_list(batch_id=batch.pk, now=timezone.now())
    assert desk.post(at("check", batch.number)).status_code == 302
    _take_roll(desk, batch)
    batch.refresh_from_db()
    rows = policies_of(system(), batch)
    next(row for row in rows if row["name"] == "李强")["sum_insured"] = "1"
    assert desk.post(at("policies", batch.number), {"file": file_of(rows)}).status_code == 302
    work_on_returns(batch.pk)
    assert at("differences", batch.number) in desk.get(at("batch", batch.number)).content.decode()
    assert desk.get(at("differences", batch.number)).status_code == 200
    taken = desk.post(at("differences_excel", batch.number))
    assert b"".join(taken.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    one = Difference.objects.get()
    settle = f"{at('settle', batch.number)}?kind=sum&one={one.pk}"
    assert desk.get(settle).status_code == 200
    assert desk.post(settle, {"settlement": "accept", "note": ""}).status_code == 422
    assert desk.post(settle, {"settlement": "accept", "note": "保险公司说明"}).status_code == 302
    work_on_returns(batch.pk)
    assert Policy.objects.count() == 2
    phone = phone_of(member)
    policy = Policy.objects.get(worker=member.worker)
    assert str(policy.pk) in phone.get(reverse("worker:insurance")).content.decode()
    assert policy.number in phone.get(reverse("worker:policy", args=[policy.pk])).content.decode()
    assert phone.get(reverse("worker:certificate", args=[policy.pk])).content[:5] == b"%PDF-"
    elsewhere = Policy.objects.get(worker=other.worker_id)
    assert phone.get(reverse("worker:policy", args=[elsewhere.pk])).status_code == 404
    number = _claim(desk, phone, policy, today)
    assert phone_of(other).get(reverse("worker:claim", args=[number])).status_code == 404


def _take_roll(desk: Client, batch: InsuranceBatch) -> None:
    """Ask for the roll, see how far it is, and download it."""
    assert desk.post(at("roll_file", batch.number)).status_code == 409
    assert desk.post(at("roll", batch.number)).status_code == 302
    assert "写名册" in desk.get(at("progress", batch.number)).content.decode()
    write_roll_file(batch_id=batch.pk)
    assert at("roll_file", batch.number) in desk.get(at("batch", batch.number)).content.decode()
    roll = desk.post(at("roll_file", batch.number))
    assert io.BytesIO(b"".join(roll.streaming_content)).read(2) == b"PK"  # type: ignore[attr-defined]


def _claim(desk: Client, phone: Client, policy: Policy, today: date) -> str:
    """Claim under a policy on the phone and have it paid at the desk; return the claim's number."""
    claim = {
        "happened_on": today.isoformat(), "words": "送餐路上摔倒，手腕骨折", "asked": "860.50",
        "account": "6222021234567890123",
    }  # fmt: skip
    address = reverse("worker:new_claim", args=[policy.pk])
    assert phone.get(address).status_code == 200
    assert phone.post(address, claim).status_code == 422
    picture = SimpleUploadedFile("bill.png", PNG, content_type="image/png")
    assert phone.post(address, claim | {"asked": "100001", "documents": picture}).status_code == 422
    picture.seek(0)
    assert phone.post(address, claim | {"documents": picture}).status_code == 302
    made_claim = Claim.objects.get()
    number = made_claim.number
    assert "送餐路上" not in str(bytes(made_claim.sealed_words))
    assert desk.get(at("claims")).status_code == 200
    assert "送餐路上摔倒" in desk.get(at("claim", number)).content.decode()
    assert AuditEntry.objects.filter(action="benefits.claim_read").count() == 1
    act = at("claim", number)
    assert desk.post(f"{act}?act=forwarded").status_code == 302
    assert desk.post(f"{act}?act=approved", {"amount": "900"}).status_code == 422
    assert desk.post(f"{act}?act=approved", {"amount": "800"}).status_code == 302
    assert desk.post(f"{act}?act=paid", {"amount": "800", "paid_on": today.isoformat()}).status_code == 302
    made_claim.refresh_from_db()
    assert (made_claim.state, str(made_claim.approved), str(made_claim.paid)) == ("paid", "800.00", "800.00")
    shown = phone.get(reverse("worker:claim", args=[number])).content.decode()
    assert "800" in shown
    return number


def test_a_reviewer_sees_neither_lists_nor_claims(client: Client, tree: Tree) -> None:
    account = make_account()
    make_post(account=account, role="reviewer", union=tree.city)
    sign_in(client, account)
    make_plan(union=tree.city)
    for name in ("batches", "new", "plans", "claims"):
        assert client.get(at(name)).status_code == 403
