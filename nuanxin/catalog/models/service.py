"""Services: what there is, for whom, and how to get it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.catalog.states import Way
from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import Union


class Area(models.Model):
    """One area of services, such as health; a code list."""

    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=30)
    name_en = models.CharField(max_length=60)
    icon = models.CharField(max_length=30, default="heart-handshake")
    position = models.SmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """One service of one union, for the members at and below it."""

    #: Packages above and partners name a service by its code; it never changes.
    code = models.CharField(max_length=30, primary_key=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    summary = models.CharField(max_length=300, blank=True)
    summary_en = models.CharField(max_length=600, blank=True)
    way = models.CharField(max_length=10, choices=Way.choices)
    how = models.CharField(max_length=600, blank=True)
    how_en = models.CharField(max_length=1200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    #: Who answers for it, and which of its departments.
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    department = models.CharField(max_length=60, blank=True)
    department_en = models.CharField(max_length=120, blank=True)
    #: For whom: a list of {"check": code, …}, read by `nuanxin.members.rules.eligibility`. All must hold.
    checks = models.JSONField(default=list)
    #: Who had it is nobody's business but the person's: cadres see how many, and no names (health, law, hardship).
    is_private = models.BooleanField(default=False)
    #: What one time usually costs, in yuan; a delivery that names no cost has this one.
    cost_each = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    starts_on = models.DateField()
    #: The last day on which it is given; none while no end is set.
    ends_on = models.DateField(null=True)
    position = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="service_dates"),
            models.CheckConstraint(condition=Q(cost_each=None) | Q(cost_each__gte=0), name="service_cost"),
        ]

    def __str__(self) -> str:
        return self.name


class Budget(models.Model):
    """What a service may cost in a year, in yuan."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="budgets")
    year = models.SmallIntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "year"], name="budget_once_a_year"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="budget_amount"),
        ]
