"""What becomes of somebody who asks for a place: every reason against it, or the pools that may give one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.bookings.rules.eligibility import Failed, failed
from nuanxin.bookings.rules.limits import free_slot, next_period, period_of
from nuanxin.bookings.states import GIVING, LIVE, TAKING, OfferState, SessionState, Way
from nuanxin.kernel.clock import local_day

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from nuanxin.bookings.rules.terms import OwnBooking, PoolNow, ShareTerms, Standing, Terms


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may become of it.

    :param failed: every reason for which this person may not take part now; with any, nothing else counts.
    :param own: the booking of this offer that the person has already.
    :param choices: pools with room for this person, in the order in which they are tried.
    :param caps: pools that count how many the person's group gets at most, in key order.
    :param shares: shares whose places the person may have, room or not: what one may wait for.
    :param full: why there is no choice, when there is none.
    """

    failed: tuple[Failed, ...]
    own: OwnBooking | None
    choices: tuple[UUID, ...]
    caps: tuple[UUID, ...]
    shares: tuple[UUID, ...]
    full: tuple[Failed, ...]
    period: str = ""
    nth: int | None = None


def judge(terms: Terms, standing: Standing, *, now: datetime, seats: int = 1, walk_in: bool = False) -> Verdict:
    """Decide about a person and an offer.

    :param seats: the person and companions.
    :param walk_in: the person stands at the counter: places kept for such people count too, and entries may be closed.
    """
    period, nth, limits = limit_of(terms, standing, now)
    own = _own(terms, standing, period)
    against = [
        *_hours(standing, now, walk_in=walk_in),
        *failed(terms.checks, standing.facts),
        *([] if own else limits),
        *_bars(terms, standing, now),
        *_seats(terms, seats),
    ]
    shares = terms.seat_shares(standing.facts, walk_in=walk_in)
    places = [(share, pool) for share in shares for pool in standing.pools if pool.share_id == share.id]
    if not shares:
        against.append(_no_share())
    elif not places and terms.way == Way.FIRST_COME:
        against.append(Failed("choose_session", _("Please choose a session."), _("Each has its own places.")))
    cap_shares = {share.id for share in terms.cap_shares(standing.facts)}
    caps = sorted((pool for pool in standing.pools if pool.share_id in cap_shares), key=lambda pool: pool.id)
    capped = any(pool.free < seats for pool in caps)
    choices = [] if capped else [pool.id for share, pool in places if _may_take(share, pool, seats, now)]
    return Verdict(
        failed=tuple(against),
        own=own,
        choices=tuple(choices),
        caps=tuple(pool.id for pool in caps),
        shares=tuple(share.id for share in shares),
        full=() if choices else _full(places, now, capped=capped),
        period=period,
        nth=nth,
    )


def _may_take(share: ShareTerms, pool: PoolNow, seats: int, now: datetime) -> bool:
    return pool.free >= seats and (share.opens_at is None or share.opens_at <= now)


def _hours(standing: Standing, now: datetime, *, walk_in: bool) -> list[Failed]:
    found: list[Failed] = []
    state = standing.offer_state
    if state == OfferState.CANCELLED:
        found.append(Failed("cancelled", _("This was cancelled."), _("See what else there is for you.")))
    elif state not in GIVING:
        found.append(Failed("not_offered", _("This is not offered now."), _("See what else there is for you.")))
    elif not walk_in and now < standing.opens_at:
        found.append(
            Failed("not_yet_open", _("This is not open yet."), _("Come back when it opens."), standing.opens_at)
        )
    elif not walk_in and (now >= standing.closes_at or state not in TAKING):
        found.append(Failed("closed", _("This is closed."), _("See what else there is for you.")))
    if standing.session_state == SessionState.CANCELLED:
        found.append(Failed("session_cancelled", _("This session was cancelled."), _("Please choose another one.")))
    elif standing.session_starts_at is not None and standing.session_starts_at <= now and not walk_in:
        found.append(Failed("session_begun", _("This session has begun."), _("Please choose another one.")))
    return found


