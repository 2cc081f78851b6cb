"""The desk's pages for unions, enterprises, rules and lists."""

from __future__ import annotations

import io
from typing import Any

import pytest
import xlsxwriter
import zxingcpp
from django.test import Client
from django.urls import reverse
from PIL import Image
from python_calamine import CalamineWorkbook

from nuanxin.organizations.models import AdmissionRule, Coverage, DatedRule, Enterprise, Platform, Union
from nuanxin.organizations.rules.sheets import UNION_COLUMNS, titles
from nuanxin.records.documents import render_png
from nuanxin.web.desk.organizations.posters import address_of, poster_data, poster_pdf, poster_png
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.organizations import make_enterprise, make_tree, make_union, national
from tests.factories.regions import make_liaocheng_regions

pytestmark = pytest.mark.django_db


def _at(name: str, *args: Any) -> str:
    return reverse(f"desk:organizations:{name}", args=args)


def _client(role: str, union: Union) -> Client:
    account = make_account()
    make_post(account=account, role=role, union=union)
    client = Client()
    sign_in(client, account)
    return client


def _pages(tree: Any, firm: Any) -> list[str]:
    code = tree.county.code
    return [
        _at("unions"),
        _at("union_search") + "?q=gulou&kind=flexible",
        *(_at("union", code) + f"?tab={tab}" for tab in ("facts", "admission", "posts", "enterprises", "poster")),
        _at("new_union", code),
        _at("edit_union", code),
        _at("move_union", code),
        _at("close_union", code),
        _at("new_admission", code),
        _at("end_admission", tree.couriers.code, AdmissionRule.objects.get(union=tree.couriers).pk),
        _at("start"),
        _at("enterprises") + "?covered=yes",
        _at("new_enterprise"),
        _at("enterprise", firm.pk),
        _at("edit_enterprise", firm.pk),
        _at("cover", firm.pk),
        _at("uncover", firm.pk),
        _at("link_platform", firm.pk),
        _at("unlink_platform", firm.pk, "sf"),
        _at("close_enterprise", firm.pk),
        _at("rules") + f"?union={code}",
        _at("new_rule") + "?name=members.accept_days",
        _at("new_rule") + "?name=members.auto_approve",
        _at("lists"),
        _at("new_list_row", "platforms"),
        _at("edit_list_row", "groups", "courier"),
        _at("edit_list_row", "sets", "nine_liaocheng"),
        _at("close_list_row", "platforms", "sf"),
        _at("set_groups", "nine_liaocheng"),
        _at("import", "unions"),
        _at("import", "enterprises"),
    ]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_for_the_administrator(language: str) -> None:
    tree = make_tree()
    union = make_union(parent=tree.county, kind="enterprise")
    firm = make_enterprise(union=union, platforms=("sf",))
    client = _client("administrator", tree.nation)
    client.cookies["language"] = language
    for address in _pages(tree, firm):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "<h1" in answer.content.decode(), address


def test_strangers_see_nothing_and_readers_change_nothing() -> None:
    tree = make_tree()
    firm = make_enterprise(union=make_union(parent=tree.county, kind="enterprise"), platforms=("sf",))
    stranger = _client("administrator", make_union(region="110101", kind="industry"))
    reader = _client("reviewer", tree.city)
    before = (list(Union.objects.order_by("pk").values()), list(Coverage.objects.values()), Platform.objects.count())
    for address in _pages(tree, firm):
        assert Client().get(address).status_code == 302, address
        if tree.county.code in address or str(firm.pk) in address:
            wanted = 200 if "rules" in address else 404
            assert stranger.get(address).status_code == wanted, address
        changing = any(
            word in address for word in ("/new/", "/edit/", "/move/", "/close/", "/end/", "cover/", "start", "import")
        )
        if changing:
            # The code lists belong to the root, which a city's reviewer does not reach.
            wanted = 404 if "/lists/" in address else 403
            assert reader.get(address).status_code == wanted, address
            assert reader.post(address, {}).status_code == wanted, address
    after = (list(Union.objects.order_by("pk").values()), list(Coverage.objects.values()), Platform.objects.count())
    assert after == before


