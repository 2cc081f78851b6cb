"""What members see of offers: what applies, why not the rest; booking, waiting, taking, giving back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nuanxin.access.actors import system
from nuanxin.bookings.actions.ending import cancel, expire_holds
from nuanxin.bookings.actions.places import EVERYBODY, SessionDraft, ShareDraft
from nuanxin.bookings.models import Booking, Offer, Waiting
from nuanxin.bookings.queries.browsing import offers_for
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories.bookings import make_open_offer
from tests.factories.members import make_member, worker_of

if TYPE_CHECKING:
    from nuanxin.members.models import Membership
    from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db


def phone_of(member: Membership) -> Client:
    """Return a phone on which a member is signed in."""
    worker_of(member)
    client = Client()
    client.force_login(member.worker.account, backend=PHONE_CODE)  # type: ignore[arg-type]
    return client


def offered(tree: Tree, **fields: Any) -> Offer:
    """Make an offer that is open in the hour of the server."""
    now = timezone.now()
    says: dict[str, Any] = {
        "opens_at": now - timedelta(hours=1),
        "closes_at": now + timedelta(days=7),
        "name": "体检车",
    }
    says |= fields
    return make_open_offer(union=tree.city, **says)


def a_session(places: int, days: int = 9, place: str = "光岳楼驿站") -> SessionDraft:
    """Describe a session of an hour, some days from now."""
    starts = timezone.now() + timedelta(days=days)
    return SessionDraft(starts, starts + timedelta(hours=1), places, place)


def book(phone: Client, offer: Offer, **chosen: Any) -> Any:
    """Tap the button."""
    if offer.sessions.exists():
        chosen = {"session": str(offer.sessions.order_by("starts_at")[0].pk)} | chosen
    return phone.post(f"/offers/{offer.number}/book/", chosen)


def text_of(response: Any) -> str:
    """Return the page as text."""
    return str(response.content.decode())


def test_the_list_says_what_applies_and_every_reason_why_the_rest_does_not(tree: Tree) -> None:
    offered(tree, name="电影夜", kind="event", places=3)
    picky = [{"check": "group", "groups": ["truck_driver"]}, {"check": "member_for", "days": 400}]
    offered(tree, name="行车安全课", kind="course", places=3, checks=picky)
    phone = phone_of(make_member(union=tree.couriers))
    page = text_of(phone.get("/offers/"))
    mine, others = page.split("暂时不适合您的")
    assert "电影夜" in mine
    assert "行车安全课" not in mine
    assert "行车安全课" in others
    assert "货车司机" in others
    assert "入会满400天" in others
    assert "行车安全课" not in text_of(phone.get("/offers/?kind=event"))


def test_the_list_takes_a_fixed_number_of_statements(tree: Tree) -> None:
    actor = worker_of(make_member(union=tree.couriers))
    for each in range(2):
        offered(tree, name=f"项目{each}", sessions=[a_session(3)])

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            offers_for(actor, now=timezone.now())
        return len(seen)

    few = statements()
    for each in range(5):
        offered(tree, name=f"更多{each}", sessions=[a_session(3)])
    assert statements() == few


def test_one_tap_books_and_two_taps_book_once(tree: Tree) -> None:
    offer = offered(tree, sessions=[a_session(3)])
    phone = phone_of(make_member(union=tree.couriers))
    first, second = book(phone, offer), book(phone, offer)
    booking = Booking.objects.get()
    assert first.url == second.url == f"/bookings/{booking.number}/"
    ticket = text_of(phone.get(first.url))
    assert "光岳楼驿站" in ticket
    assert booking.number in ticket
    assert phone.get(first.url)["X-Nuanxin-Keep"] == "offline"
    assert "体检车" in text_of(phone.get("/bookings/"))


def test_a_refusal_names_every_reason_and_keeps_what_was_chosen(tree: Tree) -> None:
    picky = [{"check": "group", "groups": ["truck_driver"]}, {"check": "age", "least": 60}]
    offer = offered(tree, sessions=[a_session(3), a_session(3, 10)], checks=picky)
    session = str(offer.sessions.order_by("-starts_at")[0].pk)
    response = book(phone_of(make_member(union=tree.couriers)), offer, session=session)
    page = text_of(response)
    assert response.status_code == 409
    assert "货车司机" in page
    assert "60" in page
    assert not Booking.objects.exists()


def test_without_a_session_the_page_asks_for_one(tree: Tree) -> None:
    offer = offered(tree, sessions=[a_session(3), a_session(3, 10)])
    response = book(phone_of(make_member(union=tree.couriers)), offer, session="")
    assert "请先选一个时间" in text_of(response)
    assert not Booking.objects.exists()


def test_whoever_waits_is_offered_the_place_and_takes_it(tree: Tree) -> None:
    offer = offered(tree, places=1, waits=True)
    holder, waiter = phone_of(make_member(union=tree.couriers)), phone_of(make_member(union=tree.couriers))
    book(holder, offer)
    assert "候补名单第 1 位" in text_of(waiter.get(book(waiter, offer).url))
    number = Booking.objects.get().number
    assert "之前都可以退回" in text_of(holder.get(f"/bookings/{number}/cancel/"))
    holder.post(f"/bookings/{number}/cancel/")
    kept = Booking.objects.get(state="held")
    page = text_of(waiter.get(f"/bookings/{kept.number}/"))
    assert "data-countdown" in page
    assert "我要这个名额" in page
    for _tap in range(2):
        waiter.post(f"/bookings/{kept.number}/confirm/")
    kept.refresh_from_db()
    assert kept.state == "booked"
    assert Waiting.objects.get().state == "taken"
    assert "已退回或取消" in text_of(holder.get("/bookings/"))


def test_a_kept_place_that_was_not_taken_says_so(tree: Tree) -> None:
    offer = offered(tree, places=1, waits=True)
    holder, waiter = make_member(union=tree.couriers), phone_of(make_member(union=tree.couriers))
    book(phone_of(holder), offer)
    book(waiter, offer)
    cancel(actor=worker_of(holder), booking_id=Booking.objects.get().pk, now=timezone.now())
    kept = Booking.objects.get(state="held")
    expire_holds(actor=system(), now=timezone.now() + timedelta(days=1))
    page = text_of(waiter.post(f"/bookings/{kept.number}/confirm/", follow=True))
    assert "保留时间已过" in page
    assert "未及时确认" in page


def test_too_late_to_give_back_says_until_when_and_whom_to_call(tree: Tree) -> None:
    offer = offered(tree, sessions=[a_session(3, 1)], cancel_until_hours=48)
    phone = phone_of(make_member(union=tree.couriers))
    address = book(phone, offer).url
    question = text_of(phone.get(f"{address}cancel/"))
    assert "现在已经过了时间" in question
    assert "12351" in question
    assert "12351" in text_of(phone.post(f"{address}cancel/", follow=True))
    assert Booking.objects.get().state == "booked"


def test_leaving_the_list_asks_once_and_says_the_place(tree: Tree) -> None:
    offer = offered(tree, places=1, waits=True)
    book(phone_of(make_member(union=tree.couriers)), offer)
    phone = phone_of(make_member(union=tree.couriers))
    book(phone, offer)
    row = Waiting.objects.get()
    assert "第 1 位" in text_of(phone.get(f"/waiting/{row.pk}/leave/"))
    phone.post(f"/waiting/{row.pk}/leave/")
    row.refresh_from_db()
    assert row.state == "left"


def test_applying_by_priority_shows_the_points(tree: Tree) -> None:
    offer = offered(tree, way="priority", sessions=[a_session(3)])
    phone = phone_of(make_member(union=tree.couriers))
    page = text_of(phone.get(book(phone, offer, employer_check_up="no").url))
    row = Waiting.objects.get()
    assert row.said == {"employer_check_up": False}
    assert f"您的分数：{row.score}" in page
    assert "单位没有安排体检" in page


def test_bookings_of_others_are_not_there(tree: Tree) -> None:
    offer = offered(tree, places=2, waits=True)
    book(phone_of(make_member(union=tree.couriers)), offer)
    number = Booking.objects.get().number
    stranger = phone_of(make_member(union=tree.couriers))
    for path in ("", "cancel/"):
        assert stranger.get(f"/bookings/{number}/{path}").status_code == 404
    assert stranger.post(f"/bookings/{number}/confirm/").status_code == 404
    assert stranger.post(f"/bookings/{number}/cancel/").status_code == 404
    assert Booking.objects.get().state == "booked"


def test_many_sessions_are_chosen_by_place_and_day(tree: Tree) -> None:
    sessions = [a_session(2, days, place) for days in (5, 6) for place in ("甲站", "乙站") for _ in range(4)]
    offer = offered(tree, sessions=sessions, shares=(EVERYBODY,))
    phone = phone_of(make_member(union=tree.couriers))
    page = text_of(phone.get(f"/offers/{offer.number}/"))
    assert page.count('name="session"') == 4
    assert "甲站" in page
    other = text_of(phone.get(f"/offers/{offer.number}/?place=乙站"))
    assert 'value="乙站" selected' in other


def test_a_share_says_for_whom_and_how_many_are_left(tree: Tree) -> None:
    who = [{"check": "group", "groups": ["truck_driver"]}]
    shares = (ShareDraft("drivers", "货车司机专享", "reserved", percent=50, who=who), EVERYBODY)
    offer = offered(tree, places=10, shares=shares)
    page = text_of(phone_of(make_member(union=tree.couriers)).get(f"/offers/{offer.number}/"))
    assert "货车司机专享" in page
    assert page.count("您可以约") == 1
    assert "剩 5 / 共 5" in page
