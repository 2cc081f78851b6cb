"""All that decides whether a person gets a place, by one statement: the person, the hour, own bookings, the pools."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from nuanxin.access.rules.keys import key_digest
from nuanxin.access.states import Scope
from nuanxin.bookings.rules.eligibility import Facts
from nuanxin.bookings.rules.terms import OwnBooking, OwnWaiting, PoolNow, Standing
from nuanxin.bookings.states import LISTED, SEATED
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.states import MembershipState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nuanxin.access.actors import Keyholder


def _listed(values: tuple[Any, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_COLUMNS = f"""
  o.state, o.opens_at, o.closes_at, s.state, s.starts_at,
  w.id, COALESCE(m.state, ''), COALESCE(u.path, ''), w.occupation_group_id,
  (SELECT array_agg(g.group_id) FROM members_workeroccupation g
    WHERE g.worker_id = w.id AND g.valid_from <= %(day)s AND (g.valid_until IS NULL OR g.valid_until > %(day)s)),
  w.region_id, w.birth_on, w.sex, w.assurance, w.phone_proved, m.began_on,
  (SELECT json_agg(json_build_array(b.id, b.number, b.offer_id, b.session_id, b.state, bo.kind, b.limit_kind, b.period,
                                    b.nth, b.hold_until, b.checked_in_at, b.barred_until,
                                    b.request_digest = %(request)s) ORDER BY b.id)
     FROM bookings_booking b JOIN bookings_offer bo ON bo.id = b.offer_id
    WHERE b.worker_id = w.id AND (b.state IN ({_listed(SEATED)}) OR b.request_digest = %(request)s)
      AND (%(counted)s::text[] IS NULL OR b.offer_id = o.id OR b.request_digest = %(request)s
           OR b.barred_until > %(now)s OR (b.limit_kind <> '' AND b.limit_kind = o.limit_kind)
           OR bo.kind = ANY(%(counted)s))),
  (SELECT json_agg(json_build_array(q.id, q.state, q.offered_until, q.request_digest = %(request)s) ORDER BY q.id)
     FROM bookings_waiting q
    WHERE q.offer_id = o.id AND q.worker_id = w.id
      AND (q.state IN ({_listed(LISTED)}) OR q.request_digest = %(request)s)),
  (SELECT json_agg(json_build_array(p.id, p.session_id, p.share_id, p.capacity, p.taken) ORDER BY p.id)
     FROM bookings_pool p
    WHERE p.offer_id = o.id {{pools}})
"""
_STANDING = f"""
SELECT {{source}}, {_COLUMNS}
  FROM {{asking}} bookings_offer o
  LEFT JOIN bookings_session s ON s.id = %(session)s AND s.offer_id = o.id
  {{person}}
 WHERE o.id = %(offer)s
"""
_MEMBERSHIP = f"""
  LEFT JOIN LATERAL (
    SELECT m.state, m.began_on, m.union_id FROM members_membership m WHERE m.worker_id = w.id
     ORDER BY m.state = '{MembershipState.ENDED.value}', m.id DESC LIMIT 1
  ) m ON true
  LEFT JOIN organizations_union u ON u.id = m.union_id
"""
_BY_WORKER = f"LEFT JOIN members_worker w ON w.id = %(worker)s {_MEMBERSHIP}"
_BY_NUMBER = """
  LEFT JOIN members_membership m ON m.number = %(number)s
  LEFT JOIN members_worker w ON w.id = m.worker_id
  LEFT JOIN organizations_union u ON u.id = m.union_id
