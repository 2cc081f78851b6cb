"""Booking for a named group: all of them, or nobody."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.events import Booked
from nuanxin.bookings.actions.granting import Clash, insert_judged, lock_pools, take
from nuanxin.bookings.actions.telling import tell_booked
from nuanxin.bookings.actions.waiting import take_off_list
from nuanxin.bookings.models import Booking
from nuanxin.bookings.queries.standing import standing_of
from nuanxin.bookings.queries.terms import terms_now
from nuanxin.bookings.rules.eligibility import Failed
from nuanxin.bookings.rules.judging import judge
from nuanxin.bookings.states import BookingState, Way
from nuanxin.kernel.events import announce
from nuanxin.kernel.ids import new_id, random_letters
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.members.rules.memberships import is_member_number
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.rules.judging import Verdict
    from nuanxin.bookings.rules.terms import Standing, Terms
    from nuanxin.kernel.actor import Actor

#: Most people of one group.
MOST = 200


class GroupRefused(Conflict):
    """Nobody of a group was booked: says of each person who stands against it why."""

    def __init__(self, against: dict[str, tuple[Failed, ...]]) -> None:
        super().__init__(
            "group_refused",
            _("Nobody was booked: %(count)s of the group cannot take part now. See why beside each name.")
            % {"count": len(against)},
        )
        self.against = against


@transaction.atomic
def book_group(
    *, actor: Actor, offer: UUID, session: UUID | None, numbers: Sequence[str], now: datetime
) -> list[Booking]:
    """Book places for named members together: all or none, limits and shares as for each alone.

    :param numbers: member numbers, at most 200, each once.
    :raises NotFound: no such offer or session.
    :raises Invalid: nobody named, too many, or an unknown number.
    :raises GroupRefused: somebody may not take part, or there is no room for all.
    """
    wanted = list(dict.fromkeys(number.strip() for number in numbers if number.strip()))
    if not 1 <= len(wanted) <= MOST:
        raise Invalid("bad_group", _("Please name 1 to %(most)s members.") % {"most": MOST}, field="numbers")
    _state, terms = terms_now(offer)
    if terms.way != Way.FIRST_COME:
        raise Conflict("not_first_come", _("These places are not given first come: each person applies alone."))
    lock_pools(offer, session)
    found = {number: _standing(offer, session, number, now) for number in wanted}
    for standing in found.values():
        path = terms.union_path
        actor.require(
            Permission.BOOK, at=path if actor.may(Permission.BOOK, at=path) else standing.facts.union_path or path
        )
    bookings = _choose(terms, session, found, now)
    places: Counter[UUID] = Counter()
    for booking in bookings:
        places.update(dict.fromkeys((booking.pool_id, *booking.caps), booking.seats))
    if not take(dict(places)):
        raise RuntimeError("Locked pools have fewer places than was read from them")
    waited = {each.worker_id: each.waiting.id for each in found.values() if each.waiting is not None}
    _write(actor, terms, bookings, waited, now)
    return bookings


def _standing(offer: UUID, session: UUID | None, number: str, now: datetime) -> Standing:
    if not is_member_number(number):
        raise Invalid("bad_number", _("%(number)s is no member number.") % {"number": number}, field="numbers")
    try:
        return standing_of(offer_id=offer, session_id=session, number=number, now=now)
    except NotFound:
        raise Invalid(
            "unknown_member", _("No member has the number %(number)s.") % {"number": number}, field="numbers"
        ) from None


def _choose(terms: Terms, session: UUID | None, found: dict[str, Standing], now: datetime) -> list[Booking]:
    """Give everybody a pool, one after another; the places that the group itself takes count."""
    group, taken = new_id(), Counter[Any]()
    against: dict[str, tuple[Failed, ...]] = {}
    bookings = []
    for number, standing in found.items():
        verdict = judge(terms, standing, now=now)
        if verdict.own is not None:
            against[number] = (Failed("already_booked", _("Has a place already."), _("Leave this person out.")),)
        elif verdict.failed:
            against[number] = verdict.failed
        else:
            pool = _pool(standing, verdict, taken)
            if pool is None:
                against[number] = verdict.full or (
                    Failed("sold_out", _("All places are taken."), _("Choose another session, or fewer people.")),
                )
                continue
            taken.update([pool, *verdict.caps])
            bookings.append(_booking(terms, session, standing, verdict, pool, group, now))
    if against:
        raise GroupRefused(against)
    return bookings


def _pool(standing: Standing, verdict: Verdict, taken: Counter[Any]) -> UUID | None:
    free = {pool.id: pool.free - taken[pool.id] for pool in standing.pools}
    if any(free[cap] < 1 for cap in verdict.caps):
        return None
    return next((pool for pool in verdict.choices if free[pool] > 0), None)


def _booking(
    terms: Terms,
    session: UUID | None,
    standing: Standing,
    verdict: Verdict,
    pool: UUID,
    group: UUID,
    now: datetime,
) -> Booking:
    return Booking(
        number=random_letters(10),
        offer_id=terms.id,
        session_id=session,
        pool_id=pool,
        caps=list(verdict.caps),
        worker_id=standing.worker_id,
        turn=terms.turn(verdict.period),
        union_path=standing.facts.union_path,
        state=BookingState.BOOKED,
        group=group,
        limit_kind=terms.limit_kind if terms.limit_count else "",
        period=verdict.period,
        nth=verdict.nth,
        booked_at=now,
    )


def _write(actor: Actor, terms: Terms, bookings: list[Booking], waited: dict[UUID, UUID], now: datetime) -> None:
    for booking in bookings:
        try:
            insert_judged(booking)
        except Clash as clash:
            raise Conflict(
                "group_clash", _("One of the group was booked elsewhere at this moment. Please try again.")
            ) from clash
        if booking.worker_id in waited:
            take_off_list(waited[booking.worker_id], booking)
        record(actor, "bookings.booked", booking, now=now, union_path=terms.union_path, number=booking.number)
        announce(Booked(booking.pk, booking.offer_id, booking.session_id, booking.worker_id, terms.kind, now))
        tell_booked(booking, now=now)
