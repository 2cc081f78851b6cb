"""Recuperation: some days of rest somewhere, which the union pays; its places are those of its offer."""

from __future__ import annotations

from django.db import models

from nuanxin.bookings.models import Booking, Offer
from nuanxin.kernel.ids import new_id


class Recuperation(models.Model):
    """What is offered: where, how many days, and what a person and day costs; each departure is a session."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="+")
    destination = models.CharField(max_length=100)
    destination_en = models.CharField(max_length=150, blank=True)
    #: Outside of the union's province: more days, and not again for some years.
    is_outside = models.BooleanField()
    days = models.PositiveSmallIntegerField()
    yuan_per_day = models.DecimalField(max_digits=14, decimal_places=2)
    #: What a companion pays, who comes at the own cost.
    companion_yuan = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    #: The rules by which it was allowed, in words, as they stood that day.
    rules = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(days__gte=1), name="recuperation_days")]


class Companion(models.Model):
    """Somebody who comes along with a member; known by name to whoever books the train."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="+", db_index=False)
    nth = models.PositiveSmallIntegerField()
    #: Name and relation, under the member's key.
    sealed_name = models.BinaryField()
    sealed_relation = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["booking", "nth"], name="companion_once")]
