"""Offers at the desk: made, divided, announced, resized, cancelled; group booking; what others may not see."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from nuanxin.bookings.actions.exporting import export_bookings
from nuanxin.bookings.models import Booking, Offer, Pool
from nuanxin.bookings.queries.desk import find_bookings
from nuanxin.records.models import AuditEntry
from tests.factories.access import actor_for
from tests.factories.members import make_member
from tests.factories.organizations import make_union
from tests.web.desk.conftest import cadre
from tests.web.worker.test_bookings import a_session, book, offered, phone_of, text_of

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(tree: Tree) -> Client:
    """Return a desk at which the city's service officer is signed in."""
    return cadre("services", union=tree.city)


def _says(tree: Tree, **fields: Any) -> dict[str, Any]:
    day = timezone.localtime() + timedelta(days=1)
    return {
        "kind": "check_up",
        "name": "流动体检车",
        "union": tree.city.code,
        "way": "first_come",
        "opens_at": f"{day:%Y-%m-%dT09:00}",
        "closes_at": f"{day + timedelta(days=14):%Y-%m-%dT18:00}",
        "waits": "on",
        "offer_minutes": 60,
        "hold_minutes": 0,
        "most_seats": 1,
        "limit_count": 1,
        "limit_period": "year",
        "cancel_until_hours": 24,
        "no_show": "counts",
        "bar_days": 0,
        "early_minutes": 30,
        "who-members": ["active"],
        "who-groups": ["courier", "food_delivery_rider"],
        "who-least": 18,
        "who-period": "year",
    } | fields


def _divided(**fields: Any) -> dict[str, Any]:
    day = timezone.localtime().date() + timedelta(days=20)
    rows: dict[str, Any] = {f"s{row}-kind": "open" for row in range(5)}
    rows |= {"s0-name": "快递员", "s0-kind": "reserved", "s0-percent": 10, "s0-groups": ["courier"]}
    rows |= {"s1-name": "公开名额", "s1-kind": "open"}
    return (
        rows
        | {
            "t-first_day": f"{day:%Y-%m-%d}",
            "t-last_day": f"{day + timedelta(days=1):%Y-%m-%d}",
            "t-windows": "09:00-10:00\n10:00-11:00",
            "t-sites": "光岳楼驿站|Guangyue Tower\n振兴路驿站",
            "t-places": 36,
        }
        | fields
    )


def test_an_offer_is_made_divided_announced_and_opened(desk: Client, tree: Tree) -> None:
    made = desk.post("/desk/bookings/new/", _says(tree))
    offer = Offer.objects.get()
    assert made["Location"] == f"/desk/bookings/{offer.number}/places/"
    assert [check["check"] for check in offer.checks] == ["member", "group", "age"]
    kept = desk.post(made["Location"], _divided())
    assert kept["Location"] == f"/desk/bookings/{offer.number}/"
    assert offer.sessions.count() == 8
    assert sorted(Pool.objects.values_list("capacity", flat=True)) == [4] * 8 + [32] * 8
    home = kept["Location"]
    page = text_of(desk.get(home))
    assert "0 / 32" in page
    assert "光岳楼驿站" in page
    for verb in ("announce", "open", "close"):
        assert desk.get(f"{home}act/{verb}/").status_code == 200
        desk.post(f"{home}act/{verb}/")
    offer.refresh_from_db()
    assert offer.state == "closed"


def test_shares_that_do_not_add_up_are_told_while_typing_and_nothing_is_kept(desk: Client, tree: Tree) -> None:
    desk.post("/desk/bookings/new/", _says(tree))
    offer = Offer.objects.get()
    wrong = _divided(**{"s0-percent": "", "s0-amount": 40})
    address = f"/desk/bookings/{offer.number}/places/"
    assert "超过了总名额" in text_of(desk.post(f"{address}check/", wrong))
    refused = desk.post(address, wrong)
    assert refused.status_code == 422
    assert "超过了总名额" in text_of(refused)
    assert not Pool.objects.exists()
    right = text_of(desk.post(f"{address}check/", _divided()))
    assert "8 场，共 288 个名额" in right


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("t-windows", "9 点到 10 点", "不是时段"), ("t-last_day", "2020-01-01", "早于开始"), ("t-places", "", "多少人")],
)
def test_what_cannot_be_read_of_sessions_is_said_and_typed_words_stay(
    desk: Client, tree: Tree, field: str, value: str, words: str
) -> None:
    desk.post("/desk/bookings/new/", _says(tree))
    offer = Offer.objects.get()
    page = text_of(desk.post(f"/desk/bookings/{offer.number}/places/", _divided(**{field: value})))
    assert words in page
    assert "振兴路驿站" in page
    assert not offer.sessions.exists()


