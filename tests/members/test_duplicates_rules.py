"""Whether two records are one person: by table, and for any two records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nuanxin.kernel.identifiers import to_18
from nuanxin.members.rules.duplicates import (
    FIELDS,
    POINTS,
    THRESHOLD,
    Facts,
    band,
    birth_level,
    common_path,
    document_level,
    name_level,
    reads,
    score,
    upper_paths,
)
from tests.factories.members import make_id_number

WANG = Facts(
    name="王建国",
    birth_on=date(1985, 3, 12),
    sex="M",
    id_kind="resident_id",
    id_number="371502198503120017",
    phone="15450000001",
    phones=frozenset({b"a"}),
    employer="e1",
    region="371502001001",
    group="courier",
)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("王建国", "王建国", "same"),
        ("王建国", "王 建国", "same"),
        ("王建国", "王国建", "swapped"),
        ("王建国", "建国王", "swapped"),
        ("王建国", "王健国", "homophone"),
        ("王建国", "王国健", "swapped_homophone"),
        ("王建国", "王建军", "one_character"),
        ("王芳", "李芳", "one_character"),
        ("王芳", "李强", "different"),
        ("王建国", "王建", "different"),
        ("阿卜杜拉·买买提", "买买提·阿卜杜拉", "swapped"),
        ("Maria Lopez", "LOPEZ MARIA", "swapped"),
        ("Amy Lu", "May Ul", "different"),
    ],
)
def test_names(one: str, other: str, level: str) -> None:
    assert name_level(one, other) == name_level(other, one) == level


@pytest.mark.parametrize(
    ("other", "level"),
    [
        (date(1985, 3, 12), "same"),
        (date(1985, 12, 3), "day_month"),
        (date(1985, 3, 21), "two_digits_swapped"),
        (date(1985, 3, 13), "one_digit"),
        (date(1995, 3, 12), "one_digit"),
        (date(1958, 3, 12), "two_digits_swapped"),
        (date(1986, 3, 13), "different"),
        (None, "unknown"),
    ],
)
def test_births(other: date | None, level: str) -> None:
    assert birth_level(WANG.birth_on, other) == birth_level(other, WANG.birth_on) == level


def test_an_old_number_is_the_same_number_in_its_new_form() -> None:
    assert to_18("110105491231002") == "11010519491231002X"
    assert to_18("11010519491231002X") == "11010519491231002X"
    assert to_18("ABC123456789012") == "ABC123456789012"
    new = make_id_number(birth_on=date(1985, 3, 12), serial=7)
    assert to_18(new[:6] + new[8:17]) == new
    assert document_level("resident_id", new[:6] + new[8:17], "residence_permit", new) == "same"


@pytest.mark.parametrize(
    ("kind", "number", "level"),
    [
        ("resident_id", "371502198503120017", "same"),
        ("resident_id", "371502198503120025", "near"),
        ("resident_id", "371520198503120017", "near"),
        ("resident_id", "371502198503129917", "far"),
        ("hk_macao_permit", "H12345678", "other_kind"),
        ("resident_id", "", "other_kind"),
    ],
)
def test_documents(kind: str, number: str, level: str) -> None:
    assert document_level(WANG.id_kind, WANG.id_number, kind, number) == level


@pytest.mark.parametrize(
    ("changes", "namesakes", "candidate"),
    [
        ({"id_number": "371502198503120025", "name": "王国建", "phones": frozenset({b"b"})}, 1500, True),
        ({"id_number": "371502198503120025", "region": "110105001001", "employer": "", "phone": ""}, 1500, True),
        ({"id_number": "371502198503130014", "birth_on": date(1985, 3, 13), "region": "110105001001"}, 1500, True),
        ({"id_kind": "hk_macao_permit", "id_number": "H12345678", "phones": frozenset()}, 2, True),
        # chance: the same name and birth, but two document numbers that are far apart
        ({"id_number": "110105198503127711", "phones": frozenset({b"b"}), "employer": "e2"}, 2, False),
        ({"id_number": "110105198503127711", "phones": frozenset({b"b"}), "employer": "e2"}, 1500, False),
        # twins: one character of the name and one digit of the number differ
        ({"name": "王建军", "id_number": "371502198503120025", "phones": frozenset({b"b"})}, 1, False),
        # father and son share a phone
        ({"name": "王小明", "birth_on": date(2007, 5, 1), "id_number": "371502200705010011"}, 1, False),
    ],
)
def test_who_is_shown_to_a_cadre(changes: dict[str, Any], namesakes: int, *, candidate: bool) -> None:
    other = replace(WANG, phones=frozenset({b"b"}), phone="15459999999")
    found = score(WANG, replace(other, **changes), namesakes=namesakes)
    assert found.is_candidate is candidate, found


def test_the_rarer_a_name_the_more_it_tells() -> None:
    points = [score(WANG, WANG, namesakes=count).points for count in (1, 2, 4, 1000, 1_000_000)]
    assert points == sorted(points, reverse=True)
    assert points[0] == points[1]


def test_bands_and_paths() -> None:
    assert [band(points) for points in (28, 36, 45)] == ["possible", "likely", "certain"]
    assert common_path("/A/B/C/", "/A/B/D/E/") == "/A/B/"
    assert common_path("/A/", "/B/") == ""
    assert list(upper_paths("/A/B/")) == ["/A/B/", "/A/"]


NAMES = st.sampled_from(["王建国", "王国建", "王健国", "李娜", "李那", "张伟", "欧阳娜娜", "Maria Lopez", "阿依·古丽"])
DATES = st.dates(date(1960, 1, 1), date(2008, 12, 31))
PEOPLE = st.builds(
    Facts,
    name=NAMES,
    birth_on=st.none() | DATES,
    sex=st.sampled_from(["M", "F", ""]),
    id_kind=st.sampled_from(["resident_id", "residence_permit", "hk_macao_permit"]),
    id_number=st.sampled_from(["371502198503120017", "371502198503120025", "371502850312001", "H12345678", ""]),
    phone=st.sampled_from(["", "15450000001", "15450000002", "13800000000"]),
    phones=st.frozensets(st.sampled_from([b"a", b"b", b"c"])),
    employer=st.sampled_from(["", "e1", "e2"]),
    region=st.sampled_from(["371502001001", "371502001002", "371502002001", "371503001001", "110105001001"]),
    group=st.sampled_from(["courier", "truck_driver"]),
)
COUNTS = st.integers(1, 100_000)


@given(PEOPLE, PEOPLE, COUNTS)
def test_the_score_is_symmetric_and_explains_itself(one: Facts, other: Facts, namesakes: int) -> None:
    found = score(one, other, namesakes=namesakes)
    assert found == score(other, one, namesakes=namesakes)
    assert tuple(each.field for each in found.evidence) == FIELDS
    assert sum(each.points for each in found.evidence) == found.points
    assert all(each.level in POINTS[each.field] for each in found.evidence)
    assert found.is_candidate is (found.points >= THRESHOLD)


SHARED = [("name",), ("birth_on",), ("sex",), ("id_kind", "id_number"), ("phone", "phones"), ("employer",), ("region",)]


@given(PEOPLE, PEOPLE, COUNTS, st.sampled_from(SHARED))
def test_what_agrees_better_never_counts_less(one: Facts, other: Facts, namesakes: int, same: tuple[str, ...]) -> None:
    nearer = replace(other, **{field: getattr(one, field) for field in same})
    before, after = score(one, other, namesakes=namesakes), score(one, nearer, namesakes=namesakes)
    if all(getattr(one, field) for field in same):
        assert after.points >= before.points


@given(PEOPLE, PEOPLE)
def test_whoever_can_be_one_person_sounds_alike(one: Facts, other: Facts) -> None:
    alike = name_level(one.name, other.name) in {"same", "swapped", "homophone", "swapped_homophone"}
    assert alike is (reads(one.name) == reads(other.name))
