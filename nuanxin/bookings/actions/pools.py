"""More places, fewer places, and places that nobody of a group has taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.filling import fill
from nuanxin.bookings.actions.granting import lock_pools
from nuanxin.bookings.models import Draw, Pool, Share
from nuanxin.bookings.queries.losing import Loser, who_would_lose
from nuanxin.bookings.queries.terms import forget_terms
from nuanxin.bookings.states import DrawState, ShareKind
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor


class WouldLose(Conflict):
    """A pool cannot become smaller than what is taken of it: says who would lose a place."""

    def __init__(self, losers: list[Loser]) -> None:
        super().__init__(
            "would_lose",
            _("%(count)s people would lose their places. Cancel those bookings first, or keep more places.")
            % {"count": len(losers)},
        )
        self.losers = losers


def refuse_while_listed(offer_id: UUID) -> None:
    """Refuse what would change places that were published with the list of a draw, until it is drawn.

    The pools must have been locked: a list is frozen under their locks, too.

    :raises Conflict: the list is published.
    """
    if Draw.objects.filter(offer=offer_id).exclude(state__in=(DrawState.ANNOUNCED, DrawState.DRAWN)).exists():
        raise Conflict(
            "list_published",
            _("The list of the draw was published with these places: they change after the draw."),
        )


@transaction.atomic
def resize_pool(*, actor: Actor, pool: Pool, capacity: int, now: datetime) -> Pool:
    """Give a pool more or fewer places; new ones go to who waits.

    :raises WouldLose: more places are taken than there would be.
    :raises Conflict: the list of a draw was published with its places.
    :raises Invalid: a number out of range.
    """
    actor.require(Permission.EDIT_OFFERS, at=pool.offer.union)
    if not 0 <= capacity <= 1_000_000:
        raise Invalid("out_of_range", _("This number is out of range."), field="capacity")
    lock_pools(pool.offer_id, pool.session_id)
    refuse_while_listed(pool.offer_id)
    if not Pool.objects.filter(pk=pool.pk, taken__lte=capacity).update(capacity=capacity):
        raise WouldLose(who_would_lose(pool, capacity))
    record(
        actor,
        "bookings.pool_resized",
        pool,
        now=now,
        union_path=pool.offer.union.path,
        number=pool.offer.number,
        before=pool.capacity,
        after=capacity,
    )
    pool.refresh_from_db()
    fill(offer_id=pool.offer_id, session_id=pool.session_id, now=now, everywhere=pool.session_id is None)
    return pool


#: Both pools of a session in one statement: what is free of the one goes to the other.
_MOVE = """
WITH freed AS (
  UPDATE bookings_pool p SET capacity = p.taken
    FROM bookings_pool o
   WHERE o.id = p.id AND p.share_id = %(share)s AND p.capacity > p.taken
     AND EXISTS (SELECT 1 FROM bookings_pool t
                  WHERE t.share_id = %(open)s AND t.session_id IS NOT DISTINCT FROM p.session_id)
  RETURNING p.session_id, o.capacity - o.taken AS places
)
UPDATE bookings_pool t SET capacity = t.capacity + freed.places
  FROM freed WHERE t.share_id = %(open)s AND t.session_id IS NOT DISTINCT FROM freed.session_id
RETURNING freed.places
"""


@transaction.atomic
def release_share(*, actor: Actor, share: Share, now: datetime) -> int:
    """Give what nobody of a group has taken to everybody: to the first open share; return how many places.

    :raises Conflict: released before, an open share, or there is no open share to give to.
    """
    actor.require(Permission.EDIT_OFFERS, at=share.offer.union)
    target = share.offer.shares.filter(kind=ShareKind.OPEN).order_by("order", "pk").first()
    if share.kind not in (ShareKind.RESERVED, ShareKind.WALK_IN) or target is None:
        raise Conflict("nothing_to_release", _("There is nothing to release here."))
    lock_pools(share.offer_id, None, everywhere=True)
    refuse_while_listed(share.offer_id)
    if not Share.objects.filter(pk=share.pk, released_at=None).update(released_at=now):
        raise Conflict("already_released", _("This was released before."))
    places = _move_free(share.pk, target.pk)
    record(
        actor,
        "bookings.share_released",
        share,
        now=now,
        union_path=share.offer.union.path,
        number=share.offer.number,
        share=share.code,
        places=places,
    )
    forget_terms(share.offer_id)
    fill(offer_id=share.offer_id, session_id=None, now=now, everywhere=True)
    return places


def _move_free(share: UUID, target: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"share": share, "open": target})
        return sum(places for (places,) in cursor.fetchall())
