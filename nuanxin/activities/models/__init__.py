"""Tables of the activities floor."""

from nuanxin.activities.models.arrival import Arrival
from nuanxin.activities.models.bus import BusDay, BusDevice, BusRoute, BusSite, BusWindow, MovedBooking
from nuanxin.activities.models.event import (
    CalendarFeed,
    Event,
    EventConsent,
    EventPhoto,
    EventPhotoPerson,
    Program,
)
from nuanxin.activities.models.package import CheckPackage
from nuanxin.activities.models.recuperation import Companion, Recuperation
from nuanxin.activities.models.result import CheckResult, FindingCount

__all__ = [
    "Arrival",
    "BusDay",
    "BusDevice",
    "BusRoute",
    "BusSite",
    "BusWindow",
    "CalendarFeed",
    "CheckPackage",
    "CheckResult",
    "Companion",
    "Event",
    "EventConsent",
    "EventPhoto",
    "EventPhotoPerson",
    "FindingCount",
    "MovedBooking",
    "Program",
    "Recuperation",
]
