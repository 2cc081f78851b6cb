"""Giving places that a union keeps back: to single people, by the union's decision, within limit and stock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.bookings.actions.events import Booked
from nuanxin.bookings.actions.granting import Clash, grant
from nuanxin.bookings.models import Booking
from nuanxin.bookings.queries.standing import standing_of
from nuanxin.bookings.queries.terms import terms_of
from nuanxin.bookings.rules.eligibility import failed
from nuanxin.bookings.rules.judging import limit_of
from nuanxin.bookings.states import OfferState
from nuanxin.kernel.events import announce
from nuanxin.kernel.ids import random_letters
from nuanxin.kernel.refusals import Busy, Conflict
from nuanxin.records.actions import entry_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.rules.eligibility import Failed
    from nuanxin.bookings.rules.terms import Standing, Terms
    from nuanxin.kernel.actor import Actor

#: How often it is looked again when another place was given in the very moment.
_TRIES = 8


class NoneLeft(Conflict):
    """Every place that was kept back is given."""

    def __init__(self) -> None:
        super().__init__("none_left", _("None of what was kept back is left. Keep more back first."))


def give_place(
    *, actor: Actor, offer_id: UUID, worker_id: UUID, counts: bool, then: Callable[[Booking], None], now: datetime
) -> Booking:
    """Give one of the places that a union keeps back to one person. Part of an act that asks who may, and tells.

    A person may be given several; the offer's limit says how many in a period.

    :param counts: whether it counts for that limit; not where another rule gives it once.
    :param then: what follows in the same transaction.
    :raises NotFound: no such offer or person.
    :raises Conflict: the person may not have one, has had all of the limit, or the offer gives none in this way.
    :raises NoneLeft: all are given.
    """
    terms = terms_of(offer_id)
    for _try in range(_TRIES):
        standing = standing_of(offer_id=offer_id, session_id=None, worker_id=worker_id, now=now)
        if standing.offer_state != OfferState.KEPT:
            raise Conflict("not_kept_back", _("These places are not given by hand, or not any more."))
        period, nth, limits = limit_of(terms, standing, now) if counts else ("", None, [])
        if against := [*failed(terms.checks, standing.facts), *limits]:
            raise _refused(against[0])
        pool = next((each.id for each in standing.pools if each.free > 0), None)
        if pool is None:
            raise NoneLeft
        booking = _booking(terms, standing, pool, period, nth, now)
        if _granted(actor, terms, booking, then, now):
            return booking
    raise Busy("busy", _("Very many people are asking at this moment. Please try again."))


def _refused(why: Failed) -> Conflict:
    if why.code == "limit_reached":
        return Conflict(why.code, _("This member has had all that one person may have of it in this period."))
    return Conflict(why.code, _("This member may not have it: %(why)s") % {"why": why.words})


def _booking(terms: Terms, standing: Standing, pool: UUID, period: str, nth: int | None, now: datetime) -> Booking:
    number = random_letters(10)
    return Booking(
        number=number,
        offer_id=terms.id,
        pool_id=pool,
        worker_id=standing.worker_id,
        turn=number,
        union_path=standing.facts.union_path,
        limit_kind=terms.limit_kind if nth else "",
        period=period,
        nth=nth,
        booked_at=now,
    )


def _granted(actor: Actor, terms: Terms, booking: Booking, then: Callable[[Booking], None], now: datetime) -> bool:
    entry = entry_of(actor, "bookings.booked", booking, now=now, union_path=terms.union_path, number=booking.number)

    def follow() -> None:
        announce(Booked(booking.pk, booking.offer_id, None, booking.worker_id, terms.kind, now))
        then(booking)

    try:
        return grant(booking, entry, together=True, then=follow)
    except Clash:
        return False
