"""Codes alone: level, path, containment, city."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nuanxin.regions import rules
from nuanxin.regions.states import Level

CODES = st.sampled_from([2, 4, 6, 9, 12]).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length)
)


@given(CODES)
def test_path_climbs_by_parents_to_the_province(code: str) -> None:
    climbed = [code]
    while (parent := rules.parent_of(climbed[-1])) is not None:
        climbed.append(parent)
    assert rules.prefixes_of(code) == climbed[::-1]
    assert [rules.level_of(each) for each in climbed[::-1]] == list(Level)[: len(climbed)]


@given(CODES, CODES)
def test_contains_exactly_what_has_it_on_its_path(outer: str, inner: str) -> None:
    assert rules.contains(outer, inner) == (outer in rules.prefixes_of(inner))
    assert all(rules.contains(prefix, inner) for prefix in rules.prefixes_of(inner))


@given(CODES, st.booleans())
def test_city_is_on_the_path_or_empty(code: str, pseudo: bool) -> None:
    city = rules.city_code_of(code, pseudo=pseudo)
    ordinary_province = len(code) == 2 and code not in rules.CITY_PROVINCES
    assert (city == "") == ordinary_province
    assert city in ["", *rules.prefixes_of(code)]


@given(st.text())
def test_only_digits_of_the_right_length_are_codes(text: str) -> None:
    right = len(text) in {2, 4, 6, 9, 12} and all(char in "0123456789" for char in text)
    assert rules.is_code(text) == right
    if not right:
        with pytest.raises(ValueError, match="not a region code"):
            rules.level_of(text)


@pytest.mark.parametrize(
    ("code", "name", "pseudo"),
    [
        ("1101", "市辖区", True),
        ("5002", "县", True),
        ("4290", "省直辖县级行政区划", True),
        ("6590", "自治区直辖县级行政区划", True),
        ("3799", "省直辖县级行政单位", True),
        ("441900", "东莞市", True),
        ("3715", "聊城市", False),
        ("4602", "三亚市", False),
        ("371502", "东昌府区", False),
        ("371502001", "古楼街道", False),
        ("31", "上海市", False),
    ],
)
def test_rows_that_only_fill_a_level(code: str, name: str, pseudo: bool) -> None:
    assert rules.is_pseudo(code, name) is pseudo
