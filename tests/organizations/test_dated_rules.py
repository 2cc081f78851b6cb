"""Which row decides, and who may set one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from nuanxin.access.actors import system
from nuanxin.kernel.refusals import Invalid, NotAllowed, NotFound
from nuanxin.organizations.actions import end_admission_rule, set_admission_rule, set_dated_rule
from nuanxin.organizations.models import AdmissionRule, DatedRule
from nuanxin.organizations.queries import RuleMissing, dated_rule, dated_rules
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.organizations import make_dated_rule, make_tree

pytestmark = pytest.mark.django_db
NAME = "members.accept_days"


def _set(**fields: Any) -> DatedRule:
    usual: dict[str, Any] = {
        "actor": system(),
        "name": NAME,
        "value": 2,
        "valid_from": TODAY,
        "source_note": "试点",
        "now": NOW,
    }
    return set_dated_rule(**usual | fields)


def test_union_before_region_before_everywhere_in_one_statement(django_assert_num_queries: Any) -> None:
    tree = make_tree()
    make_dated_rule(name=NAME, value=2, region="37")
    make_dated_rule(name=NAME, value=3, region="3715")
    make_dated_rule(name=NAME, value=4, union=tree.city)
    make_dated_rule(name=NAME, value=5, union=tree.couriers)
    make_dated_rule(name=NAME, value=9, region="371503")
    with django_assert_num_queries(1):
        found = dated_rules(NAME, "members.decide_days", union=tree.village, on=TODAY)
    assert (found[NAME].value, found["members.decide_days"].value) == (4, 3)
    assert found[NAME].row.union_name == "聊城市总工会"
    assert dated_rule(NAME, union=tree.couriers, on=TODAY).value == 5
    assert dated_rule(NAME, union=tree.province, on=TODAY).value == 2
    assert dated_rule(NAME, union=tree.nation, on=TODAY).value == 1
    assert dated_rule(NAME, union=tree.village, on=TODAY - timedelta(days=31)).value == 1


def test_nothing_in_force_is_said() -> None:
    tree = make_tree()
    with pytest.raises(RuleMissing):
        dated_rule("members.unheard_of", union=tree.city, on=TODAY)
    with pytest.raises(RuleMissing):
        dated_rule(NAME, union=tree.city, on=date(2010, 1, 1))


def test_a_new_row_ends_the_old_one_of_the_same_scope_only() -> None:
    tree = make_tree()
    _set(union=tree.city)
    _set(union=tree.city, value=3, valid_from=TODAY + timedelta(days=7))
    rows = DatedRule.objects.filter(name=NAME, union=tree.city).order_by("valid_from")
    assert [(row.value, row.valid_until) for row in rows] == [(2, TODAY + timedelta(days=7)), (3, None)]
    assert DatedRule.objects.get(name=NAME, union=None).valid_until is None
    _set(union=tree.city, value=4, valid_from=TODAY + timedelta(days=7))
    assert [row.value for row in rows.all()] == [2, 4]


def test_who_may_set_what_where() -> None:
    tree = make_tree()
    before = list(DatedRule.objects.order_by("pk").values())
    city = actor_for("organizer", union=tree.city)
    for fields, refusal in (
        ({"actor": city}, NotFound),
        ({"actor": city, "region_code": "37"}, NotFound),
        ({"actor": actor_for("leader", union=tree.city), "union": tree.city}, NotAllowed),
        ({"union": tree.city, "region_code": "3715"}, Invalid),
        ({"region_code": "110101"}, Invalid),
        ({"union": tree.city, "value": 0}, Invalid),
        ({"union": tree.city, "source_note": " "}, Invalid),
        ({"union": tree.city, "valid_until": TODAY}, Invalid),
        ({"valid_from": date(2017, 1, 1)}, Invalid),
    ):
        with pytest.raises(refusal):
            _set(**fields)
    assert list(DatedRule.objects.order_by("pk").values()) == before
    assert _set(actor=city, region_code="3715").region_id == "3715"


def test_admission_rules_are_checked_and_ended() -> None:
    tree = make_tree()

    def admit(**fields: Any) -> AdmissionRule:
        usual: dict[str, Any] = {
            "actor": system(),
            "union": tree.couriers,
            "employers": "any",
            "valid_from": TODAY,
            "now": NOW,
        }
        return set_admission_rule(**usual | {"source_note": "市总〔2026〕1号"} | fields)

    before = AdmissionRule.objects.count()
    for fields in (
        {"employers": "everybody"},
        {"occupation_groups": ["astronaut"]},
        {"platforms": ["nobody"]},
        {"region_codes": ["371599"]},
        {"region_codes": ["371503"]},
        {"valid_until": TODAY},
        {"source_note": ""},
    ):
        with pytest.raises(Invalid):
            admit(**fields)
    with pytest.raises(NotAllowed):
        admit(actor=actor_for("reviewer", union=tree.city))
    assert AdmissionRule.objects.count() == before
    rule = admit(occupation_groups=["courier", "courier"], region_codes=["371502001"])
    assert rule.occupation_groups == ["courier"]
    with pytest.raises(NotFound):
        end_admission_rule(actor=system(), union=tree.township, rule_id=rule.pk, on=TODAY, now=NOW)
    later = TODAY + timedelta(days=9)
    end_admission_rule(actor=system(), union=tree.couriers, rule_id=rule.pk, on=later, now=NOW)
    assert AdmissionRule.objects.get(pk=rule.pk).valid_until == later
    end_admission_rule(actor=system(), union=tree.couriers, rule_id=rule.pk, on=TODAY, now=NOW)
    assert not AdmissionRule.objects.filter(pk=rule.pk).exists()
