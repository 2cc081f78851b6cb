"""The file of a roster, opened where nothing of it touches a disk if the system can do that."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.tables import open_table
from nuanxin.members.models import RosterFile
from nuanxin.members.queries.rosters import content_of
from nuanxin.members.rules.rosters.columns import is_header
from nuanxin.members.rules.rosters.limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nuanxin.kernel.tables import Table
    from nuanxin.members.models import Roster


@contextmanager
def opened(roster: Roster) -> Iterator[Table]:
    """Open the file of a roster; the caller has fetched what it may see.

    :raises Invalid: it cannot be read as a table; each with its code.
    """
    content = content_of(roster)
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("roster")
        path = Path(f"/proc/{os.getpid()}/fd/{descriptor}")
    else:
        descriptor, name = tempfile.mkstemp()
        path = Path(name)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(content)
        del content
        yield open_table(
            path,
            roster.file_name,
            most_rows=MOST_ROWS,
            most_columns=MOST_COLUMNS,
            most_bytes=MOST_BYTES,
            is_header=is_header,
        )
    finally:
        os.close(descriptor)
        if not hasattr(os, "memfd_create"):
            path.unlink()


def sample(roster: Roster, *, most: int = 3) -> list[tuple[str, ...]]:
    """Return the first rows under the titles, so that somebody sees which column is which; none of a file gone."""
    try:
        with opened(roster) as table:
            return [cells for _line, cells in islice(table.rows(), most)]
    except (RosterFile.DoesNotExist, Invalid):
        return []
