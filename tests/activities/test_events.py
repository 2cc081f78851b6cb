"""Mobile events: planned line by line, signed up for, at the door, photos by consent, calendars."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nuanxin.access.actors import Actor
from nuanxin.activities.actions.applies import act_here
from nuanxin.activities.actions.attendance import let_in
from nuanxin.activities.actions.feeds import make_feed, shut_feed
from nuanxin.activities.actions.photos import add_photo, consent_to_photos, remove_photo, withdraw_photo_consent
from nuanxin.activities.actions.programs import announce_events, make_program, plan_events, set_live_link
from nuanxin.activities.models import CalendarFeed, Event, EventConsent, EventPhoto, Program
from nuanxin.activities.queries.applies import applies_here
from nuanxin.activities.queries.events import event_for, events_for, figures_of, totals_of
from nuanxin.activities.queries.feeds import area_entries, feed_by_token, own_entries, union_entries
from nuanxin.activities.rules.calendars import Entry, calendar, escaped, folded
from nuanxin.activities.rules.events import read_plan
from nuanxin.bookings.actions.arriving import AlreadyIn
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.models import Booking, Offer
from nuanxin.catalog.models import Delivery, Service
from nuanxin.catalog.rules.applies import Here
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.members.actions.cards import issue_code
from nuanxin.records.models import Attachment
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_account, make_post, make_roles, sign_in
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n00"
STARTS = NOW + timedelta(days=2)


@pytest.fixture
def tree(db: None) -> Tree:
    from nuanxin.wiring import connect

    connect()
    make_roles()
    return make_tree()


def line(name: str = "电影之夜", places: int = 2, starts: datetime = STARTS) -> str:
    return f"{starts:%Y-%m-%d %H:%M}-{starts + timedelta(hours=2):%H:%M} | {name} | 站前广场 | {places} | film"


def planned(tree: Tree, *lines: str, now: datetime = NOW) -> tuple[Any, Program, list[Event]]:
    actor = actor_for("services", union=tree.city)
    program = make_program(
        actor=actor, union=tree.city, name="流动暖新2026", starts_on=TODAY, ends_on=TODAY + timedelta(days=300), now=now
    )
    events = plan_events(actor=actor, program=program, plan="\n".join(lines or (line(),)), now=now)
    return actor, program, events


def joined(tree: Tree, event: Event, name: str = "王小芳") -> Any:
    member = make_member(union=tree.couriers, name=name)
    session = event.offer.sessions.get()
    book(actor=worker_of(member), offer=event.offer_id, session=session.pk, worker=member.worker_id, now=NOW)
    return member


def test_a_program_of_a_hundred_and_fifty_events_is_planned_at_once_or_not_at_all(tree: Tree) -> None:
    lines = [line(f"活动{at}", 30, STARTS + timedelta(days=at)) for at in range(150)]
    actor, program, events = planned(tree, *lines)
    assert len(events) == 150
    assert announce_events(actor=actor, program=program, now=NOW) == 150
    totals = totals_of([program], now=NOW)[program.pk]
    assert (totals.events, totals.places, totals.taken, totals.came) == (150, 4500, 0, 0)
    with pytest.raises(Conflict):
        announce_events(actor=actor, program=program, now=NOW)
    with pytest.raises(Invalid, match="bad_line"):
        plan_events(actor=actor, program=program, plan=f"{line()}\nnonsense", now=NOW)
    with pytest.raises(Invalid, match="outside"):
        plan_events(actor=actor, program=program, plan=line(starts=STARTS + timedelta(days=400)), now=NOW)
    assert (Event.objects.count(), Offer.objects.count()) == (150, 150)


def test_lines_that_cannot_be_are_named(tree: Tree) -> None:
    for text in (
        "", "2026-13-01 09:00-10:00 | a | b | 5", "2026-12-01 10:00-09:00 | a | b | 5",
        "2026-12-01 09:00-10:00 | a | b",
        "2020-12-01 09:00-10:00 | a | b | 5", "2026-12-01 09:00-10:00 | a | b | 0",
        "2026-12-01 09:00-10:00 | a | b | 5 | opera",
    ):  # fmt: skip
        with pytest.raises(Invalid):
            read_plan(text, now=NOW)
    one = read_plan("2026年12月1日 9:00至10:30\t电影\t广场\t5", now=NOW)[0]
    assert (one.name, one.place, one.places, f"{one.ends_at:%H:%M}") == ("电影", "广场", 5, "10:30")


def test_planning_needs_the_right_post(tree: Tree) -> None:
    _actor, program, _events = planned(tree)
    other = actor_for("reviewer", union=tree.city)
    with pytest.raises(NotAllowed):
        plan_events(actor=other, program=program, plan=line(), now=NOW)
    with pytest.raises(NotAllowed):
        set_live_link(actor=other, event=Event.objects.get(), address="https://x.example", now=NOW)
    assert Event.objects.count() == 1


def test_who_signed_up_comes_in_once_and_counts_as_delivered(tree: Tree) -> None:
    actor, program, events = planned(tree)
    Service.objects.update_or_create(
        code="mobile_event",
        defaults={
            "area_id": _area(), "name": "流动暖新活动", "way": "book", "union": tree.city, "starts_on": TODAY,
            "created_at": NOW,
        },
    )  # fmt: skip
    announce_events(actor=actor, program=program, now=NOW)
    event = events[0]
    member = joined(tree, event)
    assert events_for(worker_of(member), now=NOW) == [event]
    doorman, at = actor_for("services", union=tree.city), STARTS + timedelta(minutes=5)

    def code(of: Any) -> str:
        return issue_code(actor=worker_of(of), number=of.number, now=at).code

    came = let_in(actor=doorman, event=event, code=code(member), now=at)
    assert (came.at_the_door, came.booking.state) == (False, "checked_in")
    with pytest.raises(AlreadyIn):
        let_in(actor=doorman, event=event, code=code(member), now=at)
    with pytest.raises(Invalid):
        let_in(actor=doorman, event=event, code="1234567890", now=at)
    with pytest.raises(NotAllowed):
        let_in(actor=actor_for("leader", union=tree.city), event=event, code=code(member), now=at)
    figures = figures_of([event])[0]
    assert (figures.capacity, figures.taken, figures.came) == (2, 1, 1)
    assert Delivery.objects.filter(service_id="mobile_event", worker=member.worker).count() == 1


def test_a_counter_that_may_scan_events_lets_in_whoever_signed_up(tree: Tree) -> None:
    actor, program, events = planned(tree)
    announce_events(actor=actor, program=program, now=NOW)
    member = joined(tree, events[0])
    here = Here(device_id=new_id(), union_path=tree.city.path, place_id=new_id(), partner_id=new_id(), place_name="站",
                kinds=frozenset({"event"}), scan_id=new_id())  # fmt: skip
    counter = Actor(kind="device", source_id=here.device_id)
    assert [thing.refused[0].code for thing in applies_here(member.worker, here, NOW + timedelta(days=1, hours=2))] == [
        "too_early"
    ]
    at = STARTS + timedelta(minutes=5)
    thing = applies_here(member.worker, here, at)[0]
    assert (thing.kind, thing.act, thing.refused) == ("event", "check_in", ())
    done: dict[str, Any] = {"actor": counter, "worker": member.worker, "here": here, "kind": "event", "key": thing.key}
    act_here(**done, now=at)
    assert act_here(**done, now=at).again
    assert Booking.objects.get().state == "checked_in"
    with pytest.raises(NotFound):
        act_here(**done | {"here": replace(here, kinds=frozenset({"coupon"}))}, now=at)


def _area() -> str:
    from nuanxin.catalog.models import Area

    return str(Area.objects.get_or_create(code="culture", defaults={"name": "文化", "name_en": "Culture"})[0].pk)


def test_photos_are_of_those_who_agreed_and_gone_when_they_take_it_back(tree: Tree) -> None:
    actor, program, events = planned(tree, line(places=5))
    announce_events(actor=actor, program=program, now=NOW)
    event = events[0]
    one, two = joined(tree, event), joined(tree, event, "李强")
    with pytest.raises(Conflict):
        consent_to_photos(actor=worker_of(make_member(union=tree.couriers)), event=event, now=NOW)
    first = consent_to_photos(actor=worker_of(one), event=event, now=NOW)
    assert consent_to_photos(actor=worker_of(one), event=event, now=NOW).pk == first.pk
    second = consent_to_photos(actor=worker_of(two), event=event, now=NOW)
    given: dict[str, Any] = {"actor": actor, "event": event, "name": "a.png", "content": PNG, "now": NOW}
    for wrong in (
        {},
        {"people": [first.pk], "nobody": True},
        {"people": [event.pk]},
        {"content": b"%PDF-", "nobody": True},
    ):
        with pytest.raises(Invalid):
            add_photo(**given | wrong)
    assert not EventPhoto.objects.exists()
    add_photo(**given, people=[first.pk, second.pk])
    alone = add_photo(**given, people=[second.pk])
    empty = add_photo(**given, nobody=True)
    assert Attachment.objects.count() == 3
    assert withdraw_photo_consent(actor=worker_of(one), event=event, now=NOW) == 1
    assert set(EventPhoto.objects.all()) == {alone, empty}
    assert Attachment.objects.count() == 2
    with pytest.raises(Conflict):
        withdraw_photo_consent(actor=worker_of(one), event=event, now=NOW)
    with pytest.raises(Invalid):
        add_photo(**given, people=[first.pk])
    remove_photo(actor=actor, photo=empty, now=NOW)
    assert (EventPhoto.objects.count(), EventConsent.objects.count()) == (1, 2)


def test_a_calendar_follows_bookings_until_its_link_is_shut(tree: Tree) -> None:
    actor, program, events = planned(tree)
    announce_events(actor=actor, program=program, now=NOW)
    member = joined(tree, events[0])
    token = make_feed(actor=worker_of(member), now=NOW)
    feed = feed_by_token(token, now=NOW)
    entries = own_entries(feed, now=NOW)
    assert [(each.summary, each.starts_at, each.place) for each in entries] == [("电影之夜", STARTS, "站前广场")]
    again = make_feed(actor=worker_of(member), now=NOW)
    with pytest.raises(NotFound):
        feed_by_token(token, now=NOW)
    assert shut_feed(actor=worker_of(member), now=NOW)
    assert not shut_feed(actor=worker_of(member), now=NOW)
    with pytest.raises(NotFound):
        feed_by_token(again, now=NOW)
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 0
    assert len(union_entries(tree.province, now=NOW)) == 1
    assert union_entries(tree.couriers, now=NOW) == []
    assert len(area_entries("3715", now=NOW)) == 1
    assert area_entries("3701", now=NOW) == []


def test_a_draft_is_seen_by_nobody(tree: Tree) -> None:
    _actor, _program, events = planned(tree)
    member = make_member(union=tree.couriers)
    assert events_for(worker_of(member), now=NOW) == []
    assert union_entries(tree.city, now=NOW) == []
    with pytest.raises(NotFound):
        event_for(worker_of(member), events[0].pk)


def test_calendars_are_written_as_the_standard_says() -> None:
    entry = Entry("x", STARTS, STARTS + timedelta(hours=1), "名字很长的活动，" * 12 + "a;b,c\\d\ne", NOW, place="广场")
    text = calendar("我的", [entry], now=NOW)
    lines = text.split("\r\n")
    assert (lines[0], lines[-2], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    assert all(len(each.encode()) <= 75 for each in lines)
    whole = text.replace("\r\n ", "")
    assert "a\\;b\\,c\\\\d\\ne" in whole
    assert f"DTSTART:{STARTS.astimezone(UTC):%Y%m%dT%H%M%SZ}" in whole
    assert "".join(part.removeprefix(" ") if at else part for at, part in enumerate(folded("字" * 100))) == "字" * 100
    assert escaped("a\x00b\r\nc") == "ab\\nc"
    cancelled = calendar("x", [Entry("y", STARTS, STARTS, "z", NOW, is_cancelled=True)], now=NOW)
    assert "STATUS:CANCELLED" in cancelled


def test_from_a_plan_to_a_photo_in_the_browser(client: Client, tree: Tree) -> None:
    account = make_account()
    make_post(account=account, role="services", union=tree.city)
    sign_in(client, account)
    now = timezone.now()
    starts = timezone.localtime(now + timedelta(days=1)).replace(hour=9, minute=0)
    made = client.post(
        reverse("desk:events:new"),
        {"union": tree.city.code, "name": "流动", "starts_on": starts.date().isoformat(), "ends_on": "2030-01-01"},
    )
    assert made.status_code == 302
    number = Program.objects.get().number
    assert client.post(reverse("desk:events:plan", args=[number]), {"plan": "?"}).status_code == 422
    assert client.post(reverse("desk:events:plan", args=[number]), {"plan": line(starts=starts)}).status_code == 302
    assert client.post(reverse("desk:events:announce", args=[number])).status_code == 302
    event = Event.objects.get()
    assert client.post(reverse("desk:events:live", args=[event.pk]), {"live_url": "javascript:1"}).status_code == 422
    assert (
        client.post(reverse("desk:events:live", args=[event.pk]), {"live_url": "https://l.example/1"}).status_code
        == 302
    )
    for name, of in (("programs", ()), ("program", (number,)), ("event", (event.pk,)), ("door", (event.pk,))):
        assert client.get(reverse(f"desk:events:{name}", args=of)).status_code == 200
    member = make_member(union=tree.couriers)
    worker_of(member)
    phone = Client()
    assert member.worker.account
    phone.force_login(member.worker.account, backend=PHONE_CODE)
    assert str(event.pk) in phone.get(reverse("worker:events")).content.decode()
    page = phone.get(reverse("worker:event", args=[event.pk])).content.decode()
    assert "l.example" not in page
    session = event.offer.sessions.get()
    book(actor=worker_of(member), offer=event.offer_id, session=session.pk, worker=member.worker_id, now=timezone.now())
    assert Booking.objects.count() == 1
    agree = {"agree": "yes"}
    for _tap in range(2):  # a second tap on yes is no no
        assert phone.post(reverse("worker:event_photos", args=[event.pk]), agree).status_code == 302
    consent = EventConsent.objects.get(withdrawn_at=None)
    file = io.BytesIO(PNG)
    file.name = "a.png"
    picture = {"file": file, "people": [str(consent.pk)]}
    assert client.post(reverse("desk:events:add_photo", args=[event.pk]), picture).status_code == 302
    photo = EventPhoto.objects.get()
    assert phone.get(reverse("worker:event_photo", args=[event.pk, photo.pk])).headers["Content-Type"] == "image/png"
    assert phone.get(reverse("worker:event_photos", args=[event.pk])).status_code == 200
    assert phone.post(reverse("worker:event_photos", args=[event.pk])).status_code == 302
    assert phone.get(reverse("worker:event_photo", args=[event.pk, photo.pk])).status_code == 404
    _follow_calendars(phone, tree)


def _follow_calendars(phone: Client, tree: Tree) -> None:
    """Make the secret link of a calendar, read it and the public ones, and shut it."""
    assert phone.get(reverse("worker:calendar")).status_code == 200
    link = phone.post(reverse("worker:calendar_new")).content.decode()
    found = re.search(r"/calendar/([\w-]{20,})\.ics", link)
    assert found
    token = found[1]
    feed = Client().get(reverse("open:calendar", args=[token]))
    assert (feed.status_code, feed.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert "BEGIN:VEVENT" in feed.content.decode()
    assert Client().get(reverse("open:union_calendar", args=[tree.city.code])).status_code == 200
    assert Client().get(reverse("open:area_calendar", args=["3715"])).status_code == 200
    assert phone.post(reverse("worker:calendar_shut")).status_code == 302
    assert Client().get(reverse("open:calendar", args=[token])).status_code == 404
