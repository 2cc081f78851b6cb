"""Counting tries in the database, so that every process of the installation counts together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db import connection

from nuanxin.access.models import Throttle
from nuanxin.access.rules.limits import LIMITS, too_many_words
from nuanxin.kernel.refusals import TooMany
from nuanxin.kernel.secrets import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

#: Several counters move in one statement, always in the order of their keys: two that share some never wait in a ring.
_TAKE = """
INSERT INTO access_throttle AS held (key, tries, until)
SELECT key, 1, until FROM unnest(%s::bytea[], %s::timestamptz[]) AS asked (key, until) ORDER BY key
ON CONFLICT (key) DO UPDATE SET
  tries = CASE WHEN held.until <= %s THEN 1 ELSE held.tries + 1 END,
  until = CASE WHEN held.until <= %s THEN excluded.until ELSE held.until END
RETURNING key, tries, until
"""
#: A process remembers this many seconds that a limit is passed, and asks the database nothing about it: whatever comes
#: faster costs no statement, and keeps no row busy.
_REMEMBERED = 10


@dataclass(frozen=True, slots=True)
class Once:
    """Something that counts one time only, such as a solved challenge; known until it expires by itself."""

    secret: str
    until: datetime


def take(*, name: str, subject: str, now: datetime) -> None:
    """Count one try against the limit of this name; see `take_all`."""
    take_all({name: subject}, now=now)


def take_all(wanted: Mapping[str, str], *, now: datetime, once: Once | None = None) -> bool:
    """Count one try against several limits, and use something up that counts once: by one statement.

    Simultaneous tries are all counted. Outside a transaction the count stays whatever happens next: that is how
    guesses are counted. Inside one, a refusal takes its own try back.

    :param wanted: name of a limit (see `rules.limits`) → whose tries these are; only a keyed digest is held.
    :returns: whether `once` was not used before; True without it.
    :raises TooMany: one of the limits is passed; says when to come back.
    """
    keys = {_key(name, subject): name for name, subject in wanted.items()}
    _refuse_known(keys, now)
    untils = {key: now + timedelta(seconds=LIMITS[name].seconds) for key, name in keys.items()}
    used = digest("throttle:once", once.secret) if once else b""
    if once:
        untils[used] = once.until
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [list(untils), list(untils.values()), now, now])
        rows = [(bytes(key), tries, until) for key, tries, until in cursor.fetchall()]
    _refuse_more(((keys[key], key, tries, until) for key, tries, until in rows if key in keys), now)
    return all(tries == 1 for key, tries, _until in rows if key == used)


def _key(name: str, subject: str) -> bytes:
    return digest(f"throttle:{name}", subject)


def _memory(key: bytes) -> str:
    return f"passed:{key.hex()}"


def _refuse_known(keys: Mapping[bytes, str], now: datetime) -> None:
    known = cache.get_many([_memory(key) for key in keys])
    for key, name in keys.items():
        until = known.get(_memory(key))
        if until is not None and until > now:
            raise _too_many(name, until, now)


def _refuse_more(counted: Iterable[tuple[str, bytes, int, datetime]], now: datetime) -> None:
    """Refuse by the limit that lasts longest, of those that are passed."""
    passed = []
    for name, key, tries, until in counted:
        if tries > LIMITS[name].most:
            passed.append((until, name))
            cache.set(_memory(key), until, min(_REMEMBERED, (until - now).total_seconds()))
    if passed:
        until, name = max(passed)
        raise _too_many(name, until, now)


def _too_many(name: str, until: datetime, now: datetime) -> TooMany:
    wait = max(1, math.ceil((until - now).total_seconds()))
    words = too_many_words(LIMITS[name]) % {"minutes": math.ceil(wait / 60)}
    return TooMany(f"too_many_{name}", words, retry_after=wait)


def forgive(*, name: str, subject: str) -> None:
    """Forget the tries of a subject, after one that was right."""
    Throttle.objects.filter(key=_key(name, subject)).delete()
    cache.delete(_memory(_key(name, subject)))
