"""The register of erasures, the dry run, and what the desk shows of somebody who was erased."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nuanxin.access.actors import system
from nuanxin.members.actions.erasure import erase_due, erase_worker
from nuanxin.members.actions.memberships import reveal, suspend
from nuanxin.members.models import Membership
from nuanxin.records.models import AuditEntry, Erasure
from nuanxin.wiring import connect
from tests.factories.access import actor_for, make_post, make_roles, sign_in
from tests.factories.members import make_application, make_member
from tests.factories.organizations import Tree, make_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def _at(union: object, role: str = "administrator") -> Client:
    client = Client()
    sign_in(client, make_post(role=role, union=union).account)  # type: ignore[arg-type]
    return client


def _old(tree: Tree, now: datetime, **fields: object) -> str:
    at = now - timedelta(days=400)
    row = make_application(union=tree.couriers, state="refused", started_at=at, closed_at=at, **fields)  # type: ignore[arg-type]
    return row.number


def test_the_dry_run_shows_numbers_and_no_name_and_changes_nothing(tree: Tree, now: datetime) -> None:
    number = _old(tree, now, name="欧阳晓霞")
    client = _at(tree.city, "auditor")
    page = client.get(reverse("desk:erasures:dry_run")).content.decode()
    address = reverse("desk:erasures:due", args=["members.keep_closed_days"])
    assert address in page
    listed = client.get(address).content.decode()
    assert number in listed
    assert "欧阳" not in listed
    assert client.get(reverse("desk:erasures:due", args=["texts"])).status_code == 404
    for name, parts in (("due_excel", ["members.keep_closed_days"]), ("register_excel", [])):
        assert client.get(reverse(f"desk:erasures:{name}", args=parts))["Content-Type"].endswith("sheet")
    earlier = (now - timedelta(days=300)).date().isoformat()
    assert number not in client.get(address, {"on": earlier}).content.decode()
    assert not Erasure.objects.exists()


def test_a_union_sees_its_own_lines_only(tree: Tree, now: datetime) -> None:
    subject = _old(tree, now)
    erase_due(now=now)
    address = reverse("desk:erasures:erasures")
    assert subject in _at(tree.county, "auditor").get(address).content.decode()
    assert subject not in _at(tree.village, "auditor").get(address).content.decode()
    assert _at(tree.county, "reviewer").get(address).status_code == 403


def test_filters_and_excel(tree: Tree, now: datetime) -> None:
    subject = _old(tree, now)
    erase_due(now=now)
    client = _at(tree.nation, "auditor")
    address = reverse("desk:erasures:erasures")
    assert subject not in client.get(address, {"because": "person"}).content.decode()
    assert subject in client.get(address, {"rule": "members.keep_closed_days"}).content.decode()
    sheet = client.get(reverse("desk:erasures:erasures_excel"))
    assert b"".join(sheet.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    assert client.get(reverse("desk:erasures:register")).status_code == 200


def test_pages_about_somebody_erased_say_so_and_do_not_fail(tree: Tree, now: datetime) -> None:
    member = make_member(union=tree.couriers, name="欧阳晓霞")
    clerk = actor_for("registrar", union=tree.county)
    suspend(actor=clerk, number=member.number, reason="欧阳回老家了", now=now)
    member.refresh_from_db()
    reveal(actor=clerk, subject=member, what="phone", reason="欧阳来电核对", now=now)
    client = _at(tree.city)
    audit = reverse("desk:access:audit")
    assert "欧阳来电核对" in client.get(audit).content.decode()
    assert "欧阳" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))
    Membership.objects.update(state="ended", began_on="2018-01-01", ended_on="2020-01-01", end_reason="left")
    assert erase_worker(actor=system(), worker_id=member.worker_id, rule="members.keep_ended_days", now=now)

    said = client.get(audit).content.decode()
    assert "欧阳" not in said
    assert "内容已随本人信息删除" in said
    for tab in ("standing", "record", "card", "checks", "applications"):
        page = client.get(reverse("desk:people:member", args=[member.number]), {"tab": tab})
        assert page.status_code == 200
        assert "已删除" in page.content.decode()
        assert "欧阳" not in page.content.decode()
    assert client.get(reverse("desk:people:members"), {"state": "ended"}).status_code == 200
    assert client.get(reverse("desk:insight:dashboard"), follow=True).status_code == 200
    refused = _old(tree, now, name="欧阳晓云")
    erase_due(now=now)
    shown = client.get(reverse("desk:review:application", args=[refused]))
    assert shown.status_code == 200
    assert "欧阳" not in shown.content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("erasures:dry_run", "on"),
        ("erasures:erasures", "since"),
        ("erasures:erasures", "until"),
        ("review:lapses", "since"),
        ("review:lapses", "until"),
        ("access:audit", "until"),
        ("insight:dashboard", "until"),
    ],
)
def test_a_day_at_the_end_of_the_calendar_is_no_fault(tree: Tree, name: str, field: str, day: str) -> None:
    page = _at(tree.city).get(reverse(f"desk:{name}"), {field: day}, follow=True)
    assert page.status_code in (200, 409, 422)  # 409 says that no rule was in force then
