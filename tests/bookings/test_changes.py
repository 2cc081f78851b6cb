"""Offers that change while people have places: other times, more sessions, groups, lists that lead to nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from nuanxin.access.actors import system
from nuanxin.bookings.actions.arriving import check_in, mark_no_shows
from nuanxin.bookings.actions.clockwork import close_past_lists
from nuanxin.bookings.actions.grouping import book_group
from nuanxin.bookings.actions.offers import close_offer, end_offer, retract_offer
from nuanxin.bookings.actions.places import EVERYBODY, ShareDraft, add_session
from nuanxin.bookings.actions.pools import WouldLose, release_share, resize_pool
from nuanxin.bookings.actions.sessions import (
    Elsewhere,
    cancel_sessions,
    reschedule_session,
    reschedule_sessions,
)
from nuanxin.bookings.models import Booking, Offer, Pool, Waiting
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed
from tests.bookings.test_life import ask, members, pools, texts
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.bookings import a_session, make_open_offer, sessions_of
from tests.factories.organizations import Tree, make_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(db: None) -> Tree:
    return make_tree()


def test_a_session_across_the_years_end_counts_in_the_year_it_is_in(tree: Tree) -> None:
    """Where the member has had that year's already, the place stays and counts no more: the union moved it."""
    limit: dict[str, Any] = {"limit_kind": "check_up", "limit_period": "year", "limit_count": 1}
    december = datetime(2026, 12, 30, 9, tzinfo=ZONE)
    january = december + timedelta(days=10)
    offer, other = (
        make_open_offer(union=tree.city, sessions=[a_session(starts_at=starts)], **limit)
        for starts in (december, january)
    )
    (session,) = sessions_of(offer)
    free, had = members(tree, 2)
    for member in (free, had):
        assert ask(member, offer, session=session).answer == "booked"
    assert ask(had, other, session=sessions_of(other)[0]).answer == "booked"
    reschedule_session(
        actor=system(),
        session=session,
        starts_at=january,
        ends_at=january + timedelta(hours=1),
        reason="大雪",
        now=NOW,
        elsewhere=Elsewhere("振兴路驿站"),
    )
    counted = dict(Booking.objects.filter(offer=offer).values_list("worker_id", "nth"))
    assert counted == {free.worker_id: 1, had.worker_id: None}
    assert set(Booking.objects.values_list("period", flat=True)) == {"2027"}
    assert ask(free, other, session=sessions_of(other)[0]).reasons[0].code == "limit_reached"
    this_year = make_open_offer(union=tree.city, sessions=[a_session(starts_at=december)], **limit)
    assert ask(had, this_year, session=sessions_of(this_year)[0]).answer == "booked"


def test_several_sessions_are_moved_or_cancelled_together_or_none(tree: Tree) -> None:
    days = [a_session(places=2, starts_at=NOW + timedelta(days=day)) for day in (10, 11, 12)]
    offer = make_open_offer(union=tree.city, sessions=days)
    one, two, three = sessions_of(offer)
    for member, session in zip(members(tree, 2), (one, two), strict=True):
        ask(member, offer, session=session)
    both: dict[str, Any] = {"offer": offer, "sessions": [one, two], "reason": "车辆故障", "now": NOW}
    with pytest.raises(NotAllowed):
        cancel_sessions(actor=actor_for("reviewer", union=tree.city), **both)
    with pytest.raises(Invalid):
        reschedule_sessions(actor=system(), **both | {"sessions": [one, three], "later": -timedelta(days=11)})
    assert [each.starts_at for each in sessions_of(offer)] == [each.starts_at for each in days]
    assert reschedule_sessions(actor=system(), **both, later=timedelta(days=30)) == 2
    assert [(each.starts_at - NOW).days for each in sessions_of(offer)] == [12, 40, 41]
    assert cancel_sessions(actor=system(), **both) == 2
    assert (texts("moved"), texts("cancelled"), pools(offer)) == (2, 2, [(2, 0)] * 3)
    with pytest.raises(Conflict):
        cancel_sessions(actor=system(), **both | {"sessions": [three, one]})
    assert offer.sessions.filter(state="planned").count() == 1


