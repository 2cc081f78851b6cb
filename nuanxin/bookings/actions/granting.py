"""Places are taken and given back here and nowhere else: by conditional UPDATEs, pools in key order."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction

from nuanxin.bookings.rules.terms import PoolNow
from nuanxin.kernel.rows import insert, insert_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from nuanxin.bookings.models import Booking
    from nuanxin.records.models import AuditEntry


class Clash(Exception):
    """A constraint judged: the person has this already, or was quicker on another phone. Says which one."""


#: Decided by the row itself; nothing else happens where it says no.
_TAKE = "UPDATE bookings_pool SET taken = taken + %s WHERE id = %s AND taken + %s <= capacity"
_GIVE = "UPDATE bookings_pool SET taken = taken - %s WHERE id = %s AND taken >= %s"
_LOCK = """
SELECT id, session_id, share_id, capacity, taken FROM bookings_pool
 WHERE offer_id = %s {here} ORDER BY id FOR NO KEY UPDATE
"""
_LOCK_ALL = _LOCK.format(here="")
_LOCK_HERE = _LOCK.format(here="AND (session_id = %s::uuid OR session_id IS NULL)")


def grant(booking: Booking, entry: AuditEntry, *, together: bool, then: Callable[[], None]) -> bool:
    """Take the places of a booking and write it down with its audit entry; answer whether there was room.

    One statement, and a transaction by itself: the pool's row is locked while the server writes, never while Python
    thinks. With pools that count a group's places too, a transaction of several statements.

    :param together: what follows must be in the same transaction, so that there must be one.
    :param then: what follows, when there was room.
    :raises Clash: the person has a place already, or the limit per person is reached.
    """
    with _judged(together=together or bool(booking.caps)):
        granted = _grant_in_turn(booking, entry) if booking.caps else _grant_at_once(booking, entry)
        if granted:
            then()
        return granted


def _grant_at_once(booking: Booking, entry: AuditEntry) -> bool:
    booked, its_values = insert_from(booking, "seat")
    recorded, entry_values = insert_from(entry, "seat")
    statement = f"WITH seat AS ({_TAKE} RETURNING id), booked AS ({booked}) {recorded}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [booking.seats, booking.pool_id, booking.seats, *its_values, *entry_values])
        return bool(cursor.rowcount)


def _grant_in_turn(booking: Booking, entry: AuditEntry) -> bool:
    if not take(dict.fromkeys((booking.pool_id, *booking.caps), booking.seats)):
        return False
    insert(booking)
    insert(entry)
    return True


def insert_judged(booking: Booking) -> None:
    """Insert a booking whose places were taken. :raises Clash: the person has one already; nothing is broken."""
    with _judged(together=True):
        insert(booking)


@contextmanager
def _judged(*, together: bool) -> Iterator[None]:
    """Let constraints judge. A savepoint inside of somebody's transaction; nothing where one statement is one."""
    try:
        if together or connection.in_atomic_block:
            with transaction.atomic():
                yield
        else:
            yield
    except IntegrityError as error:
        name = constraint_of(error)
        if not name.startswith(("booking_", "bookings_booking_number", "waiting_")):
            raise
        raise Clash(name) from error


def constraint_of(error: IntegrityError) -> str:
    """Return the name of the constraint that was violated."""
    diagnosis: Any = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnosis, "constraint_name", "") or "")


def take(places: dict[UUID, int]) -> bool:
    """Take places of several pools, in key order; all or none: answer whether every one had room."""
    with transaction.atomic():
        for pool, seats in sorted(places.items()):
            if not _change(_TAKE, pool, seats):
                transaction.set_rollback(True)
                return False
    return True


def give(places: dict[UUID, int]) -> None:
    """Give places back, in key order. The rows must have been locked by `lock_pools`, or be the only ones touched."""
    for pool, seats in sorted(places.items()):
        if not _change(_GIVE, pool, seats):
            raise RuntimeError(f"Pool {pool} has fewer than {seats} places taken")


def _change(statement: str, pool: UUID, seats: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [seats, pool, seats])
        return bool(cursor.rowcount)


def lock_pools(offer_id: UUID, session_id: UUID | None, *, everywhere: bool = False) -> list[PoolNow]:
    """Lock the pools of a session and those of the whole offer, in key order; return them as they are now.

    For what gives places back or lets people wait, so that a free place and somebody who waits for it never miss each
    other. Granting a place never asks for this.
    """
    with connection.cursor() as cursor:
        if everywhere:
            cursor.execute(_LOCK_ALL, [offer_id])
        else:
            cursor.execute(_LOCK_HERE, [offer_id, session_id])
        return [PoolNow(*row) for row in cursor.fetchall()]
