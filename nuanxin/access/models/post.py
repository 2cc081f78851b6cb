"""Posts: who holds which role, over which union's subtree or at which enterprise, from when to when."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from nuanxin.access.models.account import Account
from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import Enterprise, Union


class Role(models.Model):
    """A named set of permissions."""

    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    permissions = ArrayField(models.CharField(max_length=60))
    #: What the version that seeded it last offered: what is new since then is added, what was taken away stays away.
    offered = ArrayField(models.CharField(max_length=60), default=list)

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A role over one union's subtree, or at one enterprise, held by one account for a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="posts")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    union = models.ForeignKey(Union, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=60, blank=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(union__isnull=False, enterprise__isnull=True)
                | Q(union__isnull=True, enterprise__isnull=False),
                name="post_at_one_place",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="post_dates"
            ),
            models.UniqueConstraint(
                fields=["account", "role", "union", "enterprise"],
                condition=Q(valid_until=None),
                nulls_distinct=False,
                name="post_once",
            ),
        ]
        indexes = [models.Index(fields=["union", "role"], name="post_of_union")]


class Absence(models.Model):
    """The holder of a post is away; a delegate acts in that post's name meanwhile."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="absences")
    delegate = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_dates"),
        ]


class StaffSession(models.Model):
    """Reach beyond one's own subtree, for hours, with a written reason; every act in it names it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="staff_session_dates"),
            models.CheckConstraint(condition=~Q(reason=""), name="staff_session_reason"),
        ]
        indexes = [models.Index(fields=["account", "ends_at"], name="staff_session_current")]
