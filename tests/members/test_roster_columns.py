"""Titles and cells of rosters: what people write is recognized, what Excel destroyed is said and not guessed at."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from nuanxin.members.rules.rosters.cells import GROUP_NAMES, Lists, Problem, check_row, kind_names, names_of, read_row
from nuanxin.members.rules.rosters.columns import (
    BY_KEY,
    FIELDS,
    check_columns,
    is_header,
    missing,
    recognize,
    regular,
)
from nuanxin.members.rules.rosters.problems import explain, is_known
from tests.factories.members import make_id_number

ON = date(2026, 11, 22)
#: Header → the field it holds.
HEADS = {
    "姓名(必填)": "name", "员工姓名": "name", " 姓 名 ": "name", "*姓名*": "name", "Full Name": "name",
    "身份证号码": "id_number", "证件号码（18位）": "id_number", "骑手身份证号": "id_number", "ID No.": "id_number",
    "手机号码*": "phone", "联系电话：": "phone", "Mobile": "phone", "本人手机号": "phone",
    "工种": "occupation_group", "岗位名称": "occupation_group", "所在单位": "employer", "公司": "employer",
    "统一社会信用代码": "employer_credit_code", "平台": "platform", "所属平台企业": "platform", "工号": "job_number",
    "班组": "group_name", "配送站点": "group_name", "出生年月": "birth_on", "性别": "sex", "证件类型": "id_kind",
    "工作地区": "region", "所在区县": "region",
}  # fmt: skip
NOT_OURS = [
    "序号", "紧急联系人", "紧急联系人电话", "身份证有效期", "身份证地址", "家庭住址", "银行卡号",
    "备注", "民族", "法人姓名", "配偶姓名", "介绍人手机", "Emergency phone", "Remarks",
]  # fmt: skip


@pytest.mark.parametrize(("title", "field"), HEADS.items())
def test_a_title_is_recognized(title: str, field: str) -> None:
    assert recognize([title]) == {field: 0}


@pytest.mark.parametrize("title", NOT_OURS)
def test_a_title_that_speaks_of_something_else_is_left_alone(title: str) -> None:
    assert recognize([title]) == {}


def test_a_whole_title_comes_before_a_word_in_a_longer_one() -> None:
    heads = ["员工身份证姓名", "姓名", "身份证", "紧急联系人电话", "联系电话", "备用手机"]
    assert recognize(heads) == {"name": 1, "id_number": 2, "phone": 4}
    assert recognize(["电话", "电话"]) == {"phone": 0}


def test_what_is_missing_and_what_was_chosen_by_hand() -> None:
    assert missing(recognize(["姓名", "手机"])) == ("id_number",)
    chosen = {"name": 0, "phone": 0, "sex": 9, "nothing": 1, "id_number": 1, "region": "1"}
    assert check_columns(chosen, 3) == {"name": 0, "id_number": 1}


def test_the_row_of_titles_is_told_from_others() -> None:
    assert is_header(["序号", "姓名", "身份证号", "备注"])
    assert is_header(["Name", "ID number", "Mobile"])
    assert not is_header(["某某公司2026年骑手花名册", "", ""])
    assert not is_header(["1", "王伟", "371502199003151238"])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_title_of_the_template_is_recognized(language: str) -> None:
    with override(language):
        titles = [str(field.title) for field in FIELDS]
    assert recognize(titles) == {field.key: place for place, field in enumerate(FIELDS)}


DRESS = st.sampled_from(
    ["{}", " {} ", "*{}", "{}*", "{}：", "{}(必填)", "{}（如有）", "【{}】", "{}\n", "\u3000{}", "{}[text]"]
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(FIELDS).flatmap(lambda field: st.tuples(st.just(field.key), st.sampled_from(list(field.names)))),
    DRESS,
)
def test_however_a_title_is_dressed(named: tuple[str, str], dress: str) -> None:
    key, name = named
    spaced = dress.format(name if name.isascii() else " ".join(name))
    assert recognize([dress.format(name.upper())]) == {key: 0}
    assert recognize([spaced]) == {key: 0}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=12), st.sampled_from([*HEADS, *NOT_OURS])), max_size=20))
def test_a_column_never_holds_two_fields(titles: list[str]) -> None:
    found = recognize(titles)
    assert len(set(found.values())) == len(found)
    assert set(found) <= set(BY_KEY)
    assert all(0 <= place < len(titles) for place in found.values())


ID = make_id_number()
COLUMNS = {
    "name": 0,
    "id_number": 1,
    "phone": 2,
    "occupation_group": 3,
    "region": 4,
    "birth_on": 5,
    "sex": 6,
    "id_kind": 7,
}
PLACES = {"东昌府区": "371502", "市中区": "?ambiguous_region"}
LISTS = Lists(
    groups=names_of([("food_delivery_rider", "外卖配送员", "Food delivery rider")], GROUP_NAMES),
    platforms=names_of([("meituan", "美团", "Meituan")]),
    places=lambda text: PLACES.get(text, "?unknown_region"),
    kinds=kind_names(),
    defaults={"occupation_group": "food_delivery_rider", "region_code": "371502"},
)


def judged(name: str = "王伟", id_number: str = ID, phone: str = "13812345678", *more: str) -> list[Problem]:
    row = read_row([name, id_number, phone, *more], COLUMNS, LISTS)
    fields, problems = check_row(row, on=ON, groups={"food_delivery_rider"}, platforms={"meituan"})
    assert (fields is None) == bool(problems)
    return list(problems)


@pytest.mark.parametrize(
    ("name", "id_number", "phone"),
    [
        ("王伟", ID, "13812345678"),
        (" 王 伟 ", f"'{ID}", "'13812345678"),
        ("王伟", " ".join(ID), "138-1234-5678"),
        ("王伟", ID.lower(), "+86 138 1234 5678"),
        ("王伟", "".join(chr(ord(c) + 0xFEE0) for c in ID), "１３８１２３４５６７８"),
        ("王伟", ID, "13812345678.0"),
        ("王伟", ID, "(138)12345678"),
    ],
)
def test_what_can_be_mended_without_guessing_is(name: str, id_number: str, phone: str) -> None:
    row = read_row([name, id_number, phone], COLUMNS, LISTS)
    fields, problems = check_row(row, on=ON, groups={"food_delivery_rider"}, platforms=())
    assert problems == ()
    assert fields is not None
    assert (fields.name, fields.identity.number, fields.phone) == ("王伟", ID, "13812345678")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("3.71502E+17", "id_scientific"),
        ("3.71502199003151E+17", "id_scientific"),
        ("371502199003151000", "id_rounded"),
        ("371502900315123", "id_15"),
        ("371502********1234", "id_masked"),
        ("37150219900315123", "id_cut"),
        ("#N/A", "cell_error"),
        ("", "missing"),
        (ID[:-1] + ("1" if ID[-1] != "1" else "2"), "bad_id_check"),
        ("991502199003151238", "bad_id_format"),
        ("371502201503151238", "bad_id_check"),
    ],
)
def test_what_excel_did_to_an_id_number_is_said(cell: str, code: str) -> None:
    codes = {(problem.field, problem.code) for problem in judged(id_number=cell)}
    if cell.startswith("99"):
        assert codes == {("id_number", "other_kind")}
    else:
        assert codes == {("id_number", code)}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1.38E+10", "phone_scientific"),
        ("138****5678", "phone_masked"),
        ("13812345678/13912345678", "phone_two"),
        ("13812345678、13912345678", "phone_two"),
        ("0635-8412345", "phone_landline"),
        ("1381234567", "bad_phone"),
        ("12812345678", "bad_phone"),
        ("#REF!", "cell_error"),
        ("", "missing"),
    ],
)
def test_what_is_wrong_with_a_phone_is_said(cell: str, code: str) -> None:
    assert judged(phone=cell) == [Problem("phone", code)]


def test_lists_places_and_dates() -> None:
    assert judged("王伟", ID, "13812345678", "外卖小哥", "东昌府区") == []
    assert judged("王伟", ID, "13812345678", "宇航员") == [Problem("occupation_group", "unknown_choice")]
    assert judged("王伟", ID, "13812345678", "", "火星") == [Problem("region_code", "unknown_region")]
    assert judged("王伟", ID, "13812345678", "", "市中区") == [Problem("region_code", "ambiguous_region")]
    permit = ("陈大文", "H12345678", "13812345678", "", "")
    assert judged(*permit, "32947", "男", "回乡证") == []
    assert judged(*permit, "1990-03-15 00:00", "F", "港澳居民来往内地通行证") == []
    assert judged(*permit, "昨天", "?", "回乡证") == [
        Problem("birth_on", "bad_birth"),
        Problem("sex", "unknown_choice"),
    ]
    assert judged(*permit, "32947", "男", "驾驶证") == [Problem("id_kind", "unknown_choice")]


def test_every_problem_of_a_row_is_said_at_once_each_with_words_of_its_own() -> None:
    problems = judged("王伟1", "3.7E+17", "1.38E+10", "宇航员", "火星")
    assert {problem.field for problem in problems} == {"name", "id_number", "phone", "occupation_group", "region_code"}
    assert all(is_known(problem.field, problem.code) for problem in problems)
    for language in ("zh-hans", "en"):
        with override(language):
            assert all(str(word) for problem in problems for word in explain(problem.field, problem.code))


def test_regular_titles() -> None:
    assert regular("（姓名）") == "姓名"
    assert regular("ＩＤ　Number（18）") == "idnumber"
