"""What comes of a message: an invitation to an enterprise, or an application that a worker only confirms."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nuanxin.access.models import Account
from nuanxin.formation.states import OPEN_INVITATIONS, OPEN_OFFERS, InvitationState, OfferState, Wanted
from nuanxin.kernel.ids import new_id
from nuanxin.organizations.models import Door, Enterprise, Union


class Invitation(models.Model):
    """An enterprise is asked to form a union and enroll its people; found by a secret link or by a short code."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=20, unique=True)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+")
    #: Who answers for it: the union that covers the enterprise, or the federation of its place.
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    wanted = models.CharField(max_length=8, choices=Wanted.choices)
    state = models.CharField(max_length=8, choices=InvitationState.choices)
    #: What the permit is for, as the licensing system calls it.
    permit_type = models.CharField(max_length=60, blank=True)
    token_digest = models.BinaryField(unique=True)
    sealed_token = models.BinaryField()
    code_digest = models.BinaryField(unique=True)
    sealed_code = models.BinaryField()
    #: Whether the link went to the phone that the licensing system knows.
    was_texted = models.BooleanField(default=False)
    sent_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    #: The people office's account, opened when the enterprise accepted.
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"], condition=Q(state__in=OPEN_INVITATIONS), name="invitation_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*OPEN_INVITATIONS, InvitationState.LAPSED]) | Q(answered_at__isnull=False),
                name="invitation_answered",
            ),
        ]
        indexes = [
            models.Index(fields=["union", "-id"], name="invitation_of_union"),
            models.Index(fields=["lapses_at"], condition=Q(state__in=OPEN_INVITATIONS), name="invitation_to_lapse"),
        ]

    def __str__(self) -> str:
        return self.number


class Offer(models.Model):
    """An application filled in from a qualification; nothing is applied for until the worker confirms it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+")
    door = models.ForeignKey(Door, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=OfferState.choices)
    #: What the qualification is for, as the licensing system calls it.
    permit_type = models.CharField(max_length=60, blank=True)
    token_digest = models.BinaryField(unique=True)
    sealed_values = models.BinaryField()
    id_digest = models.BinaryField()
    phone_digest = models.BinaryField()
    application_number = models.CharField(max_length=20, blank=True)
    sent_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id_digest"], condition=Q(state__in=OPEN_OFFERS), name="offer_one_open"),
            models.CheckConstraint(
                condition=~Q(state=OfferState.USED) | ~Q(application_number=""), name="offer_used_has_a_number"
            ),
        ]
        indexes = [
            models.Index(fields=["phone_digest"], name="offer_phone"),
            models.Index(fields=["lapses_at"], condition=Q(state__in=OPEN_OFFERS), name="offer_to_lapse"),
        ]
