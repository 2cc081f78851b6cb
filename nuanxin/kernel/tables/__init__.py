"""Tables that somebody hands in: xlsx, xls and csv, told apart by what they hold, never by their name.

A file from outside is hostile until it is read: sizes are judged before anything is unpacked, rows come one at a time,
and whatever a file says of itself (its name, its ending, its dimensions) is not believed. See ADR 21.
"""

from nuanxin.kernel.tables.findings import Finding, describe
from nuanxin.kernel.tables.opening import MOST_BYTES, Table, open_table

__all__ = ["MOST_BYTES", "Finding", "Table", "describe", "open_table"]
