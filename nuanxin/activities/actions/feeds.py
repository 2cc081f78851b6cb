"""A member's calendar link: made anew, or shut; whoever has an old one sees nothing any more."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction

from nuanxin.activities.models import CalendarFeed
from nuanxin.activities.queries.feeds import token_digest
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.kernel.rows import insert
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

_TOKEN_BYTES = 24


@transaction.atomic
def make_feed(*, actor: Actor, now: datetime) -> str:
    """Make a secret link to one's own calendar and return its token, shown this once; the one before is shut.

    :raises NotSignedIn: no worker is signed in.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    _shut(actor, now)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    feed = CalendarFeed(worker_id=actor.worker_id, token_digest=token_digest(token), created_at=now)
    insert(feed)
    record(actor, "activities.feed_made", feed, now=now)
    return token


@transaction.atomic
def shut_feed(*, actor: Actor, now: datetime) -> bool:
    """Shut one's own link; answer whether there was one.

    :raises NotSignedIn: no worker is signed in.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    return _shut(actor, now)


def _shut(actor: Actor, now: datetime) -> bool:
    live = CalendarFeed.objects.filter(worker=actor.worker_id, revoked_at=None).first()
    if live is None or not CalendarFeed.objects.filter(pk=live.pk, revoked_at=None).update(revoked_at=now):
        return False
    record(actor, "activities.feed_shut", live, now=now)
    return True