def test_the_preview_says_of_how_many_members_how_many_may(desk: Client, tree: Tree) -> None:
    make_member(union=tree.couriers)
    make_member(union=tree.couriers, group="truck_driver")
    page = text_of(desk.post("/desk/bookings/preview/", _says(tree, **{"who-groups": ["courier"]})))
    assert "2 名会员中，<strong>1</strong> 人可以参加" in page


def test_an_announced_offer_keeps_what_was_promised(desk: Client, tree: Tree) -> None:
    offer = offered(tree, places=5, limit_count=1, limit_period="year")
    desk.post(f"/desk/bookings/{offer.number}/edit/", _says(tree, name="新名字", limit_count=9, kind="event"))
    offer.refresh_from_db()
    assert (offer.name, offer.limit_count, offer.kind) == ("新名字", 1, "check_up")


def test_a_pool_made_too_small_names_who_would_lose(desk: Client, tree: Tree) -> None:
    offer = offered(tree, places=3)
    for _each in range(2):
        book(phone_of(make_member(union=tree.couriers, name="赵长路")), offer)
    pool = Pool.objects.get()
    address = f"/desk/bookings/{offer.number}/pools/{pool.pk}/"
    refused = desk.post(address, {"capacity": 1})
    assert refused.status_code == 409
    assert "赵*路" in text_of(refused)
    pool.refresh_from_db()
    assert (pool.capacity, pool.taken) == (3, 2)
    desk.post(address, {"capacity": 2})
    pool.refresh_from_db()
    assert pool.capacity == 2


def test_cancelling_asks_for_a_reason_and_ends_every_booking(desk: Client, tree: Tree) -> None:
    offer = offered(tree, places=3)
    book(phone_of(make_member(union=tree.couriers)), offer)
    address = f"/desk/bookings/{offer.number}/act/cancel/"
    assert desk.post(address, {"reason": ""}).status_code == 422
    assert Booking.objects.get().state == "booked"
    desk.post(address, {"reason": "体检车故障"})
    assert Booking.objects.get().state == "cancelled"
    offer.refresh_from_db()
    assert offer.state == "cancelled"


def test_a_session_is_moved_or_cancelled_and_says_how_many_are_told(desk: Client, tree: Tree) -> None:
    offer = offered(tree, sessions=[a_session(3)])
    session = offer.sessions.get()
    book(phone_of(make_member(union=tree.couriers)), offer)
    base = f"/desk/bookings/{offer.number}/sessions/{session.pk}/"
    later = timezone.localtime(session.starts_at) + timedelta(days=1)
    moved = {
        "starts_at": f"{later:%Y-%m-%dT%H:%M}",
        "ends_at": f"{later + timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "place": "振兴路驿站",
        "reason": "下雪",
    }
    assert "通知了 1 人" in text_of(desk.post(f"{base}move/", moved, follow=True))
    assert Booking.objects.get().state == "booked"
    assert "已取消 1 个预约" in text_of(desk.post(f"{base}cancel/", {"reason": "大雪"}, follow=True))
    assert Booking.objects.get().state == "cancelled"


def test_a_group_is_booked_all_or_nobody_and_every_refusal_is_named(desk: Client, tree: Tree) -> None:
    offer = offered(tree, places=5, checks=[{"check": "member"}, {"check": "group", "groups": ["courier"]}])
    fit = [make_member(union=tree.couriers) for _each in range(2)]
    unfit = [make_member(union=tree.couriers, group="truck_driver") for _each in range(2)]
    address = f"/desk/bookings/{offer.number}/group/"
    refused = desk.post(address, {"numbers": "\n".join(each.number for each in (*fit, *unfit))})
    page = text_of(refused)
    assert refused.status_code == 409
    assert all(f"<strong>{each.number}</strong>" in page for each in unfit)
    assert not Booking.objects.exists()
    desk.post(address, {"numbers": "，".join(each.number for each in fit)})
    assert Booking.objects.filter(state="booked").count() == 2


def test_bookings_are_found_and_go_out_to_excel_recorded(desk: Client, tree: Tree) -> None:
    offer = offered(tree, places=5)
    for name in ("赵长路", "李小雨"):
        book(phone_of(make_member(union=tree.couriers, name=name)), offer)
    address = f"/desk/bookings/{offer.number}/bookings"
    found = text_of(desk.get(f"{address}/?q=长路"))
    assert "赵*路" in found
    assert "李*雨" not in found
    sent = desk.post(f"{address}.xlsx?q=长路")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(sent.streaming_content))).get_sheet_by_index(0)  # type: ignore[attr-defined]
    assert [row[2] for row in sheet.to_python()][1:] == ["赵长路"]
    assert AuditEntry.objects.get(action="bookings.list_exported").detail["rows"] == 1


