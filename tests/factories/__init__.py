"""Small plain functions that make what tests need, and one moment for all of them."""

from datetime import datetime

from nuanxin.kernel.clock import ZONE

#: A Monday morning, a working day.
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
