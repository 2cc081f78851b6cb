"""Drawing: what was published decides; winners are booked and the others listed in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.allocating import place_ranked
from nuanxin.bookings.actions.draws_freezing import publish
from nuanxin.bookings.actions.filling import fill
from nuanxin.bookings.actions.granting import lock_pools
from nuanxin.bookings.models import Draw, Offer, Waiting
from nuanxin.bookings.queries.draw_lists import listed_lines, published
from nuanxin.bookings.queries.wishes import Wished
from nuanxin.bookings.rules.draws import Places, digest_of, in_order, read_line, winners
from nuanxin.bookings.states import DRAW_MOVES, DrawState, OfferState, PagePart, SessionState, ShareKind, WaitingState
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.states import move
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.bookings.rules.draws import Ticket, Won
    from nuanxin.kernel.actor import Actor

#: Name of the task that tells those who won nothing.
TELL = "bookings.tell_drawn"
_NOTE = """
UPDATE bookings_entry e SET position = drawn.position, won = drawn.won
  FROM unnest(%(waiting)s::uuid[], %(won)s::text[]) WITH ORDINALITY AS drawn (waiting, won, position)
 WHERE e.waiting_id = drawn.waiting
"""
#: Whoever waits, waits in the order of the draw.
_LINE_UP = """
UPDATE bookings_waiting q SET score = -drawn.position
  FROM unnest(%(waiting)s::uuid[]) WITH ORDINALITY AS drawn (waiting, position) WHERE q.id = drawn.waiting
"""


class ListChanged(Conflict):
    """What the tables say is not what was published: somebody changed it since."""

    def __init__(self) -> None:
        super().__init__(
            "list_changed",
            _("The entries are no longer those of the published list. Nothing was drawn. Tell whoever operates this."),
        )


@transaction.atomic
def draw_lots(*, actor: Actor, draw: Draw, now: datetime) -> Draw:
    """Work out who wins from what was published, publish it, book the winners, list the others; all or nothing.

    Killed at any moment nothing was done, and the next attempt comes to the same end: nothing in it is left to chance
    or choice. Who has left the list since, or had the limit used up elsewhere, stays a winner on the published file
    and gets no place: it goes to whoever is next in the drawn order.

    :raises ListChanged: the list, or an entry, is not what was published.
    :raises Conflict: the places are not those that were published.
    :raises Moved: not revealed yet, or drawn before.
    """
    offer = draw.offer
    actor.require(Permission.EDIT_OFFERS, at=offer.union)
    move(draw, DRAW_MOVES, DrawState.DRAWN, drawn_at=now)
    waiting_of = _checked(draw)
    _check_places(draw)
    tickets = [read_line(line) for line in published(draw, PagePart.LIST)]
    ordered = in_order(tickets, seed=bytes.fromhex(draw.seed), value=draw.value)
    won = winners(ordered, fill=fill_order(draw), places=_places(draw), most=_most(draw))
    publish(draw, PagePart.WINNERS, [each.line() for each in won])
    Draw.objects.filter(pk=draw.pk).update(winners=len(won))
    draw.winners = len(won)
    _note(ordered, won, waiting_of)
    _close(offer)
    place_ranked(actor=actor, offer=offer, ranked=_wishes(draw, won, waiting_of), now=now)
    fill(offer_id=offer.pk, session_id=None, now=now, everywhere=True)
    app.configure_task(TELL).defer(draw_id=str(draw.pk))
    record(
        actor,
        "bookings.drawn",
        draw,
        now=now,
        union_path=offer.union.path,
        number=offer.number,
        tickets=len(tickets),
        winners=len(won),
        digest=digest_of(each.line() for each in won).hex(),
    )
    return draw


def _checked(draw: Draw) -> dict[str, UUID]:
    """Return the wish behind each ticket. :raises ListChanged: pages, digest and rows do not agree."""
    lines = published(draw, PagePart.LIST)
    rows = listed_lines(draw)
    late = Waiting.objects.filter(entry__draw=draw, state=WaitingState.APPLIED).count()
    known = [rows[line] for line in lines if line in rows]
    listed = Waiting.objects.filter(pk__in=known, state=WaitingState.APPLIED).count()
    if digest_of(lines) != bytes(draw.list_digest or b"") or len(known) != len(lines) or late != listed:
        raise ListChanged
    return {line.split(" ", 1)[0]: rows[line] for line in lines}


def _check_places(draw: Draw) -> None:
    now = {pool.id: pool.free for pool in lock_pools(draw.offer_id, None, everywhere=True)}
    if any(now.get(UUID(each["pool"])) != each["places"] for each in draw.places):
        raise Conflict(
            "places_changed",
            _("The places are not those that were published with the list. Set them back; then it can be drawn."),
        )


def fill_order(draw: Draw) -> list[str]:
    """Return the codes of the shares in the order in which they are filled, as announced."""
    kinds = (ShareKind.RESERVED, ShareKind.OPEN)
    return [share["code"] for share in draw.shares if share["kind"] in kinds]


def _places(draw: Draw) -> list[Places]:
    return [
        Places(each["share"], each["session"], each["places"]) for each in draw.places if each["kind"] != ShareKind.MOST
    ]


def _most(draw: Draw) -> dict[str, int]:
    return {each["share"]: each["places"] for each in draw.places if each["kind"] == ShareKind.MOST}


def _note(ordered: list[Ticket], won: list[Won], waiting_of: dict[str, UUID]) -> None:
    share_of = {each.ticket: each.share for each in won}
    values: dict[str, Any] = {
        "waiting": [waiting_of[each.ticket] for each in ordered],
        "won": [share_of.get(each.ticket, "") for each in ordered],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)
        cursor.execute(_LINE_UP, values)


def _close(offer: Offer) -> None:
    """Let the offer stand as drawn: its entries have closed, whether the clock has noted that or not."""
    before = (OfferState.ANNOUNCED, OfferState.OPEN, OfferState.CLOSED)
    if not Offer.objects.filter(pk=offer.pk, state__in=before).update(state=OfferState.DRAWN):
        raise Conflict("offer_over", _("This offer is over."))
    offer.state = OfferState.DRAWN


def _wishes(draw: Draw, won: list[Won], waiting_of: dict[str, UUID]) -> list[Wished]:
    """Return the winners who have not left, each with just the place that was won."""
    pools: dict[tuple[str, str], UUID] = {(each["share"], each["session"]): UUID(each["pool"]) for each in draw.places}
    of_pool: dict[Any, tuple[UUID, UUID | None]] = {
        pk: (share, session) for pk, share, session in draw.offer.pools.values_list("pk", "share", "session")
    }
    rows = {row.pk: row for row in Waiting.objects.filter(offer=draw.offer, state=WaitingState.APPLIED)}
    planned = {None, *draw.offer.sessions.filter(state=SessionState.PLANNED).values_list("pk", flat=True)}
    found = []
    for each in won:
        row = rows.get(waiting_of[each.ticket])
        share, session = of_pool[pools[each.share, each.session]]
        if row is not None and session in planned:
            found.append(Wished(row.worker_id, session, (share,), tuple(row.caps), row.seats, row.union_path))
    return found
