"""Rates of assurance: each with numerator and denominator, of whom one may see, never by a scan on the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from nuanxin.insight.actions import count_assurance
from nuanxin.insight.queries import assurance_rates, union_scope
from nuanxin.insight.queries.assurance import rungs_of
from nuanxin.kernel.refusals import NotFound
from tests.factories import NOW
from tests.factories.access import actor_for, make_post, sign_in
from tests.factories.members import make_member
from tests.factories.organizations import Tree, make_tree


@pytest.mark.parametrize(
    ("counts", "reached"),
    [
        ({}, [0, 0, 0, 0, 0]),
        ({("wellformed", True): 3}, [3, 3, 3, 0, 0]),
        ({("wellformed", False): 3, ("wellformed", True): 1}, [4, 1, 4, 0, 0]),
        ({("seen", False): 1, ("verified", True): 2, ("wellformed", True): 4}, [7, 6, 7, 3, 1]),
        ({("registered", False): 2, ("seen", True): 1}, [3, 1, 1, 1, 1]),
    ],
)
def test_each_rung_says_of_how_many(counts: Any, reached: list[int]) -> None:
    rungs = rungs_of(counts)
    assert [rung.share.numerator for rung in rungs] == reached
    assert {rung.share.denominator for rung in rungs} == {sum(counts.values())}


@pytest.fixture
def people(db: None) -> Tree:
    tree = make_tree()
    proved: dict[str, Any] = {"assurance": "verified", "assured_at": NOW - timedelta(days=3)}
    make_member(union=tree.couriers)
    make_member(union=tree.couriers, **proved)
    make_member(union=tree.couriers, state="suspended", **proved)
    make_member(union=tree.pool, phone_proved=False)
    return tree


def test_rates_of_a_union_and_of_those_below(people: Tree, django_assert_num_queries: Any) -> None:
    count_assurance(now=NOW)
    count_assurance(now=NOW)
    actor = actor_for(make_post(role="leader", union=people.city))
    scope = union_scope(actor, people.city.code)
    with django_assert_num_queries(2):
        found = assurance_rates(actor, scope)
    assert (found.members, found.counted_at) == (3, NOW)
    assert [rung.share.numerator for rung in found.rungs] == [3, 2, 3, 1, 0]
    assert sum(child.members for child in found.children) == 3


def test_whoever_is_out_of_reach_is_not_found(people: Tree) -> None:
    actor = actor_for(make_post(role="leader", union=people.pool))
    with pytest.raises(NotFound):
        union_scope(actor, people.couriers.code)


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "经外部核验"), ("en", "Verified by an outside source")])
def test_the_page_says_numerator_denominator_unit_and_time(
    people: Tree, client: Client, language: str, word: str
) -> None:
    post = make_post(role="administrator", union=people.city)
    sign_in(client, post.account)
    client.cookies["language"] = language
    address = f"/desk/insight/assurance/{people.city.code}/"
    assert "%" not in client.get(address).content.decode().split("<main")[-1].split("</main")[0].replace("%2F", "")
    count_assurance(now=NOW)
    page = client.get(address).content.decode()
    assert word in page
    assert "1 / 3" in page
    assert "proof=a%3Averified" in page
