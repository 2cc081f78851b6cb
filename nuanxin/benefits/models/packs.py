"""Welcome packs: what each new member has a right to, and what lies where to be handed out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.access.models import Account
from nuanxin.benefits.states.packs import GONE, MovementKind, PackItem, RightState
from nuanxin.kernel.ids import new_id
from nuanxin.members.models import Membership, Worker
from nuanxin.organizations.models import PartnerPlace, Union

_GAINS = (MovementKind.IN, MovementKind.MOVED_IN)
_LOSES = (MovementKind.OUT, MovementKind.HANDED, MovementKind.MOVED_OUT)


class PackRight(models.Model):
    """One thing that a person got the right to by becoming a member; each thing once in a life.

    What was lost is granted again by somebody, with a reason: the lost one stays, replaced.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+", db_index=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    #: The union that admitted the person.
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.CharField(max_length=12, choices=PackItem.choices)
    state = models.CharField(max_length=12, choices=RightState.choices, default=RightState.GRANTED)
    granted_at = models.DateTimeField()
    #: Which dated rule gave it, as it was called then.
    source_note = models.CharField(max_length=200)
    #: Why somebody granted it again, or took it back.
    reason = models.CharField(max_length=200, blank=True)
    #: The last day on which it can be fetched; none for what comes by itself.
    until = models.DateField(null=True)
    handed_at = models.DateTimeField(null=True)
    #: Where it was handed out; none for a kit that was had at a joining ceremony.
    place = models.ForeignKey(PartnerPlace, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    device_id = models.UUIDField(null=True)
    staff_id = models.UUIDField(null=True)
    #: The scan by which it was handed out: the same scan again is a doubled tap.
    scan_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "item"], condition=~Q(state=RightState.REPLACED), name="pack_right_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=GONE, handed_at__isnull=False)
                | ~Q(state__in=GONE) & Q(handed_at=None, place=None, scan_id=None),
                name="pack_right_handed",
            ),
        ]
        indexes = [
            models.Index(fields=["item", "state", "id"], name="pack_right_open"),
            models.Index(fields=["union", "-id"], name="pack_right_of_union"),
            models.Index(
                fields=["place", "-handed_at", "-id"], condition=Q(place__isnull=False), name="pack_right_of_place"
            ),
        ]


class PackStock(models.Model):
    """How many pieces of one thing lie at one place. The hot row of handing out: it changes by conditional UPDATE."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place = models.ForeignKey(PartnerPlace, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.CharField(max_length=12, choices=PackItem.choices)
    on_hand = models.IntegerField(default=0)
    #: At or below this many the place asks for more.
    low_at = models.PositiveIntegerField(default=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "item"], name="pack_stock_once"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="pack_stock_not_below_zero"),
        ]


class PackMovement(models.Model):
    """One change of a stock; the sum of a stock's movements is what lies there."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stock = models.ForeignKey(PackStock, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=MovementKind.choices)
    #: Pieces: what came counts up, what went counts down; a count may be zero.
    amount = models.IntegerField()
    at = models.DateTimeField()
    #: What was handed out, of a hand-out.
    right = models.ForeignKey(PackRight, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    #: Both sides of a transfer name each other by this.
    transfer_id = models.UUIDField(null=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    source_id = models.UUIDField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=_GAINS, amount__gt=0)
                | Q(kind__in=_LOSES, amount__lt=0)
                | Q(kind=MovementKind.COUNTED),
                name="pack_movement_sign",
            ),
            models.CheckConstraint(
                condition=Q(kind=MovementKind.HANDED, right__isnull=False, amount=-1)
                | ~Q(kind=MovementKind.HANDED) & Q(right=None),
                name="pack_movement_handed",
            ),
            models.UniqueConstraint(
                fields=["right"], condition=Q(right__isnull=False), name="pack_movement_right_once"
            ),
        ]
        indexes = [models.Index(fields=["stock", "-at", "-id"], name="pack_movement_history")]


class PackMark(models.Model):
    """How far new members have been looked through, by the id of their membership; one row."""

    name = models.CharField(max_length=20, primary_key=True)
    upto = models.UUIDField()
