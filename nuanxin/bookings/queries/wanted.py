"""Which free places somebody waits for: by one look at the whole list, however many pools there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

_WANTED = """
SELECT DISTINCT q.session_id, s.share_id
  FROM bookings_waiting q CROSS JOIN unnest(q.shares) AS s (share_id)
 WHERE q.offer_id = %(offer)s AND q.state = 'waiting'
"""
_FREE = f"""
WITH wanted AS ({_WANTED})
SELECT DISTINCT p.session_id
  FROM bookings_pool p
  JOIN bookings_share h ON h.id = p.share_id
  JOIN wanted w ON w.share_id = p.share_id AND (w.session_id IS NULL OR w.session_id = p.session_id)
  LEFT JOIN bookings_session t ON t.id = p.session_id
 WHERE p.offer_id = %(offer)s AND p.taken < p.capacity AND h.kind NOT IN ('most', 'walk_in')
   AND (h.opens_at IS NULL OR h.opens_at <= %(now)s)
   AND (t.id IS NULL OR t.state = 'planned' AND t.starts_at > %(now)s)
"""


def wanted_places(offer_id: UUID) -> set[tuple[UUID | None, UUID]]:
    """Return which share at which session somebody of an offer's list waits for; no session: at any."""
    with connection.cursor() as cursor:
        cursor.execute(_WANTED, {"offer": offer_id})
        return set(cursor.fetchall())


def sessions_to_fill(offer_id: UUID, now: datetime) -> list[UUID | None]:
    """Return the sessions of an offer with a free place of a share that somebody waits for; none: the whole offer."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE, {"offer": offer_id, "now": now})
        return sorted((row[0] for row in cursor.fetchall()), key=str)
