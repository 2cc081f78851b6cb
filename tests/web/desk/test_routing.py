"""The desk's trials of routing: cases, drafts tried from their forms, and the health of the rules."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from nuanxin.organizations.models import AdmissionRule, Coverage
from nuanxin.organizations.states import EmployerScope, UnionKind
from tests.factories.members import make_application
from tests.factories.organizations import Tree, make_admission_rule, make_enterprise, make_union
from tests.web.api.rows import written
from tests.web.desk.conftest import cadre

if TYPE_CHECKING:
    from datetime import datetime

    from django.test import Client

pytestmark = pytest.mark.django_db
WITHIN = {"django_session", "access_throttle"}


@pytest.fixture
def organizer(tree: Tree) -> Client:
    return cadre("organizer", union=tree.city)


def _at(name: str, *args: Any) -> str:
    return reverse(f"desk:routing:{name}", args=args)


def _admission(name: str, *args: Any) -> str:
    return reverse(f"desk:organizations:{name}", args=args)


def _typed(now: datetime, **typed: Any) -> dict[str, Any]:
    return {
        "employers": "uncovered",
        "occupation_groups": ["food_delivery_rider"],
        "valid_from": timezone.localdate(now).isoformat(),
        "source_note": "聊工字〔2026〕9号",
        "source_note_en": "",
    } | typed


def _text(response: Any) -> str:
    text: str = response.content.decode()
    return text


def _sheet(response: Any) -> list[list[Any]]:
    content = b"".join(response.streaming_content)
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_a_new_rule_is_tried_edited_and_saved(tree: Tree, organizer: Client, now: datetime) -> None:
    riders = [make_application(union=tree.village, group="food_delivery_rider", started_at=now) for _ in range(2)]
    make_application(union=tree.couriers, started_at=now)
    form = _admission("new_admission", tree.couriers.code)
    assert _at("try_new", tree.couriers.code) in _text(organizer.get(form))

    before = written()
    tried = organizer.post(_at("try_new", tree.couriers.code), _typed(now))
    text = _text(tried)
    assert tried.status_code == 200
    assert all(each.number in text for each in riders)
    assert tree.village.name in text
    assert tree.couriers.name in text
    assert riders[0].name not in text
    assert tried.context["replay"].elsewhere == 2
    assert set(written()) - set(before) <= WITHIN
    assert AdmissionRule.objects.filter(union=tree.couriers).count() == 1

    again = organizer.post(form, {**_typed(now, platforms=["meituan"]), "edit": "1"})
    assert again.status_code == 200
    assert again.context["form"].initial["platforms"] == ["meituan"]
    assert 'value="聊工字〔2026〕9号"' in _text(again)
    assert AdmissionRule.objects.filter(union=tree.couriers).count() == 1

    saved = organizer.post(form, _typed(now))
    assert saved.status_code == 302
    assert AdmissionRule.objects.filter(union=tree.couriers).count() == 2


def test_the_pair_narrows_the_list_and_the_workbook_holds_all(tree: Tree, organizer: Client, now: datetime) -> None:
    near = make_application(union=tree.village, group="food_delivery_rider", started_at=now)
    far = make_application(
        union=tree.township, group="food_delivery_rider", region="371502001002", started_at=now, platform_id="meituan"
    )
    typed = _typed(now, days="7", pair=f"{tree.village.code}>{tree.couriers.code}")
    shown = organizer.post(_at("try_new", tree.couriers.code), typed)
    assert [line["case"].number for line in shown.context["lines"]] == [near.number]
    assert shown.context["replay"].elsewhere == 2
    rows = _sheet(organizer.post(_at("try_new", tree.couriers.code), typed | {"do": "excel"}))
    assert {row[0] for row in rows[1:]} == {near.number, far.number}


def test_a_draft_with_errors_comes_back_as_its_form(tree: Tree, organizer: Client, now: datetime) -> None:
    wrong = organizer.post(_at("try_new", tree.couriers.code), _typed(now, source_note="", region_codes="999999"))
    assert wrong.status_code == 422
    assert f'action="{_admission("new_admission", tree.couriers.code)}"' in _text(wrong)
    assert organizer.get(_at("try_new", tree.couriers.code)).headers["Location"] == _admission(
        "new_admission", tree.couriers.code
    )


def test_a_rule_that_nobody_is_asked_by_is_named(tree: Tree, organizer: Client, now: datetime) -> None:
    chain = make_union(parent=tree.county, kind=UnionKind.CHAIN)
    tried = organizer.post(_at("try_new", chain.code), _typed(now))
    assert tried.context["poster_only"]
    assert tried.context["replay"].total == 0


def test_changes_ends_and_coverages_are_tried(tree: Tree, organizer: Client, now: datetime) -> None:
    rule = AdmissionRule.objects.get(union=tree.couriers)
    own = make_union(parent=tree.county, kind=UnionKind.ENTERPRISE)
    firm = make_enterprise(union=own)
    make_application(union=tree.couriers, started_at=now)
    make_application(union=own, employer=firm, started_at=now)
    day = {"on": timezone.localdate(now).isoformat()}
    moved = {
        "change": organizer.post(_at("try_change", tree.couriers.code, rule.pk), _typed(now)),
        "end": organizer.post(_at("try_end", tree.couriers.code, rule.pk), day),
        "cover": organizer.post(_at("try_cover", firm.pk), day | {"union": tree.couriers.code, "basis": "joint"}),
        "uncover": organizer.post(_at("try_uncover", firm.pk), day),
    }
    flows = {
        name: [(flow.source.code, flow.target.code, flow.count) for flow in tried.context["replay"].flows]
        for name, tried in moved.items()
    }
    home = (tree.couriers.code, tree.village.code, 1)
    assert flows == {
        "change": [home],
        "end": [home],
        "cover": [(own.code, tree.couriers.code, 1)],
        "uncover": [(own.code, tree.couriers.code, 1)],
    }
    assert AdmissionRule.objects.filter(union=tree.couriers, valid_until=None).count() == 1
    assert Coverage.objects.filter(enterprise=firm, valid_until=None, union=own).exists()
    kept = organizer.get(_admission("change_admission", tree.couriers.code, rule.pk))
    assert kept.context["form"].initial["occupation_groups"] == ["courier"]
    changed = organizer.post(_admission("change_admission", tree.couriers.code, rule.pk), _typed(now))
    assert changed.status_code == 302
    rule.refresh_from_db()
    assert rule.valid_until == timezone.localdate(now)
    unknown = organizer.post(_at("try_cover", firm.pk), day | {"union": "NOBODY00", "basis": "own"})
    assert (unknown.status_code, "union" in unknown.context["form"].errors) == (422, True)


PASTED = (
    "职业群体\t地区\t平台\t单位\t备注\n"
    "快递员\t371502001001\t\t\tx\n"
    "外卖配送员\t东昌府区古楼街道\t美团\t\n"
    "巫师\t古楼街道\n"
    "\n"
    "courier\t没有的地方\n"
    "快递员\t聊城市东昌府区\t\t不在册的小店\n"
)


def test_pasted_cases_are_routed_and_bad_lines_stay_in_the_box(tree: Tree, organizer: Client) -> None:
    before = written()
    found = organizer.post(_at("cases"), {"lines": PASTED})
    assert found.status_code == 200
    assert [(row["case"].place, row["union"].code) for row in found.context["rows"]] == [
        ("371502001001", tree.couriers.code),
        ("371502001", tree.township.code),
        ("371502", tree.couriers.code),
    ]
    assert [(each.line.number, len(each.reasons)) for each in found.context["wrong"]] == [(4, 1), (6, 1)]
    assert found.context["listed"].initial["lines"].splitlines() == [
        "职业群体\t地区\t平台\t单位\t备注",
        "巫师\t古楼街道",
        "courier\t没有的地方",
    ]
    assert set(written()) - set(before) <= WITHIN

    mended = {"lines": "快递员,371502001\n", "kept": found.context["listed"].initial["kept"]}
    again = organizer.post(_at("cases"), mended | {"lines": "371502001,快递员\n"})
    assert (again.context["total"], again.context["wrong_count"]) == (4, 0)
    only = organizer.post(_at("cases"), {"kept": again.context["listed"].initial["kept"], "only": tree.township.code})
    assert [row["union"].code for row in only.context["rows"]] == [tree.township.code]
    rows = _sheet(organizer.post(_at("cases"), {"kept": again.context["listed"].initial["kept"], "do": "excel"}))
    assert [row[7] for row in rows[1:]] == [
        tree.couriers.code,
        tree.township.code,
        tree.couriers.code,
        tree.couriers.code,
    ]


def test_one_case_by_name_with_employer_and_poster(tree: Tree, organizer: Client) -> None:
    own = make_union(parent=tree.county, kind=UnionKind.ENTERPRISE)
    make_enterprise(name="圆通速递聊城分部", union=own)
    typed = {"place": "古城社区", "group": "courier", "employer": "圆通速递聊城分部"}
    found = organizer.post(_at("cases"), typed)
    assert [(row["case"].place, row["union"].code) for row in found.context["rows"]] == [("371502001001", own.code)]
    assert found.context["single"].initial["place"] == "古城社区"
    again = organizer.post(_at("cases"), typed | {"kept": found.context["listed"].initial["kept"]})
    assert again.context["total"] == 1
    poster = organizer.post(_at("cases"), typed | {"scanned": tree.couriers.name, "employer": ""})
    assert poster.context["rows"][0]["reasons"][0].rule == "scanned"
    wrong = organizer.post(_at("cases"), {"place": "37", "group": "", "scanned": "NOBODY00", "platform": ""})
    assert [len(each.reasons) for each in wrong.context["wrong"]] == [3]


def test_workbooks_and_lists_that_are_too_long(tree: Tree, organizer: Client) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for place, cell in enumerate(("Region code", "Occupation", "Employer")):
            sheet.write(0, place, cell)
        sheet.write(1, 0, 371502001001)
        sheet.write(1, 1, "Courier")
    upload = SimpleUploadedFile("cases.xlsx", buffer.getvalue())
    found = organizer.post(_at("cases"), {"file": upload})
    assert [row["union"].code for row in found.context["rows"]] == [tree.couriers.code]
    bad = organizer.post(_at("cases"), {"file": SimpleUploadedFile("cases.xlsx", b"nothing")})
    assert (bad.status_code, list(bad.context["listed"].errors)) == (422, ["file"])
    long = organizer.post(_at("cases"), {"lines": "371502001001,courier\n" * 5001})
    assert (long.status_code, list(long.context["listed"].errors)) == (422, ["lines"])


@pytest.mark.parametrize(
    "text",
    [
        "\t\t\t",
        '"',
        "," * 300_000,
        "x" * 300_000,
        "地区,职业群体",
        "371502001001\tcourier\t\t" + "店" * 5000,
        "，，，",
        "\u2028x",
    ],
)
def test_odd_lines_are_no_accident(text: str, tree: Tree, organizer: Client) -> None:
    assert organizer.post(_at("cases"), {"lines": text}).status_code == 200


def test_odd_addresses_are_no_accident(tree: Tree, organizer: Client) -> None:
    assert organizer.get(_at("health") + "?union=%00&list=%00&why=%00").status_code in {400, 404}
    assert organizer.post(_at("cases"), {"lines": "\0", "only": "\0"}).status_code in {200, 400, 422}


def test_many_lines_cost_no_more_statements(tree: Tree, organizer: Client, django_assert_max_num_queries: Any) -> None:
    lines = "\n".join(f"37150200100{number % 2 + 1},courier,,第{number}家小店" for number in range(300))
    organizer.post(_at("cases"), {"lines": lines})
    with django_assert_max_num_queries(32):
        found = organizer.post(_at("cases"), {"lines": lines})
    assert found.context["total"] == 300


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("chosen", ["dead", "collisions", "unreviewed", "caught"])
def test_the_health_of_the_rules(chosen: str, language: str, tree: Tree, organizer: Client) -> None:
    organizer.cookies["django_language"] = language
    twin = make_union(
        parent=tree.county, kind=UnionKind.INDUSTRY, code="ZZZZZZZZ", admits=EmployerScope.ANY, groups=["courier"]
    )
    make_application(union=tree.pool, due_at=timezone.now() + timedelta(days=1))
    shown = organizer.get(_at("health"), {"list": chosen})
    assert shown.status_code == 200
    rows = shown.context["rows"]
    named = {"dead": twin.code, "collisions": twin.code, "unreviewed": tree.pool.code, "caught": "371502"}[chosen]
    assert named in _text(shown)
    assert rows
    sheet = _sheet(organizer.get(_at("health_excel"), {"list": chosen}))
    assert len(sheet) >= len(rows) + 1


def test_why_another_comes_first_is_said(tree: Tree, organizer: Client) -> None:
    industry: dict[str, Any] = {"kind": UnionKind.INDUSTRY, "admits": EmployerScope.ANY, "groups": ["courier"]}
    equal = make_union(parent=tree.county, code="ZZZZZZZZ", **industry)
    make_admission_rule(union=tree.couriers, groups=["courier"], employers=EmployerScope.ANY)
    make_union(parent=tree.city, region="371503", **industry)
    wide = make_union(parent=tree.city, **industry)
    late = make_union(
        parent=tree.county, region="371502001", kind=UnionKind.FLEXIBLE, admits=EmployerScope.ANY, groups=["courier"]
    )
    rows = organizer.get(_at("health"), {"list": "dead", "why": "shadowed"}).context["rows"]
    said = {row["row"].union.code: row["step"] for row in rows}
    assert said[equal.code] == "同一顺位，工会代码排在前面"
    assert said[wide.code] == "它的区域更小，排在前面"
    assert said[late.code] == "行业工会联合会排在前面"
    assert said[tree.couriers.code] == "本会另一条规则排在前面"


def test_the_health_of_a_county_for_its_own_cadre(tree: Tree) -> None:
    county = cadre("organizer", union=tree.county)
    assert county.get(_at("health")).context["union"] == tree.county
    assert county.get(_at("health"), {"union": tree.city.code}).status_code == 404
    assert county.get(_at("health"), {"list": "nonsense"}).context["chosen"] == "dead"
