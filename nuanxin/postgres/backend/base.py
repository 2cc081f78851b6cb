"""The wrapper Django loads by the name of the engine."""

from __future__ import annotations

from time import monotonic

from django.db.backends.postgresql import base

#: A connection that answered within the last second is taken to live. A restarted server so costs at most one answer
#: a connection, and a busy one is not asked three hundred times a second.
_TRUSTED_FOR = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Check a kept connection's health once a second at most."""

    _healthy_at = 0.0

    def close_if_health_check_failed(self) -> None:
        """Close a connection that does not answer, unless it has just answered."""
        if self.connection is not None and monotonic() - self._healthy_at < _TRUSTED_FOR:
            self.health_check_done = True
            return
        super().close_if_health_check_failed()
        self._healthy_at = monotonic()
