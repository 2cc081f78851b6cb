"""How much a roster may hold, and how it is worked off."""

from datetime import timedelta
from typing import Final

#: Rows and columns of one file; longer lists come in parts under one label.
MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 60
#: Bytes of one file, as much as a request may carry.
MOST_BYTES: Final = 31 * 1024 * 1024
#: Rows of one transaction.
CHUNK: Final = 4000
#: Threads that work on one roster, each with its own connection: while one computes, another waits for the database.
LANES: Final = 3
#: A roster that nobody has worked on for so long was left by a process that died.
LEFT_AFTER: Final = timedelta(seconds=20)
#: How long the file and its rows are kept after somebody last worked on a roster, whether it was enrolled or not.
FILE_KEPT: Final = timedelta(days=30)
ROWS_KEPT: Final = timedelta(days=180)
