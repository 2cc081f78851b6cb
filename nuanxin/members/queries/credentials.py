"""Credentials of offline cards: what a phone may still fetch, and what a counter takes along to work offline."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection

from nuanxin.access.states import Scope
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotAllowed, NotFound, NotSignedIn
from nuanxin.kernel.remember import remembered
from nuanxin.kernel.signing import signing_keys
from nuanxin.members.rules.cards import MembershipHasEnded
from nuanxin.members.rules.credentials import (
    DAYS_AHEAD,
    MOST_PER_DAY,
    PER_DAY,
    CardNotActive,
    day_number,
    encode,
)
from nuanxin.members.states import MembershipState, Withdrawn
from nuanxin.organizations.queries.lists import occupation_groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

#: For how many seconds a process hands out the bundle it made: so late, at most, does a revocation enter a new one.
BUNDLE_FRESH = 5
_LISTS = (Withdrawn.REVOKED, Withdrawn.SUSPENDED, Withdrawn.ENDED)


@dataclass(frozen=True, slots=True)
class OwnCard:
    """The live card of the worker who asks, and what its credentials say of the bearer."""

    card_id: UUID
    name: str
    group_code: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a counter keeps to verify without a network: the bytes, their signature, and who signed."""

    content: bytes
    signature: bytes
    key_id: int


_OWN_SQL = """
SELECT c.id, m.state, w.name, w.occupation_group_id
  FROM members_membership m
  JOIN members_card c ON c.membership_id = m.id AND c.revoked_at IS NULL
  JOIN members_worker w ON w.id = m.worker_id
 WHERE m.worker_id = %s ORDER BY m.state = 'ended', m.id DESC LIMIT 1
"""
#: Held until the credentials are stored: who replaces the card or suspends the member waits, and finds them.
_HOLD = " FOR NO KEY UPDATE OF c FOR SHARE OF m"


def own_card(actor: Actor, *, hold: bool = False) -> OwnCard:
    """Return the live card of the signed-in worker; a cadre or machine asks for nobody. One statement.

    :param hold: lock it against being replaced, and the membership against being suspended, until the transaction ends.
    :raises NotSignedIn: nobody is signed in; NotAllowed: somebody who is no worker.
    :raises NotFound: never a member.
    :raises MembershipHasEnded: not a member any more; CardNotActive: the membership rests.
    """
    if actor.kind == "anonymous":
        raise NotSignedIn
    if actor.kind != "worker":
        raise NotAllowed(Scope.ISSUE_CODES)
    with connection.cursor() as cursor:
        cursor.execute(_OWN_SQL + (_HOLD if hold else ""), [actor.worker_id])
        found = cursor.fetchone()
    if found is None:
        raise NotFound
    card_id, state, name, group_code = found
    if state == MembershipState.ENDED:
        raise MembershipHasEnded
    if state == MembershipState.SUSPENDED:
        raise CardNotActive
    return OwnCard(card_id, name, group_code)


_ISSUED_SQL = """
SELECT day, count(*) FILTER (WHERE withdrawn = ''), max(serial) FROM members_credential
 WHERE card_id = %s AND day >= %s GROUP BY day
"""


def issued(card_id: UUID, now: datetime) -> dict[int, tuple[int, int]]:
    """Return for each day from today how many good credentials a card has, and the highest serial. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_ISSUED_SQL, [card_id, local_day(now)])
        return {day_number(day): (good, serial) for day, good, serial in cursor.fetchall()}


def wanted(actor: Actor, *, held: Mapping[int, int] | None = None, now: datetime) -> dict[int, int]:
    """Return how many more credentials the worker's phone should fetch for each day, today first. Two statements.

    :param held: how many the phone still has of each day, when it says so: one that lost them gets others, up to the
        limit of the day.
    """
    out = issued(own_card(actor).card_id, now)
    today = day_number(local_day(now))
    more = {}
    for day in range(today, today + DAYS_AHEAD):
        good, serial = out.get(day, (0, 0))
        has = good if held is None else held.get(day, 0)
        more[day] = max(0, min(PER_DAY - has, MOST_PER_DAY - serial))
    return more


def believed_keys(now: datetime) -> list[int]:
    """Return the ids of the keys whose credentials count: a phone drops those of any other one."""
    return sorted(signing_keys().believed(now))


def badges() -> dict[str, int]:
    """Return the badge of each occupation group: its place in the bundle's list, from 1."""
    return {group["code"]: place for place, group in enumerate(_badge_list(), start=1)}


def _badge_list() -> list[dict[str, str]]:
    def make() -> list[dict[str, str]]:
        rows = occupation_groups()[:255]
        return [{"code": row.code, "name": row.name, "name_en": row.name_en, "icon": row.icon} for row in rows]

    return remembered("members.badges", seconds=BUNDLE_FRESH, make=make)


def bundle(actor: Actor, now: datetime) -> Bundle:
    """Return what a counter takes along: keys, badges and the revocation list, signed; at most seconds old.

    :raises NotAllowed: no partner device, and no key that may check cards.
    """
    actor.require_scope(Scope.VERIFY_CARDS)
    return remembered("members.bundle", seconds=BUNDLE_FRESH, make=lambda: sign_bundle(now))


def sign_bundle(now: datetime) -> Bundle:
    """Make the bundle of this moment. For counters see `bundle`, which asks who wants it."""
    keys = signing_keys()
    lists = revoked_handles(now)
    content: dict[str, Any] = {
        "issued_at": now.isoformat(timespec="milliseconds"),
        "keys": {str(key_id): encode(key.whole()) for key_id, key in keys.believed(now).items()},
        "badges": _badge_list(),
        **{str(name.value): encode(lists.get(name, b"")) for name in _LISTS},
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    signer = keys.current(now)
    return Bundle(text, signer.private.sign(b"NX2B" + text), signer.key_id)


_WITHDRAWN_SQL = """
SELECT withdrawn, string_agg(handle, ''::bytea) FROM members_credential
 WHERE withdrawn <> '' AND expires_at > %s GROUP BY withdrawn
"""


def revoked_handles(now: datetime) -> dict[str, bytes]:
    """Return the handles that count no more, one after the other, by reason; expired ones are left out.

    One statement over an index of the withdrawn ones only: its cost is that of the list, not that of the registry.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WITHDRAWN_SQL, [now - timedelta(minutes=5)])
        return {name: bytes(handles) for name, handles in cursor.fetchall()}


_HANDLES_SQL = """
SELECT m.worker_id, string_agg(k.handle, ''::bytea ORDER BY k.serial)
  FROM members_credential k JOIN members_card c ON c.id = k.card_id JOIN members_membership m ON m.id = c.membership_id
 WHERE k.day = %s AND k.withdrawn = '' AND m.worker_id = ANY(%s) GROUP BY m.worker_id
"""


def handles_on(day: date, workers: Sequence[UUID]) -> dict[UUID, bytes]:
    """Return the handles of some people's credentials for a day, one after another, by person. One statement.

    For a list that a scanner takes along: it tells who was expected, and says nothing of who that is.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HANDLES_SQL, [day, list(workers)])
        return {worker: bytes(handles) for worker, handles in cursor.fetchall()}
