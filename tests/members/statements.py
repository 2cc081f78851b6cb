"""Counting SQL statements as the server works on them: savepoints of the test's own transaction left out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection
from django.test.utils import CaptureQueriesContext

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def statements(expected: int) -> Iterator[None]:
    """Fail unless exactly so many statements are sent."""
    with CaptureQueriesContext(connection) as captured:
        yield
    sent = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(sent) == expected, "\n".join(sent)
