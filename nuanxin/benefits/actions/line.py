"""Standing in line for a stock of coupons, and taking one when it is one's turn. Bound to the person throughout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.models import LineEntry
from nuanxin.benefits.queries.line import my_entry, stock_lately, stock_now
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.queries.standing import standing_of
from nuanxin.bookings.queries.terms import terms_of
from nuanxin.bookings.rules.judging import judge
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Conflict, NotSignedIn

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.benefits.queries.line import Stock
    from nuanxin.bookings.actions.outcomes import Outcome
    from nuanxin.bookings.rules.eligibility import Failed
    from nuanxin.kernel.actor import Actor

#: What ends by itself when the opening comes, or is what the line is for: no reason not to stand in it.
_NOT_AGAINST = frozenset({"not_yet_open"})

#: The number and the entry in one statement: whoever stands in line already takes no number.
_JOIN = """
WITH numbered AS (
  UPDATE benefits_couponissue SET
    early = early + CASE WHEN drawn_at IS NULL AND %(before)s THEN 1 ELSE 0 END,
    late = late + CASE WHEN drawn_at IS NULL AND %(before)s THEN 0 ELSE 1 END,
    drawn_at = CASE WHEN %(before)s THEN drawn_at ELSE coalesce(drawn_at, %(now)s) END
  WHERE id = %(issue)s
    AND NOT EXISTS (SELECT 1 FROM benefits_lineentry WHERE issue_id = %(issue)s AND worker_id = %(worker)s)
  RETURNING early, late, drawn_at IS NULL AS is_early
)
INSERT INTO benefits_lineentry (id, issue_id, worker_id, joined_at, is_early, nth)
SELECT %(id)s, %(issue)s, %(worker)s, %(now)s, is_early, CASE WHEN is_early THEN early ELSE late END FROM numbered
"""


class NotYourTurn(Conflict):
    """The line has not come to this person yet."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "not_your_turn",
            _("It is not your turn yet: in about %(seconds)s seconds. Your place is kept, whatever the phone does.")
            % {"seconds": max(1, seconds)},
        )


class NotInLine(Conflict):
    """Somebody wants a coupon past the line."""

    def __init__(self) -> None:
        super().__init__("not_in_line", _("Please stand in line first. It takes one tap."))


class SoldOut(Conflict):
    """Nothing is left."""

    def __init__(self) -> None:
        super().__init__("sold_out", _("All of them have been given out. Nobody got more than one."))


@dataclass(frozen=True, slots=True)
class Joined:
    """The answer to somebody who wants to stand in line.

    :param against: every reason why this person may not have one; empty: they stand in line.
    """

    entry: LineEntry | None
    against: tuple[Failed, ...] = ()


def join_line(*, actor: Actor, number: str, now: datetime) -> Joined:
    """Stand in line for a stock; again changes nothing, and nobody stands there twice. Three statements.

    Before the opening everybody is equal: the order is made by a shuffle at the opening. Afterwards it is who came
    first. Whoever may not have a coupon is told every reason at once, and waits for nothing.

    :raises NotSignedIn: nobody, or no worker, asks; :raises NotFound: no such stock.
    :raises Conflict: it is given without a line, it is over, or all are gone.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    stock = stock_lately(number, now)
    _check_open(stock)
    entry = my_entry(stock.issue_id, actor.worker_id)
    if entry is not None:
        return Joined(entry)
    against = failed_for(stock.offer_id, actor.worker_id, now)
    if against:
        return Joined(None, against)
    _enter(stock, actor.worker_id, now)
    return Joined(my_entry(stock.issue_id, actor.worker_id))


def failed_for(offer_id: UUID, worker_id: UUID, now: datetime) -> tuple[Failed, ...]:
    """Return every reason why a person may not have a coupon of a stock, but for the hour."""
    standing = standing_of(offer_id=offer_id, session_id=None, worker_id=worker_id, now=now)
    verdict = judge(terms_of(offer_id), standing, now=now)
    return tuple(each for each in verdict.failed if each.code not in _NOT_AGAINST)


def _check_open(stock: Stock) -> None:
    if not stock.has_line:
        raise Conflict("no_line", _("There is no line for this: it can be taken at once."))
    if stock.line.over:
        raise Conflict("closed", _("This is closed."))
    if stock.line.left <= 0:
        raise SoldOut


def _enter(stock: Stock, worker_id: UUID, now: datetime) -> None:
    values: dict[str, Any] = {
        "issue": stock.issue_id,
        "worker": worker_id,
        "now": now,
        "before": now < stock.line.opens_at,
        "id": new_id(),
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(_JOIN, values)
    except IntegrityError as error:
        # Two taps at the same time: the other one has the place. The whole statement is undone, its number too.
        if "line_entry_once" not in str(error):
            raise


def take_coupon(*, actor: Actor, number: str, now: datetime) -> Outcome:
    """Take a coupon, when it is one's turn. When all are gone, the answer costs no statement for a second at a time.

    :raises NotSignedIn: nobody asks; :raises NotFound: no such stock.
    :raises SoldOut: nothing is left; :raises NotInLine: not in line; :raises NotYourTurn: says in how many seconds.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    stock = stock_lately(number, now)
    if stock.line.left <= 0 and stock.line.drawn:
        raise SoldOut
    if stock.has_line:
        _check_turn(stock if stock.line.drawn else stock_now(number, now), actor.worker_id, now)
    return book(actor=actor, offer=stock.offer_id, session=None, worker=actor.worker_id, now=now)


def _check_turn(stock: Stock, worker_id: UUID, now: datetime) -> None:
    entry = my_entry(stock.issue_id, worker_id)
    if entry is None:
        raise NotInLine
    place = stock.line.place(is_early=entry.is_early, nth=entry.nth)
    if place is None:
        raise NotYourTurn(int((stock.line.opens_at - now).total_seconds()) + 1)
    if place > stock.line.admitted(now):
        raise NotYourTurn(stock.line.wait(place, now))
