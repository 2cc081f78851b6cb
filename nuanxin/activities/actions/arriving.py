"""Somebody shows any code of a member at the bus while there is a network: the register answers at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.activities.actions.arrivals import Told, admit
from nuanxin.activities.models import Arrival
from nuanxin.activities.queries.buses import Post, post_of
from nuanxin.activities.queries.snapshots import open_windows, windows_at
from nuanxin.activities.rules.arrivals import current_window
from nuanxin.activities.states.bus import ArrivalAnswer, ClashKind
from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import LIVE, BookingState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Refusal
from nuanxin.members.actions.scans import scan
from nuanxin.members.queries.scans import SERVED, get_scan
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

_ANSWERS: Final[dict[str, ArrivalAnswer]] = {
    ClashKind.DOUBLE: ArrivalAnswer.ALREADY,
    ClashKind.CANCELLED: ArrivalAnswer.NOT_LISTED,
    ClashKind.OVER_CAPACITY: ArrivalAnswer.WALK_INS_FULL,
    ClashKind.NOT_ENTITLED: ArrivalAnswer.WALK_INS_FULL,
}


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the scanner shows: the answer of the card, or that of the bus; the surname's first sign; why, in words."""

    answer: str
    surname: str = ""
    reason: str = ""
    window: UUID | None = None


class _NotLetIn(Refusal):
    """Nobody was let in: what was begun is undone."""

    status = 409

    def __init__(self, answer: str, reason: str) -> None:
        super().__init__(answer, _("Not let in."))
        self.answer, self.reason = answer, reason


def arrive(*, actor: Actor, code: str, sent_id: UUID, number: str, walk_in: bool, now: datetime) -> Arrived:
    """Let somebody in by any code: ten digits, printed card, offline code. The same arrival sent again changes nothing.

    :param sent_id: the device's own name for this arrival; `number`: the one it gives out in the queue.
    :param walk_in: let in without a booking, where there is a place.
    :raises NotFound: no device at a bus today.
    :raises NotAllowed, Invalid, CodesGuessed: as `scan`.
    """
    post = post_of(actor, on=local_day(now))
    known = Arrival.objects.filter(device=actor.source_id, sent_id=sent_id).first()
    if known is not None:
        return Arrived(known.answer, window=known.session_id)
    checked = scan(actor=actor, code=code, now=now)
    if checked.answer not in SERVED or checked.check_id is None:
        return Arrived(str(checked.answer), checked.surname)
    worker = get_scan(actor, checked.check_id, now).worker.pk
    booked = Booking.objects.filter(offer=post.bus_day.route.offer_id, worker=worker, state__in=LIVE).first()
    if booked is not None and booked.state == BookingState.CHECKED_IN:
        return Arrived(ArrivalAnswer.ALREADY, checked.surname)
    if booked is None and not walk_in:
        return Arrived(ArrivalAnswer.NOT_LISTED, checked.surname)
    try:
        return _let_in(actor, post, worker, booked, Told(sent_id, now, code, _answer(booked), None, number), now)
    except _NotLetIn as no:
        return Arrived(no.answer, checked.surname, no.reason)


def _answer(booked: Booking | None) -> ArrivalAnswer:
    return ArrivalAnswer.WALK_IN if booked is None else ArrivalAnswer.BOOKED


@transaction.atomic
def _let_in(actor: Actor, post: Post, worker: UUID, booked: Booking | None, told: Told, now: datetime) -> Arrived:
    session = booked.session_id if booked else _window_now(post, now)
    if session is None:
        raise _NotLetIn(ArrivalAnswer.NO_WINDOW, "")
    arrival = Arrival(
        sent_id=told.sent_id,
        device_id=actor.source_id or told.sent_id,
        bus_day=post.bus_day,
        session_id=session,
        number=told.number[:8],
        at=now,
        told_at=now,
        answer=told.answer,
        worker_id=worker,
    )
    clash, reason = admit(post, arrival, told, now)
    if clash:
        early = booked is not None and booked.session is not None and now < booked.session.starts_at
        other = ArrivalAnswer.EARLY if early else ArrivalAnswer.LATE
        raise _NotLetIn(_ANSWERS.get(clash, other), reason)
    arrival.save(force_insert=True)
    path = post.bus_day.route.offer.union.path
    record(actor, "activities.arrival_taken", arrival, now=now, union_path=path, clash="")
    return Arrived(told.answer, window=arrival.session_id)


def _window_now(post: Post, now: datetime) -> UUID | None:
    rows = open_windows(post.bus_day)
    at = current_window(windows_at(rows, post.bus_day.route.offer.early_minutes), now)
    return None if at is None else rows[at].session_id
