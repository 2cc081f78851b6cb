"""The list of one's own sessions, at whichever door: where I am signed in, and ending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nuanxin.access.actions import end_other_sessions, end_session
from nuanxin.access.queries import sessions_of
from nuanxin.web.kit.sessions import own_session

if TYPE_CHECKING:
    from nuanxin.access.models import Account
    from nuanxin.web.kit.requests import Request


def listed(request: Request, account: Account) -> list[dict[str, Any]]:
    """Return the account's sessions for `kit/partials/sessions.html`."""
    own = own_session(request)
    return [
        {
            "id": row.session_key,
            "device": row.device,
            "began_at": row.began_at,
            "seen_at": row.seen_at,
            "own": row.session_key == own,
        }
        for row in sessions_of(account, request.now)
    ]


def end(request: Request, account: Account) -> bool:
    """End what the form names: one session, or all but this one; return whether it was all.

    :raises NotFound: the one is not the account's, or has ended already.
    """
    one = request.POST.get("session", "")[:40]
    if one:
        end_session(actor=request.actor, account=account, session=one, now=request.now)
        return False
    end_other_sessions(actor=request.actor, account=account, but=own_session(request), now=request.now)
    return True
