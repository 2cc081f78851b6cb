"""The check-up bus: a route and its sites, the days it stands somewhere, and the windows people book."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.access.models import PartnerDevice
from nuanxin.activities.states.bus import DayState
from nuanxin.bookings.models import Booking, Offer, Session
from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import Partner
from nuanxin.regions.models import Region


class BusRoute(models.Model):
    """One run of one bus through a city; its places are those of its offer, each window a session of that."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="+")
    #: The hospital whose people work in the bus: they alone send results.
    clinic = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.offer)


class BusSite(models.Model):
    """Where the bus stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    route = models.ForeignKey(BusRoute, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=120, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["route", "name"], name="bus_site_name_once")]

    def __str__(self) -> str:
        return self.name


class BusDay(models.Model):
    """One day of the bus at one site. A bus is at one site a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    route = models.ForeignKey(BusRoute, on_delete=models.PROTECT, related_name="days", db_index=False)
    site = models.ForeignKey(BusSite, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    state = models.CharField(max_length=8, choices=DayState.choices, default=DayState.PLANNED)
    #: The day to which everything of this one was moved, and why.
    moved_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="moved_from")
    moved_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["route", "day"], condition=Q(state=DayState.PLANNED), name="bus_one_site_a_day"
            ),
            models.CheckConstraint(
                condition=Q(state=DayState.MOVED, moved_to__isnull=False, moved_at__isnull=False)
                | Q(state=DayState.PLANNED, moved_to=None),
                name="bus_day_moved_to",
            ),
        ]
        indexes = [models.Index(fields=["day", "id"], name="bus_day_calendar")]


class BusWindow(models.Model):
    """A time of a day that people book; what can be booked is its session's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bus_day = models.ForeignKey(BusDay, on_delete=models.PROTECT, related_name="windows")
    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="+")


class BusDevice(models.Model):
    """A scanner at a day of the bus. Places for people without a booking are divided among the scanners of the day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bus_day = models.ForeignKey(BusDay, on_delete=models.CASCADE, related_name="devices", db_index=False)
    device = models.ForeignKey(PartnerDevice, on_delete=models.PROTECT, related_name="+")
    #: First letter of the numbers it gives out: A-001.
    letter = models.CharField(max_length=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bus_day", "device"], name="bus_device_once"),
            models.UniqueConstraint(fields=["bus_day", "letter"], name="bus_letter_once"),
        ]


class MovedBooking(models.Model):
    """Somebody's time was moved: until it begins the place may be given back, and not coming is no fault."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bus_day = models.ForeignKey(BusDay, on_delete=models.PROTECT, related_name="+")
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="+")
    was_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True)
