"""Pages of records that may be one person: the list and its filters, two side by side, the decision, the search."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from nuanxin.members.actions.duplicates_sweep import next_sweep, run_sweep
from nuanxin.members.models import Duplicate, Merge, Sweep, Worker
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.duplicates import make_duplicate
from tests.factories.members import make_application, make_id_number, make_member
from tests.factories.organizations import Tree, make_tree

pytestmark = pytest.mark.django_db
LIST = reverse("desk:duplicates:duplicates")


@pytest.fixture
def tree() -> Tree:
    connect()
    return make_tree()


@pytest.fixture
def pair(tree: Tree) -> Duplicate:
    older = make_member(union=tree.couriers, name="王建国", phone="15451111111")
    newer = make_member(union=tree.village, name="王国建", phone="15452222222")
    return make_duplicate(older, newer, union=tree.county)


def desk(union: Any, role: str = "registrar") -> Client:
    account, client = make_account(), Client()
    make_post(account=account, role=role, union=union)
    sign_in(client, account)
    return client


def url(pair: Duplicate, name: str = "pair") -> str:
    return reverse(f"desk:duplicates:{name}", args=[pair.pk])


def said(pair: Duplicate, **values: str) -> dict[str, str]:
    return {
        "decision": "merge",
        "keep": str(pair.one_id),
        "identity_of": str(pair.one_id),
        "phone_of": str(pair.other_id),
        "reason": "本人到窗口确认",
    } | values


def test_the_list_shows_pairs_in_reach_by_filters(tree: Tree, pair: Duplicate) -> None:
    client = desk(tree.county)
    page = client.get(LIST).content.decode()
    assert all(text in page for text in ("王建国", "王国建", "用字相同，次序不同", "几乎确定"))
    for query, shown in (
        ("band=certain", True),
        ("band=possible", False),
        ("because=name:swapped", True),
        ("because=document:same", False),
        ("state=later", False),
        ("state=any", True),
        (f"union={tree.county.code}", True),
        ("union=NOBODY", False),
        ("page=nonsense", True),
    ):
        assert ("王建国" in client.get(f"{LIST}?{query}").content.decode()) is shown, query
    assert "王建国" not in desk(tree.couriers).get(LIST).content.decode()
    assert desk(tree.county, role="reviewer").get(LIST).status_code == 403
    assert client.get(reverse("desk:duplicates:excel")).status_code == 200


def test_side_by_side_without_any_whole_number(tree: Tree, pair: Duplicate) -> None:
    page = desk(tree.county).get(url(pair)).content.decode()
    assert "154****1111" in page
    assert "154****2222" in page
    assert "15451111111" not in page
    assert "证件号码只差一处笔误" in page
    assert desk(tree.couriers).get(url(pair)).status_code == 404


def test_merged_and_undone_in_the_browser(tree: Tree, pair: Duplicate) -> None:
    client = desk(tree.county)
    refused = client.post(url(pair), said(pair, reason="x"))
    assert refused.status_code == 422
    assert not Merge.objects.exists()
    done = client.post(url(pair), said(pair), follow=True)
    assert "已合为一人" in done.content.decode()
    made = Merge.objects.get()
    assert (made.kept_id, made.dropped_id) == (pair.one_id, pair.other_id)
    assert client.post(url(pair), said(pair)).status_code == 422
    undone = client.post(url(pair, "undo"), {"reason": "其实是两个人"}, follow=True)
    assert "已撤销" in undone.content.decode()
    assert not Worker.objects.exclude(merged_into=None).exists()


@pytest.mark.parametrize(("decision", "state"), [("distinct", "distinct"), ("later", "later")])
def test_two_people_or_later(tree: Tree, pair: Duplicate, decision: str, state: str) -> None:
    client = desk(tree.county)
    assert client.post(url(pair), said(pair, decision=decision)).status_code == 302
    pair.refresh_from_db()
    assert pair.state == state


@pytest.mark.parametrize("values", [{"decision": "x"}, {"keep": "x"}, {"identity_of": "1"}, {"phone_of": "🛵"}])
def test_choices_that_are_none_change_nothing(tree: Tree, pair: Duplicate, values: dict[str, str]) -> None:
    assert desk(tree.county).post(url(pair), said(pair, **values)).status_code == 422
    pair.refresh_from_db()
    assert (pair.state, Merge.objects.count()) == ("open", 0)


def test_several_are_said_to_be_two_people_together_or_not_at_all(tree: Tree, pair: Duplicate) -> None:
    other = make_duplicate(make_member(union=tree.couriers), make_member(union=tree.village), union=tree.county)
    far = make_duplicate(make_member(union=tree.province), make_member(union=tree.village), union=tree.province)
    client, address = desk(tree.county), reverse("desk:duplicates:distinct")
    assert client.post(address, {"chosen": ["nonsense"]}).status_code == 409
    preview = client.post(address, {"chosen": [str(pair.pk), str(other.pk)], "act": "distinct"})
    assert "王建国" in preview.content.decode()
    assert client.post(address, {"chosen": [str(pair.pk), str(far.pk)], "reason": "已核对两人"}).status_code == 404
    assert set(Duplicate.objects.values_list("state", flat=True)) == {"open"}
    client.post(address, {"chosen": [str(pair.pk), str(other.pk)], "reason": "已核对两人"})
    assert sorted(Duplicate.objects.values_list("state", flat=True)) == ["distinct", "distinct", "open"]


def test_the_search_is_begun_once_and_its_bar_moves(tree: Tree) -> None:
    client, address = desk(tree.county), reverse("desk:duplicates:search")
    assert "没有发现重复登记" in client.get(LIST).content.decode()
    client.post(address)
    assert "正在进行" in client.post(address, follow=True).content.decode()
    Sweep.objects.update(people=1000, looked_at=400)
    bar = client.get(address).content.decode()
    assert "400" in bar
    assert "every 2s" in bar
    Sweep.objects.update(state="done", ended_at=NOW)
    assert "every 2s" not in client.get(address).content.decode()


def test_a_reviewer_is_told_who_the_applicant_may_be(tree: Tree) -> None:
    member = make_member(union=tree.couriers, name="王建国", id_number=make_id_number(serial=1))
    sweep = next_sweep(now=NOW)
    assert sweep is not None
    run_sweep(sweep_id=sweep.pk, clock=lambda: NOW)
    application = make_application(union=tree.couriers, name="王国建", id_number=make_id_number(serial=2))
    page = desk(tree.couriers, role="reviewer").get(reverse("desk:review:application", args=[application.number]))
    assert "可能与以下会员是同一人" in page.content.decode()
    assert member.number in page.content.decode()
    stranger = make_application(union=tree.couriers, name="李娜")
    page = desk(tree.couriers, role="reviewer").get(reverse("desk:review:application", args=[stranger.number]))
    assert "可能与以下会员是同一人" not in page.content.decode()
