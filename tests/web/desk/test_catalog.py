"""Services, targets and deliveries at the desk, from entering a service to taking a delivery back."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from nuanxin.catalog.models import Area, Delivery, Service, Target
from nuanxin.kernel.clock import local_day
from nuanxin.records.models import AuditEntry
from tests.factories.access import make_post, sign_in
from tests.factories.catalog import make_delivery, make_service, make_target
from tests.factories.members import make_member
from tests.factories.organizations import Tree

#: The server lives today; what it counts must be of this year.
TODAY = local_day(timezone.now())
YEAR = TODAY.year
SERVICE: dict[str, Any] = {
    "code": "check_up", "area": "health", "name": "园区巡诊车", "name_en": "Check-up bus", "way": "book",
    "members_only": "on", "groups": ["courier"], "age_least": "18", "most_a_year": "1",
    "starts_on": f"{YEAR}-01-01", "cost_each": "180", "budget": "1000",
}  # fmt: skip


@pytest.fixture
def desk(tree: Tree, client: Client) -> Client:
    sign_in(client, make_post(role="services", union=tree.city).account)
    return client


def _sheet(response: Any) -> list[list[Any]]:
    assert response.status_code == 200
    return CalamineWorkbook.from_filelike(BytesIO(response.getvalue())).get_sheet_by_index(0).to_python()


def _text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def test_a_service_from_entering_to_its_last_day(tree: Tree, desk: Client) -> None:
    make_service(union=tree.city)
    assert desk.post("/desk/catalog/services/new/", SERVICE | {"union": "无此工会"}).status_code == 422
    made = desk.post("/desk/catalog/services/new/", SERVICE | {"union": tree.city.code})
    assert (made.status_code, made["Location"]) == (302, "/desk/catalog/services/check_up/")
    service = Service.objects.get(pk="check_up")
    assert [check["check"] for check in service.checks] == ["member", "group", "age", "not_served"]
    assert "园区巡诊车" in _text(desk.get("/desk/catalog/services/?q=巡诊"))
    page = _text(desk.get("/desk/catalog/services/check_up/edit/"))
    assert 'value="18"' in page
    kept = desk.post("/desk/catalog/services/check_up/edit/", SERVICE | {"name": "巡诊车", "age_least": ""})
    assert kept.status_code == 302
    service.refresh_from_db()
    assert (service.name, [check["check"] for check in service.checks]) == ("巡诊车", ["member", "group", "not_served"])
    desk.post("/desk/catalog/services/check_up/end/", {"ends_on": f"{YEAR}-01-31"})
    assert "巡诊车" not in _text(desk.get("/desk/catalog/services/"))
    assert "巡诊车" in _text(desk.get("/desk/catalog/services/?given=ended"))


def test_a_target_counts_what_was_delivered(tree: Tree, desk: Client) -> None:
    service = make_service(union=tree.city, name="体检")
    typed = {
        "union": tree.city.code, "year": YEAR, "number": 3, "heading": "check_up", "name": "体检三人", "amount": 4,
        "unit": "person", "service": service.pk, "owner": "权益部", "due_on": f"{YEAR}-12-31",
    }  # fmt: skip
    assert desk.post("/desk/catalog/targets/new/", typed).status_code == 302
    target = Target.objects.get()
    assert desk.post("/desk/catalog/targets/new/", typed).status_code == 422
    for union in (tree.couriers, tree.township):
        make_delivery(service, make_member(union=union), day=TODAY)
    listed = _text(desk.get("/desk/catalog/targets/"))
    assert "50.0%" in listed
    page = _text(desk.get(f"/desk/catalog/targets/{target.pk}/"))
    assert "2 / 4" in page
    assert tree.county.name in page
    assert _sheet(desk.get("/desk/catalog/targets/excel"))[1][4:6] == [4, 2]
    assert "done" not in typed  # there is no way to say how far it is
    desk.post(f"/desk/catalog/targets/{target.pk}/edit/", typed | {"amount": 2, "done": 99})
    assert "100.0%" in _text(desk.get(f"/desk/catalog/targets/?standing=done&year={YEAR}"))
    assert desk.post(f"/desk/catalog/targets/{target.pk}/drop/").status_code == 302
    assert desk.get(f"/desk/catalog/targets/{target.pk}/").status_code == 404


def test_a_delivery_written_down_found_and_taken_back(tree: Tree, desk: Client) -> None:
    service, member = make_service(union=tree.city, name="清凉"), make_member(union=tree.couriers, name="王小芳")
    form = desk.get("/desk/catalog/deliveries/new/").context["form"]
    typed = {"service": service.pk, "member": member.number, "day": f"{TODAY}", "entry": form.initial["entry"]}
    made = desk.post("/desk/catalog/deliveries/new/", typed)
    assert made.status_code == 302
    assert desk.post("/desk/catalog/deliveries/new/", typed).status_code == 422
    page = made["Location"]
    assert "王*芳" in _text(desk.get(page))
    for query in ("", "?member=王小芳", f"?member={member.number}", f"?service={service.pk}&since={TODAY}&kind=served"):
        listed = _text(desk.get(f"/desk/catalog/deliveries/{query}"))
        assert "<td>清凉</td>" in listed
        assert "王小芳" not in listed.replace('value="王小芳"', "")
    assert "<td>清凉</td>" not in _text(desk.get("/desk/catalog/deliveries/?member=李四"))
    assert desk.post(f"{page}back/", {"reason": ""}).status_code == 422
    assert desk.post(f"{page}back/", {"reason": "登记重复"}).status_code == 302
    assert Delivery.objects.count() == 2
    rows = _sheet(desk.post("/desk/catalog/deliveries/excel"))
    assert sorted(row[7] for row in rows[1:]) == [-1, 1]


def test_nobody_reads_who_had_what_is_private(tree: Tree, desk: Client) -> None:
    service = make_service(union=tree.city, name="心理热线", is_private=True)
    member = make_member(union=tree.couriers, name="王小芳")
    made = make_delivery(service, member, day=TODAY)
    for page in ("/desk/catalog/deliveries/", f"/desk/catalog/deliveries/{made}/"):
        text = _text(desk.get(page))
        assert "心理热线" in text
        assert "王*芳" not in text
        assert member.number not in text
    for query in (member.number, "王小芳"):
        assert "<td>心理热线</td>" not in _text(desk.get(f"/desk/catalog/deliveries/?member={query}"))
    assert _sheet(desk.post("/desk/catalog/deliveries/excel"))[1][3:5] == ["", "不显示"]


def test_a_leader_sees_how_much_of_how_many(tree: Tree, client: Client) -> None:
    service = make_service(union=tree.city)
    make_target(union=tree.city, service=service, amount=1, year=YEAR, due_on=date(YEAR, 12, 31))
    make_delivery(service, make_member(union=tree.couriers), day=TODAY)
    sign_in(client, make_post(role="leader", union=tree.city).account)
    page = _text(client.get("/desk/catalog/"))
    assert tree.county.name in page
    assert "1 / 1" in page
    assert "100.0%" in page
    assert client.get(f"/desk/catalog/at/{tree.county.code}/").status_code == 200
    assert client.get(f"/desk/catalog/at/{tree.nation.code}/").status_code == 404
    assert client.get("/desk/catalog/deliveries/").status_code == 403
    assert _text(client.get("/desk/catalog/", headers={"accept-language": "en"})).count("What the services reached") > 0


def test_areas_and_classes_are_changed_at_the_root_alone(tree: Tree, desk: Client, client: Client) -> None:
    make_service(union=tree.city, area_id="health")
    typed = {"code": "digital", "name": "数字服务", "name_en": "Digital", "position": "7", "icon": "star"}
    assert "健康关爱" in _text(desk.get("/desk/catalog/services/lists/"))
    assert desk.post("/desk/catalog/services/lists/areas/new/", typed).status_code == 404
    sign_in(client, make_post(role="administrator", union=tree.nation).account)
    assert client.post("/desk/catalog/services/lists/areas/new/", typed | {"icon": "none"}).status_code == 422
    assert client.post("/desk/catalog/services/lists/areas/new/", typed).status_code == 302
    assert (
        client.post("/desk/catalog/services/lists/areas/health/", typed | {"code": "x", "name": "健康"}).status_code
        == 302
    )
    assert list(Area.objects.filter(name="健康").values_list("code", flat=True)) == ["health"]
    assert client.post("/desk/catalog/services/lists/areas/health/remove/").status_code == 409
    assert client.post("/desk/catalog/services/lists/areas/digital/remove/").status_code == 302
    assert client.post("/desk/catalog/services/lists/classes/law/remove/").status_code == 302
    assert not Area.objects.filter(code="digital").exists()
    assert "法律维权" not in _text(client.get("/desk/catalog/services/lists/"))
    assert AuditEntry.objects.filter(action__regex="^catalog.(area|targetclass)_").count() == 4
