"""Objecting from the phone: the form, the search in it, what the page then shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from nuanxin.members.actions.contest_decisions import decide_contest
from nuanxin.members.actions.review import decide
from nuanxin.members.models import Application, Contest
from nuanxin.members.queries.applications import progress_token
from nuanxin.records.models import Attachment
from tests.factories.access import actor_for
from tests.factories.members import make_application
from tests.factories.organizations import Tree, make_enterprise

WORDS = "我就在本区送快递，站点可以证明"
PDF = b"%PDF-1.7 proof"


@pytest.fixture
def refused(tree: Tree) -> Application:
    now = timezone.now()
    actor_for("reviewer", union=tree.county, now=now)
    application = make_application(union=tree.couriers, started_at=now, due_at=now + timedelta(days=1))
    reviewer = actor_for("reviewer", union=tree.couriers, now=now)
    return decide(actor=reviewer, number=application.number, decision="refuse", reason="未能核实工作", now=now)


def address(application: Application, kind: str = "refusal") -> str:
    return f"/a/{progress_token(application.pk)}/contest/{kind}/"


def page(application: Application) -> str:
    return f"/a/{progress_token(application.pk)}"


def test_a_refusal_is_contested_with_a_file(client: Client, tree: Tree, refused: Application) -> None:
    assert address(refused) in client.get(page(refused)).content.decode()
    assert client.get(address(refused)).status_code == 200
    file = SimpleUploadedFile("证明.pdf", PDF)
    answer = client.post(address(refused), {"send": "1", "words": WORDS, "file": file}, follow=True)
    text = answer.content.decode()
    assert WORDS in text
    assert "东昌府区总工会" in text
    assert address(refused) not in text
    link = f"{page(refused)}/files/{Attachment.objects.get().pk}/"
    assert link in text
    assert client.get(link).content == PDF
    other = make_application(union=tree.couriers)
    assert client.get(f"{page(other)}/files/{Attachment.objects.get().pk}/").status_code == 404


def test_both_sides_are_told_how_it_came_out(client: Client, tree: Tree, refused: Application) -> None:
    client.post(address(refused), {"send": "1", "words": WORDS})
    made = Contest.objects.get()
    upper = actor_for("reviewer", union=tree.county, now=timezone.now())
    decide_contest(actor=upper, contest_id=made.pk, decision="uphold", reason="站点不在本区", now=timezone.now())
    text = client.get(page(refused)).content.decode()
    assert "维持原决定" in text
    assert "站点不在本区" in text
    assert "未能核实工作" in text
    assert "王敏" not in text


@pytest.mark.parametrize(
    "data", [{"words": ""}, {"words": "不"}, {"words": WORDS, "wanted": "NOWHERE0"}, {"words": "看" * 1001}]
)
def test_what_cannot_be_sent_is_explained_and_kept(client: Client, refused: Application, data: dict[str, str]) -> None:
    answer = client.post(address(refused), {"send": "1", **data})
    assert answer.status_code == 422
    assert data["words"] in answer.content.decode()
    assert not Contest.objects.exists()


@pytest.mark.parametrize("content", [b"MZ not evidence", b""])
def test_a_file_that_is_none(client: Client, refused: Application, content: bytes) -> None:
    file: Any = SimpleUploadedFile("a.pdf", content)
    answer = client.post(address(refused), {"send": "1", "words": WORDS, "file": file})
    assert (answer.status_code, Contest.objects.count(), Attachment.objects.count()) == (422, 0, 0)


def test_a_union_is_found_by_name_and_by_employer(client: Client, tree: Tree) -> None:
    now = timezone.now()
    application = make_application(union=tree.couriers, started_at=now, due_at=now + timedelta(days=1))
    make_enterprise(name="聊城市顺达物流有限公司", union=tree.township)
    for text, union in (("古城", tree.village), ("顺达", tree.township)):
        answer = client.post(address(application, "routing"), {"search": "1", "q": text, "words": WORDS})
        body = answer.content.decode()
        assert answer.status_code == 200
        assert f'value="{union.code}"' in body
        assert WORDS in body
    assert not Contest.objects.exists()
    client.post(address(application, "routing"), {"send": "1", "words": WORDS, "wanted": tree.village.code})
    assert Contest.objects.get().wanted == tree.village


def test_where_there_is_nothing_to_contest_it_leads_back(client: Client, tree: Tree) -> None:
    application = make_application(union=tree.couriers, state="withdrawn")
    assert client.get(address(application)).status_code == 302
    assert client.get(address(application, "weather")).status_code == 404
    answer = client.post(address(application, "routing"), {"send": "1", "words": WORDS})
    assert answer.status_code in {409, 422}
    assert not Contest.objects.exists()


def test_twice_is_refused_kindly(client: Client, refused: Application) -> None:
    for status in (302, 422):
        assert client.post(address(refused), {"send": "1", "words": WORDS}).status_code == status
    assert Contest.objects.count() == 1
