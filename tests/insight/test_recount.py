"""The check finds tallies that disagree with the rows, and nothing when all agree."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nuanxin.insight.actions import fold
from nuanxin.insight.models import TallyTotal
from nuanxin.insight.queries import recount
from nuanxin.members.models import ApplicationAct
from nuanxin.members.states import ApplicationState
from tests.factories import NOW, TODAY
from tests.factories.insight import announce_fact, where
from tests.factories.members import make_application, make_member
from tests.factories.organizations import make_tree

pytestmark = pytest.mark.django_db


def test_rows_and_tallies_agree_until_one_of_them_is_wrong() -> None:
    tree = make_tree()
    began = TODAY - timedelta(days=3)
    make_application(union=tree.couriers)
    announce_fact("apply", where(tree.couriers))
    refused = make_application(union=tree.village, door="counter", state=ApplicationState.REFUSED)
    announce_fact("apply", where(tree.village, door="counter"))
    ApplicationAct.objects.create(application=refused, at=NOW, act="refused", union=tree.village)
    announce_fact("refuse", where(tree.village, door="counter"))
    make_member(union=tree.pool, began_on=began)
    announce_fact("admit", where(tree.pool, day=began))
    make_application(union=None, state=ApplicationState.UNCONFIRMED)
    assert recount() == []
    fold(limit=2)
    assert recount() == []
    make_member(union=tree.pool, began_on=began)
    missed = {(each.scope, each.measure, each.tallied, each.counted) for each in recount() if each.slice == ""}
    assert missed == {
        (f"u:{union.code}", measure, 1, 2)
        for union in (tree.nation, tree.province, tree.city, tree.pool)
        for measure in ("admissions", "active")
    }
    announce_fact("admit", where(tree.pool, day=began))
    fold()
    assert recount() == []
    TallyTotal.objects.filter(scope=f"u:{tree.city.code}", slice="").update(active=9)
    assert [(each.scope, each.measure, each.tallied, each.counted) for each in recount()] == [
        (f"u:{tree.city.code}", "active", 9, 2)
    ]
