"""Who arrived at the bus, as scanners tell it, now or when they have a network again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.access.models import Account, PartnerDevice
from nuanxin.activities.models.bus import BusDay
from nuanxin.activities.states.bus import ArrivalAnswer, ArrivalState, ClashKind
from nuanxin.bookings.models import Booking, Session
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Worker


class Arrival(models.Model):
    """Somebody was let in by one scanner. What the register says against it waits for a decision, which stays here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: The device's own name for it: told again, it is the same arrival.
    sent_id = models.UUIDField()
    device = models.ForeignKey(PartnerDevice, on_delete=models.PROTECT, related_name="+", db_index=False)
    bus_day = models.ForeignKey(BusDay, on_delete=models.PROTECT, related_name="arrivals")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="+")
    #: Number in the queue, such as A-017.
    number = models.CharField(max_length=8)
    at = models.DateTimeField()
    told_at = models.DateTimeField()
    answer = models.CharField(max_length=14, choices=ArrivalAnswer.choices)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, null=True, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=ArrivalState.choices, default=ArrivalState.COUNTED)
    clash = models.CharField(max_length=14, choices=ClashKind.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    #: Called to the check-up; shown on the screen in the waiting area.
    called_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "sent_id"], name="arrival_told_once"),
            models.CheckConstraint(
                condition=Q(state=ArrivalState.COUNTED, clash="") | ~Q(state=ArrivalState.COUNTED) & ~Q(clash=""),
                name="arrival_clash_named",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(ArrivalState.COUNTED, ArrivalState.CLASH), decided_at=None)
                | Q(state__in=(ArrivalState.STANDS, ArrivalState.DROPPED), decided_at__isnull=False),
                name="arrival_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["at", "id"], condition=Q(state=ArrivalState.CLASH), name="arrival_clashes"),
            models.Index(fields=["bus_day", "called_at", "at"], name="arrival_queue"),
        ]
