"""The person behind an account, and what a signed-in worker sees of himself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.members.models import Application, Card, Consent, Membership, Worker
from nuanxin.members.queries.persons import phone_digest
from nuanxin.members.states import ApplicationState

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class MyPage:
    """What a worker sees first: himself, the newest membership, its live card, and the applications sent."""

    worker: Worker
    membership: Membership | None
    card: Card | None
    applications: list[Application]


def worker_id_of(account_id: UUID) -> UUID | None:
    """Return the worker whom an account is, the kept one of two that were merged; None for a cadre who is no worker."""
    own = Worker.objects.filter(account_id=account_id)
    return own.values_list(Coalesce("merged_into", "pk"), flat=True).first()


def records_of(people: Collection[UUID] | QuerySet[Any]) -> QuerySet[Worker, Any]:
    """Return the ids of people's records, with those that were merged into them; a part of a larger statement."""
    return Worker.objects.filter(Q(pk__in=people) | Q(merged_into__in=people)).values("pk")


def get_worker(worker_id: UUID) -> Worker:
    """Return a person by id; the caller is that person, or has fetched what it may see."""
    found = (
        Worker.objects.select_related("account", "occupation_group", "region", "employer", "platform")
        .filter(pk=worker_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def worker_of_phone(phone: str) -> Worker | None:
    """Return who holds a phone: for sign-in only, never for a page before proof."""
    return Worker.objects.select_related("account").filter(phone_digest=phone_digest(phone)).first()


def my_page(actor: Actor) -> MyPage:
    """Return what the signed-in worker sees of himself, in four statements.

    :raises NotSignedIn: no worker is signed in.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    worker = get_worker(actor.worker_id)
    membership = (
        Membership.objects.select_related("union", "door")
        .filter(worker=worker)
        .order_by(F("ended_on").desc(nulls_first=True), "-pk")
        .first()
    )
    card = Card.objects.filter(membership=membership, revoked_at=None).first() if membership else None
    applications = list(
        Application.objects.select_related("union")
        .filter(id_digest=worker.id_digest)
        .exclude(state=ApplicationState.UNCONFIRMED)
        .order_by("-pk")
    )
    if membership is not None:
        membership.worker = worker
    return MyPage(worker, membership, card, applications)


def consents_of(actor: Actor) -> list[Consent]:
    """Return what the signed-in worker agreed to with the applications that were sent, newest first.

    :raises NotSignedIn: no worker is signed in.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    sent = Consent.objects.select_related("application").filter(application__worker=actor.worker_id)
    return list(sent.exclude(application__state=ApplicationState.UNCONFIRMED).order_by("-given_at", "kind", "pk"))