def _own(terms: Terms, standing: Standing, period: str) -> OwnBooking | None:
    """Return the booking of this offer that the person has; where the offer renews, that of the period."""
    mine = (each for each in standing.bookings if each.offer_id == terms.id and each.state in LIVE)
    return next((each for each in mine if not terms.renews or each.period == period), None)


def limit_of(terms: Terms, standing: Standing, now: datetime) -> tuple[str, int | None, list[Failed]]:
    """Return the period in which it counts, which of the allowed ones it would be, and what is against it."""
    if not terms.limit_count:
        return "", None, []
    day = local_day(standing.session_starts_at or now)
    period = period_of(terms.limit_period, day)
    used = {
        each.nth
        for each in standing.bookings
        if each.nth is not None and each.limit_kind == terms.limit_kind and each.period == period
    }
    nth = free_slot(used, terms.limit_count)
    if nth is not None:
        return period, nth, []
    words = _("You have had all you may have of this in this period: %(count)s.") % {"count": terms.limit_count}
    until = next_period(terms.limit_period, day)
    return period, None, [Failed("limit_reached", words, _("Give one back, or wait for the next period."), until)]


def _bars(terms: Terms, standing: Standing, now: datetime) -> list[Failed]:
    barred = [each.barred_until for each in standing.bookings if each.kind == terms.kind and each.barred_until]
    until = max(barred, default=None)
    if until is None or until <= now:
        return []
    return [
        Failed(
            "barred",
            _("You did not come to a place you had booked, and others went without."),
            _("You may book again after that day. Next time please give the place back in time."),
            until,
        )
    ]


def _seats(terms: Terms, seats: int) -> list[Failed]:
    if 1 <= seats <= terms.most_seats:
        return []
    words = _("At most %(count)s places at once, your own included.") % {"count": terms.most_seats}
    return [Failed("too_many_seats", words, _("Please choose fewer."))]


def _no_share() -> Failed:
    return Failed(
        "no_share",
        _("All places are kept for other groups."),
        _("If places are left, they are opened to everybody: come back then."),
    )


def _full(places: list[tuple[ShareTerms, PoolNow]], now: datetime, *, capped: bool) -> tuple[Failed, ...]:
    later = [share.opens_at for share, pool in places if share.opens_at and share.opens_at > now and pool.free > 0]
    if later:
        return (Failed("share_later", _("More places open later."), _("Come back then."), min(later)),)
    if capped:
        words = _("Your group has had as many places as it may have here.")
        return (Failed("group_full", words, _("If one of them is given back, it goes to who waits.")),)
    return (Failed("sold_out", _("All places are taken."), _("If one is given back, it goes to who waits longest.")),)


def may_cancel(
    *, cancel_until_hours: int, session_starts_at: datetime | None, closes_at: datetime, now: datetime
) -> bool:
    """Answer whether the member may still give a place back."""
    return now < cancel_until(cancel_until_hours, session_starts_at, closes_at)


def cancel_until(hours: int, session_starts_at: datetime | None, closes_at: datetime) -> datetime:
    """Return until when a place may be given back: hours before its session, or before the offer closes."""
    return (session_starts_at or closes_at) - timedelta(hours=hours)


def barred_from(rule: str, bar_days: int, now: datetime) -> datetime | None:
    """Return until when somebody who did not come is barred; none where the offer does not bar."""
    return now + timedelta(days=bar_days) if rule == "bars" else None


def day_of(session_starts_at: datetime | None, now: datetime) -> date:
    """Return the day on which a booking counts for a limit: its session's, or today."""
    return local_day(session_starts_at or now)


def hold_of(terms: Terms, standing: Standing, now: datetime) -> datetime | None:
    """Return until when a place is kept before it must be confirmed; none where it is booked at once."""
    if not terms.hold_minutes:
        return None
    until = now + timedelta(minutes=terms.hold_minutes)
    start = standing.session_starts_at
    return until if start is None or start <= now else min(until, start)