"""
#: Of one session and of the whole offer: by the index, however many sessions there are.
_HERE = "AND (p.session_id = %(session)s OR p.session_id IS NULL)"
_KNOWN = _STANDING.format(source="NULL::uuid", asking="", person=_BY_WORKER, pools=_HERE)
_NUMBERED = _STANDING.format(source="NULL::uuid", asking="", person=_BY_NUMBER, pools=_HERE)
_KNOWN_EVERYWHERE = _STANDING.format(source="NULL::uuid", asking="", person=_BY_WORKER, pools="")
_NUMBERED_EVERYWHERE = _STANDING.format(source="NULL::uuid", asking="", person=_BY_NUMBER, pools="")
#: Whose key may book for members is found out by the statement that looks at everything else.
_KEYED = _STANDING.format(
    source="asking.id",
    asking=f"""(
      SELECT id FROM access_apiclient
       WHERE key_digest = %(key)s AND revoked_at IS NULL AND '{Scope.BOOK.value}' = ANY(scopes)
    ) AS asking CROSS JOIN""",
    person=_BY_NUMBER,
    pools=_HERE,
)


def standing_of(
    *,
    offer_id: UUID,
    session_id: UUID | None,
    worker_id: UUID | None = None,
    number: str = "",
    now: datetime,
    said: Mapping[str, Any] | None = None,
    request: bytes = b"",
    counted: Sequence[str] | None = None,
    everywhere: bool = False,
) -> Standing:
    """Return all that decides for a person and an offer. One statement.

    :param worker_id: the person, or else `number`, a member number.
    :param said: what the person states when asking.
    :param request: digest of the request: what it was answered with before counts as the person's own.
    :param counted: `Terms.counted` of this one offer: a life's other bookings are left out; none: all of them.
    :param everywhere: look at the pools of all sessions, not of one.
    :raises NotFound: no such offer, session or person.
    """
    values = _values(offer_id, session_id, now, request, counted)
    if worker_id is not None:
        found = _ask(_KNOWN_EVERYWHERE if everywhere else _KNOWN, values | {"worker": worker_id})
    else:
        found = _ask(_NUMBERED_EVERYWHERE if everywhere else _NUMBERED, values | {"number": number})
    return _standing(found, session_id, now, said)


def standing_of_key(
    holder: Keyholder,
    *,
    offer_id: UUID,
    session_id: UUID | None,
    number: str,
    now: datetime,
    said: Mapping[str, Any] | None = None,
    request: bytes = b"",
    counted: Sequence[str] | None = None,
) -> Standing | None:
    """Return the same for a machine that nobody has looked up; None for a key that may not, or an unknown offer."""
    values = _values(offer_id, session_id, now, request, counted)
    found = _ask(_KEYED, values | {"number": number, "key": key_digest(holder.key)})
    if found is None:
        return None
    holder.asked = True
    return _standing(found, session_id, now, said)


def _values(
    offer_id: UUID, session_id: UUID | None, now: datetime, request: bytes, counted: Sequence[str] | None
) -> dict[str, Any]:
    return {
        "offer": offer_id,
        "session": session_id,
        "now": now,
        "day": local_day(now),
        "request": request or b"",
        "counted": None if counted is None else list(counted),
    }


def _ask(statement: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def _standing(
    found: tuple[Any, ...] | None, session_id: UUID | None, now: datetime, said: Mapping[str, Any] | None
) -> Standing:
    if found is None:
        raise NotFound
    source, state, opens_at, closes_at, session_state, starts_at, worker_id, *person, booked, waits, pools = found
    if worker_id is None or (session_id is not None and session_state is None):
        raise NotFound
    bookings = tuple(_booking(row) for row in _read(booked))
    standing, path, group, further, region, birth_on, sex, assurance, phone_proved, began_on = person
    facts = Facts(
        today=local_day(now),
        state=standing,
        union_path=path,
        groups=frozenset([group, *(further or ())]),
        region=region,
        birth_on=birth_on,
        sex=sex,
        assurance=assurance,
        phone_proved=phone_proved,
        joined_on=began_on,
        served=tuple((each.kind, local_day(each.checked_in_at)) for each in bookings if each.checked_in_at),
        said=said or {},
    )
    listed = _read(waits)
    return Standing(
        worker_id=worker_id,
        facts=facts,
        offer_state=state,
        opens_at=opens_at,
        closes_at=closes_at,
        session_state=session_state or "",
        session_starts_at=starts_at,
        bookings=bookings,
        waiting=OwnWaiting(UUID(listed[-1][0]), listed[-1][1], _moment(listed[-1][2])) if listed else None,
        pools=tuple(
            PoolNow(UUID(pool), UUID(session) if session else None, UUID(share), capacity, taken)
            for pool, session, share, capacity, taken in _read(pools)
        ),
        source_id=source,
    )


def _read(column: Any) -> list[Any]:
    return (json.loads(column) if isinstance(column, str) else column) or []


def _booking(row: list[Any]) -> OwnBooking:
    key, number, offer, session, state, kind, limit_kind, period, nth, held, came, barred, is_repeated = row
    return OwnBooking(
        UUID(key),
        number,
        UUID(offer),
        UUID(session) if session else None,
        state,
        kind,
        limit_kind,
        period,
        nth,
        _moment(held),
        _moment(came),
        _moment(barred),
        is_repeated=bool(is_repeated),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
