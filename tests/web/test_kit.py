"""What every page stands on: paging by key, masks, dates, Excel files, the two switches, the base pages."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
import python_calamine
from django.contrib.contenttypes.models import ContentType
from django.test import Client, RequestFactory
from django.utils import translation

from nuanxin.web.kit import errors
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_id, mask_name, mask_phone
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.templatetags import kit

ORDER = ("app_label", "-pk")


@pytest.fixture
def rows(db: None) -> list[int]:
    """Make thirty rows, ten under each of three equal sort values."""
    for label in ("z1", "z2", "z3"):
        for number in range(10):
            ContentType.objects.create(app_label=label, model=f"m{number}")
    return list(ContentType.objects.filter(app_label__startswith="z").order_by(*ORDER).values_list("pk", flat=True))


def test_pages_show_every_row_once_forwards_and_backwards(rows: list[int]) -> None:
    queryset = ContentType.objects.filter(app_label__startswith="z")
    seen: list[int] = []
    cursor, last = "", None
    while True:
        last = page(queryset, order=ORDER, cursor=cursor, size=7)
        seen += [item.pk for item in last.items]
        cursor = last.next
        if not cursor:
            break
    assert seen == rows
    back: list[int] = [item.pk for item in last.items]
    while last.previous:
        last = page(queryset, order=ORDER, cursor=last.previous, size=7)
        back = [item.pk for item in last.items] + back
    assert back == rows
    assert not last.previous
    assert last.next


def test_a_row_that_appears_meanwhile_neither_repeats_nor_hides_another(rows: list[int]) -> None:
    queryset = ContentType.objects.filter(app_label__startswith="z")
    first = page(queryset, order=ORDER, size=10)
    ContentType.objects.create(app_label="z0", model="early")
    second = page(queryset, order=ORDER, cursor=first.next, size=10)
    assert [item.pk for item in second.items] == rows[10:20]


@pytest.mark.parametrize("cursor", ["x", "bm9uc2Vuc2U", "WyJuIiwiejEiLCJ4Il0", "WyJuIiwxXQ", "é", "W" * 2000])
def test_a_cursor_that_cannot_be_read_starts_at_the_beginning(rows: list[int], cursor: str) -> None:
    found = page(ContentType.objects.filter(app_label__startswith="z"), order=ORDER, cursor=cursor, size=5)
    assert [item.pk for item in found.items] == rows[:5]


def test_an_order_without_the_key_is_refused() -> None:
    with pytest.raises(ValueError, match="primary key"):
        page(ContentType.objects.all(), order=("app_label",))


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小芳", "王*芳"),
        ("李明", "李*"),
        ("阿卜提·买买提", "阿*提·买"),
        ("欧阳小明", "欧*明"),
        ("王", "王"),
        ("", ""),
        ("Anna Maria Berg", "Anna M* B*"),
    ],
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_numbers_are_masked() -> None:
    assert mask_phone("13812345678") == "138****5678"
    assert mask_id("37150219900101123X") == "3715************3X"
    assert "123456" not in mask_id("123456")
    assert "1" not in mask_phone("1234567")


def test_dates_follow_the_language_and_the_house_clock() -> None:
    moment = dt.datetime(2026, 11, 21, 6, 5, tzinfo=dt.UTC)
    with translation.override("zh-hans"):
        assert kit.date_cn(moment) == "2026年11月21日 14:05"
        assert kit.date_cn(dt.date(2026, 1, 2)) == "2026年1月2日"
    with translation.override("en"):
        assert kit.date_cn(moment) == "2026-11-21 14:05"


def test_numbers_and_shares_read_well() -> None:
    assert kit.number(57769) == "57,769"
    assert kit.number(Decimal("1234.50")) == "1,234.50"
    assert kit.number(None) == "—"
    assert kit.percent(0.9375) == "93.8%"


def test_a_sheet_holds_text_as_text_and_times_as_times() -> None:
    moment = dt.datetime(2026, 11, 21, 6, 5, tzinfo=dt.UTC)
    rows: list[list[object]] = [["=1+1", moment, 3], ["007", None, 4]]
    response = workbook_response("名单", ["姓名", "时间", "人数"], iter(rows))
    content = b"".join(response.streaming_content)  # type: ignore[arg-type]
    assert b"<f>" not in content
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert sheet[0] == ["姓名", "时间", "人数"]
    assert sheet[1] == ["=1+1", dt.datetime(2026, 11, 21, 14, 5), 3.0]
    assert sheet[2][0] == "007"


@pytest.mark.django_db
def test_the_elder_view_is_switched_by_a_form_and_leads_back() -> None:
    client = Client(headers={"accept-language": "zh-CN"})
    answer = client.post("/kit/elder/", {"elder": "1", "next": "/healthz?a=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/healthz?a=1")
    assert client.cookies["nuanxin_elder"].value == "1"
    client.post("/kit/elder/", {"elder": "0"})
    assert client.cookies["nuanxin_elder"].value == ""


@pytest.mark.django_db
def test_the_language_switch_takes_known_languages_and_no_foreign_address() -> None:
    client = Client()
    answer = client.post("/kit/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert client.cookies["language"].value == "en"
    client.post("/kit/language/", {"language": "xx"})
    assert client.cookies["language"].value == "en"
    assert client.get("/kit/language/").status_code == 405


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_a_plain_page_says_what_to_do_next_in_both_languages(status: int) -> None:
    for language, lang in (("zh-hans", "zh-CN"), ("en", "en")):
        with translation.override(language):
            answer = errors.plain_page(RequestFactory().get("/x"), status, reference="A1B2")
            text = answer.content.decode()
            words = errors.explain(status)
        assert answer.status_code == status
        assert f'<html lang="{lang}"' in text
        assert words.title in text
        assert "A1B2" in text
        assert 'href="tel:12351"' in text
        assert " style=" not in text


def test_a_code_is_drawn_without_styles() -> None:
    drawn = kit.qr_svg("NX1:371500057769", "会员码")
    assert 'aria-label="会员码"' in drawn
    assert "style" not in drawn
    assert drawn.count("M") > 50


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/a/%00", "/u/%00", "/desk/people/%00/", "/desk/organizations/unions/A%00/"])
def test_a_nul_in_an_address_finds_nothing(address: str) -> None:
    assert Client().get(address).status_code == 404
