"""Freezing a draw: the list of tickets is published, before the hour at which the public value can be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.granting import lock_pools
from nuanxin.bookings.models import Draw, DrawPage
from nuanxin.bookings.queries.draw_lists import PAGE, codes_of_sessions, lines_of, places_of
from nuanxin.bookings.rules.draws import digest_of
from nuanxin.bookings.states import DRAW_MOVES, DrawState, OfferState, PagePart, SessionState
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.states import Moved, move
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

_OVER = (OfferState.CANCELLED, OfferState.ENDED)


@transaction.atomic
def freeze(*, actor: Actor, draw: Draw, now: datetime) -> Draw:
    """Close the list for good and publish it with its digest and the places there are; one transaction, all or nothing.

    Whoever is entering at this moment is waited for; whoever comes later is refused. Killed in the middle, nothing was
    done, and the next attempt makes the same list.

    :raises Conflict: entries are still open, the offer is over, frozen before, or too late for the announced hour.
    """
    offer = draw.offer
    actor.require(Permission.EDIT_OFFERS, at=offer.union)
    _check_hours(draw, now)
    # The digest follows below: the row is held first, so that everybody who is entering has entered.
    if not Draw.objects.select_for_update().filter(pk=draw.pk, state=DrawState.ANNOUNCED).exists():
        raise Moved(DrawState.FROZEN)
    planned = {None, *offer.sessions.filter(state=SessionState.PLANNED).values_list("pk", flat=True)}
    pools = [pool for pool in lock_pools(offer.pk, None, everywhere=True) if pool.session_id in planned]
    sessions = codes_of_sessions(offer.pk)
    lines = lines_of(draw, sessions)
    move(
        draw,
        DRAW_MOVES,
        DrawState.FROZEN,
        frozen_at=now,
        list_digest=digest_of(lines),
        tickets=len(lines),
        places=places_of(draw, pools, sessions),
        sessions=[each.kept() for each in sessions.values()],
    )
    publish(draw, PagePart.LIST, lines)
    record(
        actor,
        "bookings.draw_frozen",
        draw,
        now=now,
        union_path=offer.union.path,
        number=offer.number,
        tickets=len(lines),
        digest=digest_of(lines).hex(),
    )
    return draw


def _check_hours(draw: Draw, now: datetime) -> None:
    offer = draw.offer
    offer.refresh_from_db(fields=["state", "closes_at"])
    if offer.state in _OVER:
        raise Conflict("offer_over", _("This offer is over."))
    if offer.state != OfferState.CLOSED and now < offer.closes_at:
        raise Conflict("entries_open", _("Entries are still open. The list is frozen when they have closed."))
    draw.refresh_from_db()
    if draw.state != DrawState.ANNOUNCED:
        raise Conflict("frozen_before", _("The list was frozen and published before. It stands."))
    if now >= draw.value_at:
        raise Conflict(
            "hour_passed",
            _("The hour of the public value has passed without a published list. Announce another value and hour."),
        )


def publish(draw: Draw, part: PagePart, lines: list[str]) -> None:
    """Write lines down for good, a page for every thousand. Part of the act that made them."""
    DrawPage.objects.bulk_create(
        DrawPage(draw=draw, part=part, nth=nth, lines="\n".join(lines[start : start + PAGE]))
        for nth, start in enumerate(range(0, len(lines), PAGE))
    )
