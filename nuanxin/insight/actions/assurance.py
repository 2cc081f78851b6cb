"""Counting, in the background, how many active members of each union stand at which level of assurance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

if TYPE_CHECKING:
    from datetime import datetime

#: Whoever was taken over by another record has no active membership, so everybody is counted once.
_COUNT = """
INSERT INTO insight_assurancecount (union_id, level, phone_proved, members, counted_at)
SELECT m.union_id, w.assurance, w.phone_proved, count(*), %s
FROM members_membership m JOIN members_worker w ON w.id = m.worker_id
WHERE m.state = 'active' GROUP BY m.union_id, w.assurance, w.phone_proved
"""


@transaction.atomic
def count_assurance(*, now: datetime) -> int:
    """Count everybody anew, by one statement over the active members, and return how many lines there are.

    Whoever reads meanwhile sees the count before; two counts wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE insight_assurancecount IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM insight_assurancecount")
        cursor.execute(_COUNT, [now])
        return int(cursor.rowcount)
