"""Plain functions that make what a test needs, one moment and no surprise."""

from datetime import datetime

from nuanxin.kernel.clock import ZONE

#: A Monday and a working day.
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
TODAY = NOW.date()