def test_an_offer_whose_hour_has_come_is_no_draft_again(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=1)
    with pytest.raises(Conflict) as refusal:
        retract_offer(actor=system(), offer=offer, now=NOW)
    assert refusal.value.code == "already_open"
    assert Offer.objects.get().state == "announced"
    early = make_open_offer(union=tree.city, places=1, opens_at=NOW + timedelta(hours=1))
    assert retract_offer(actor=system(), offer=early, now=NOW).state == "draft"


def test_a_session_that_is_added_later_is_divided_as_the_others_are_by_now(tree: Tree) -> None:
    who = [{"check": "group", "groups": ["truck_driver"]}]
    shares = (
        ShareDraft("drivers", "货车司机", "reserved", percent=50, who=who),
        EVERYBODY,
        ShareDraft("most", "货车司机至多", "most", percent=10, who=who),
    )
    offer = make_open_offer(union=tree.city, shares=shares, sessions=[a_session(places=10)])
    release_share(actor=system(), share=offer.shares.get(code="drivers"), now=NOW)
    later = a_session(places=20, starts_at=NOW + timedelta(days=11))
    add_session(actor=system(), offer=Offer.objects.get(), draft=later, now=NOW)
    assert pools(offer) == [(0, 0), (10, 0), (0, 0), (20, 0), (3, 0)]


def test_a_groups_most_cannot_be_less_than_it_has_and_says_who_would_lose(tree: Tree) -> None:
    who = [{"check": "group", "groups": ["courier"]}]
    shares = (EVERYBODY, ShareDraft("most", "快递员至多", "most", amount=2, who=who))
    offer = make_open_offer(union=tree.city, shares=shares, places=5)
    for member in members(tree, 2):
        ask(member, offer)
    with pytest.raises(WouldLose) as refusal:
        resize_pool(actor=system(), pool=offer.pools.get(share__code="most"), capacity=1, now=NOW)
    assert len(refusal.value.losers) == 1


def test_whoever_is_booked_with_a_group_waits_no_longer(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=1, waits=True, offer_minutes=0)
    one, two = members(tree, 2)
    assert [ask(member, offer).answer for member in (one, two)] == ["booked", "waiting"]
    Pool.objects.update(capacity=2)  # as if just now: the clock has not filled it
    book_group(actor=system(), offer=offer.pk, session=None, numbers=[two.number], now=NOW)
    assert Waiting.objects.get().state == "taken"


def test_nobody_waits_for_what_has_begun(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, sessions=[a_session(places=1)], waits=True)
    (session,) = sessions_of(offer)
    for member in members(tree, 2):
        ask(member, offer, session=session)
    assert close_past_lists(now=session.starts_at - timedelta(minutes=1)) == 0
    assert close_past_lists(now=session.starts_at) == 1
    assert (Waiting.objects.get().state, texts("off_list")) == ("closed", 1)


def test_somebody_who_booked_again_is_not_checked_in_twice(tree: Tree) -> None:
    sessions = [a_session(starts_at=NOW + timedelta(hours=hours)) for hours in (1, 80)]
    offer = make_open_offer(union=tree.city, sessions=sessions, no_show="free")
    (member,) = members(tree, 1)
    first, second = sessions_of(offer)
    key = ask(member, offer, session=first).booking
    later = NOW + timedelta(hours=30)
    assert mark_no_shows(actor=system(), now=later) == 1
    assert ask(member, offer, session=second, now=later).answer == "booked"
    with pytest.raises(Conflict) as refusal:
        check_in(actor=system(), booking_id=key, now=later, at=first.starts_at)
    assert refusal.value.code == "booked_again"
    assert Booking.objects.get(pk=key).state == "no_show"


def test_an_offer_does_not_end_while_people_have_places_ahead(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, sessions=[a_session()])
    (session,) = sessions_of(offer)
    ask(members(tree, 1)[0], offer, session=session)
    close_offer(actor=system(), offer=offer, now=NOW)
    with pytest.raises(Conflict):
        end_offer(actor=system(), offer=offer, now=NOW)
    assert Offer.objects.get().state == "closed"
    assert end_offer(actor=system(), offer=offer, now=session.ends_at).state == "ended"
