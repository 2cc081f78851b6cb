"""What a check-up is made of, by trade, in lists with dates."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import OccupationGroup, Union


class CheckPackage(models.Model):
    """A package for everybody, or what a trade gets on top, from a day (inclusive) to a day (exclusive)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    items = ArrayField(models.CharField(max_length=60))
    items_en = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    #: The trade that gets it; none: everybody.
    group = models.ForeignKey(OccupationGroup, on_delete=models.PROTECT, null=True, related_name="+")
    is_add_on = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    source_note = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["union", "code", "valid_from"], name="check_package_row_once"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="check_package_dates"
            ),
        ]

    def __str__(self) -> str:
        return self.name
