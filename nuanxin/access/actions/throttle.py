"""Counting tries in the database, so that every process of the installation counts together."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext_lazy as _

from nuanxin.access.models import Throttle
from nuanxin.kernel.refusals import TooMany
from nuanxin.kernel.secrets import digest

if TYPE_CHECKING:
    from datetime import datetime

_TAKE = """
INSERT INTO access_throttle (key, tries, since) VALUES (%(key)s, 1, %(now)s)
ON CONFLICT (key) DO UPDATE SET
  tries = CASE WHEN access_throttle.since <= %(edge)s THEN 1 ELSE access_throttle.tries + 1 END,
  since = CASE WHEN access_throttle.since <= %(edge)s THEN %(now)s ELSE access_throttle.since END
RETURNING tries, since
"""


def take(*, name: str, subject: str, most: int, seconds: int, now: datetime) -> int:
    """Count one try and return how many there were in the running window, this one included.

    One statement, so that simultaneous tries are all counted. Outside a transaction the count stays whatever happens
    next: that is how guesses are counted. Inside one, a refusal takes its own try back.

    :param name: what is limited, such as `sign_in`; `subject` whose tries these are; only a keyed digest is held.
    :raises TooMany: more than `most` in `seconds`; says when to come back.
    """
    key = digest(f"throttle:{name}", subject)
    window = timedelta(seconds=seconds)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"key": key, "now": now, "edge": now - window})
        tries, since = cursor.fetchone()
    if tries > most:
        wait = max(1, math.ceil((since + window - now).total_seconds()))
        raise TooMany(
            f"too_many_{name}",
            _("Too many tries. Please wait %(minutes)s min and try again.") % {"minutes": math.ceil(wait / 60)},
            retry_after=wait,
        )
    return int(tries)


def forgive(*, name: str, subject: str) -> None:
    """Forget the tries of a subject, after one that was right."""
    Throttle.objects.filter(key=digest(f"throttle:{name}", subject)).delete()


def forget_throttles(*, before: datetime) -> int:
    """Delete counts whose window began before `before`. Return how many."""
    deleted: int = Throttle.objects.filter(since__lt=before).delete()[0]
    return deleted
