"""The queue, the application and the decisions at the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from nuanxin.members.models import Application, ApplicationAct, Membership
from tests.factories.members import make_application
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
    for words in ("王*芳", "154****0091", "快递员", "行业工会联合会，可直接吸收", "没有填写单位", "手机已核验"):
        assert words in text, words
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
