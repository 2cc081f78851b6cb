"""Partners: whoever gives members what the union agreed on, by which contracts, and at which places."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models.union import Union
from nuanxin.organizations.states import PartnerKind, ScanKind
from nuanxin.regions.models import Region


class Partner(models.Model):
    """A shop, gym, hospital or station that the union works with; it may stand at several places."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: The union that has the contract with it and answers for it.
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=PartnerKind.choices)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    contact = models.CharField(max_length=60, blank=True)
    contact_phone = models.CharField(max_length=30, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["union", "name"], condition=Q(ended_at=None), name="partner_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class PartnerContract(models.Model):
    """What a partner does for members, from a day (inclusive) to a day (exclusive).

    Of several that are in force on a day the one that began last counts: a new contract takes the place of an old one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=40)
    valid_from = models.DateField()
    valid_until = models.DateField()
    #: What may be done at its counters.
    kinds = ArrayField(models.CharField(max_length=20, choices=ScanKind.choices))
    #: The most that is redeemed at all its counters on one day; none without a limit.
    day_cap = models.PositiveIntegerField(null=True, blank=True)
    #: The most that is paid to it for one month, in yuan; none without a limit.
    month_cap = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    #: Day of the month on which the month before is settled.
    settlement_day = models.PositiveSmallIntegerField(default=5)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "number"], name="partner_contract_number"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="partner_contract_dates"),
            models.CheckConstraint(
                condition=Q(settlement_day__gte=1, settlement_day__lte=28), name="partner_contract_settles"
            ),
            models.CheckConstraint(condition=Q(month_cap=None) | Q(month_cap__gt=0), name="partner_contract_month_cap"),
        ]
        indexes = [models.Index(fields=["partner", "-valid_from", "-id"], name="partner_contract_newest")]

    def __str__(self) -> str:
        return self.number

    @property
    def last_day(self) -> date:
        """Return the last day on which it counts."""
        return self.valid_until - timedelta(days=1)


class PartnerPlace(models.Model):
    """Where one goes: an address with hours, in a region; counters and stock stand here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="places")
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=200)
    hours = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "name"], condition=Q(closed_at=None), name="partner_place_name_once"
            )
        ]
        indexes = [models.Index(fields=["region", "id"], name="partner_place_of_region")]

    def __str__(self) -> str:
        return self.name