def test_a_cadre_cancels_in_a_members_name_and_the_place_goes_on(desk: Client, tree: Tree) -> None:
    offer = offered(tree, places=1, waits=True)
    first, second = (phone_of(make_member(union=tree.couriers)) for _each in range(2))
    book(first, offer)
    book(second, offer)
    assert "候补中" in text_of(desk.get(f"/desk/bookings/{offer.number}/waiting/"))
    number = Booking.objects.get().number
    desk.post(f"/desk/bookings/booking/{number}/cancel/", {"reason": "本人来电"})
    assert Booking.objects.get(number=number).state == "cancelled"
    assert Booking.objects.filter(state="held").count() == 1


def test_a_released_share_is_open_to_everybody(desk: Client, tree: Tree) -> None:
    desk.post("/desk/bookings/new/", _says(tree))
    offer = Offer.objects.get()
    desk.post(f"/desk/bookings/{offer.number}/places/", _divided())
    desk.post(f"/desk/bookings/{offer.number}/act/announce/")
    share = offer.shares.get(kind="reserved")
    address = f"/desk/bookings/{offer.number}/shares/{share.pk}/release/"
    assert "32 个名额" in text_of(desk.get(address))
    desk.post(address)
    assert sorted(Pool.objects.values_list("capacity", flat=True)) == [0] * 8 + [36] * 8


def test_cadres_of_another_city_see_nothing_of_it(desk: Client, tree: Tree) -> None:
    offer = offered(tree, places=1)
    elsewhere = make_union(parent=tree.nation, region="37", name="山东省某行业工会", code="SDHYGH00", kind="industry")
    stranger = cadre("services", union=elsewhere)
    assert stranger.get(f"/desk/bookings/{offer.number}/").status_code == 404
    assert offer.number not in text_of(stranger.get("/desk/bookings/"))
    assert stranger.post(f"/desk/bookings/{offer.number}/act/cancel/", {"reason": "x"}).status_code == 404


def test_a_union_below_books_for_its_members_and_sees_only_them(desk: Client, tree: Tree) -> None:
    offer = offered(tree, places=5)
    book(phone_of(make_member(union=tree.village, name="李小雨")), offer)
    below = cadre("services", union=tree.couriers)
    own = make_member(union=tree.couriers, name="赵长路")
    below.post(f"/desk/bookings/{offer.number}/group/", {"numbers": own.number})
    page = text_of(below.get(f"/desk/bookings/{offer.number}/bookings/"))
    assert "赵*路" in page
    assert "李*雨" not in page
    assert below.post(f"/desk/bookings/{offer.number}/act/cancel/", {"reason": "x"}).status_code in (403, 404)


def test_somebody_is_checked_in_by_hand_once(desk: Client, tree: Tree) -> None:
    offer = offered(tree, places=1)
    book(phone_of(make_member(union=tree.couriers, name="赵长路")), offer)
    address = f"/desk/bookings/booking/{Booking.objects.get().number}/came/"
    assert "赵*路 已签到" in text_of(desk.post(address, follow=True))
    assert "已于" in text_of(desk.post(address, follow=True))
    assert Booking.objects.get().state == "checked_in"


def test_ticked_sessions_are_postponed_and_cancelled_in_one_act(desk: Client, tree: Tree) -> None:
    offer = offered(tree, sessions=[a_session(3), a_session(4), a_session(5)])
    ones = list(offer.sessions.order_by("starts_at"))
    book(phone_of(make_member(union=tree.couriers)), offer)
    base = f"/desk/bookings/{offer.number}/"
    ticked = f"s={ones[0].pk}&s={ones[1].pk}"
    assert "推迟这 2 场" in text_of(desk.get(f"{base}sessions/move/?{ticked}"))
    assert "3 场" in text_of(desk.get(f"{base}sessions/cancel/?all=1"))
    sent = {"s": f"{ones[0].pk},{ones[1].pk}", "days": "1", "minutes": "30", "reason": "下雪"}
    assert desk.post(f"{base}sessions/move/", sent | {"days": "", "minutes": ""}).status_code == 422
    assert "已推迟 2 场" in text_of(desk.post(f"{base}sessions/move/", sent, follow=True))
    moved = [each.starts_at for each in offer.sessions.order_by("starts_at")]
    later = timedelta(days=1, minutes=30)
    assert sorted([ones[0].starts_at + later, ones[1].starts_at + later, ones[2].starts_at]) == moved
    assert "已取消 2 场" in text_of(desk.post(f"{base}sessions/cancel/", sent, follow=True))
    assert sorted(offer.sessions.values_list("state", flat=True)) == ["cancelled", "cancelled", "planned"]
    assert "请先勾选" in text_of(desk.post(f"{base}sessions/cancel/", {"s": "x", "reason": "雪"}, follow=True))
    below = cadre("services", union=tree.couriers)
    assert below.post(f"{base}sessions/cancel/", {"s": str(ones[2].pk), "reason": "雪"}).status_code in (403, 404)
    assert offer.sessions.filter(state="planned").exists()


