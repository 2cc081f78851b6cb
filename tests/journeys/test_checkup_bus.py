"""The check-up bus: a scanner in the mountains and one in the valley, what both let in, and a bus that breaks down."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from nuanxin.access.actors import system
from nuanxin.activities.actions.routes import RouteDraft, Stop, assign_device, plan_route
from nuanxin.activities.models import Arrival, BusDay
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.offers import announce_offer
from nuanxin.bookings.models import Booking
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.cards import replace_card
from nuanxin.members.queries.memberships import identity_of
from nuanxin.web.counter.devices import COOKIE
from tests.factories.access import actor_for, make_account, make_device, make_post
from tests.factories.credentials import Held, make_credentials
from tests.factories.members import make_member, worker_of
from tests.journeys import desk_steps, steps
from tests.journeys.test_airplane import KEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import Page, ViewportSize

    from nuanxin.activities.models import BusRoute
    from nuanxin.members.models import Membership
    from tests.factories.organizations import Tree

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK: ViewportSize = {"width": 1440, "height": 900}


#: Three times of a day.
THREE = ((time(8), time(9, 30)), (time(9, 30), time(11)), (time(14), time(15, 30)))


@pytest.fixture
def route(tree: Tree) -> BusRoute:
    """Plan a bus that stands all day, today and the day after tomorrow."""
    return _planned(tree, ((time(0, 0), time(23, 59)),))


def _planned(tree: Tree, windows: Sequence[tuple[time, time]]) -> BusRoute:
    today, now = local_day(timezone.now()), timezone.now()
    draft = RouteDraft(
        name="流动体检车",
        stops=[Stop(today, "政务中心"), Stop(today + timedelta(days=2), "物流园")],
        windows=windows,
        places=20,
        opens_at=now - timedelta(days=4),
        closes_at=now + timedelta(days=3),
    )
    made = plan_route(actor=system(), union=tree.city, draft=draft, now=now - timedelta(days=2))
    announce_offer(actor=system(), offer=made.offer, now=now - timedelta(days=2))
    return made


def _member(tree: Tree, route: BusRoute | None, nth: int = 0, **fields: Any) -> tuple[Membership, list[Held]]:
    member = make_member(union=tree.couriers, **fields)
    actor = worker_of(member)
    if route is not None:
        session = route.offer.sessions.order_by("starts_at")[nth]
        then = timezone.now() - timedelta(days=1)
        done = book(actor=system(), offer=route.offer_id, session=session.pk, worker=member.worker_id, now=then)
        assert done.booking_id, done
    return member, make_credentials(actor, now=timezone.now(), count=2)


def _scanner(page: Page, route: BusRoute, tree: Tree, name: str) -> Page:
    """Make a window a scanner of today's bus that has its list."""
    device, key = make_device(union=tree.city, name=name)
    day = BusDay.objects.select_related("route__offer__union").filter(route=route).order_by("day")[0]
    assign_device(actor=system(), bus_day=day, device=device, now=timezone.now())
    page.goto("/healthz")
    origin = re.sub(r"/healthz$", "", page.url)
    page.context.add_cookies([{"name": COOKIE, "value": key, "url": f"{origin}/counter/"}])
    page.goto("/counter/bus/")
    expect(page.locator("[data-sync=ready]")).to_be_visible(timeout=20_000)
    for _look in range(150):
        if page.evaluate(KEPT, "/counter/bus/"):
            break
        page.wait_for_timeout(100)
    return page


def _scan(page: Page, held: Held) -> tuple[str, str]:
    """Type the code that a phone shows now; return the answer and what the screen says."""
    page.locator("form.ct-code input[name=code]").fill(held.code_at(timezone.now()))
    page.locator("form.ct-code input[name=code]").press("Enter")
    shown = page.locator("#ct-sheet [data-answer]")
    expect(shown).to_be_visible(timeout=15_000)
    return shown.get_attribute("data-answer") or "", shown.inner_text()


def _next(page: Page) -> None:
    page.locator("[data-sheet-close]").click()
    expect(page.locator("#ct-sheet")).to_be_hidden()


