"""What a person may ask for, and what would follow: plans to be read before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from nuanxin.access.models import Post
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.members.models import Application, Consent, Membership, Worker
from nuanxin.members.queries.erasure import finished_applications, last_membership, period_at
from nuanxin.members.queries.workers import get_worker
from nuanxin.members.rules.erasure import CLOSED, CLOSING, ENDED, Holding, Kept, Period
from nuanxin.members.states import OPEN, ApplicationState, ConsentKind, MembershipState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

#: Consents without which the union cannot go on: taking one back ends what rests on it.
CARRYING = (ConsentKind.PROCESSING, ConsentKind.IDENTITY)


def own_worker(actor: Actor) -> Worker:
    """Return the signed-in worker.

    :raises NotSignedIn: nobody, or no worker.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    return get_worker(actor.worker_id)


def own_membership(worker: Worker) -> Membership | None:
    """Return the membership that has not ended, with its union."""
    rows = Membership.objects.select_related("union", "worker").filter(worker=worker)
    return rows.exclude(state=MembershipState.ENDED).first()


def own_applications(worker: Worker) -> list[Application]:
    """Return every application of a person that says something of the person yet, newest first."""
    rows = Application.objects.select_related("union").filter(Q(worker=worker) | Q(id_digest=worker.id_digest))
    return list(rows.filter(erased_at=None).exclude(state=ApplicationState.UNCONFIRMED).order_by("-pk"))


def own_consent(actor: Actor, consent_id: UUID) -> Consent:
    """Return a consent of the signed-in worker; 404 for anybody else's."""
    worker = own_worker(actor)
    found = (
        Consent.objects.select_related("application__union")
        .filter(Q(application__worker=worker) | Q(application__id_digest=worker.id_digest), pk=consent_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def consent_with(application: Application, consent_id: UUID) -> Consent:
    """Return a consent given with an application whose link the applicant holds; 404 for any other."""
    found = Consent.objects.select_related("application__union").filter(application=application, pk=consent_id).first()
    if found is None:
        raise NotFound
    return found


def consents_with(application: Application) -> list[Consent]:
    """Return what was agreed to with an application whose link the applicant holds."""
    return list(Consent.objects.filter(application=application).order_by("given_at", "kind", "pk"))


@dataclass(frozen=True, slots=True)
class Following:
    """What taking a consent back brings with it."""

    ends_application: Application | None = None
    ends_membership: Membership | None = None
    asks_employer_no_more: bool = False


def following(consent: Consent) -> Following:
    """Return what taking a consent back brings with it: told before, done after.

    Source: personal information protection law, articles 15 (as easy to take back as to give; what was done before
    stays lawful) and 16 (nobody is refused a service for it, unless the service cannot be given without).
    """
    if consent.kind not in CARRYING:
        return Following(asks_employer_no_more=consent.kind == ConsentKind.EMPLOYER)
    application = consent.application
    if application.state in OPEN:
        return Following(ends_application=application)
    if application.state != ApplicationState.APPROVED:
        return Following()
    membership = Membership.objects.select_related("union", "worker").filter(application=application)
    return Following(ends_membership=membership.exclude(state=MembershipState.ENDED).first())


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What can be erased at once, and what is kept, by which rule and until when."""

    at_once: list[Application]
    whole_person: bool
    holdings: list[Holding]


def erasure_plan(worker: Worker, *, now: datetime) -> ErasurePlan:
    """Return what becomes of a worker's wish to be erased."""
    on = local_day(now)
    applications = own_applications(worker)
    erasable = set(finished_applications().filter(pk__in=[row.pk for row in applications]).values_list("pk", flat=True))
    at_once = [row for row in applications if row.pk in erasable]
    holdings = [
        Holding(Kept.OPEN_APPLICATION, row.number)
        for row in applications
        if row.state in OPEN or (row.pk not in erasable and row.state != ApplicationState.APPROVED)
    ]
    if worker.account_id and Post.objects.filter(account=worker.account_id, valid_until=None).exists():
        holdings.append(Holding(Kept.CADRE))
    membership = last_membership(worker)
    period = period_at(ENDED, membership.union, on)
    if membership.ended_on is None:
        holdings.append(Holding(Kept.MEMBER, membership.number, period))
    elif period.until(membership.ended_on) >= on:
        holdings.append(Holding(Kept.ENDED, membership.number, period, period.until(membership.ended_on)))
    return ErasurePlan(at_once, not holdings, holdings)


def may_be_erased(application: Application) -> bool:
    """Answer whether an application led to nothing and is in no question, so that it can be erased at once."""
    return finished_applications().filter(pk=application.pk).exists()


def closed_period(application: Application, *, now: datetime) -> Period:
    """Return how long a closed application would be kept if nobody asked for its erasure."""
    return period_at(CLOSED, application.union, local_day(now))


def closing_period(worker: Worker, *, now: datetime) -> Period:
    """Return how long a closed account can be kept after all."""
    return period_at(CLOSING, last_membership(worker).union, local_day(now))
