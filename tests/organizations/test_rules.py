"""Where unions may stand, which row decides, and what is typed: by table, without a database."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.rules import DatedRow, check_not_below, check_placement, new_path, pick_dated_rule, valid_on
from nuanxin.organizations.rules.fields import day, phone, pinyin_of, read_enterprise_fields, read_union_fields, whole
from nuanxin.organizations.rules.parameters import PARAMETERS, read_value

CITY = {"parent_kind": "federation", "parent_level": "city", "parent_region": "3715"}


@pytest.mark.parametrize(
    ("kind", "level", "region", "parent", "code"),
    [
        ("federation", "county", "371502", CITY, ""),
        ("industry", "county", "371502", CITY, ""),
        ("new_employment", "city", "3715", CITY, ""),
        ("pool", "city", "3715", CITY, ""),
        ("enterprise", "basic", "371502001", CITY, ""),
        ("enterprise", "basic", "3715", CITY, ""),
        ("flexible", "village", "371502001001", CITY, ""),
        ("pool", "county", "371502", CITY, "kind_not_at_level"),
        ("village", "township", "371502001", CITY, "kind_not_at_level"),
        ("federation", "basic", "371502", CITY, "kind_not_at_level"),
        ("enterprise", "city", "3715", CITY, "kind_not_at_level"),
        ("federation", "county", "371402", CITY, "region_outside_parent"),
        ("federation", "county", "", CITY, "region_missing"),
        ("federation", "county", "3715", CITY, "region_of_other_level"),
        ("flexible", "township", "371502", CITY, "region_of_other_level"),
        ("federation", "city", "3715", CITY, "level_above_parent"),
        ("federation", "province", "37", CITY, "level_above_parent"),
        ("pool", "city", "3715", {**CITY, "parent_kind": "industry"}, "kind_not_under_parent"),
        ("enterprise", "basic", "3715", {**CITY, "parent_kind": "pool"}, "kind_not_under_parent"),
        ("club", "city", "3715", CITY, "unknown_kind"),
        ("pool", "planet", "3715", CITY, "unknown_level"),
    ],
)
def test_placement(kind: str, level: str, region: str, parent: dict[str, str], code: str) -> None:
    def ask() -> None:
        check_placement(kind=kind, level=level, region_code=region, **parent)

    if not code:
        ask()
        return
    with pytest.raises(Invalid) as refusal:
        ask()
    assert refusal.value.code == code


@given(st.lists(st.sampled_from("ABCDEFGH"), min_size=1, max_size=19))
def test_a_path_is_its_parents_path_and_itself(codes: list[str]) -> None:
    path = ""
    for code in codes:
        longer = new_path(path, code)
        assert longer.startswith(path or "/")
        assert longer.strip("/").split("/")[-1] == code
        path = longer
    check_not_below(path, "/other/")
    with pytest.raises(Invalid):
        check_not_below(path, path)
    with pytest.raises(Invalid):
        check_not_below(path, f"{path}deeper/")


def test_a_tree_cannot_be_endless() -> None:
    with pytest.raises(Invalid) as refusal:
        new_path("/" + "x/" * 20, "y")
    assert refusal.value.code == "too_deep"


def _row(number: int, union: str = "", region: str = "", start: date = date(2026, 1, 1), **fields: object) -> DatedRow:
    until = fields.get("until")
    assert until is None or isinstance(until, date)
    return DatedRow(UUID(int=number), "x", number, start, until, "", union_path=union, region_code=region)


@pytest.mark.parametrize(
    ("rows", "wins"),
    [
        ([], None),
        ([_row(1)], 1),
        ([_row(1), _row(2, region="37")], 2),
        ([_row(1, region="37"), _row(2, region="3715"), _row(3, region="3714")], 2),
        ([_row(1, region="371502"), _row(2, union="/N/")], 2),
        ([_row(1, union="/N/P/"), _row(2, union="/N/"), _row(3, union="/N/P/C/D/")], 1),
        ([_row(1), _row(2, start=date(2026, 6, 1))], 2),
        ([_row(1), _row(2, start=date(2026, 12, 1))], 1),
        ([_row(1), _row(2, region="37", until=date(2026, 11, 23))], 1),
    ],
)
def test_the_narrower_row_decides(rows: list[DatedRow], wins: int | None) -> None:
    chosen = pick_dated_rule(rows, union_path="/N/P/C/", region_code="371502", on=date(2026, 11, 23))
    assert (chosen.value if chosen else None) == wins
    chosen = pick_dated_rule(list(reversed(rows)), union_path="/N/P/C/", region_code="371502", on=date(2026, 11, 23))
    assert (chosen.value if chosen else None) == wins


def test_the_last_day_is_the_one_before_the_end() -> None:
    row = _row(1, start=date(2026, 2, 1), until=date(2026, 3, 1))
    assert [valid_on(row, date(2026, *when)) for when in ((1, 31), (2, 1), (2, 28), (3, 1))] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": "聊城市总工会"}, set()),
        ({"name": ""}, {"name"}),
        ({"name": "聊城\x00工会"}, {"name"}),
        ({"name": "工" * 121}, {"name"}),
        ({"name": "工会", "credit_code": "91371500MA3C00001J"}, {"credit_code"}),
        ({"name": "工会", "credit_code": "123"}, {"credit_code"}),
        ({"name": "工会", "contact_phone": "<b>", "founded_on": "昨天"}, {"contact_phone", "founded_on"}),
        ({"name": "", "founded_on": "2026-02-30"}, {"name", "founded_on"}),
        ({"name": ["工会"]}, {"name"}),
    ],
)
def test_union_fields_say_everything_that_is_wrong_at_once(fields: dict[str, object], wrong: set[str]) -> None:
    if not wrong:
        assert read_union_fields(fields)["name"] == fields["name"]
        return
    with pytest.raises(Invalid) as refusal:
        read_union_fields(fields)
    assert {error.field for error in refusal.value.errors} == wrong


def test_a_unions_code_is_no_employers_and_the_other_way_round() -> None:
    assert read_union_fields({"name": "工会", "credit_code": "81371500MC00000003"})["credit_code"]
    with pytest.raises(Invalid) as refusal:
        read_enterprise_fields({"name": "公司", "credit_code": "81371500MC00000003"})
    assert refusal.value.code == "a_union_code"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-21", date(2026, 11, 21)),
        ("2026年11月1日", date(2026, 11, 1)),
        ("2026/1/2", date(2026, 1, 2)),
        ("", None),
    ],
)
def test_days(written: str, read: date | None) -> None:
    assert day(written, field="x") == read


def test_numbers_and_phones() -> None:
    assert [whole(value, field="x") for value in ("12", "12", 7, 3.0, "", None)] == [12, 12, 7, 3, None, None]
    for bad in ("1.5", "-1", "x", "99999999999"):
        with pytest.raises(Invalid):
            whole(bad, field="x")
    assert phone("0635-8240000 转 12") == "0635-8240000 转 12"


def test_pinyin_has_full_reading_and_initials() -> None:
    assert pinyin_of("聊城市总工会") == "liaochengshizonggonghui lcszgh"


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("members.accept_days", "2", 2),
        ("members.most_hops", 0, 0),
        ("members.auto_approve", {"verified": True}, {"employer_confirmed": False, "verified": True}),
    ],
)
def test_values_of_parameters(name: str, value: object, kept: object) -> None:
    assert read_value(name, value) == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("members.accept_days", 0),
        ("members.accept_days", 999),
        ("members.accept_days", None),
        ("members.auto_approve", True),
        ("members.auto_approve", {"everybody": True}),
        ("members.unheard_of", 1),
    ],
)
def test_values_out_of_bounds(name: str, value: object) -> None:
    with pytest.raises(Invalid):
        read_value(name, value)


def test_every_seeded_rule_has_words_and_bounds() -> None:
    from nuanxin.organizations.actions.seed import RULES

    assert {name for name, _value, _note in RULES} == set(PARAMETERS)
    for name, value, _note in RULES:
        assert read_value(name, value) == value
