"""Allocation: who gets a place, proved on all small cases, and by priority through the database."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nuanxin.access.actors import system
from nuanxin.bookings.actions.allocating import allocate_by_priority
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.clockwork import tell_allocated
from nuanxin.bookings.actions.ending import cancel
from nuanxin.bookings.actions.offers import close_offer
from nuanxin.bookings.actions.outcomes import Wish
from nuanxin.bookings.actions.places import EVERYBODY, ShareDraft
from nuanxin.bookings.actions.sessions import cancel_session
from nuanxin.bookings.models import Booking, Offer, Pool, Waiting
from nuanxin.bookings.rules.allocation import Applicant, Place, allocate
from nuanxin.bookings.rules.eligibility import Facts
from nuanxin.bookings.rules.priority import Weights, score
from nuanxin.bookings.rules.shares import Part, divide
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.states import Moved
from nuanxin.messages.models import TextMessage
from tests.factories import NOW, TODAY
from tests.factories.bookings import a_session, make_open_offer, sessions_of
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree

SHARES = [UUID(int=number) for number in range(1, 4)]
SESSIONS = [UUID(int=100 + number) for number in range(3)]
CAP = UUID(int=999)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Place], list[Applicant], dict[UUID, int]]:
    """Draw pools of three shares at three sessions, and people in order who want one session or any."""
    places = [
        Place(UUID(int=1000 + 10 * row + column), share, session, draw(st.integers(0, 3)))
        for row, share in enumerate(SHARES)
        for column, session in enumerate(SESSIONS)
    ]
    ranked = [
        Applicant(
            UUID(int=10_000 + number),
            draw(st.sampled_from([None, *SESSIONS])),
            draw(st.frozensets(st.sampled_from(SHARES), min_size=1)),
            (CAP,) if draw(st.booleans()) else (),
        )
        for number in range(draw(st.integers(0, 14)))
    ]
    return places, ranked, {CAP: draw(st.integers(0, 6))}


@given(cases())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_within_a_share_nobody_stands_behind_somebody_with_less(
    case: tuple[list[Place], list[Applicant], dict[UUID, int]],
) -> None:
    places, ranked, caps = case
    given_to = allocate(places, SHARES, ranked, caps)
    by_pool = {place.pool: place for place in places}
    counts = Counter(given_to.values())
    capped = sum(1 for each in ranked if each.caps and each.key in given_to)
    assert all(counts[place.pool] <= place.free for place in places)
    assert capped <= caps[CAP]
    order = {each.key: place for place, each in enumerate(ranked)}
    for each in ranked:
        if each.key in given_to:
            place = by_pool[given_to[each.key]]
            assert place.share in each.shares
            assert each.session in (None, place.session)
            continue
        if each.caps and capped >= caps[CAP]:
            continue  # the group has had its most
        for lucky, pool in given_to.items():
            place = by_pool[pool]
            wanted = place.share in each.shares and each.session in (None, place.session)
            assert not (wanted and order[lucky] > order[each.key]), "passed over by somebody with less"
        for place in places:
            if place.share in each.shares and each.session in (None, place.session):
                assert counts[place.pool] == place.free, "a place is left that this person may have"


@given(st.integers(0, 5000), st.integers(0, 100), st.integers(0, 100))
@settings(deadline=None)
def test_shares_divide_every_place_and_keep_their_minimum(total: int, one: int, two: int) -> None:
    parts = [Part("one", "reserved", percent=one), Part("two", "walk_in", percent=two), Part("open", "open")]
    least = -(-total * one // 100)
    if least + -(-total * two // 100) > total:
        with pytest.raises(Exception, match="shares_too_large"):
            divide(total, parts)
        return
    made = divide(total, parts)
    assert sum(made.values()) == total
    assert made["one"] == least
    assert made["one"] * 100 >= total * one


def test_points_are_those_of_the_rule() -> None:
    facts = Facts(
        today=TODAY,
        groups=frozenset({"courier"}),
        birth_on=date(TODAY.year - 47, 1, 1),
        joined_on=TODAY - timedelta(days=800),
        said={"employer_check_up": False},
    )
    weights = Weights(40, 30, 40, 2, 5)
    assert score(facts, kind="check_up", weights=weights) == [
        ("no_employer_check_up", 40),
        ("hard_post", 30),
        ("age", 14),
        ("long_wait", 10),
    ]
    assert score(Facts(today=TODAY), kind="check_up", weights=weights) == []


@pytest.fixture
def tree(db: None) -> Tree:
    return make_tree()


def apply(tree: Tree, offer: Offer, *, minute: int = 0, said: bool | None = None, **fields: object) -> UUID:
    member = make_member(union=tree.couriers, **fields)  # type: ignore[arg-type]
    outcome = book(
        actor=worker_of(member),
        offer=offer.pk,
        session=sessions_of(offer)[0].pk,
        worker=member.worker_id,
        now=NOW + timedelta(minutes=minute),
        wish=Wish(said={} if said is None else {"employer_check_up": said}),
    )
    assert outcome.answer == "entered"
    return member.worker_id


@pytest.mark.django_db
def test_places_go_to_most_points_share_by_share_and_the_rest_waits(tree: Tree) -> None:
    who = [{"check": "group", "groups": ["domestic_worker"]}]
    shares = (ShareDraft("new", "家政服务员", "reserved", percent=25, who=who), EVERYBODY)
    offer = make_open_offer(
        union=tree.city, way="priority", sessions=[a_session(places=4)], shares=shares, waits=True, offer_minutes=0
    )
    calm = [apply(tree, offer, minute=number, said=True, group="security_guard") for number in range(3)]
    needy = [apply(tree, offer, minute=10 + number, said=False) for number in range(3)]
    house = apply(tree, offer, minute=20, group="domestic_worker")
    with pytest.raises(Moved):
        allocate_by_priority(actor=system(), offer=offer, now=NOW)
    close_offer(actor=system(), offer=offer, now=NOW)
    made = allocate_by_priority(actor=system(), offer=offer, now=NOW)
    assert (made.applicants, made.booked, made.waiting) == (7, 4, 3)
    assert set(Booking.objects.values_list("worker_id", flat=True)) == {*needy, house}
    assert list(Pool.objects.order_by("share__order").values_list("taken", flat=True)) == [1, 3]
    assert (
        list(
            Waiting.objects.filter(state="waiting").order_by("-score", "joined_at").values_list("worker_id", flat=True)
        )
        == calm
    )
    with pytest.raises(Moved):
        allocate_by_priority(actor=system(), offer=offer, now=NOW)
    assert tell_allocated(offer_id=offer.pk, at=NOW, now=NOW) == 4
    assert tell_allocated(offer_id=offer.pk, at=NOW, now=NOW) == 4
    assert TextMessage.objects.filter(template="booking.booked_session").count() == 4, "nobody is told twice"
    first = Booking.objects.exclude(worker_id=house).order_by("pk")[0]
    cancel(actor=system(), booking_id=first.pk, now=NOW)
    assert Booking.objects.get(worker_id=calm[0]).state == "booked"


@pytest.mark.django_db
def test_whoever_has_had_it_by_the_limit_is_passed_over(tree: Tree) -> None:
    limit: dict[str, Any] = {"limit_kind": "check_up", "limit_period": "year", "limit_count": 1}
    offer = make_open_offer(union=tree.city, way="priority", sessions=[a_session(places=2)], **limit)
    had = apply(tree, offer, said=False)
    other = apply(tree, offer, said=True)
    elsewhere = make_open_offer(union=tree.city, sessions=[a_session(places=2)], **limit)
    assert (
        book(actor=system(), offer=elsewhere.pk, session=sessions_of(elsewhere)[0].pk, worker=had, now=NOW).answer
        == "booked"
    )
    close_offer(actor=system(), offer=offer, now=NOW)
    assert allocate_by_priority(actor=system(), offer=offer, now=NOW).booked == 1
    assert Booking.objects.get(offer=offer).worker_id == other
    assert set(Waiting.objects.values_list("state", flat=True)) == {"taken", "closed"}


@pytest.mark.django_db
def test_only_offers_by_priority_are_allocated_so(tree: Tree) -> None:
    offer = make_open_offer(union=tree.city, places=2)
    close_offer(actor=system(), offer=offer, now=NOW)
    with pytest.raises(Conflict):
        allocate_by_priority(actor=system(), offer=offer, now=NOW)
    assert Offer.objects.get().state == "closed"


@pytest.mark.django_db
def test_a_limit_by_the_month_counts_each_session_in_its_own(tree: Tree) -> None:
    limit: dict[str, Any] = {"limit_kind": "check_up", "limit_period": "month", "limit_count": 1}
    december, january, gone = (a_session(places=2, starts_at=NOW + timedelta(days=days)) for days in (20, 50, 51))
    offer = make_open_offer(union=tree.city, way="priority", sessions=[december, january, gone], **limit)
    had, other = (make_member(union=tree.couriers).worker_id for _number in range(2))
    for worker in (had, other):  # any session will do
        book(actor=system(), offer=offer.pk, session=None, worker=worker, now=NOW)
    cancel_session(actor=system(), session=sessions_of(offer)[2], reason="大雪", now=NOW)
    elsewhere = make_open_offer(union=tree.city, sessions=[december], **limit)
    book(actor=system(), offer=elsewhere.pk, session=sessions_of(elsewhere)[0].pk, worker=had, now=NOW)
    close_offer(actor=system(), offer=offer, now=NOW)
    assert allocate_by_priority(actor=system(), offer=offer, now=NOW).booked == 2
    assert {(each.worker_id, each.period) for each in Booking.objects.filter(offer=offer)} == {
        (had, "2027-01"),
        (other, "2026-12"),
    }
