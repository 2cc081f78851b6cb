"""The tree of unions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.kernel.ids import new_id
from nuanxin.organizations.states import UnionKind, UnionLevel
from nuanxin.regions.models import Region


class Union(models.Model):
    """One union, from the national federation to the union of one employer.

    `path` holds the codes from the root down to the union itself, `/A/B/C/`, so that a subtree is a prefix.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: Public short code on posters: eight letters and digits, never reused.
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=200, blank=True)
    pinyin = models.CharField(max_length=400, blank=True)
    kind = models.CharField(max_length=16, choices=UnionKind.choices)
    level = models.CharField(max_length=10, choices=UnionLevel.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    path = models.CharField(max_length=200, unique=True)
    #: The region it answers for; none for the national federation.
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    credit_code = models.CharField(max_length=18, blank=True)
    contact = models.CharField(max_length=60, blank=True)
    contact_phone = models.CharField(max_length=30, blank=True)
    address = models.CharField(max_length=200, blank=True)
    working_hours = models.CharField(max_length=100, blank=True)
    founded_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(path__endswith="/"), name="union_path_ends"),
            models.CheckConstraint(
                condition=Q(region__isnull=False) | Q(level=UnionLevel.NATION), name="union_answers_for_region"
            ),
            models.UniqueConstraint(
                fields=["credit_code"], condition=~Q(credit_code=""), name="union_one_per_credit_code"
            ),
            models.UniqueConstraint(
                fields=["region"], condition=Q(kind=UnionKind.POOL, closed_at=None), name="union_one_pool_per_region"
            ),
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(kind=UnionKind.FEDERATION, closed_at=None),
                name="union_one_federation_per_region",
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "name", "id"], name="union_children"),
            models.Index(fields=["region", "kind"], name="union_of_region"),
            models.Index(fields=["level"], condition=Q(level=UnionLevel.NATION), name="union_of_nation"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """Return how many unions stand above this one."""
        return self.path.count("/") - 2

    @property
    def ancestor_codes(self) -> list[str]:
        """Return the codes above this union, from the root down."""
        return self.path.strip("/").split("/")[:-1]
