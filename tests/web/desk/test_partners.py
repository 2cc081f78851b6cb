"""Partners and welcome packs at the desk: from the first entry to a counter that stands, and stock that agrees."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from nuanxin.access.models import PartnerDevice, PartnerStaff
from nuanxin.benefits.models import PackMovement, PackStock
from nuanxin.organizations.models import Partner, PartnerContract, PartnerPlace
from nuanxin.wiring import connect
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.organizations import Tree, make_tree
from tests.factories.partners import make_contract, make_partner, make_place, make_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    connect()
    return make_tree()


@pytest.fixture
def desk(tree: Tree, client: Client) -> Client:
    account = make_account(name="王敏")
    make_post(account=account, role="services", union=tree.county)
    sign_in(client, account)
    return client


def test_from_the_first_entry_to_a_counter_that_stands(desk: Client, tree: Tree) -> None:
    today = timezone.localdate()
    made = desk.post("/desk/partners/new/", {"union": tree.county.code, "name": "动力健身馆", "kind": "gym"})
    partner = Partner.objects.get()
    assert made["Location"] == f"/desk/partners/{partner.pk}/"
    at = made["Location"]
    contract = {"number": "健-1", "valid_from": today, "until": today + timedelta(364), "kinds": ["coupon", "pack"]}
    assert desk.post(f"{at}contracts/new/", contract | {"settlement_day": 5}).status_code == 302
    place = {"name": "东昌店", "address": "东昌西路8号", "region": "371502001001"}
    assert desk.post(f"{at}places/new/", place).status_code == 302
    told: dict[str, Any] = {"name": "1号窗口", "place": str(PartnerPlace.objects.get().pk), "kinds": ["pack"]}
    shown = desk.post(f"{at}devices/new/", told).content.decode()
    found = re.search(r'id="secret">([A-Z0-9]+)<', shown)
    assert found
    phone = Client()
    assert phone.post("/counter/enroll/", {"code": found.group(1)}).status_code == 302
    assert PartnerDevice.objects.get().enrolled_at is not None
    shown = desk.post(f"{at}people/new/", {"name": "孙丽", "place": ""}).content.decode()
    assert re.search(r'id="secret">\d{6}<', shown)
    page = desk.get(at).content.decode()
    for word in ("健-1", "生效中", "东昌店", "1号窗口", "已登记", "孙丽", "登记协议"):
        assert word in page, word
    assert desk.post(f"{at}people/{PartnerStaff.objects.get().pk}/end/").status_code == 302
    device = PartnerDevice.objects.get()
    assert desk.post(f"{at}devices/{device.pk}/end/").status_code == 302
    assert phone.get("/counter/").status_code == 401
    end = {"reason": "违约"}
    assert desk.post(f"{at}contracts/{PartnerContract.objects.get().pk}/end/", end).status_code == 302
    assert "提前终止" in desk.get(at).content.decode()


def test_a_wrong_contract_is_explained_where_it_was_typed(desk: Client, tree: Tree) -> None:
    partner, today = make_partner(union=tree.county), timezone.localdate()
    wrong = {"number": "1", "valid_from": today, "until": today - timedelta(1), "kinds": ["pack"], "settlement_day": 5}
    page = desk.post(f"/desk/partners/{partner.pk}/contracts/new/", wrong)
    assert page.status_code == 422
    assert "结束日不能早于开始日" in page.content.decode()
    assert not PartnerContract.objects.exists()


def test_the_list_is_searched_filtered_and_sent_as_excel(desk: Client, tree: Tree) -> None:
    gym = make_partner(union=tree.county, name="动力健身馆", kind="gym")
    make_contract(partner=gym, valid_until=timezone.localdate() + timedelta(days=9))
    make_partner(union=tree.county, name="惠民超市", kind="shop")
    make_partner(union=tree.city, name="市里的")
    page = desk.get("/desk/partners/?state=expiring").content.decode()
    assert "动力健身馆" in page
    assert "惠民超市" not in page
    page = desk.get("/desk/partners/").content.decode()
    assert "惠民超市" in page
    assert "市里的" not in page
    sent: Any = desk.get("/desk/partners/excel/")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(sent))).get_sheet_by_index(0).to_python()
    assert sorted(row[0] for row in rows[1:]) == sorted(["动力健身馆", "惠民超市"])


def test_stock_is_moved_at_the_desk_and_a_form_sent_twice_counts_once(desk: Client, tree: Tree) -> None:
    place, other = make_place(union=tree.county), make_place(union=tree.county)
    assert desk.post("/desk/packs/new/", {"place": str(place.pk), "item": "kit"}).status_code == 302
    stock = PackStock.objects.get()
    at = f"/desk/packs/{stock.pk}/"

    def send(verb: str, **data: Any) -> int:
        form = desk.get(f"{at}{verb}/").content.decode()
        token = re.search(r'name="token" value="([0-9a-f-]+)"', form)
        sent = data | ({"token": token.group(1)} if token else {})
        first = desk.post(f"{at}{verb}/", sent).status_code
        assert desk.post(f"{at}{verb}/", sent).status_code in {302, 422}
        return first

    assert send("in", amount=30, note="配送") == 302
    assert send("out", amount=2, note="破损") == 302
    assert send("out", amount=2, note="") == 422
    assert send("out", amount=99, note="多") == 422
    assert send("carry", amount=8, to=str(other.pk)) == 302
    assert send("count", counted=19, seen=20) == 302
    assert send("low", low_at=25) == 302
    stock.refresh_from_db()
    assert (stock.on_hand, stock.low_at, PackStock.objects.get(place=other).on_hand) == (19, 25, 8)
    assert PackMovement.objects.filter(stock=stock).count() == 4
    page = desk.get("/desk/packs/?state=low").content.decode()
    assert place.name in page
    for word in ("+30", "-2", "破损", "调出", "盘点"):
        assert word in desk.get(at).content.decode(), word
    assert desk.get(f"{at}excel/").status_code == 200
    assert desk.get(f"{at}nothing/").status_code == 404


def test_stock_of_another_union_is_not_there(desk: Client, tree: Tree) -> None:
    stock = make_stock(make_place(union=tree.city))
    assert desk.get(f"/desk/packs/{stock.pk}/").status_code == 404
    assert desk.post(f"/desk/packs/{stock.pk}/in/", {"amount": 1}).status_code == 404
