"""Taking back a delivery whose cause was taken back, such as a coupon that a partner gave back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from nuanxin.catalog.states import CORRECTION
from nuanxin.kernel.ids import new_id

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

_WRITE = f"""
WITH written AS (
    INSERT INTO catalog_delivery (id, service_id, worker_id, enterprise_id, union_id, group_code, day, at, times, cost,
        place, place_en, source_kind, source_id, corrects_id, reason, account_id, post_id)
    SELECT %(id)s, service_id, worker_id, enterprise_id, union_id, group_code, day, %(now)s, -1, -cost,
        place, place_en, '{CORRECTION}', id::text, id, %(reason)s, %(account)s, %(post)s
    FROM catalog_delivery WHERE source_kind = %(kind)s AND source_id = %(source)s AND corrects_id IS NULL
    ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO catalog_uncounted (delivery_id) SELECT id FROM written
"""


def take_back_source(*, actor: Actor, source_kind: str, source_id: str, reason: str, now: datetime) -> bool:
    """Take back the delivery that came of a source, by a counter-entry of the same day; answer whether there was one.

    Called by the wiring when what caused it was taken back: that act was allowed, and no further permission is asked.
    """
    values: dict[str, Any] = {
        "id": new_id(),
        "now": now,
        "reason": reason[:200],
        "account": actor.account_id,
        "post": actor.post_id,
        "kind": source_kind,
        "source": source_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, values)
        return bool(cursor.rowcount)
