"""Reads over a handful of regions."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from nuanxin.kernel.refusals import NotFound
from nuanxin.regions import queries
from nuanxin.regions.models import Region
from tests.factories.regions import make_liaocheng_regions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def regions() -> dict[str, Region]:
    return make_liaocheng_regions()


def codes(found: list[Region]) -> list[str]:
    return [region.code for region in found]


def test_ancestors_come_from_the_province_down(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert codes(queries.ancestors("371502002005")) == ["37", "3715", "371502", "371502002"]
    assert codes(queries.path("3715")) == ["37", "3715"]


def test_children_page_by_key() -> None:
    assert codes(queries.children(None)) == ["11", "37"]
    assert codes(queries.children("371502", limit=1)) == ["371502001"]
    assert codes(queries.children("371502", after="371502001")) == ["371502002"]
    assert codes(queries.children("371502002005")) == []


def test_children_may_skip_rows_that_only_fill_a_level(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    assert codes(queries.children("11")) == ["1101"]
    with django_assert_num_queries(2):
        assert codes(queries.children("11", skip_fillers=True)) == ["110101"]
    assert codes(queries.children("37", skip_fillers=True)) == ["3715"]


def test_closed_divisions_are_neither_listed_nor_found_but_can_be_read() -> None:
    Region.objects.filter(code="371502002").update(closed_on=date(2026, 1, 1))
    assert codes(queries.children("371502")) == ["371502001"]
    assert codes(queries.search_regions("柳园街道")) == []
    assert queries.get_region("371502002").name == "柳园街道"


@pytest.mark.parametrize(
    ("code", "city"), [("371502002005", "3715"), ("3715", "3715"), ("110101001001", "11"), ("1101", "11"), ("11", "11")]
)
def test_city(code: str, city: str) -> None:
    found = queries.city_of(code)
    assert found is not None
    assert found.code == city


def test_a_province_is_in_no_city() -> None:
    assert queries.city_of("37") is None


def test_full_names_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert queries.full_names(["371502002", "110101001001", "99", "", "x'"]) == {
            "371502002": "山东省聊城市东昌府区柳园街道",
            "110101001001": "北京市东城区东华门街道多福巷社区居委会",
        }
    assert queries.full_name("37") == "山东省"


@pytest.mark.parametrize("code", ["", "9", "99", "abc", "３７", "37'; --", "3715020020059", "37\x00"])
def test_a_code_that_is_none_is_not_found(code: str) -> None:
    for read in (queries.get_region, queries.full_name, queries.city_of):
        with pytest.raises(NotFound):
            read(code)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("东昌府", "371502"),
        ("东昌府区", "371502"),
        ("dongchangfu", "371502"),
        ("Dong Chang Fu", "371502"),
        ("dcf", "371502"),
        ("ＬＣ", "3715"),
        ("聊城", "3715"),
        ("柳园", "371502002"),
        ("3715", "3715"),
        ("茌平", "371503"),
    ],
)
def test_search_finds_first(text: str, first: str) -> None:
    assert queries.search_regions(text)[0].code == first


def test_search_prefers_exact_then_near_then_higher() -> None:
    assert codes(queries.search_regions("柳园")) == ["371502002", "371502002005"]
    assert codes(queries.search_regions("dc")) == ["110101", "371502"]
    assert codes(queries.search_regions("dc", near="3715")) == ["371502", "110101"]
    assert codes(queries.search_regions("dc", within="3715")) == ["371502"]
    assert codes(queries.search_regions("社区", within="371502", limit=2)) == ["371502001001", "371502001002"]
    assert codes(queries.search_regions("dcf", level=4)) == []


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00", "%", "_", "\\", "' OR 1=1", "\ud800", "\u202e", "😀", "东" * 100_000]
)
def test_search_answers_nonsense_with_nothing(text: str) -> None:
    assert queries.search_regions(text) == []


def test_search_with_nonsense_scope_finds_nothing() -> None:
    assert queries.search_regions("聊城", within="x") == []


def test_the_database_refuses_a_row_that_contradicts_itself() -> None:
    wrong = [
        {"code": "3716", "level": 3, "city_code": "3716"},
        {"code": "371", "level": 1, "city_code": ""},
        {"code": "3a", "level": 1, "city_code": ""},
        {"code": "3716", "level": 2, "city_code": "3715"},
        {"code": "3716", "level": 2, "city_code": "3716", "name": ""},
    ]
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Region.objects.create(**({"name": "x", "name_pinyin": "x", "initials": "x"} | values))
