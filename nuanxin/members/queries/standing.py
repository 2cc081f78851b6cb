"""What a member's page at the desk shows besides the membership: cards, applications, proof, the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.models import Application, Card, Membership
from nuanxin.members.queries.applications import visible_applications
from nuanxin.members.queries.memberships import history
from nuanxin.records.queries import attachments_of, entries_of_any

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import MembershipEntry
    from nuanxin.records.models import Attachment, AuditEntry


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act upon a membership, with the files given as its proof."""

    entry: MembershipEntry
    files: list[Attachment]


def history_with_proof(membership: Membership) -> list[HistoryLine]:
    """Return every act upon a membership, oldest first, with its files; two statements."""
    entries = list(history(membership))
    files = attachments_of([entry.pk for entry in entries])
    return [HistoryLine(entry, files.get(entry.pk, [])) for entry in entries]


def cards_of(membership: Membership) -> list[Card]:
    """Return every card of a membership, the newest first; the caller has fetched what it may see."""
    return list(Card.objects.filter(membership=membership).order_by("-issued_at", "-pk"))


def applications_of(actor: Actor, membership: Membership) -> QuerySet[Application]:
    """Return the applications of a member that the actor may see, newest first."""
    rows = visible_applications(actor).filter(id_digest=membership.worker.id_digest)
    return rows.select_related("union", "door").order_by("-pk")


def record_of(actor: Actor, membership: Membership) -> QuerySet[AuditEntry]:
    """Return what was recorded of a membership and of its person, newest first.

    :raises NotAllowed: the post does not include reading the audit there.
    """
    actor.require(Permission.READ_AUDIT, at=membership.union)
    return entries_of_any([membership.pk, membership.worker_id])


def file_of(membership: Membership, file_id: UUID) -> Attachment:
    """Return a file given as proof for an act upon a membership or its person; 404 for any other."""
    subjects = [membership.worker_id, *history(membership).values_list("pk", flat=True)]
    for files in attachments_of(subjects).values():
        for file in files:
            if file.pk == file_id:
                return file
    raise NotFound
