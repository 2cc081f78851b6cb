"""The queue, the application and the decisions at the desk."""

from __future__ import annotations

import html
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from nuanxin.kernel.remember import forget
from nuanxin.members.models import Application, ApplicationAct, Membership, Worker
from nuanxin.members.queries.sealed import sealed_parts
from nuanxin.members.rules import reasons
from nuanxin.messages.models import TextMessage
from nuanxin.records.models import AuditEntry
from nuanxin.web.desk.navigation import COUNTS
from nuanxin.web.desk.review import words
from tests.factories.members import make_application, make_id_number
from tests.factories.organizations import make_enterprise
from tests.web.desk.conftest import cadre

if TYPE_CHECKING:
    from datetime import datetime

    from tests.factories.organizations import Tree

CHAIN: list[dict[str, Any]] = [
    {"rule": "no_employer", "outcome": "passed", "union": None, "values": {}},
    {
        "rule": "industry_federation",
        "outcome": "chosen",
        "union": {"code": "DCFKD000", "name": "东昌府区快递行业工会联合会", "name_en": ""},
        "values": {"source": "测试规定", "source_en": "A test's rule"},
    },
]


def make(tree: Tree, now: datetime, **fields: Any) -> Application:
    """Make an application that came today and is due tomorrow."""
    values: dict[str, Any] = {"union": tree.couriers, "reasons": CHAIN, "started_at": now} | fields
    return make_application(**{"due_at": now + timedelta(days=1)} | values)


def page(client: Any, name: str, *args: object, **query: str) -> str:
    """Return a page that must come up."""
    response = client.get(reverse(f"desk:review:{name}", args=args), query)
    assert response.status_code == 200, response.status_code
    text: str = response.content.decode()
    return text


def test_the_queue_says_who_waits_and_why_in_words_for_cadres(tree: Tree, now: datetime) -> None:
    make(tree, now, name="王小芳", phone="15412340091")
    client = cadre(union=tree.couriers)
    text = page(client, "queue")
    for said in ("王*芳", "154****0091", "快递员", "行业工会联合会，可直接吸收", "没有填写单位", "手机已核验"):
        assert said in text, said
    assert "王小芳" not in text
    assert "15412340091" not in text


def test_from_the_queue_to_a_member(tree: Tree, now: datetime) -> None:
    application = make(tree, now)
    client = cadre(union=tree.couriers)
    assert reverse("desk:review:decide", args=[application.number, "approve"]) in page(client, "queue")
    assert "为什么到这里" in page(client, "application", application.number)
    asked = page(client, "decide", application.number, "approve")
    assert "不能撤回" in asked
    assert Membership.objects.count() == 0
    answer = client.post(reverse("desk:review:decide", args=[application.number, "approve"]), follow=True)
    membership = Membership.objects.get()
    assert membership.number in answer.content.decode()
    assert ApplicationAct.objects.get().act == "approved"
    assert application.number not in page(client, "queue")


def written() -> list[int]:
    """Count what a decision leaves behind."""
    models = (ApplicationAct, Membership, AuditEntry, TextMessage, Worker)
    return [model.objects.count() for model in models]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "王小"}, 1),
        ({"q": "李明"}, 0),
        ({"q": "15412340091"}, 1),
        ({"group": "courier"}, 1),
        ({"group": "truck_driver"}, 0),
        ({"door": "h5"}, 1),
        ({"says": "denied"}, 0),
        ({"due": "late"}, 0),
        ({"state": "returned"}, 0),
        ({"state": "any"}, 1),
        ({"union": "快递"}, 1),
        ({"union": "DCFKD000"}, 1),
        ({"union": "没有这个"}, 0),
        ({"q": "a\0b"}, 0),
        ({"sort": "-due"}, 1),
        ({"page": "broken"}, 1),
    ],
)
def test_filters_stay_in_the_address_and_only_take_away(
    tree: Tree, now: datetime, query: dict[str, str], found: int
) -> None:
    make(tree, now, name="王小芳", phone="15412340091")
    assert page(cadre(union=tree.county), "queue", **query).count("data-bulk-row") == found


def test_an_unknown_union_is_explained_at_its_field(tree: Tree, now: datetime) -> None:
    assert "invalid-feedback" in page(cadre(union=tree.county), "queue", union="没有这个")


def test_the_queue_costs_the_same_for_one_and_for_three(
    tree: Tree, now: datetime, django_assert_num_queries: Any
) -> None:
    client = cadre(union=tree.couriers)
    address = reverse("desk:review:queue")
    make(tree, now)
    client.get(address)
    forget(COUNTS)
    with django_assert_num_queries(QUEUE_STATEMENTS):
        client.get(address)
    make(tree, now)
    make(tree, now)
    forget(COUNTS)
    with django_assert_num_queries(QUEUE_STATEMENTS):
        assert client.get(address).content.decode().count("data-bulk-row") == 3


