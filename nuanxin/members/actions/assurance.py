"""Raising how far it is proved who somebody is: at the desk, by an outside source, by a code to the phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from nuanxin.access.actions import take
from nuanxin.access.actors import system
from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Conflict, Invalid, NotSignedIn
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.searching import renew_terms
from nuanxin.members.actions.telling import tell_member
from nuanxin.members.models import AssuranceProof, Worker
from nuanxin.members.queries.assurance import verifier_is_set
from nuanxin.members.queries.memberships import get_member
from nuanxin.members.queries.workers import get_worker
from nuanxin.members.rules.assurance import LEAST_REASON, MOST_EVIDENCE, act_of, reaches
from nuanxin.members.rules.erasure import ErasedPerson
from nuanxin.members.states import PROVED_LEVELS, Assurance, ProofAct
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Membership
    from nuanxin.organizations.models import Union

#: Source of a proof that a cadre took.
DESK = "desk"
#: The background task that asks the verifier about a person.
VERIFY_PERSON = "members.verify_person"


class NoVerifier(Conflict):
    """No outside source is set for this installation."""

    def __init__(self) -> None:
        super().__init__(
            "no_verifier",
            _("No outside source is connected here. Show your ID document at your union's desk instead."),
        )


@transaction.atomic
def see_in_person(*, actor: Actor, number: str, reason: str, now: datetime) -> Membership:
    """Write that the cadre has seen this member with the ID document, and how; again, it renews the day.

    :param reason: what was seen and where, such as "ID card shown at the service hall"; the member may read it.
    :raises NotFound: no such member, or out of reach.
    :raises NotAllowed: the post does not include this there, or it is the cadre's own membership.
    :raises Invalid: no reason.
    :raises ErasedPerson: nothing is left to confirm.
    :raises Moved: somebody else changed the level meanwhile.
    """
    membership = get_member(actor, number)
    actor.require(Permission.ASSURE, at=membership.union)
    reason = check_text(reason or "", field="reason", most=MOST_EVIDENCE)
    if len(reason) < LEAST_REASON:
        raise Invalid("no_reason", _("Please say which document you saw, and where."), field="reason")
    worker = membership.worker
    if worker.account_id is not None and worker.account_id == actor.account_id:
        raise Conflict("own_identity", _("Nobody confirms themselves. Please ask a colleague."))
    raise_assurance(
        actor=actor,
        worker=worker,
        level=Assurance.SEEN,
        source=DESK,
        evidence=reason,
        union=membership.union,
        now=now,
    )
    tell_member(worker, "identity.seen", union_name=membership.union.name, union_id=membership.union_id, now=now)
    return membership


@transaction.atomic
def raise_assurance(
    *, actor: Actor, worker: Worker, level: str, source: str, evidence: str = "", union: Union | None, now: datetime
) -> AssuranceProof:
    """Bring a person to a level on a proof: one row more, and the level and its day on the person.

    The caller has decided that the proof holds, and that the actor may say so. A proof of the level that is there
    already renews its day; one of a weaker level is refused, but when the source of that level takes it back.

    :raises ErasedPerson: nothing is left of the person.
    :raises Conflict: a stronger proof is there already.
    :raises Moved: somebody else changed the level meanwhile.
    """
    if worker.erased_at is not None:
        raise ErasedPerson
    if not reaches(level, worker.assurance):
        raise Conflict("weaker_proof", _("A stronger proof is there already."))
    return _write(actor, worker, level, source, evidence, union, now)


@transaction.atomic
def answered(*, worker_id: UUID, source: str, match: bool, union: Union | None, now: datetime) -> ProofAct | None:
    """Write what an outside source has answered about a person; return what that did, None when nothing.

    A match raises or renews; who was seen in person stays so. A mismatch takes back what only an outside source said;
    it accuses nobody: the person is told how to prove it at the desk.
    """
    worker = Worker.objects.get(pk=worker_id)
    if worker.erased_at is not None or worker.merged_into_id is not None:
        return None
    if match and reaches(Assurance.VERIFIED, worker.assurance):
        return ProofAct(_write(system(), worker, Assurance.VERIFIED, source, "", union, now).act)
    if not match and worker.assurance == Assurance.VERIFIED:
        proof = _write(system(), worker, Assurance.WELLFORMED, source, "", union, now)
        tell_member(worker, "identity.unverified", union_id=union.pk if union else None, now=now)
        return ProofAct(proof.act)
    return None


def _write(
    actor: Actor, worker: Worker, level: str, source: str, evidence: str, union: Union | None, now: datetime
) -> AssuranceProof:
    held, act = worker.assurance, act_of(worker.assurance, level)
    assured_at = now if level in PROVED_LEVELS else None
    same = Worker.objects.filter(pk=worker.pk, assurance=held, erased_at=None)
    if not same.update(assurance=level, assured_at=assured_at):
        raise Moved(held)
    worker.assurance, worker.assured_at = level, assured_at
    if held != level:
        renew_terms(worker.pk)
    proof = AssuranceProof(
        worker=worker,
        at=now,
        act=act,
        level=level,
        source=source,
        evidence=evidence,
        union=union,
        account_id=actor.account_id,
        post_id=actor.post_id,
    )
    proof.save(force_insert=True)
    record(
        actor,
        f"members.assurance_{act}",
        worker,
        now=now,
        union_path=union.path if union else "",
        before=held,
        after=level,
        source=source,
    )
    return proof


def ask_again(*, actor: Actor, now: datetime) -> None:
    """Have the outside source asked about the signed-in worker; the answer comes in the background.

    :raises NotSignedIn: no worker is signed in.
    :raises NoVerifier: none is set here.
    :raises TooMany: asked too often today.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    if not verifier_is_set():
        raise NoVerifier
    worker = get_worker(actor.worker_id)
    take(name="verify", subject=str(worker.pk), now=now)
    app.configure_task(VERIFY_PERSON).defer(worker_id=str(worker.pk))


def phone_was_proved(worker: Worker) -> None:
    """Write that the person has proved the phone by a code; nothing is written when that was known."""
    if Worker.objects.filter(pk=worker.pk, phone_digest=worker.phone_digest, phone_proved=False).update(
        phone_proved=True
    ):
        worker.phone_proved = True
        renew_terms(worker.pk)


def identity_of(worker_id: UUID) -> tuple[str, str, str] | None:
    """Return name, kind and number of a person's document for the verifier; None when nothing is left of the person."""
    worker = Worker.objects.filter(pk=worker_id, erased_at=None, merged_into=None).first()
    if worker is None:
        return None
    return worker.name, worker.id_kind, PersonKey(worker.sealed_key).unseal(worker.sealed_id)
