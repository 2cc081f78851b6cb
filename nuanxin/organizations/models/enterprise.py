"""Employers, platforms, and which union covers which employer."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models.union import Union
from nuanxin.organizations.states import CoverageBasis
from nuanxin.regions.models import Region


class Platform(models.Model):
    """An internet platform through which work is given out."""

    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Enterprise(models.Model):
    """An employer: a firm, a branch, a partner of a platform."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    credit_code = models.CharField(max_length=18, blank=True)
    name = models.CharField(max_length=120)
    pinyin = models.CharField(max_length=400, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    headcount = models.PositiveIntegerField(null=True, blank=True)
    contact = models.CharField(max_length=60, blank=True)
    contact_phone = models.CharField(max_length=30, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"], condition=~Q(credit_code=""), name="enterprise_one_per_credit_code"
            )
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="enterprise_name"),
            models.Index(fields=["region", "name"], name="enterprise_of_region"),
        ]

    def __str__(self) -> str:
        return self.name


class EnterprisePlatform(models.Model):
    """An employer works for a platform, from a day to a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="platform_links")
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "platform"], condition=Q(valid_until=None), name="enterprise_platform_once"
            )
        ]


class Coverage(models.Model):
    """A union covers an employer's workers, from a day (inclusive) to a day (exclusive)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="coverages")
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=8, choices=CoverageBasis.choices, default=CoverageBasis.OWN)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"], condition=Q(valid_until=None), name="coverage_one_open_per_enterprise"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="coverage_dates"
            ),
        ]
        indexes = [models.Index(fields=["union"], name="coverage_of_union")]