def test_a_share_is_for_whom_any_conditions_say_and_from_its_hour(desk: Client, tree: Tree) -> None:
    desk.post("/desk/bookings/new/", _says(tree))
    offer = Offer.objects.get()
    address = f"/desk/bookings/{offer.number}/places/"
    who = {"s0-unions": tree.couriers.name, "s0-least": 40, "s0-assurance": "seen", "s0-opens_at": "2027-01-01T09:00"}
    refused = desk.post(address, _divided(**who | {"s0-unions": "没有这个工会"}))
    assert refused.status_code == 422
    assert not Pool.objects.exists()
    desk.post(address, _divided(**who))
    share = offer.shares.get(kind="reserved")
    assert [check["check"] for check in share.who] == ["group", "union", "age", "assurance"]
    assert timezone.localtime(share.opens_at).hour == 9
    page = text_of(desk.get(address))
    assert tree.couriers.name in page


def test_conditions_of_a_rule_stay_when_a_draft_is_changed(desk: Client, tree: Tree) -> None:
    desk.post("/desk/bookings/new/", _says(tree))
    offer = Offer.objects.get()
    rule = {"check": "not_served_for", "kind": "recuperation_outside", "years": 3}
    Offer.objects.update(checks=[*offer.checks, rule])
    desk.post(f"/desk/bookings/{offer.number}/edit/", _says(tree, name="新名字"))
    offer.refresh_from_db()
    assert (offer.name, offer.checks[-1]["check"]) == ("新名字", "not_served_for")


def test_who_waits_is_found_and_goes_out_to_excel_recorded(desk: Client, tree: Tree) -> None:
    offer = offered(tree, places=1, waits=True)
    for name in ("王一", "赵长路", "李小雨"):
        book(phone_of(make_member(union=tree.couriers, name=name)), offer)
    address = f"/desk/bookings/{offer.number}/waiting"
    found = text_of(desk.get(f"{address}/?q=长路"))
    assert "赵*路" in found
    assert "李*雨" not in found
    assert "赵*路" not in text_of(desk.get(f"{address}/?state=left"))
    sent = desk.post(f"{address}.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(sent.streaming_content))).get_sheet_by_index(0)  # type: ignore[attr-defined]
    assert [row[1] for row in sheet.to_python()][1:] == ["赵长路", "李小雨"]
    assert AuditEntry.objects.get(action="bookings.waiting_exported").detail["rows"] == 2


def test_a_list_leaves_only_where_it_may_be_exported(tree: Tree) -> None:
    """Somebody who sees all bookings in one post and may export in another one gets only what the other one reaches."""
    offer = offered(tree, places=5)
    for union, name in ((tree.village, "李小雨"), (tree.couriers, "赵长路")):
        book(phone_of(make_member(union=union, name=name)), offer)
    actor = actor_for("organizer", union=tree.city)
    both = replace(actor, grants=(*actor.grants, *actor_for("services", union=tree.couriers).grants))
    seen = find_bookings(both, offer)
    taken = export_bookings(actor=both, offer=offer, bookings=seen, now=timezone.now())
    assert (seen.count(), [each.worker.name for each in taken]) == (2, ["赵长路"])


def test_one_member_is_booked_put_on_the_list_or_told_every_reason(desk: Client, tree: Tree) -> None:
    offer = offered(tree, places=1, waits=True, checks=[{"check": "member"}, {"check": "group", "groups": ["courier"]}])
    address = f"/desk/bookings/{offer.number}/member/"
    first, second = (make_member(union=tree.couriers) for _each in range(2))
    unfit = make_member(union=tree.couriers, group="truck_driver")
    assert "预约成功" in text_of(desk.post(address, {"member": first.number, "seats": 1}, follow=True))
    assert "候补名单" in text_of(desk.post(address, {"member": second.number, "seats": 1}, follow=True))
    refused = desk.post(address, {"member": unfit.number, "seats": 1})
    assert refused.status_code == 409
    assert f"<strong>{unfit.number}</strong>" in text_of(refused)
    assert desk.post(address, {"member": "37150000000000", "seats": 1}).status_code == 422
    stranger = make_member(union=tree.village)
    below = cadre("services", union=tree.couriers)
    assert below.post(address, {"member": stranger.number, "seats": 1}).status_code in (403, 404, 422)
    assert (Booking.objects.count(), offer.waiting.count()) == (1, 1)
