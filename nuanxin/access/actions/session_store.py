"""The session engine: as Django's, on rows that know whose they are, found by a digest of their key."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection
from django.utils import timezone

from nuanxin.access.models import Account, BrowserSession
from nuanxin.kernel.rows import columns, load, width

#: Where a session keeps what its row shows.
DEVICE, BEGAN, SEEN = "_device", "_began", "_seen"


def key_digest(key: str) -> str:
    """Return what the table holds of a session's key: a key of 165 random bits needs no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def _moment(value: Any) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else None


_SQL = f"""
SELECT {columns(BrowserSession, "s")}, {columns(Account, "a")}
  FROM {BrowserSession._meta.db_table} s LEFT JOIN {Account._meta.db_table} a ON a.id = s.account_id
 WHERE s.session_key = %s AND s.expire_date > %s
"""


class SessionStore(DatabaseStore):
    """Sessions in the database, read together with the account they belong to: every page needs both."""

    #: The account as it was when the session was read; whoever takes it has checked that the session is its own.
    account: Account | None = None

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        """Return the rows of this engine."""
        return BrowserSession

    def _get_session_from_db(self) -> BrowserSession | None:
        with connection.cursor() as cursor:
            cursor.execute(_SQL, [key_digest(self.session_key or ""), timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        own = width(BrowserSession)
        self.account = load(Account, row[own:]) if row[own] is not None else None
        return load(BrowserSession, row[:own])

    def exists(self, session_key: str) -> bool:
        """Answer whether a key is taken."""
        return bool(BrowserSession.objects.filter(session_key=key_digest(session_key)).exists())

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        """Return the row of this session, with whose it is and where."""
        return BrowserSession(
            session_key=key_digest(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            account_id=data.get(SESSION_KEY),
            device=str(data.get(DEVICE, ""))[:60],
            began_at=_moment(data.get(BEGAN)),
            seen_at=_moment(data.get(SEEN)),
        )

    def delete(self, session_key: str | None = None) -> None:
        """End a session: the given one, or this one."""
        key = session_key or self.session_key
        if key:
            BrowserSession.objects.filter(session_key=key_digest(key)).delete()
