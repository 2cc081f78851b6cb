"""Applications, the acts upon them, the consents given with them, and drafts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from nuanxin.access.models import Account
from nuanxin.kernel.ids import new_id
from nuanxin.members.states import OPEN, WAITING, Act, ApplicationState, ConsentKind, EmployerSays, IdKind
from nuanxin.organizations.models import Door, Enterprise, OccupationGroup, Platform, Union
from nuanxin.regions.models import Region


class Application(models.Model):
    """One application to join; until the phone is proved it is with no union and blocks nobody."""

    #: A union is written only while it is open, and cannot close before the writing is certain: of a closed one nothing
    #: is written, which `application_with_a_union` refuses. In the same statement: see docs/adr/0009-contests.md.
    written_as: ClassVar[dict[str, str]] = {
        "union": "(SELECT id FROM organizations_union WHERE id = %s AND closed_at IS NULL FOR KEY SHARE)"
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=20)
    state = models.CharField(max_length=12, choices=ApplicationState.choices)
    door = models.ForeignKey(Door, on_delete=models.PROTECT, related_name="+", db_index=False)
    client_id = models.UUIDField(null=True)
    #: The union whose code was scanned, the union it was first routed to, and the one that has it now.
    scanned_union = models.ForeignKey(Union, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    #: Chain of reasons: list of {"rule", "outcome", "union", "values"}, oldest first.
    reasons = models.JSONField(default=list)
    hops = models.SmallIntegerField(default=0)
    sealed_key = models.BinaryField()
    name = models.CharField(max_length=50)
    id_kind = models.CharField(max_length=20, choices=IdKind.choices, default=IdKind.RESIDENT_ID)
    sealed_id = models.BinaryField()
    id_digest = models.BinaryField()
    #: Asked for where the number of the document does not tell them; otherwise read from it at the admission.
    birth_on = models.DateField(null=True)
    sex = models.CharField(max_length=1, blank=True, default="")
    sealed_phone = models.BinaryField()
    phone_digest = models.BinaryField()
    occupation_group = models.ForeignKey(OccupationGroup, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    employer_name = models.CharField(max_length=120, blank=True)
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    employer_says = models.CharField(max_length=10, choices=EmployerSays.choices, blank=True, default="")
    verified_by = models.CharField(max_length=40, blank=True)
    progress_digest = models.BinaryField(unique=True)
    #: When the first page was opened, as the applicant's browser brings it back; empty from a machine.
    opened_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    worker = models.ForeignKey("members.Worker", on_delete=models.PROTECT, null=True, related_name="+")
    #: When it came to the union that has it now; empty while that is the first one: then it came when it was confirmed.
    came_at = models.DateTimeField(null=True)
    #: The limit of which the reviewers were reminded: once for each limit.
    reminded_for = models.DateTimeField(null=True)
    #: Who refused it before: after a contest somebody else decides anew.
    barred_account_id = models.UUIDField(null=True)
    #: When what it says of the person was erased; the row stays for the acts and the numbers.
    erased_at = models.DateTimeField(null=True)
    #: Number of the membership that came of it; no column: set by the admission, and by queries of one application.
    member_number = ""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="application_number_once"),
            models.UniqueConstraint(fields=["id_digest"], condition=Q(state__in=OPEN), name="application_one_open"),
            models.CheckConstraint(
                condition=Q(union__isnull=False)
                | Q(
                    state__in=[
                        ApplicationState.UNCONFIRMED,
                        ApplicationState.PHONE_HELD,
                        ApplicationState.KNOWN_MEMBER,
                        ApplicationState.WITHDRAWN,
                        ApplicationState.REFUSED,
                    ]
                ),
                name="application_with_a_union",
            ),
            models.CheckConstraint(
                condition=Q(worker__isnull=False) | ~Q(state=ApplicationState.APPROVED), name="approved_has_worker"
            ),
            models.CheckConstraint(condition=Q(hops__gte=0), name="application_hops"),
            models.CheckConstraint(
                condition=Q(erased_at=None)
                | Q(name="", employer_name="", employer=None, sealed_key=b"", sealed_id=b"", sealed_phone=b"")
                & ~Q(state__in=[*OPEN, ApplicationState.UNCONFIRMED]),
                name="application_erased_is_empty",
            ),
            models.CheckConstraint(condition=~Q(erased_at=None) | ~Q(sealed_key=b""), name="application_has_a_key"),
        ]
        indexes = [
            models.Index(fields=["union", "due_at", "id"], condition=Q(state__in=WAITING), name="application_queue"),
            models.Index(fields=["state", "due_at"], condition=Q(due_at__isnull=False), name="application_due"),
            models.Index(fields=["union", "-id"], name="application_of_union"),
            models.Index(fields=["id_digest"], name="application_person"),
            models.Index(fields=["phone_digest", "-started_at"], name="application_phone"),
            models.Index(
                fields=["started_at"], condition=Q(state=ApplicationState.UNCONFIRMED), name="application_unconfirmed"
            ),
            models.Index(
                fields=["closed_at"],
                condition=Q(erased_at=None, closed_at__isnull=False) & ~Q(state=ApplicationState.APPROVED),
                name="application_to_erase",
            ),
            models.Index(fields=["employer"], condition=Q(employer__isnull=False), name="application_employer"),
            models.Index(fields=["name", "id"], name="application_name", opclasses=["varchar_pattern_ops", "uuid_ops"]),
        ]


class ApplicationAct(models.Model):
    """One act upon an application, as the act of a union: who, in which post, on which basis."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="acts", db_index=False)
    at = models.DateTimeField()
    act = models.CharField(max_length=20, choices=Act.choices)
    union = models.ForeignKey(Union, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    to_union = models.ForeignKey(Union, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    post_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    #: The rule or document on which the act rests, e.g. a dated rule's id and note.
    basis = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["application", "at", "id"], name="application_act_timeline")]


class Consent(models.Model):
    """One thing agreed to, in one version of its text, on the way in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="consents", db_index=False)
    kind = models.CharField(max_length=12, choices=ConsentKind.choices)
    version = models.CharField(max_length=20)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "kind"], name="consent_once")]


class ApplicationDraft(models.Model):
    """What somebody has typed so far, sealed; known by a secret in a cookie; gone after a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_digest = models.BinaryField(unique=True)
    sealed_values = models.BinaryField()
    saved_at = models.DateTimeField()