def test_from_empty_to_a_city_and_its_poster() -> None:
    make_liaocheng_regions()
    client = _client("administrator", national())
    assert _at("start") in client.get(_at("unions")).content.decode()
    shown = client.post(_at("start"), {"region": "3715"}).content.decode()
    assert "聊城市总工会" in shown
    assert Union.objects.count() == 1
    client.post(_at("start"), {"region": "3715", "sure": "1"})
    assert Union.objects.filter(kind="federation").count() == 5
    pool = Union.objects.get(kind="pool")
    answer = client.get(_at("poster", pool.code))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert client.post(_at("start"), {"region": "37"}).status_code == 422
    assert client.post(_at("start"), {"region": ""}).status_code == 422


def test_create_edit_move_close_reopen() -> None:
    tree = make_tree()
    client = _client("organizer", tree.city)
    typed = {"name": "柳园街道联合工会", "kind": "area", "level": "", "region": "371502002"}
    assert client.post(_at("new_union", tree.county.code), {**typed, "region": "371503001"}).status_code == 422
    answer = client.post(_at("new_union", tree.county.code), typed)
    made = Union.objects.get(name="柳园街道联合工会")
    assert answer.headers["Location"] == _at("union", made.code) + "?tab=admission"
    firm = {"name": "顺达快递工会委员会", "kind": "enterprise", "level": "", "region": "371502002"}
    client.post(_at("new_union", made.code), firm)
    assert Union.objects.get(kind="enterprise").level == "basic"
    client.post(_at("edit_union", made.code), {"name": made.name, "contact": "王敏", "contact_phone": "0635-8240000"})
    assert Union.objects.get(pk=made.pk).contact == "王敏"
    wrong = client.post(_at("edit_union", made.code), {"name": made.name, "contact_phone": "<script>"})
    assert wrong.status_code == 422
    assert "&lt;script&gt;" in wrong.content.decode()
    asked = client.post(_at("move_union", made.code), {"parent": tree.city.code})
    assert asked.status_code == 200
    assert Union.objects.get(pk=made.pk).parent_id == tree.county.pk
    client.post(_at("move_union", made.code), {"parent": tree.city.code, "sure": "1"})
    assert Union.objects.get(pk=made.pk).parent_id == tree.city.pk
    assert client.post(_at("close_union", made.code), {"reason": "撤销"}).status_code == 422
    client.post(_at("close_union", Union.objects.get(kind="enterprise").code), {"reason": "撤销"})
    client.post(_at("close_union", made.code), {"reason": "撤销"})
    assert Union.objects.get(pk=made.pk).closed_at is not None
    client.post(_at("reopen_union", made.code))
    assert Union.objects.get(pk=made.pk).closed_at is None


def test_rules_at_the_desk() -> None:
    tree = make_tree()
    client = _client("administrator", tree.nation)
    typed = {
        "employers": "uncovered",
        "occupation_groups": ["courier", "truck_driver"],
        "region_codes": "371502001、371502002",
        "valid_from": "2026-12-01",
        "source_note": "市总工会〔2026〕12号",
    }
    client.post(_at("new_admission", tree.new_employment.code), typed)
    rule = AdmissionRule.objects.get(union=tree.new_employment)
    assert (rule.occupation_groups, rule.region_codes) == (["courier", "truck_driver"], ["371502001", "371502002"])
    client.post(_at("end_admission", tree.new_employment.code, rule.pk), {"on": "2027-01-01"})
    assert str(AdmissionRule.objects.get(pk=rule.pk).valid_until) == "2027-01-01"
    address = _at("new_rule") + "?name=members.accept_days"
    general = {"value": "2", "valid_from": "2026-12-01", "source_note": "试点"}
    assert client.post(address, {**general, "value": "99"}).status_code == 422
    client.post(address, {**general, "union": tree.city.code})
    client.post(address, {**general, "value": "3"})
    values = DatedRule.objects.filter(name="members.accept_days").order_by("valid_from", "value")
    assert [(row.value, row.union_id) for row in values] == [(1, None), (2, tree.city.pk), (3, None)]
    automatic = _at("new_rule") + "?name=members.auto_approve"
    client.post(
        automatic, {"value": ["verified"], "valid_from": "2026-12-01", "source_note": "试点", "union": tree.city.code}
    )
    kept = DatedRule.objects.get(name="members.auto_approve", union=tree.city)
    assert kept.value == {"employer_confirmed": False, "verified": True}
    local = _client("organizer", tree.city)
    assert local.post(address, general).status_code == 404


