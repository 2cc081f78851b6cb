"""The first page of the desk."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import reverse

from nuanxin.activities.models import Arrival
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.remember import forget
from nuanxin.organizations.actions.seed import seed_code_lists
from nuanxin.organizations.models import Union
from nuanxin.web.desk.navigation import COUNTS
from tests.factories import NOW
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.activities import day_of, make_route, put_scanner
from tests.factories.members import make_member
from tests.web.desk.conftest import cadre
from tests.web.desk.test_review import make

if TYPE_CHECKING:
    from datetime import datetime

    from tests.factories.organizations import Tree


def home(client: Any, **query: str) -> str:
    """Return the home page, which must come up."""
    response = client.get(reverse("desk:home"), query)
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


def words(page: str) -> str:
    """Return the page without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_it_shows_what_waits_and_how_the_day_goes(tree: Tree, now: datetime) -> None:
    make(tree, now, name="王小芳", due_at=now - timedelta(hours=2))
    make(tree, now, name="李小明", state="accepted", due_at=now + timedelta(days=2))
    make(tree, now, name="外人", union=tree.village)
    text = words(home(cadre(union=tree.couriers)))
    assert "王*芳" in text
    assert "外人" not in text
    assert "入会申请 2" in text
    assert "50.0% 1 / 2" in text
    assert "将到期 1 件" in text
    assert "已超 2 小时" in text


def test_each_post_has_its_own_tabs(tree: Tree, now: datetime) -> None:
    make(tree, now, employer_says="confirmed", name="王小芳")
    reviewer = home(cadre(union=tree.couriers), tab="confirmed")
    assert "单位已确认" in reviewer
    assert "王*芳" in reviewer
    registrar = home(cadre("registrar", union=tree.county))
    assert "没有等待办理的" in registrar
    assert "王*芳" not in registrar
    leader = home(cadre("leader", union=tree.county))
    assert "有效会员" in leader
    assert "data-bulk-row" not in leader


def test_an_empty_installation_leads_to_setting_up_the_unions(db: None, now: datetime) -> None:
    seed_code_lists(now)
    client = cadre("administrator", union=Union.objects.get())
    assert reverse("desk:organizations:start") in home(client)


def test_a_city_that_stands_is_not_asked_to_be_set_up(tree: Tree) -> None:
    assert "先从建立工会开始" not in home(cadre("administrator", union=tree.city))


def test_it_costs_the_same_for_one_and_for_three(tree: Tree, now: datetime, django_assert_num_queries: Any) -> None:
    client = cadre(union=tree.couriers)
    make(tree, now)
    make_member(union=tree.couriers)
    home(client)
    forget(COUNTS)
    with django_assert_num_queries(STATEMENTS):
        home(client)
    make(tree, now)
    make(tree, now)
    forget(COUNTS)
    with django_assert_num_queries(STATEMENTS):
        assert home(client).count("data-bulk-row") == 3


#: Session with its account, posts, posts by name, notices, waiting, two of the scope, four of the numbers, promptness,
#: confirmed, lines, counts of the navigation.
STATEMENTS = 19


def test_a_service_officer_finds_arrivals_to_decide_on_and_claims(tree: Tree) -> None:
    client = cadre("services", union=tree.city)
    assert "与登记一致" in home(client)
    forget(COUNTS)
    day = day_of(make_route(union=tree.city))
    device, _key = put_scanner(day)
    Arrival(
        sent_id=new_id(), device=device, bus_day=day, number="A-017", at=NOW, told_at=NOW, answer="booked",
        state="clash", clash="forged",
    ).save(force_insert=True)  # fmt: skip
    page = home(client, tab="clashes")
    assert "A-017" in page
    assert "待处理的到场记录 1" in words(page)
    assert "流动体检车 1" in words(page)
    assert "保险理赔 0" in words(page)
    assert "没有等待办理的" in home(client, tab="claims")
    assert "A-017" not in home(cadre("services", union=tree.pool), tab="clashes")


def test_where_nothing_was_told_it_says_so(tree: Tree) -> None:
    text = words(home(cadre(union=tree.couriers)))
    assert "没有新消息" in text


def test_who_acts_in_two_places_is_told_which_one_is_counted(tree: Tree, now: datetime) -> None:
    assert words(home(cadre(union=tree.couriers))).count(f"近七天 · {tree.couriers.name}") == 0
    account = make_account()
    for union in (tree.couriers, tree.village):
        make_post(account=account, role="reviewer", union=union, valid_from=now - timedelta(days=1))
    client = Client()
    sign_in(client, account)
    make(tree, now)
    make(tree, now, union=tree.village)
    text = words(home(client))
    assert "入会申请 2" in text
    assert f"近七天 · {tree.couriers.name}" in text
