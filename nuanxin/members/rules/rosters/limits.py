"""How much a roster may hold, and how it is worked off."""

from datetime import timedelta
from typing import Final

#: Rows and columns of one file; longer lists come in parts under one label.
MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 60
#: Bytes of one file, as much as a request may carry.
MOST_BYTES: Final = 31 * 1024 * 1024
#: Rows of one transaction.
CHUNK: Final = 2000
#: Processes that work on one roster, if it has more than one chunk: what Python computes, it computes on one processor.
HANDS: Final = 2
#: A roster that nobody has worked on for so long was left by a process that died.
LEFT_AFTER: Final = timedelta(seconds=20)
#: How long the file and its rows are kept after somebody last worked on a roster, whether it was enrolled or not.
FILE_KEPT: Final = timedelta(days=30)
ROWS_KEPT: Final = timedelta(days=180)
#: Bytes of a file up to which a roster is short: about one chunk.
SHORT: Final = 250_000


def hands(size: int) -> tuple[str, ...]:
    """Return the locks under which a roster is worked off, one for each process at it.

    All long rosters share the same locks, so that they come one after the other, as quickly as each can; short ones
    have their own and do not wait for a long one.

    :param size: bytes of the file.
    """
    return tuple(f"rosters:{number}" for number in range(HANDS)) if size > SHORT else ("rosters:short",)
