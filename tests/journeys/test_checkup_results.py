"""A report from the clinic's counter to the member's phone: sealed on its way, and only counted at the desk."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from nuanxin.access.actions import add_staff
from nuanxin.access.actors import system
from nuanxin.activities.actions.routes import RouteDraft, Stop, plan_route
from nuanxin.activities.models import CheckResult
from nuanxin.bookings.actions.arriving import check_in
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.offers import announce_offer
from nuanxin.bookings.models import Booking
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Membership
from nuanxin.members.queries.memberships import identity_of
from nuanxin.web.counter.devices import COOKIE
from tests.factories.access import actor_for, make_account, make_post
from tests.factories.members import make_member
from tests.factories.partners import make_contract, make_counter, make_partner, make_place
from tests.journeys import desk_steps, steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import FilePayload, Page
    from pytest_django.live_server_helper import LiveServer

    from nuanxin.organizations.models import Partner
    from tests.factories.organizations import Tree

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PDF = b"%PDF-1.7 report"


def _came(tree: Tree, clinic: Partner) -> Booking:
    """Let a member come to a bus of a clinic today."""
    now = timezone.now()
    draft = RouteDraft(
        name="流动体检车",
        stops=[Stop(local_day(now), "政务中心")],
        windows=[(time(0, 0), time(23, 59))],
        places=20,
        opens_at=now - timedelta(days=4),
        closes_at=now + timedelta(days=3),
        clinic=clinic,
    )
    route = plan_route(actor=system(), union=tree.city, draft=draft, now=now - timedelta(days=2))
    announce_offer(actor=system(), offer=route.offer, now=now - timedelta(days=2))
    member = make_member(union=tree.couriers, name="王小芳")
    session = route.offer.sessions.get()
    then = now - timedelta(days=1)
    done = book(actor=system(), offer=route.offer_id, session=session.pk, worker=member.worker_id, now=then)
    assert done.booking_id is not None
    check_in(actor=system(), booking_id=done.booking_id, now=now)
    return Booking.objects.select_related("worker", "offer").get(pk=done.booking_id)


def _hand_in(counter: Page, booking: Booking, digits: str) -> None:
    """Let the clinic's person stand at the counter and give a report: a wrong file first, a wrong number later."""
    counter.goto("/counter/")
    counter.get_by_role("link", name="确认当班人员").click()
    counter.locator("input[name=pin]").fill(digits)
    counter.get_by_role("button", name="我来当班").click()
    counter.goto("/counter/")
    counter.get_by_role("link", name="体检结果").click()
    give = counter.locator("form[enctype]")
    give.locator("[name=number]").fill(booking.number.lower())
    give.locator("[name=finding]").select_option("follow_up")
    give.locator("[name=report]").set_input_files(
        {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"<html>"}
    )
    give.locator("button[type=submit]").click()
    expect(counter.locator(".alert-danger, [role=alert]").first).to_be_visible()
    assert not CheckResult.objects.exists()
    good: FilePayload = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": PDF}
    give.locator("[name=number]").fill("NOSUCHNUMB")
    give.locator("[name=report]").set_input_files(good)
    give.locator("button[type=submit]").click()
    expect(counter.get_by_text("没有人用这个预约号").first).to_be_visible()
    give.locator("[name=number]").fill(booking.number)
    give.locator("[name=report]").set_input_files(good)
    give.locator("button[type=submit]").click()
    expect(counter.get_by_text("已为王*芳封存")).to_be_visible()
    counter.fill("#read_number", "NOSUCHNUMB")
    counter.locator("form[action$='/read/'] button").click()
    expect(counter.get_by_text("本机构没有用这个预约号")).to_be_visible()


def _read(phone: Callable[..., Page], live_server: LiveServer, booking: Booking) -> None:
    """Let the member open the report, and nobody else."""
    own = phone()
    number = PersonKey(booking.worker.sealed_key).unseal(booking.worker.sealed_phone)
    member = Membership.objects.select_related("worker").get(worker=booking.worker_id)
    steps.sign_in(own, number, identity_of(member)[-6:])
    own.goto("/check-ups/")
    address = own.locator("a[href*='/check-ups/']", has_text="政务中心").get_attribute("href")
    report = own.context.request.get(f"{live_server.url}{address}")
    assert (report.headers["content-type"], report.body()) == ("application/pdf", PDF)
    stranger = phone().context.request.get(f"{live_server.url}{address}", max_redirects=0)
    assert stranger.status == 302


def test_from_the_clinics_counter_to_the_members_phone(
    phone: Callable[..., Page], live_server: LiveServer, tree: Tree
) -> None:
    clinic = make_partner(union=tree.city, name="职工医院", kind="hospital")
    make_contract(partner=clinic)
    key = make_counter(make_place(union=tree.city, partner=clinic))[1]
    officer = actor_for("services", union=tree.city)
    digits = add_staff(actor=officer, partner=clinic, name="李医生", kinds=[], now=timezone.now())[1]
    booking = _came(tree, clinic)

    counter = phone()
    counter.context.add_cookies([{"name": COOKIE, "value": key, "url": f"{live_server.url}/counter/"}])
    _hand_in(counter, booking, digits)
    _read(phone, live_server, booking)
    desk, account = phone(viewport={"width": 1440, "height": 900}), make_account(password=desk_steps.OWN_PASSWORD)
    make_post(role="services", union=tree.city, account=account)
    desk_steps.sign_in(desk, account.username, desk_steps.OWN_PASSWORD)
    desk.goto(f"/desk/checkups/{booking.offer.number}/")
    expect(desk.locator("table").last).to_contain_text("不显示")