#: Session with its account, posts, queue, two counts of the navigation.
QUEUE_STATEMENTS = 7


@pytest.mark.parametrize("decision", ["refuse", "return", "pass-on"])
def test_a_decision_that_the_applicant_must_understand_needs_a_reason(tree: Tree, now: datetime, decision: str) -> None:
    application = make(tree, now)
    client = cadre(union=tree.couriers)
    before = written()
    answer = client.post(
        reverse("desk:review:decide", args=[application.number, decision]),
        {"ready": "own", "reason": "嗯", "to_union": tree.township.code},
    )
    assert answer.status_code == 422
    assert "请写明原因，申请人会看到。" in answer.content.decode()
    assert "嗯</textarea>" in answer.content.decode()
    application.refresh_from_db()
    assert (application.state, written()) == ("submitted", before)


@pytest.mark.parametrize(
    ("decision", "data", "state", "reason"),
    [
        ("accept", {"reason": ""}, "accepted", ""),
        ("refuse", {"ready": "0"}, "refused", "暂不能确认您在本地从业"),
        (
            "return",
            {"ready": "own", "reason": "照片不清楚", "fields_to_correct": ["name", "id_number"]},
            "returned",
            "请更正：姓名、身份证号。照片不清楚",
        ),
    ],
)
def test_decisions(tree: Tree, now: datetime, decision: str, data: dict[str, Any], state: str, reason: str) -> None:
    application = make(tree, now)
    client = cadre(union=tree.couriers)
    answer = client.post(reverse("desk:review:decide", args=[application.number, decision]), data, follow=True)
    application.refresh_from_db()
    assert application.state == state
    assert reason in ApplicationAct.objects.get().reason
    assert reason in html.unescape(answer.content.decode())


def test_passing_on_shows_who_admits_and_how_often_it_may_still_move(tree: Tree, now: datetime) -> None:
    application = make(tree, now)
    client = cadre(union=tree.couriers)
    address = reverse("desk:review:decide", args=[application.number, "pass-on"])
    shown = client.get(address).content.decode()
    assert "还可以转 2 次" in shown
    assert shown.index("古城社区灵活就业人员联合工会") < shown.index("聊城市总工会</strong>")
    assert "可直接吸收" in shown
    found = client.get(address, {"q": "古楼"}).content.decode()
    assert found.count('name="to_union"') == 1
    client.post(address, {"ready": "2", "to_union": tree.township.code})
    application.refresh_from_db()
    assert (application.union, application.hops) == (tree.township, 1)
    assert client.get(reverse("desk:review:application", args=[application.number])).status_code == 404


@pytest.mark.parametrize("to", ["NOSUCH00", "DCFKD000", ""])
def test_passing_on_to_nowhere_changes_nothing(tree: Tree, now: datetime, to: str) -> None:
    application = make(tree, now)
    client = cadre(union=tree.couriers)
    before = written()
    answer = client.post(
        reverse("desk:review:decide", args=[application.number, "pass-on"]), {"ready": "0", "to_union": to}
    )
    assert answer.status_code == 422
    assert written() == before


def test_where_passing_on_has_ended_there_is_no_form(tree: Tree, now: datetime) -> None:
    application = make(tree, now, hops=2)
    text = page(cadre(union=tree.couriers), "decide", application.number, "pass-on")
    assert "这份申请已经转了2次，请" in text
    assert 'id="decision"' not in text


def test_whoever_is_second_is_told_who_decided_and_that_nothing_was_changed(tree: Tree, now: datetime) -> None:
    application = make(tree, now)
    address = reverse("desk:review:decide", args=[application.number, "approve"])
    first, second = cadre(union=tree.couriers, name="张先到"), cadre(union=tree.couriers, name="李后来")
    first.post(address)
    before = written()
    for answer in (second.get(address), second.post(address, {"reason": ""})):
        assert answer.status_code == 409
        text = answer.content.decode()
        assert "张先到比您先一步办理了" in text
        assert "您没有改动任何内容" in text
    assert written() == before