def test_lists_at_the_desk() -> None:
    tree = make_tree()
    client = _client("administrator", tree.nation)
    typed = {"code": "dada", "name": "达达", "name_en": "Dada"}
    client.post(_at("new_list_row", "platforms"), typed)
    client.post(_at("edit_list_row", "platforms", "dada"), {**typed, "code": "other", "name": "达达快送"})
    assert Platform.objects.get(code="dada").name == "达达快送"
    assert client.post(_at("new_list_row", "platforms"), {**typed, "code": "DADA!"}).status_code == 422
    client.post(_at("close_list_row", "platforms", "dada"))
    assert Platform.objects.get(code="dada").closed_at is not None
    assert _client("organizer", tree.city).post(_at("new_list_row", "platforms"), typed).status_code == 404


def test_enterprises_at_the_desk() -> None:
    tree = make_tree()
    union = make_union(parent=tree.county, kind="joint", level="basic")
    client = _client("organizer", tree.county)
    client.post(_at("new_enterprise"), {"name": "聊城顺达快递有限公司", "region": "371502", "headcount": "28"})
    firm = Enterprise.objects.get()
    client.post(_at("cover", firm.pk), {"union": union.code, "basis": "joint", "on": "2026-12-01"})
    assert Coverage.objects.get().union_id == union.pk
    client.post(_at("link_platform", firm.pk), {"platform": "sf", "on": "2026-12-01"})
    shown = client.get(_at("enterprise", firm.pk)).content.decode()
    assert union.name in shown
    assert (
        client.post(_at("cover", firm.pk), {"union": "NOSUCH", "basis": "own", "on": "2026-12-02"}).status_code == 422
    )
    assert client.post(_at("close_enterprise", firm.pk)).status_code == 409
    client.post(_at("uncover", firm.pk), {"on": "2026-12-10"})
    client.post(_at("close_enterprise", firm.pk))
    assert Enterprise.objects.get().closed_at is not None


def test_import_previews_keeps_and_tells_what_is_wrong() -> None:
    tree = make_tree()
    client = _client("organizer", tree.city)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, titles(UNION_COLUMNS))
        good = ["", "柳园街道联合工会", "", "area", "township", tree.county.code, "371502002"]
        sheet.write_row(1, 0, good)
        sheet.write_row(2, 0, ["", "错的", "", "area", "township", "没有", "371502002"])
    upload = io.BytesIO(buffer.getvalue())
    upload.name = "unions.xlsx"
    answer = client.post(_at("import", "unions"), {"file": upload})
    assert answer.status_code == 200
    assert (answer.context["report"].counts["created"], answer.context["report"].counts["wrong"]) == (1, 1)
    assert not Union.objects.filter(name="柳园街道联合工会").exists()
    packed = answer.context["packed"]
    errors = client.post(_at("import_keep", "unions"), {"packed": packed, "action": "errors"})
    sheet_out = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(errors.streaming_content))).get_sheet_by_index(0)  # type: ignore[attr-defined]
    assert sheet_out.to_python()[1][:2] == [3, "错的"]
    assert client.post(_at("import_keep", "unions"), {"packed": packed, "action": "all"}).status_code == 409
    assert client.post(_at("import_keep", "unions"), {"packed": packed[:-3], "action": "right"}).status_code == 422
    client.post(_at("import_keep", "unions"), {"packed": packed, "action": "right"})
    assert Union.objects.filter(name="柳园街道联合工会").exists()
    bad = io.BytesIO(b"not a workbook")
    bad.name = "x.xlsx"
    assert client.post(_at("import", "unions"), {"file": bad}).status_code == 422


@pytest.mark.parametrize("name", ["unions_excel", "enterprises_excel"])
def test_lists_go_out_as_workbooks(name: str) -> None:
    tree = make_tree()
    make_enterprise()
    answer = _client("leader", tree.city).get(_at(name))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == {"unions_excel": 8, "enterprises_excel": 2}[name]


def test_the_poster_leads_to_the_union() -> None:
    union = make_tree().township
    assert poster_pdf(union).startswith(b"%PDF")
    page = Image.open(io.BytesIO(render_png("poster", poster_data(union), dots_per_inch=100)))
    assert abs(page.width / page.height - 210 / 297) < 0.01
    assert [code.text for code in zxingcpp.read_barcodes(page)] == [address_of(union)]
    picture = Image.open(io.BytesIO(poster_png(union)))
    assert picture.width >= 1000
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [address_of(union)]
