"""The dashboard at the desk: numbers, links for those who may, nothing for those who may not."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from nuanxin.insight.actions import fold
from nuanxin.kernel.clock import local_day
from nuanxin.organizations.states import UnionKind
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.insight import announce_fact, where
from tests.factories.organizations import Tree, make_tree, make_union

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    """Make a city in which 7 people joined today, 3 of them couriers, and one was refused."""
    tree = make_tree()
    today = local_day(timezone.now())
    for union, group, times in ((tree.couriers, "courier", 3), (tree.village, "truck_driver", 4)):
        for _ in range(times):
            announce_fact("apply", where(union, group=group, day=today))
            announce_fact("admit", where(union, group=group, day=today))
    announce_fact("refuse", where(tree.couriers, day=today - timedelta(days=40)))
    fold(limit=5)
    return tree


def _client(role: str, union: Any) -> Client:
    account = make_account()
    make_post(account=account, role=role, union=union, valid_from=timezone.now() - timedelta(days=1))
    client = Client()
    sign_in(client, account)
    return client


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_shows_each_number_once_counted(tree: Tree, django_assert_max_num_queries: Any) -> None:
    client = _client("leader", tree.county)
    address = reverse("desk:insight:union", args=[tree.county.code])
    assert client.get(reverse("desk:insight:dashboard")).headers["Location"] == address
    page = client.get(address).content.decode()
    text = _text(page)
    assert "有效会员 7 人" in text
    assert "100.0%" in text
    assert "7 / 7" in text
    assert "古楼街道灵活就业人员联合工会" in text
    assert "/desk/people/" not in page
    assert 'id="trend-active-data"' in page
    shown = client.get(address, {"since": f"{local_day(timezone.now()) - timedelta(days=60)}"}).content.decode()
    assert "87.5%" in _text(shown)
    assert "7 / 8" in _text(shown)


def test_english_and_the_region_seen_from_the_union(tree: Tree) -> None:
    client = _client("leader", tree.county)
    client.cookies["language"] = "en"
    text = _text(client.get(reverse("desk:insight:region", args=["371502"])).content.decode())
    assert "Dongchangfu District" in text
    assert "Active members 7 persons" in text
    assert "By union: 东昌府区总工会" in text


@pytest.mark.parametrize("name", ["union", "union_excel", "region", "region_excel"])
def test_out_of_reach_there_is_nothing(tree: Tree, name: str) -> None:
    client = _client("leader", tree.couriers)
    code = tree.county.code if name.startswith("union") else "3715"
    assert client.get(reverse(f"desk:insight:{name}", args=[code])).status_code == 404
    assert client.get(reverse(f"desk:insight:{name}", args=["NOSUCH00"])).status_code == 404
    assert client.get(reverse("desk:insight:nation")).status_code == 404
    own = tree.couriers.code if name.startswith("union") else "371502"
    assert client.get(reverse(f"desk:insight:{name}", args=[own])).status_code == 200


def test_a_post_without_numbers_is_turned_away(tree: Tree) -> None:
    assert _client("auditor", tree.city).get(reverse("desk:insight:dashboard")).status_code == 403
    assert Client().get(reverse("desk:insight:dashboard")).status_code == 302


def test_the_number_of_statements_does_not_grow_with_what_is_shown(tree: Tree, django_assert_num_queries: Any) -> None:
    client = _client("leader", tree.city)
    address = reverse("desk:insight:union", args=[tree.new_employment.code])
    client.get(address)
    with django_assert_num_queries(STATEMENTS):
        client.get(address)
    for _ in range(3):
        announce_fact(
            "admit",
            where(make_union(parent=tree.new_employment, kind=UnionKind.INDUSTRY), day=local_day(timezone.now())),
        )
    with django_assert_num_queries(STATEMENTS):
        page = client.get(address)
    assert "有效会员 3 人" in _text(page.content.decode())


#: Session with its account, posts, the bell; union, unions above, numbers, waiting, groups, doors.
STATEMENTS = 9


def test_children_come_in_pages_that_meet(tree: Tree) -> None:
    today = local_day(timezone.now())
    for n in range(30):
        union = make_union(parent=tree.new_employment, kind=UnionKind.INDUSTRY, name=f"第{n:02d}支会")
        for _ in range(n % 4):
            announce_fact("admit", where(union, day=today))
    client = _client("leader", tree.city)
    for sort in ("-active", "active", "name", "-name"):
        address: str | None = reverse("desk:insight:union", args=[tree.new_employment.code]) + f"?sort={quote(sort)}"
        seen: list[str] = []
        pages = 0
        while address:
            page = client.get(address).content.decode()
            seen += re.findall(r"第\d\d支会", page)
            following = re.search(r'rel="next"\s+href="([^"#]+)', page)
            address = address.split("?")[0] + following[1].replace("&amp;", "&") if following else None
            pages += 1
        assert pages == 2
        assert len(seen) == len(set(seen)) == 30
        assert sort.endswith("active") or seen == sorted(seen, reverse=sort.startswith("-"))


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-13-01",
        "since=2026-11-02&until=2026-11-01",
        "until=9999-12-31",
        "since=0001-01-01",
        "since=%00&until=<script>",
    ],
)
def test_a_period_that_cannot_be_is_explained_and_the_usual_one_shown(tree: Tree, query: str) -> None:
    page = _client("leader", tree.city).get(reverse("desk:insight:union", args=[tree.city.code]) + f"?{query}")
    assert page.status_code == 200
    assert "invalid-feedback" in page.content.decode()
    assert "有效会员 7 人" in _text(page.content.decode())


@pytest.mark.parametrize(
    "query", ["sort=nothing", "after=x", "after=WyJ4IiwieSJd", "sort=name&after=WyJ4IiwieSJd", "after=W10="]
)
def test_a_damaged_address_shows_the_beginning(tree: Tree, query: str) -> None:
    page = _client("leader", tree.city).get(reverse("desk:insight:union", args=[tree.city.code]) + f"?{query}")
    assert page.status_code == 200


def test_the_workbook_holds_what_the_page_shows_and_what_it_means(tree: Tree) -> None:
    client = _client("leader", tree.city)
    answer = client.get(reverse("desk:insight:union_excel", args=[tree.county.code]))
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert list(sheets) == ["总览", "趋势", "按职业群体", "按入会渠道", "下级", "统计口径"]
    assert sheets["总览"][1][:2] == ["有效会员（人）", 7]
    assert len(sheets["趋势"]) == 366
    assert [row[1:3] for row in sheets["按职业群体"][1:]] == [["truck_driver", 4], ["courier", 3]]
    assert [row[1:3] for row in sheets["下级"][1:]] == [[tree.township.code, 4], [tree.couriers.code, 3]]
    assert len(sheets["统计口径"]) > 10


def test_an_empty_union_says_what_to_do_next(tree: Tree) -> None:
    page = _client("leader", tree.city).get(reverse("desk:insight:union", args=[tree.new_employment.code]))
    assert "还没有数据" in _text(page.content.decode())
    assert "没有下级工会" in _text(page.content.decode())
