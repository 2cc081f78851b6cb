"""What is known of a person by identity or by phone: for actions only, never for a page before proof."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import FilteredRelation, Q

from nuanxin.kernel.secrets import digest
from nuanxin.members.models import Membership, Worker
from nuanxin.members.states import MembershipState


def id_digest(number: str) -> bytes:
    """Return the blind index of a resident ID number."""
    return digest("id", number)


def phone_digest(phone: str) -> bytes:
    """Return the blind index of a phone number."""
    return digest("phone", phone)


@dataclass(frozen=True, slots=True)
class Standing:
    """The worker of an identity, the membership that has not ended, and whoever else holds the phone."""

    worker: Worker | None
    membership: Membership | None
    phone_holder: Worker | None


def standing(*, of_id: bytes, of_phone: bytes) -> Standing:
    """Return what is known of an identity and a phone, in one query."""
    found = list(
        Worker.objects.filter(Q(id_digest=of_id) | Q(phone_digest=of_phone))
        .annotate(
            current=FilteredRelation("memberships", condition=~Q(memberships__state=MembershipState.ENDED)),
        )
        .select_related("current", "current__union")
    )
    worker = next((w for w in found if bytes(w.id_digest) == of_id), None)
    holder = next((w for w in found if w is not worker and bytes(w.phone_digest or b"") == of_phone), None)
    membership = getattr(worker, "current", None) if worker else None
    return Standing(worker, membership, holder)
