"""Ending sessions from another browser: one, or all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from nuanxin.access.models import BrowserSession
from nuanxin.kernel.refusals import NotFound
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.access.models import Account
    from nuanxin.kernel.actor import Actor


@transaction.atomic
def end_session(*, actor: Actor, account: Account, session: str, now: datetime) -> None:
    """End one of the account's own sessions. :raises NotFound: it is another's, or has ended already."""
    if not BrowserSession.objects.filter(account=account, session_key=session).delete()[0]:
        raise NotFound
    record(actor, "access.session_ended", account, now=now)


@transaction.atomic
def end_other_sessions(*, actor: Actor, account: Account, but: str, now: datetime) -> int:
    """End every session of the account but the one whose digest is `but`; return how many."""
    ended: int = BrowserSession.objects.filter(account=account).exclude(session_key=but).delete()[0]
    if ended:
        record(actor, "access.sessions_ended", account, now=now, ended=ended)
    return ended