def test_a_scanner_without_network_and_one_with_it_agree_in_the_end(
    phone: Callable[..., Page], route: BusRoute, tree: Tree
) -> None:
    booked, its = _member(tree, route)
    lost, lost_its = _member(tree, route)
    _walker, walk_its = _member(tree, None, began_on=local_day(timezone.now()))
    away = _scanner(phone(), route, tree, "1号机")
    valley = _scanner(phone(), route, tree, "2号机")
    away.context.set_offline(True)
    away.reload()
    expect(away.locator("[data-sync=ready]")).to_be_visible(timeout=15_000)
    replace_card(actor=actor_for("registrar", union=tree.city), number=lost.number, reason="lost", now=timezone.now())
    assert _scan(away, its[0])[0] == "booked"
    assert "A-001" in away.locator("#ct-sheet").inner_text()
    _next(away)
    assert _scan(away, its[1])[0] == "already"
    _next(away)
    assert _scan(away, lost_its[0])[0] == "booked"
    _next(away)
    assert _scan(away, walk_its[0])[0] == "not_listed"
    away.locator("[data-let-in]").click()
    expect(away.locator("#ct-sheet [data-answer=walk_in]")).to_be_visible()
    assert "A-003" in away.locator("#ct-sheet").inner_text()
    _next(away)
    expect(away.locator("[data-count=waiting]")).to_have_text("3")
    assert Arrival.objects.count() == 0
    assert _scan(valley, its[1])[0] == "booked"
    _next(valley)
    expect(valley.locator("[data-count=waiting]")).to_have_text("0", timeout=15_000)
    away.context.set_offline(False)
    expect(away.locator("[data-count=waiting]")).to_have_text("0", timeout=20_000)
    expect(away.locator("[data-count=clashes]")).to_have_text("2")
    assert sorted(Arrival.objects.exclude(clash="").values_list("clash", flat=True)) == ["double", "revoked"]
    assert Booking.objects.get(worker=booked.worker_id).state == "checked_in"
    _queue(valley, booked)
    _decide(phone, tree)


def _queue(page: Page, booked: Membership) -> None:
    page.goto("/counter/bus/queue/")
    expect(page.locator(".ct-queue-list")).to_contain_text("A-003")
    page.locator("form[action$='/next/'] button").click()
    expect(page.locator(".ct-queue-now")).to_have_text("A-001")
    assert booked.worker.name not in page.locator("main").inner_text()


def _sign_in(desk: Page, tree: Tree) -> None:
    account = make_account(password=desk_steps.OWN_PASSWORD)
    make_post(role="services", union=tree.city, account=account)
    desk_steps.sign_in(desk, account.username, desk_steps.OWN_PASSWORD)


def _decide(phone: Callable[..., Page], tree: Tree) -> None:
    desk = phone(viewport=DESK)
    _sign_in(desk, tree)
    desk.goto("/desk/checkups/clashes/")
    expect(desk.locator("tbody tr")).to_have_count(2)
    desk.locator("tbody tr", has_text="补办").or_(desk.locator("tbody tr").nth(0)).first.locator("a").click()
    desk.locator("input[name=stands][value=no]").check()
    desk.fill("[name=reason]", "现场核对，不计入")
    desk.locator("main button[type=submit]").click()
    expect(desk.locator("tbody tr")).to_have_count(1)


def test_a_bus_that_breaks_down_takes_everybody_of_three_times_along(phone: Callable[..., Page], tree: Tree) -> None:
    route = _planned(tree, THREE)
    members = [_member(tree, route, nth, name="王小芳")[0] for nth in (3, 3, 4, 5)]
    day = BusDay.objects.filter(route=route).order_by("day")[1]
    to = day.day + timedelta(days=3)
    desk = phone(viewport=DESK)
    _sign_in(desk, tree)
    desk.goto(f"/desk/checkups/days/{day.pk}/")
    desk.locator("a[href$='/move/']").click()
    desk.fill("[name=day]", f"{to}")
    desk.fill("[name=reason]", "车辆故障，正在抢修")
    desk.locator("button[name=look]").click()
    expect(desk.locator("#plan tbody tr")).to_have_count(3)
    assert [row.locator("td").last.inner_text() for row in desk.locator("#plan tbody tr").all()] == ["2", "1", "1"]
    desk.locator("button[name=do]").click()
    expect(desk).to_have_url(re.compile(r"/desk/checkups/days/"))
    expect(desk.locator("tbody tr")).to_have_count(3)
    moved = Booking.objects.filter(state="booked").values_list("session__starts_at", flat=True)
    times = [timezone.localtime(each) for each in moved.order_by("session__starts_at")]
    assert [(each.date(), each.time()) for each in times] == [(to, THREE[nth][0]) for nth in (0, 0, 1, 2)]
    first = members[0]
    own = phone()
    number = PersonKey(first.worker.sealed_key).unseal(first.worker.sealed_phone)
    steps.sign_in(own, number, identity_of(first)[-6:])
    own.goto("/check-ups/")
    expect(own.get_by_text("原因：车辆故障，正在抢修")).to_be_visible()
    own.locator("form[action*='cannot-come'] button").click()
    expect(own.locator("form[action*='cannot-come']")).to_have_count(0)
    given = Booking.objects.get(worker=first.worker_id)
    assert (given.state, given.end_reason, given.nth) == ("cancelled", "moved", None)
