"""Arrivals at the bus: told by scanners now or later, set against the register, and decided on where both differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.activities.actions.events import ArrivalStood
from nuanxin.activities.models import Arrival, BusDay, BusRoute, BusWindow
from nuanxin.activities.queries.buses import Post, post_of
from nuanxin.activities.states.bus import ARRIVAL_MOVES, LET_IN, ArrivalAnswer, ArrivalState, ClashKind
from nuanxin.bookings.actions.arriving import check_in
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.outcomes import Wish
from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import Answer, BookingState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.states import move
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.credentials import answer_then
from nuanxin.members.models import Membership
from nuanxin.members.rules.credentials import TOLERANCE, Malformed
from nuanxin.members.rules.reports import LATEST_REPORT, Report
from nuanxin.members.states import CardAnswer
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from nuanxin.kernel.actor import Actor

MOST_AT_ONCE: Final = 200
_GOOD: Final = frozenset({CardAnswer.VALID, CardAnswer.RETAINED})
_AGAINST: Final[dict[str, ClashKind]] = {
    CardAnswer.REVOKED: ClashKind.REVOKED,
    CardAnswer.SUSPENDED: ClashKind.NOT_MEMBER,
    CardAnswer.ENDED: ClashKind.NOT_MEMBER,
    CardAnswer.USED: ClashKind.REPLAYED,
    CardAnswer.REPLAYED: ClashKind.REPLAYED,
    CardAnswer.STALE: ClashKind.BAD_CLOCK,
    CardAnswer.CLOCK: ClashKind.BAD_CLOCK,
    CardAnswer.EXPIRED: ClashKind.BAD_CLOCK,
}
_NO_PLACE: Final = frozenset({"sold_out", "group_full", "share_later"})
#: Decided against these, somebody would count twice, or nobody knows who it was.
_NEVER_STAND: Final = frozenset({ClashKind.DOUBLE, ClashKind.REPLAYED, ClashKind.FORGED})


@dataclass(frozen=True, slots=True)
class Told:
    """One arrival as a scanner tells it: its own name for it, when, which code, what it answered, window, number."""

    sent_id: UUID
    at: datetime
    code: str
    answer: ArrivalAnswer
    window: UUID | None
    number: str


@dataclass(slots=True)
class Taken:
    """What became of what a scanner told: what it may forget, what cannot be used, and what waits for a decision."""

    taken: list[UUID] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    clashes: list[Arrival] = field(default_factory=list)


def take_arrivals(*, actor: Actor, arrivals: Any, now: datetime) -> Taken:
    """Take over whom a scanner has let in, each by itself and once: checked in, or laid before a cadre.

    :param arrivals: a list of {"id", "at", "code", "answer", "window", "number"}.
    :raises NotFound: no device. :raises Invalid: no list, or too many at once.
    """
    if actor.kind != "device" or actor.source_id is None:
        raise NotFound
    if not isinstance(arrivals, list):
        raise Invalid("missing", _("No arrivals were sent."), field="arrivals")
    if len(arrivals) > MOST_AT_ONCE:
        raise Invalid("too_many", _("Too many arrivals were sent at once."), field="arrivals")
    done = Taken()
    told = []
    for entry in arrivals:
        try:
            told.append(_read(entry))
        except (KeyError, TypeError, ValueError, OverflowError):
            sent = entry.get("id") if isinstance(entry, dict) else None
            done.refused.append(sent[:60] if isinstance(sent, str) else "")
    before = Arrival.objects.filter(device=actor.source_id, sent_id__in=[each.sent_id for each in told])
    known = set(before.values_list("sent_id", flat=True))
    done.clashes += before.exclude(clash="").order_by("at", "pk")  # told again, the same is answered
    for each in sorted(told, key=lambda one: one.at):
        if each.sent_id not in known:
            try:
                _take_one(actor, actor.source_id, each, now, done)
            except (Malformed, NotFound):
                done.refused.append(str(each.sent_id))
                continue
            known.add(each.sent_id)
        done.taken.append(each.sent_id)
    return done


def _read(entry: Any) -> Told:
    at = datetime.fromisoformat(entry["at"])
    if at.tzinfo is None:
        raise ValueError("no zone")
    answer = ArrivalAnswer(entry["answer"])
    if answer not in LET_IN or not isinstance(entry["code"], str):
        raise ValueError("nobody was let in")
    window = UUID(str(entry["window"])) if entry.get("window") else None
    return Told(UUID(str(entry["id"])), at, entry["code"][:300], answer, window, str(entry.get("number", ""))[:8])


@transaction.atomic
def _take_one(actor: Actor, device_id: UUID, told: Told, now: datetime, done: Taken) -> None:
    """Write one arrival. Two that tell the same one at once: the second finds the row there, and does nothing."""
    plausible = now - LATEST_REPORT <= told.at <= now + TOLERANCE
    post = post_of(actor, on=local_day(told.at if plausible else now), told_later=True)
    windows = dict(BusWindow.objects.filter(bus_day=post.bus_day).values_list("session_id", "pk"))
    arrival = Arrival(
        sent_id=told.sent_id,
        device_id=device_id,
        bus_day=post.bus_day,
        session_id=told.window if told.window in windows else None,
        number=told.number,
        at=told.at if plausible else now,
        told_at=now,
        answer=told.answer,
    )
    made = Arrival.objects.bulk_create([arrival], ignore_conflicts=True)
    if not Arrival.objects.filter(pk=made[0].pk).exists():
        return
    clash, reason = (ClashKind.BAD_CLOCK, "") if not plausible else _judge(actor, post, arrival, told, now)
    if clash:
        arrival.state, arrival.clash, arrival.reason = ArrivalState.CLASH, clash, reason[:200]
        done.clashes.append(arrival)
    arrival.save(update_fields=["worker", "booking", "session", "state", "clash", "reason"])
    record(
        actor,
        "activities.arrival_taken",
        arrival,
        now=now,
        union_path=post.bus_day.route.offer.union.path,
        clash=str(clash),
    )


def _judge(actor: Actor, post: Post, arrival: Arrival, told: Told, now: datetime) -> tuple[str, str]:
    """Set an arrival against the register; return what is against it, and why in words, both empty when nothing is."""
    answer, bearer = answer_then(actor, Report(told.sent_id, told.at, told.code, CardAnswer.VALID), now)
    if bearer is not None:
        arrival.worker_id = Membership.objects.values_list("worker_id", flat=True).get(pk=bearer.membership_id)
    if answer not in _GOOD:
        return _AGAINST.get(answer, ClashKind.FORGED), ""
    if arrival.worker_id is None:
        return ClashKind.FORGED, ""
    return admit(post, arrival, told, now)


def admit(post: Post, arrival: Arrival, told: Told, now: datetime) -> tuple[str, str]:
    """Check the person of an arrival in, or give a free place first; return what is against it, and why in words.

    Part of whoever writes the arrival.
    """
    rows = Booking.objects.filter(offer=post.bus_day.route.offer_id, worker=arrival.worker_id)
    own = {booking.state: booking for booking in rows.order_by("pk")}
    if BookingState.CHECKED_IN in own:
        arrival.booking = own[BookingState.CHECKED_IN]
        return ClashKind.DOUBLE, ""
    waiting = own.get(BookingState.BOOKED) or own.get(BookingState.NO_SHOW) or own.get(BookingState.HELD)
    if waiting is not None:
        return _check_in(post, arrival, waiting.pk, told, now)
    if told.answer == ArrivalAnswer.BOOKED:
        return ClashKind.CANCELLED, ""
    if arrival.session_id is None or arrival.worker_id is None:
        return ClashKind.OTHER_TIME, ""
    outcome = book(
        actor=post.actor,
        offer=post.bus_day.route.offer_id,
        session=arrival.session_id,
        worker=arrival.worker_id,
        now=told.at,
        wish=Wish(walk_in=True),
    )
    if outcome.answer == Answer.BOOKED and outcome.booking_id is not None:
        return _check_in(post, arrival, outcome.booking_id, told, now)
    if outcome.answer == Answer.REFUSED and not _NO_PLACE & {each.code for each in outcome.reasons}:
        return ClashKind.NOT_ENTITLED, " ".join(str(each.words) for each in outcome.reasons)
    return ClashKind.OVER_CAPACITY, ""


def _check_in(post: Post, arrival: Arrival, booking_id: UUID, told: Told, now: datetime) -> tuple[str, str]:
    arrival.booking_id = booking_id
    try:
        with transaction.atomic():
            booking = check_in(actor=post.actor, booking_id=booking_id, now=now, at=told.at)
    except Conflict as refusal:
        kind = ClashKind.DOUBLE if refusal.code == "already_checked_in" else ClashKind.OTHER_TIME
        return kind, str(refusal.message)
    arrival.session_id = booking.session_id
    return "", ""


@transaction.atomic
def decide_clash(*, actor: Actor, arrival: Arrival, stands: bool, reason: str, now: datetime) -> Arrival:
    """Decide whether somebody was served at the bus whom the register speaks against. The decision stays, with why.

    What the person had booked of the route counts as used then, at whatever hour it was, and never as missed.

    :param stands: the person was served, and counts as that; otherwise the arrival does not count.
    :raises NotFound, NotAllowed: out of reach, or no permission to check people in.
    :raises Invalid: no reason. :raises Conflict: it would count twice, or nobody knows who it was.
    :raises Moved: decided before.
    """
    offer = arrival.bus_day.route.offer
    actor.require(Permission.CHECK_IN, at=offer.union)
    words = check_text(reason, field="reason", most=200)
    if not words:
        raise Invalid("missing", _("Please say why: the decision is kept with it."), field="reason")
    if stands and not _may_stand(arrival):
        raise Conflict("cannot_stand", _("This cannot count: the person counts already, or nobody knows who it was."))
    state = ArrivalState.STANDS if stands else ArrivalState.DROPPED
    move(arrival, ARRIVAL_MOVES, state, decided_at=now, decided_by_id=actor.account_id, reason=words)
    record(actor, "activities.clash_decided", arrival, now=now, union_path=offer.union.path, clash=arrival.clash,
           stands=stands)  # fmt: skip
    if stands:
        _serve(actor, arrival, now)
    return arrival


def _may_stand(arrival: Arrival) -> bool:
    """Answer whether somebody is known who does not count yet; of two who ask for one person the second waits."""
    if arrival.clash in _NEVER_STAND or arrival.worker_id is None:
        return False
    route = BusRoute.objects.select_for_update(no_key=True).get(pk=arrival.bus_day.route_id)
    others = Arrival.objects.filter(bus_day__route=route, worker=arrival.worker_id).exclude(pk=arrival.pk)
    came = Booking.objects.filter(offer=route.offer_id, worker=arrival.worker_id, state=BookingState.CHECKED_IN)
    return not others.filter(state__in=(ArrivalState.COUNTED, ArrivalState.STANDS)).exists() and not came.exists()


def _serve(actor: Actor, arrival: Arrival, now: datetime) -> None:
    """Check in what the person had booked of the route; without a booking, announce that somebody was served."""
    offer, site = arrival.bus_day.route.offer, arrival.bus_day.site
    rows = Booking.objects.filter(offer=offer, worker=arrival.worker_id)
    booked = rows.filter(state__in=(BookingState.BOOKED, BookingState.NO_SHOW)).order_by("-pk").first()
    if booked is not None:
        check_in(actor=actor, booking_id=booked.pk, now=now, at=arrival.at, any_hour=True)
        Arrival.objects.filter(pk=arrival.pk).update(booking=booked)
    elif arrival.worker_id is not None:
        announce(ArrivalStood(arrival.pk, arrival.worker_id, offer.service, site.name, site.name_en, arrival.at))


#: Within it a second tap is the same tap.
_PAUSE: Final = timedelta(seconds=1)


@transaction.atomic
def call_next(*, actor: Actor, now: datetime) -> str:
    """Call who waits longest at the bus where the acting device scans; return the number, empty when nobody waits.

    A doubled tap calls one number.

    :raises NotFound: no device at a bus today.
    """
    post = post_of(actor, on=local_day(now))
    BusDay.objects.select_for_update(no_key=True).get(pk=post.bus_day.pk)
    here = Arrival.objects.filter(bus_day=post.bus_day).exclude(state=ArrivalState.DROPPED)
    row = here.filter(called_at__gt=now - _PAUSE).order_by("-called_at", "pk").first()
    if row is None:
        row = here.filter(called_at=None).order_by("at", "pk").first()
        if row is None:
            return ""
        Arrival.objects.filter(pk=row.pk).update(called_at=now)
    return row.number
