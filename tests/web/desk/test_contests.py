"""Contests at the desk of the union above, and the list of limits that passed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from nuanxin.access.actors import anonymous
from nuanxin.members.actions.clockwork import escalate_overdue
from nuanxin.members.actions.contests import contest_application
from nuanxin.members.actions.memberships import File
from nuanxin.members.actions.review import decide
from nuanxin.members.models import Contest
from nuanxin.records.models import Attachment
from tests.factories.access import actor_for, make_account, make_post, sign_in
from tests.factories.members import make_application
from tests.web.desk.conftest import cadre

if TYPE_CHECKING:
    from datetime import datetime

    from tests.factories.organizations import Tree

WORDS = "我就在本区送快递"
PDF = b"%PDF-1.7 proof"


@pytest.fixture
def county(tree: Tree) -> Client:
    return cadre("reviewer", union=tree.county, name="李县")


@pytest.fixture
def contested(tree: Tree, county: Client, now: datetime) -> Contest:
    """Make a refusal that was contested with a file; the county decides."""
    application = make_application(union=tree.couriers, started_at=now, due_at=now + timedelta(days=1))
    reviewer = actor_for("reviewer", union=tree.couriers, now=now)
    decide(actor=reviewer, number=application.number, decision="refuse", reason="未能核实工作", now=now)
    return contest_application(
        actor=anonymous(),
        application=application,
        kind="refusal",
        words=WORDS,
        file=File("a.pdf", PDF),
        now=now,
    )


def address(contest: Contest) -> str:
    return reverse("desk:review:contest", args=[contest.pk])


def test_it_waits_on_the_home_page_and_in_the_list_with_its_limit(county: Client, contested: Contest) -> None:
    for page in ("/desk/?tab=contests", reverse("desk:review:contests")):
        text = county.get(page).content.decode()
        assert "王*芳" in text
        assert address(contested) in text
        assert "异议" in text


def test_both_sides_are_shown_and_the_file_opens(county: Client, contested: Contest) -> None:
    text = county.get(address(contested)).content.decode()
    assert WORDS in text
    assert "未能核实工作" in text
    file = Attachment.objects.get()
    link = reverse("desk:review:contest_file", args=[contested.pk, file.pk])
    assert link in text
    answer = county.get(link)
    assert (answer.content, answer["Content-Disposition"], answer["Cache-Control"]) == (PDF, "attachment", "no-store")


def test_the_contested_union_reads_the_words_but_not_the_file(tree: Tree, contested: Contest) -> None:
    below = cadre("reviewer", union=tree.couriers)
    text = below.get(reverse("desk:review:application", args=[contested.application.number])).content.decode()
    assert WORDS in text
    link = reverse("desk:review:contest_file", args=[contested.pk, Attachment.objects.get().pk])
    assert link not in text
    assert below.get(link).status_code == 404
    assert below.get(address(contested)).status_code == 404
    registrar = cadre("registrar", union=tree.county)
    text = registrar.get(reverse("desk:review:application", args=[contested.application.number])).content.decode()
    assert WORDS not in text
    assert link not in text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"decision": "send_back", "reason": "请再核实一次"}, 302),
        ({"decision": "send_back", "reason": "短"}, 422),
        ({"decision": "send_back"}, 422),
        ({"reason": "请再核实一次"}, 422),
        ({"decision": "admit", "reason": "请再核实一次"}, 422),
        ({"decision": "move", "reason": "请再核实一次"}, 422),
        ({"decision": "move", "reason": "请再核实一次", "to_union": "LCZZK000"}, 302),
        ({}, 422),
    ],
)
def test_deciding(county: Client, contested: Contest, data: dict[str, str], status: int) -> None:
    answer = county.post(address(contested), data)
    contested.refresh_from_db()
    assert (answer.status_code, contested.state == "open") == (status, status != 302)
    if status == 422 and "reason" in data:
        assert data["reason"] in answer.content.decode()


def test_looking_for_a_union_keeps_what_was_written(county: Client, contested: Contest) -> None:
    data = {"search": "1", "q": "古城", "decision": "move", "reason": "请再核实一次"}
    text = county.post(address(contested), data).content.decode()
    assert "古城社区灵活就业人员联合工会" in text
    assert "请再核实一次" in text
    contested.refresh_from_db()
    assert contested.state == "open"


def test_the_second_is_told_who_was_quicker(tree: Tree, county: Client, contested: Contest) -> None:
    data = {"decision": "uphold", "reason": "理由充分属实"}
    assert cadre("reviewer", union=tree.county, name="赵先到").post(address(contested), data).status_code == 302
    answer = county.post(address(contested), data)
    assert answer.status_code == 409
    assert "赵先到" in answer.content.decode()


def test_who_refused_is_told_that_somebody_else_decides(tree: Tree, now: datetime) -> None:
    account = make_account(name="王县")
    make_post(account=account, role="reviewer", union=tree.county, valid_from=now - timedelta(days=1))
    client = Client()
    sign_in(client, account)
    cadre("reviewer", union=tree.county, name="李县")
    application = make_application(union=tree.couriers, started_at=now, due_at=now + timedelta(days=1))
    decide(
        actor=actor_for(account, now=now), number=application.number, decision="refuse", reason="未能核实工作", now=now
    )
    made = contest_application(actor=anonymous(), application=application, kind="refusal", words=WORDS, now=now)
    assert "须由其他人决定" in client.get(address(made)).content.decode()
    answer = client.post(address(made), {"decision": "uphold", "reason": "理由充分属实"})
    assert answer.status_code == 403
    made.refresh_from_db()
    assert made.state == "open"


def test_the_list_goes_out_to_excel(county: Client, contested: Contest) -> None:
    answer = county.get(reverse("desk:review:contests_excel") + "?state=any")
    assert answer["Content-Type"].endswith("sheet")


def test_the_list_of_limits_that_passed_leads_to_the_applications(tree: Tree, now: datetime) -> None:
    application = make_application(union=tree.couriers, started_at=now, due_at=now - timedelta(minutes=1))
    escalate_overdue(now=now)
    client = cadre("administrator", union=tree.city)
    text = client.get(reverse("desk:review:lapses")).content.decode()
    link = reverse("desk:review:lapses_of", args=[tree.couriers.code])
    assert tree.couriers.name in text
    assert "100.0%" in text
    assert link in text
    assert application.number in client.get(link).content.decode()
    other = make_application(union=tree.village, started_at=now)
    assert other.union is not None
    assert other.union.name not in text
    every = client.get(reverse("desk:review:lapses"), {"every": "1"}).content.decode()
    assert other.union.name in every
    assert client.get(reverse("desk:review:lapses_excel"))["Content-Type"].endswith("sheet")
    leader = cadre("leader", union=tree.city)
    assert link not in leader.get(reverse("desk:review:lapses")).content.decode()
    assert leader.get(link).status_code == 403


@pytest.mark.parametrize(
    "query", ["since=2026-13-40", "since=2026-11-22&until=2026-01-01", "union=没有这个工会", "since=1990-01-01"]
)
def test_filters_that_make_no_sense_are_explained(tree: Tree, query: str) -> None:
    client: Any = cadre("administrator", union=tree.city)
    answer = client.get(f"{reverse('desk:review:lapses')}?{query}")
    assert answer.status_code == 200
    assert "invalid-feedback" in answer.content.decode() or "nx-error" in answer.content.decode()
