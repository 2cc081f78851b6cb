"""The check-up bus at the desk: planned in a form, moved with a look ahead, and decided on in the inbox."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from nuanxin.access.actors import system
from nuanxin.activities.actions.recuperation import StayDraft, name_companions, offer_recuperation
from nuanxin.activities.models import BusDay, BusRoute, CheckPackage, MovedBooking
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.offers import announce_offer
from nuanxin.bookings.actions.outcomes import Wish
from nuanxin.bookings.models import Booking, Share
from nuanxin.kernel.clock import local_day
from nuanxin.records.models import AuditEntry
from nuanxin.wiring import connect
from tests.factories.access import make_post, make_roles, sign_in
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree

if TYPE_CHECKING:
    from typing import Any


@pytest.fixture
def tree(db: None) -> Tree:
    connect()
    make_roles()
    return make_tree()


@pytest.fixture
def desk(tree: Tree) -> Client:
    client = Client()
    sign_in(client, make_post(role="services", union=tree.city).account)
    return client


def _typed(**changed: Any) -> dict[str, Any]:
    today = local_day(timezone.now())
    stops = [f"{today + timedelta(days=at)} 第{at}站 | Site {at} | 东昌路{at}号" for at in (3, 4)]
    return {
        "union": "LCSZGH00",
        "name": "2026年流动体检车",
        "stops": "\n".join(stops),
        "windows": "08:00-09:30 14:00-15:30",
        "places": "30",
        "way": "first_come",
        "opens_at": f"{today:%Y-%m-%d}T00:00",
        "closes_at": f"{today + timedelta(days=4):%Y-%m-%d}T00:00",
    } | changed


def test_a_route_is_planned_and_announced(desk: Client) -> None:
    answer = desk.post("/desk/checkups/new/", _typed())
    assert answer.status_code == 302, re.findall(r"alert[^<]*<[^<]*", answer.content.decode())[:3]
    route = BusRoute.objects.get()
    assert answer.headers["Location"] == f"/desk/checkups/{route.offer.number}/"
    shares = {share.code: share.percent for share in Share.objects.filter(offer=route.offer)}
    assert shares == {"walk_in": 5, "new": 10, "open": None}
    assert route.offer.pools.count() == 12
    assert route.sites.filter(name="第3站", name_en="Site 3", address="东昌路3号").exists()
    assert desk.post(f"/desk/checkups/{route.offer.number}/announce/").status_code == 302
    page = desk.get(f"/desk/checkups/{route.offer.number}/")
    assert "第4站" in page.content.decode()
    day = BusDay.objects.order_by("day")[0]
    shown = desk.get(f"/desk/checkups/days/{day.pk}/").content.decode()
    assert "新就业形态 0/3" in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [("new_percent", "5"), ("stops", "no day"), ("windows", "8-9-10"), ("union", "XYZ"), ("windows", "09:00-08:00")],
)
def test_what_cannot_be_planned_says_so_at_its_field(desk: Client, field: str, value: str) -> None:
    answer = desk.post("/desk/checkups/new/", _typed(**{field: value}))
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode() or f"{field}" in answer.content.decode()
    assert not BusRoute.objects.exists()


def test_a_day_that_breaks_down_is_looked_at_and_moved_in_one_act(desk: Client, tree: Tree) -> None:
    desk.post("/desk/checkups/new/", _typed())
    route = BusRoute.objects.get()
    desk.post(f"/desk/checkups/{route.offer.number}/announce/")
    day, other = BusDay.objects.order_by("day")
    session = route.offer.sessions.order_by("starts_at")[0]
    people = [make_member(union=tree.couriers) for _nth in range(3)]
    for each in people:
        done = book(actor=system(), offer=route.offer_id, session=session.pk, worker=each.worker_id, now=timezone.now())
        assert done.booking_id, done
    url = f"/desk/checkups/days/{day.pk}/move/"
    busy = desk.post(url, {"day": f"{other.day}", "reason": "车辆故障", "look": "1"}).content.decode()
    assert "第4站" in busy
    assert 'name="do"' not in busy
    assert desk.post(url, {"day": f"{other.day}", "reason": "车辆故障", "do": "1"}).status_code == 422
    to = day.day + timedelta(days=7)
    plan = desk.post(url, {"day": f"{to}", "reason": "车辆故障", "look": "1"}).content.decode()
    assert 'name="do"' in plan
    assert not MovedBooking.objects.exists()
    answer = desk.post(url, {"day": f"{to}", "reason": "车辆故障", "do": "1"})
    assert answer.status_code == 302
    session.refresh_from_db()
    assert local_day(session.starts_at) == to
    assert Booking.objects.filter(session=session, state="booked").count() == 3
    assert MovedBooking.objects.count() == 3
    assert desk.post(url, {"day": f"{to}", "reason": "车辆故障", "do": "1"}).status_code == 422
    assert f"{to:%Y}" in desk.get(answer.headers["Location"]).content.decode()


def test_packages_are_dated_rows_and_a_new_one_ends_the_old(desk: Client) -> None:
    today = local_day(timezone.now())
    typed = {
        "union": "LCSZGH00",
        "code": "riders",
        "name": "骑手加项",
        "group": "courier",
        "items": "颈腰椎\n膝关节\n",
        "valid_from": f"{today}",
        "source_note": "2026年体检方案",
    }
    assert desk.post("/desk/checkups/packages/new/", typed).status_code == 302
    assert desk.post("/desk/checkups/packages/new/", typed).status_code == 422
    later = typed | {"valid_from": f"{today + timedelta(days=30)}", "items": "颈腰椎"}
    assert desk.post("/desk/checkups/packages/new/", later).status_code == 302
    past = typed | {"valid_from": f"{today - timedelta(days=1)}"}
    assert desk.post("/desk/checkups/packages/new/", past).status_code == 422
    rows = CheckPackage.objects.order_by("valid_from").values_list("items", "valid_until", "is_add_on")
    assert list(rows) == [(["颈腰椎", "膝关节"], today + timedelta(days=30), True), (["颈腰椎"], None, True)]
    shown = desk.get("/desk/checkups/packages/").content.decode()
    assert "颈腰椎、膝关节" in shown
    last = CheckPackage.objects.get(valid_until=None)
    assert desk.post(f"/desk/checkups/packages/{last.pk}/end/").status_code == 409


def test_who_travels_is_listed_masked_and_taken_out_by_name(desk: Client, tree: Tree) -> None:
    moment = timezone.now()
    draft = StayDraft(
        name="黄山五日", destination="黄山", is_outside=False, days=5, yuan_per_day=Decimal(300), places=10,
        departures=[local_day(moment) + timedelta(days=at) for at in (20, 40)], companions=1, way="first_come",
        opens_at=moment - timedelta(days=1), closes_at=moment + timedelta(days=9),
    )  # fmt: skip
    stay = offer_recuperation(actor=system(), union=tree.city, draft=draft, now=moment)
    announce_offer(actor=system(), offer=stay.offer, now=moment)
    member = make_member(union=tree.couriers, name="王小芳")
    first, later = stay.offer.sessions.order_by("starts_at")
    done = book(actor=system(), offer=stay.offer_id, session=first.pk, worker=member.worker_id, now=moment,
                wish=Wish(seats=2))  # fmt: skip
    page = f"/desk/recuperation/{stay.offer.number}/travelers/"
    shown = desk.get(page).content.decode()
    assert "王*芳" in shown
    assert "还有1人未填写" in shown
    assert done.booking_id is not None
    name_companions(actor=worker_of(member), booking_id=done.booking_id, companions=[("王大明", "父亲")], now=moment)
    shown = desk.get(f"{page}?departure={first.pk}").content.decode()
    assert "已全部填写" in shown
    assert "王大明" not in shown
    assert "王*芳" not in desk.get(f"{page}?departure={later.pk}").content.decode()
    assert desk.get(f"{page}?departure={stay.pk}").status_code == 404
    taken = desk.post(f"{page}excel?departure={first.pk}")
    rows = CalamineWorkbook.from_filelike(BytesIO(taken.getvalue())).get_sheet_by_index(0).to_python()
    assert [row[4:8] for row in rows[1:]] == [["王小芳", "会员", "", ""], ["王大明", "同行人", "父亲", "王小芳"]]
    assert AuditEntry.objects.get(action="activities.travelers_exported").detail["rows"] == 2