def test_a_batch_is_previewed_with_warnings_and_each_outcome_is_named(tree: Tree, now: datetime) -> None:
    firm = make_enterprise()
    good = make(tree, now, name="王小芳")
    denied = make(tree, now, name="李小明", employer=firm, employer_says="denied")
    closed = make(tree, now, name="赵小刚")
    client = cadre(union=tree.couriers)
    numbers = [good.number, denied.number, closed.number, "NOSUCH"]
    preview = client.post(reverse("desk:review:batch"), {"decision": "approve", "chosen": numbers})
    text = preview.content.decode()
    assert "单位表示此人不在该单位工作" in text
    assert Membership.objects.count() == 0
    other = cadre(union=tree.couriers, name="张先到")
    other.post(reverse("desk:review:decide", args=[closed.number, "refuse"]), {"ready": "0"})
    result = client.post(
        reverse("desk:review:batch_decide"), {"decision": "approve", "chosen": numbers}, follow=True
    ).content.decode()
    assert Membership.objects.count() == 2
    assert "2 件没办成" in result
    assert "张先到" in result
    assert "NOSUCH" in result
    again = client.post(
        reverse("desk:review:batch_decide"), {"decision": "approve", "chosen": numbers}, follow=True
    ).content.decode()
    assert "4 件没办成" in again
    assert Membership.objects.count() == 2


@pytest.mark.parametrize("decision", ["refuse", "pass_on", "nonsense", ""])
def test_a_batch_cannot_do_what_needs_a_reason_of_its_own(tree: Tree, now: datetime, decision: str) -> None:
    application = make(tree, now)
    client = cadre(union=tree.couriers)
    for name in ("batch", "batch_decide"):
        data = {"decision": decision, "chosen": [application.number]}
        assert client.post(reverse(f"desk:review:{name}"), data).status_code == 404
    application.refresh_from_db()
    assert application.state == "submitted"


def test_who_may_only_look_sees_no_buttons_and_is_refused(tree: Tree, now: datetime) -> None:
    application = make(tree, now, name="王小芳")
    client = cadre("registrar", union=tree.county)
    text = page(client, "application", application.number)
    assert "王*芳" in text
    assert "王小芳" not in text
    assert reverse("desk:review:decide", args=[application.number, "approve"]) not in text
    assert "data-bulk-row" not in page(client, "queue")
    before = written()
    assert client.get(reverse("desk:review:decide", args=[application.number, "approve"])).status_code == 403
    assert client.post(reverse("desk:review:decide", args=[application.number, "approve"])).status_code == 403
    for name in ("batch", "batch_decide"):
        data = {"decision": "approve", "chosen": [application.number]}
        assert client.post(reverse(f"desk:review:{name}"), data).status_code == 403
    assert written() == before


def test_for_an_outsider_there_is_nothing(tree: Tree, now: datetime) -> None:
    application = make(tree, now)
    client = cadre(union=tree.township)
    before = written()
    for address in (
        reverse("desk:review:application", args=[application.number]),
        reverse("desk:review:decide", args=[application.number, "approve"]),
        reverse("desk:review:reveal", args=[application.number, "id"]),
    ):
        assert client.get(address).status_code == 404
    assert client.post(reverse("desk:review:decide", args=[application.number, "approve"])).status_code == 404
    assert client.post(reverse("desk:review:reveal", args=[application.number, "id"])).status_code == 404
    assert page(client, "queue").count("data-bulk-row") == 0
    assert Client().get(reverse("desk:review:queue")).status_code == 302
    assert cadre("auditor", union=tree.county).get(reverse("desk:review:queue")).status_code == 403
    assert written() == before


def test_a_number_is_revealed_for_a_reason_once_and_recorded(tree: Tree, now: datetime) -> None:
    number = make_id_number()
    application = make(tree, now, id_number=number)
    client = cadre(union=tree.couriers)
    address = reverse("desk:review:reveal", args=[application.number, "id"])
    refused = client.post(address, {"reason": "看"})
    assert refused.status_code == 422
    assert number not in refused.content.decode()
    assert AuditEntry.objects.count() == 0
    shown = client.post(address, {"reason": "与身份证原件核对"})
    assert number in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    entry = AuditEntry.objects.get()
    # The reason may name the person: it is sealed under that person's key, and opened for whoever reads the audit.
    assert (entry.action, entry.detail["what"], "reason" in entry.detail) == ("members.revealed", "id", False)
    assert sealed_parts([entry])[entry.pk].reason == "与身份证原件核对"
    assert client.get(reverse("desk:review:reveal", args=[application.number, "salary"])).status_code == 422


def test_the_workbook_holds_the_queue_masked(tree: Tree, now: datetime) -> None:
    application = make(tree, now, name="王小芳")
    answer = cadre(union=tree.couriers).get(reverse("desk:review:queue_excel"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[:2] for row in rows[1:]] == [[application.number, "王*芳"]]


def test_english(tree: Tree, now: datetime) -> None:
    make(tree, now)
    client = cadre(union=tree.couriers)
    client.cookies["language"] = "en"
    text = page(client, "queue")
    assert "No employer was named" in text
    assert "Approve those chosen" in text


def test_the_words_for_cadres_cover_every_step_of_a_route() -> None:
    assert set(words.CHAIN) == set(reasons.WORDS)
