"""Rosters at the desk: upload, what would become of each row, enroll, rows to mend, undo; for cadres and for HR."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from nuanxin.members.actions.rosters import work_off
from nuanxin.members.models import Membership, Roster
from tests.factories.members import make_id_number, make_phone
from tests.factories.organizations import make_enterprise
from tests.web.desk.conftest import cadre

if TYPE_CHECKING:
    from django.test import Client

    from nuanxin.organizations.models import Enterprise
    from tests.factories.organizations import Tree

HEAD = "姓名,身份证号,手机号,工种,工作地,备注"


def person(name: str = "王伟", **other: str) -> str:
    cells = {"id": make_id_number(), "phone": make_phone(), "group": "快递员", "place": "东昌府区", "note": ""} | other
    return ",".join([name, *cells.values()])


def sent(client: Client, text: str, *, name: str = "名册.csv", **fields: Any) -> Any:
    file = SimpleUploadedFile(name, text.encode())
    return client.post(reverse("desk:rosters:upload"), {"agreed": "on", "file": file, **fields})


def checked(client: Client, tree: Tree, rows: list[str], head: str = HEAD, **fields: Any) -> Roster:
    answer = sent(client, "\n".join([head, *rows]), **{"union": tree.couriers.code} | fields)
    assert answer.status_code == 302, answer.content.decode()
    roster = Roster.objects.order_by("-pk").first()
    assert roster is not None
    assert answer.headers["Location"] == page_of(roster)
    work_off(roster.pk)
    return Roster.objects.get(pk=roster.pk)


def page_of(roster: Roster, name: str = "roster") -> str:
    return reverse(f"desk:rosters:{name}", args=[roster.number])


def shown(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def enroll(client: Client, roster: Roster, **said: str) -> None:
    assert client.post(page_of(roster, "enroll"), said).status_code == 302
    work_off(roster.pk)


def test_a_roster_from_upload_to_members_and_back(tree: Tree) -> None:
    client = cadre("registrar", union=tree.city)
    assert "还没有名册" in shown(client, reverse("desk:rosters:rosters"))
    roster = checked(client, tree, [person("王小芳"), person("李强")])
    text = shown(client, page_of(roster))
    assert "所有行都可以办理" in text
    assert "王小芳" in text
    assert "全部办理入会" in text
    assert "为2人办理入会" in shown(client, page_of(roster, "enroll"))
    assert Membership.objects.count() == 0, "looking enrolls nobody"
    enroll(client, roster)
    assert Membership.objects.filter(union=tree.couriers, state="active").count() == 2
    assert "办理完毕" in shown(client, page_of(roster))
    assert roster.number in shown(client, reverse("desk:rosters:rosters"))
    assert "撤回整份名册" in shown(client, page_of(roster, "undo"))
    assert client.post(page_of(roster, "undo")).status_code == 302
    assert Membership.objects.filter(state="active").count() == 0
    assert "撤回" in shown(client, page_of(roster))


def test_progress_can_be_left_and_found_again(tree: Tree) -> None:
    client = cadre("registrar", union=tree.city)
    sent(client, f"{HEAD}\n{person()}", union=tree.couriers.code)
    roster = Roster.objects.get()
    page = client.get(page_of(roster)).content.decode()
    assert f'hx-get="{page_of(roster, "progress")}"' in page
    assert f'href="{page_of(roster)}"' in page, "without scripts a link does"
    part = client.get(page_of(roster, "progress"))
    assert "<progress" in part.content.decode()
    work_off(roster.pk)
    assert client.get(page_of(roster, "progress")).headers["HX-Refresh"] == "true"
    assert client.get(page_of(roster, "enroll")).status_code == 200


def test_rows_to_mend_are_said_come_out_and_are_left_out_only_by_choice(tree: Tree) -> None:
    client = cadre("registrar", union=tree.city)
    twice = person("张伟")
    rows = [
        person("王小芳"),
        person("李强", id="3.71502E+17"),
        person("赵敏", phone="0635-8412345", note="=1+1"),
        twice,
        twice,
    ]
    roster = checked(client, tree, rows)
    text = shown(client, page_of(roster))
    assert "Excel 把证件号变成了 3.71502E+17" in text
    assert "固定电话" in text
    assert "先为其余" in text
    assert "全部办理入会" not in text
    refused = client.post(page_of(roster, "enroll"))
    assert refused.status_code == 409
    assert Membership.objects.count() == 0
    sheet: Any = client.get(page_of(roster, "errors"))
    lines = (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(sheet.streaming_content))).get_sheet_by_index(0).to_python()
    )
    assert lines[0][:6] == HEAD.split(",")
    assert {line[0] for line in lines[1:]} >= {"李强", "赵敏"}
    assert "王小芳" not in {line[0] for line in lines}
    [of_zhao] = [line for line in lines if line[0] == "赵敏"]
    assert of_zhao[5] == "'=1+1"
    assert "手机号" in str(of_zhao[6])
    enroll(client, roster, partial="yes")
    names = set(Membership.objects.values_list("worker__name", flat=True))
    assert "王小芳" in names
    assert not names & {"李强", "赵敏"}
    assert "没有办理" in shown(client, page_of(roster))


def test_columns_that_are_not_recognized_are_asked_for_and_remembered(tree: Tree) -> None:
    client = cadre("registrar", union=tree.city)
    head = "甲,乙,丙,丁"
    cells = [f"王伟,{make_id_number()},{make_phone()},x" for _n in range(2)]
    roster = checked(client, tree, cells, head)
    assert roster.state == "failed"
    assert "指定各列内容" in shown(client, page_of(roster))
    asked = shown(client, page_of(roster, "columns"))
    assert "王伟" in asked, "the first rows stand beside"
    assert "请指定这些内容在哪一列" in asked
    chosen = {"column_0": "name", "column_1": "id_number", "column_2": "phone", "column_3": ""}
    more = {"occupation_group": "courier", "region": "东昌府区"}
    twice = client.post(page_of(roster, "columns"), chosen | more | {"column_3": "phone"})
    assert twice.status_code == 422
    assert "有两列选成了同一项" in twice.content.decode()
    assert client.post(page_of(roster, "columns"), {"column_0": "name"} | more).status_code == 422
    assert client.post(page_of(roster, "columns"), chosen | more).status_code == 302
    work_off(roster.pk)
    roster.refresh_from_db()
    assert roster.counts == {"new": 2}
    again = checked(client, tree, [f"李娜,{make_id_number()},{make_phone()},y"], head, **more)
    assert again.counts == {"new": 1}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", "%PDF-1.7", "这不是表格"),
        ("a.xlsx", "<html><table>", "网页"),
        ("a.csv", "姓名,身份证,手机", "只有表头"),
    ],
)
def test_files_that_are_none_say_why(tree: Tree, name: str, content: str, words: str) -> None:
    client = cadre("registrar", union=tree.city)
    assert sent(client, content, name=name, union=tree.couriers.code).status_code == 302
    roster = Roster.objects.get()
    work_off(roster.pk)
    assert words in shown(client, page_of(roster))
    assert client.get(page_of(roster, "columns")).status_code in (200, 302)
    assert client.get(page_of(roster, "errors")).status_code in (200, 404)


def test_what_is_missing_at_the_upload_is_said_and_what_was_typed_stays(tree: Tree) -> None:
    client = cadre("registrar", union=tree.couriers)
    assert tree.couriers.name in client.get(reverse("desk:rosters:upload")).content.decode(), (
        "the own union stands there"
    )
    answer = client.post(
        reverse("desk:rosters:upload"), {"union": tree.couriers.code, "region": "火星", "batch": "一批"}
    )
    assert answer.status_code == 422
    assert "请先征得本人同意" in answer.content.decode()
    assert "一批" in answer.content.decode()
    unknown = sent(client, HEAD, union=tree.couriers.code, region="火星")
    assert "区县全称" in unknown.content.decode()
    assert sent(client, HEAD, union="没有这个工会").status_code == 422
    empty = sent(client, "", union=tree.couriers.code)
    assert "这个文件是空的" in empty.content.decode()
    assert Roster.objects.count() == 0


@pytest.fixture
def firm(tree: Tree) -> Enterprise:
    return make_enterprise(name="聊城通达物流有限公司", union=tree.couriers)


def test_a_people_office_enrolls_its_own_people_and_sees_no_others(tree: Tree, firm: Enterprise) -> None:
    hr, other = (
        cadre("hr", enterprise=firm),
        cadre("hr", enterprise=make_enterprise(name="别家公司", union=tree.couriers)),
    )
    page = hr.get(reverse("desk:rosters:upload")).content.decode()
    assert "聊城通达物流有限公司" in page
    assert 'name="union"' not in page, "the union is the one that covers the enterprise"
    answer = sent(hr, "\n".join([HEAD, person("王小芳")]), enterprise=str(firm.pk))
    assert answer.status_code == 302, answer.content.decode()
    roster = Roster.objects.get()
    assert (roster.enterprise_id, roster.union_id) == (firm.pk, tree.couriers.pk)
    work_off(roster.pk)
    enroll(hr, roster)
    assert Membership.objects.get().worker.employer_id == firm.pk
    assert "名册入会" in hr.get(reverse("desk:enterprise:employees")).content.decode()
    assert other.get(page_of(roster)).status_code == 404
    assert roster.number not in shown(other, reverse("desk:rosters:rosters"))


def test_a_cadre_of_another_union_finds_nothing_and_a_reviewer_may_not(tree: Tree) -> None:
    roster = checked(cadre("registrar", union=tree.city), tree, [person()])
    outside = cadre("registrar", union=tree.village)
    assert outside.get(page_of(roster)).status_code == 404
    for name in ("roster", "progress", "columns", "enroll", "undo", "errors"):
        assert cadre("reviewer", union=tree.city).get(page_of(roster, name)).status_code == 403


def test_the_template_comes_in_the_readers_language(tree: Tree) -> None:
    client = cadre("registrar", union=tree.city)
    content = client.get(reverse("desk:rosters:template")).content
    head = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[0]
    assert head[0] == "姓名 *"
    assert "外卖配送员".encode() in content or len(content) > 5000
