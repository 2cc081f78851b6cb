"""Sheets in and out: what goes out comes back unchanged, and what is wrong is said row by row."""

from __future__ import annotations

import io
from typing import Any

import pytest
import xlsxwriter
from django.utils.translation import override

from nuanxin.access.actors import system
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.organizations.actions import edit_enterprise, import_enterprises, import_unions
from nuanxin.organizations.models import Coverage, Enterprise, EnterprisePlatform, Union
from nuanxin.organizations.queries import list_enterprises, visible_unions
from nuanxin.organizations.queries.sheets import enterprise_rows, union_rows
from nuanxin.organizations.rules.sheets import ENTERPRISE_COLUMNS, UNION_COLUMNS, read_sheet, titles, write_sheet
from nuanxin.organizations.states import UnionKind
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.organizations import make_enterprise, make_tree, make_union

pytestmark = pytest.mark.django_db


def _workbook(*rows: list[Any]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
    return buffer.getvalue()


@pytest.mark.parametrize(("out", "back"), [("zh-hans", "en"), ("en", "zh-hans")])
def test_unions_come_back_unchanged_in_either_language(out: str, back: str) -> None:
    make_tree()
    before = list(Union.objects.order_by("code").values_list())
    with override(out):
        content = write_sheet(UNION_COLUMNS, union_rows(visible_unions(system())), blank_rows=10)
    with override(back):
        rows = read_sheet(content, UNION_COLUMNS)
        report = import_unions(actor=system(), rows=rows, keep="all", now=NOW)
    assert report.counts == {"created": 0, "changed": 0, "same": 9, "wrong": 0}, report.rows
    assert list(Union.objects.order_by("code").values_list()) == before


def test_enterprises_come_back_unchanged() -> None:
    tree = make_tree()
    union = make_union(parent=tree.county, kind=UnionKind.PLATFORM)
    make_enterprise(union=union, basis="partner", platforms=("meituan", "sf"), credit_code="91371500MA3C00001J")
    make_enterprise(name="东昌快运有限公司", headcount=0, contact="李强", contact_phone="0635-8240000")
    content = write_sheet(ENTERPRISE_COLUMNS, enterprise_rows(list_enterprises(system())))
    report = import_enterprises(actor=system(), rows=read_sheet(content, ENTERPRISE_COLUMNS), keep="all", now=NOW)
    assert report.counts == {"created": 0, "changed": 0, "same": 2, "wrong": 0}, report.rows


def test_new_unions_with_a_parent_in_a_row_above() -> None:
    tree = make_tree()
    rows = [
        {
            "row": 2,
            "name": "柳园街道联合工会",
            "kind": "area",
            "level": "township",
            "parent": "东昌府区总工会",
            "region": "柳园街道",
        },
        {
            "row": 3,
            "name": "利民社区工会",
            "kind": "village",
            "level": "village",
            "parent": "柳园街道联合工会",
            "region": "371502002004",
        },
        {
            "row": 4,
            "code": tree.couriers.code,
            "name": tree.couriers.name,
            "parent": tree.county.code,
            "contact": "王敏",
        },
    ]
    tried = import_unions(actor=system(), rows=rows, keep="nothing", now=NOW)
    assert (tried.counts, tried.kept) == ({"created": 2, "changed": 1, "same": 0, "wrong": 0}, False)
    assert not Union.objects.filter(name="利民社区工会").exists()
    kept = import_unions(actor=system(), rows=rows, keep="all", now=NOW)
    assert kept.counts == tried.counts
    village = Union.objects.get(name="利民社区工会")
    assert village.path == f"{tree.county.path}{Union.objects.get(name='柳园街道联合工会').code}/{village.code}/"
    assert Union.objects.get(pk=tree.couriers.pk).contact == "王敏"


def test_wrong_rows_are_told_and_only_the_right_ones_kept_on_request() -> None:
    tree = make_tree()
    good = {
        "row": 2,
        "name": "柳园街道联合工会",
        "kind": "area",
        "level": "township",
        "parent": tree.county.code,
        "region": "371502002",
    }
    rows = [
        good,
        {**good, "row": 3, "kind": "俱乐部"},
        {**good, "row": 4, "name": "", "credit_code": "12"},
        {**good, "row": 5, "parent": "没有这个工会"},
        {**good, "row": 6, "code": "NOSUCH00"},
        {**good, "row": 7, "code": tree.couriers.code},
    ]
    with override("en"):
        report = import_unions(actor=system(), rows=rows, keep="nothing", now=NOW)
    assert [(row.row, row.outcome, [title for title, _text in row.errors]) for row in report.rows] == [
        (2, "created", []),
        (3, "wrong", ["Kind"]),
        (4, "wrong", ["Name of the union", "Credit code"]),
        (5, "wrong", ["Parent union"]),
        (6, "wrong", ["Union code"]),
        (7, "wrong", ["Kind"]),
    ]
    before = Union.objects.count()
    with pytest.raises(Conflict):
        import_unions(actor=system(), rows=rows, keep="all", now=NOW)
    assert Union.objects.count() == before
    assert import_unions(actor=system(), rows=rows, keep="right", now=NOW).kept
    assert Union.objects.count() == before + 1


def test_rows_out_of_reach_are_wrong_like_any_other() -> None:
    tree = make_tree()
    actor = actor_for("organizer", union=tree.village)
    row = {
        "row": 2,
        "name": "新工会",
        "kind": "area",
        "level": "township",
        "parent": tree.county.code,
        "region": "371502002",
    }
    report = import_unions(actor=actor, rows=[row], keep="right", now=NOW)
    assert report.counts["wrong"] == 1
    assert not Union.objects.filter(name="新工会").exists()
    known = make_enterprise(credit_code="91371500MA3C00001J", region="371503")
    stolen = {
        "row": 2,
        "name": "改名",
        "credit_code": known.credit_code,
        "region": "371503",
        "union": tree.village.code,
    }
    assert import_enterprises(actor=actor, rows=[stolen], keep="right", now=NOW).counts["wrong"] == 1
    assert Enterprise.objects.get().name == known.name
    assert not Coverage.objects.exists()
    with pytest.raises(NotFound):
        edit_enterprise(actor=actor, enterprise=known, fields={"name": "改名"}, now=NOW)


def test_an_enterprise_row_covers_and_links() -> None:
    tree = make_tree()
    union = make_union(parent=tree.county, kind=UnionKind.JOINT, level="basic")
    row = {
        "row": 2,
        "name": "聊城蜂鸟配送有限公司",
        "region": "东昌府区",
        "union": union.code.lower(),
        "basis": "joint",
        "platforms": "饿了么、meituan",
    }
    assert import_enterprises(actor=system(), rows=[row], keep="all", now=NOW).counts["created"] == 1
    firm = Enterprise.objects.get()
    assert (firm.region_id, Coverage.objects.get().union_id) == ("371502", union.pk)
    linked = EnterprisePlatform.objects.filter(valid_until=None).order_by("platform_id")
    assert list(linked.values_list("platform_id", flat=True)) == ["eleme", "meituan"]
    again = import_enterprises(actor=system(), rows=[{**row, "platforms": "meituan"}], keep="all", now=NOW)
    assert again.counts["changed"] == 1
    assert list(linked.values_list("platform_id", flat=True)) == ["meituan"]
    wrong = import_enterprises(actor=system(), rows=[{**row, "platforms": "没听说过"}], keep="right", now=NOW)
    assert wrong.counts["wrong"] == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_workbook"),
        (b"name,kind\n1,2\n", "not_a_workbook"),
        (b"PK\x03\x04" + b"\0" * 50, "not_a_workbook"),
        (_workbook(), "empty_file"),
        (_workbook(["name"]), "columns_missing"),
        (b"x" * (5 * 1024 * 1024 + 1), "too_large"),
    ],
)
def test_files_that_are_no_such_sheet(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_sheet(content, UNION_COLUMNS)
    assert refusal.value.code == code


def test_empty_rows_are_dropped_and_numbers_are_text() -> None:
    head = titles(ENTERPRISE_COLUMNS)
    rows = read_sheet(_workbook(head, ["", "甲公司", 371502], [], ["", "乙公司", "371503"]), ENTERPRISE_COLUMNS)
    assert [(row["row"], row["name"], row["region"]) for row in rows] == [
        (2, "甲公司", "371502"),
        (4, "乙公司", "371503"),
    ]
    with pytest.raises(Invalid) as refusal:
        read_sheet(_workbook(head), ENTERPRISE_COLUMNS)
    assert refusal.value.code == "empty_file"
    many = [head, *([["", f"公司{n}", "371502"] for n in range(5001)])]
    with pytest.raises(Invalid) as refusal:
        read_sheet(_workbook(*many), ENTERPRISE_COLUMNS)
    assert refusal.value.code == "too_many_rows"
