"""Correcting a name or a phone with proof: what was there before stays in the audit, sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions import check_code, send_code, shut_out_phones, take
from nuanxin.access.states import CodePurpose, Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.identifiers import parse_phone
from nuanxin.kernel.refusals import Conflict, Invalid, NotSignedIn
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved
from nuanxin.kernel.text import check_text, person_name
from nuanxin.members.actions.admission import spell
from nuanxin.members.actions.searching import renew_terms
from nuanxin.members.actions.telling import tell_member
from nuanxin.members.models import Worker
from nuanxin.members.queries.memberships import get_member
from nuanxin.members.queries.persons import phone_digest
from nuanxin.members.queries.workers import get_worker
from nuanxin.members.rules.erasure import ErasedPerson
from nuanxin.members.rules.memberships import check_evidence
from nuanxin.members.rules.workers import WrongIdentity, same_last6
from nuanxin.organizations.queries.lists import open_platforms
from nuanxin.records.actions import attach, record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.actions.memberships import File
    from nuanxin.members.models import Membership


class PhoneTaken(Conflict):
    """Another person holds the number: it must be released first."""

    def __init__(self) -> None:
        super().__init__(
            "phone_held",
            _("Another person holds this number. The county union can look into it and release it; or call 12351."),
        )


@transaction.atomic
def correct_name(
    *, actor: Actor, number: str, name: str, evidence: str = "", file: File | None = None, now: datetime
) -> Membership:
    """Correct a member's name with proof, such as the ID card that was shown.

    :raises NotFound: no such member, or out of reach.
    :raises NotAllowed: the post does not include correcting.
    :raises Invalid: no name, the same name, or no proof.
    :raises ErasedPerson: nothing is left to correct.
    :raises Moved: somebody else changed it meanwhile.
    """
    membership = get_member(actor, number)
    actor.require(Permission.CORRECT, at=membership.union)
    name = person_name(name)
    evidence = check_evidence(evidence, has_attachment=file is not None)
    worker, before = membership.worker, membership.worker.name
    if worker.erased_at is not None:
        raise ErasedPerson
    if name == before:
        raise Invalid("unchanged", _("This is the name that is there already."), field="name")
    pinyin, initials = spell(name)
    if not Worker.objects.filter(pk=worker.pk, name=before).update(name=name, pinyin=pinyin, initials=initials):
        raise Moved(before)
    worker.name, worker.pinyin, worker.initials = name, pinyin, initials
    renew_terms(worker.pk)
    _record(actor, membership, "members.name_corrected", before, name, evidence, file, now)
    tell_member(worker, "name.changed", union_id=membership.union_id, now=now)
    return membership


@transaction.atomic
def correct_phone(
    *, actor: Actor, number: str, phone: str, evidence: str = "", file: File | None = None, now: datetime
) -> Membership:
    """Give a member who lost the old number a new one, with proof; no phone is trusted any longer.

    Both numbers are told, so that a member whose number was taken learns of it.

    :raises PhoneTaken: another person holds it. Others as `correct_name`.
    """
    membership = get_member(actor, number)
    actor.require(Permission.CORRECT, at=membership.union)
    phone = parse_phone(phone)
    evidence = check_evidence(evidence, has_attachment=file is not None)
    worker = membership.worker
    if worker.erased_at is not None:
        raise ErasedPerson
    tell_member(worker, "phone.changed", union_id=membership.union_id, now=now)
    before = _change_phone(worker, phone, proved=False)
    if worker.account_id:
        shut_out_phones(account_id=worker.account_id, now=now)
    _record(actor, membership, "members.phone_corrected", before, phone, evidence, file, now)
    tell_member(worker, "phone.changed", union_id=membership.union_id, now=now)
    return membership


def begin_phone_change(*, actor: Actor, phone: str, now: datetime) -> datetime:
    """Send the signed-in worker a code to the new number; return until when it counts.

    Whether somebody holds the number is not told before the code has come back.

    :raises NotSignedIn: no worker is signed in.
    :raises Invalid: not a phone, or the number that is there already.
    """
    worker = _own(actor)
    phone = parse_phone(phone)
    if phone_digest(phone) == bytes(worker.phone_digest or b""):
        raise Invalid("unchanged", _("This is your number already."), field="phone")
    return send_code(purpose=CodePurpose.NEW_PHONE, phone=phone, subject_id=worker.pk, now=now)


def change_own_phone(*, actor: Actor, phone: str, code: str, last6: str, now: datetime) -> Worker:
    """Change the signed-in worker's number: proved by the code to the new one and the last six of the ID.

    Not for use inside a transaction: a wrong guess stays counted.

    :raises Invalid: a wrong or expired code.
    :raises WrongIdentity: the last six characters are another person's.
    :raises PhoneTaken: another person holds the number.
    :raises TooMany: too many wrong guesses.
    """
    worker = _own(actor)
    phone = parse_phone(phone)
    check_code(purpose=CodePurpose.NEW_PHONE, phone=phone, subject_id=worker.pk, code=code, now=now)
    take(name="identity", subject=str(worker.pk), now=now)
    if not same_last6(PersonKey(worker.sealed_key).unseal(worker.sealed_id), last6):
        raise WrongIdentity
    with transaction.atomic():
        tell_member(worker, "phone.changed", now=now)
        before = _change_phone(worker, phone, proved=True)
        record(
            actor,
            "members.phone_changed",
            worker,
            now=now,
            personal={"before": before, "after": phone},
            key=PersonKey(worker.sealed_key),
        )
        tell_member(worker, "phone.changed", now=now)
    return worker


@transaction.atomic
def correct_own_work(*, actor: Actor, employer_name: str, platform: str, now: datetime) -> Worker:
    """Correct where the signed-in worker works: one's own word, without proof; it moves no membership.

    Source: personal information protection law, article 46 (to correct and to complete).

    :raises NotSignedIn: no worker is signed in.
    :raises Invalid: a platform that is not open, or too long a name.
    :raises Moved: it was changed meanwhile.
    """
    worker = _own(actor)
    name = check_text(employer_name or "", field="employer_name", most=120)
    if platform and platform not in open_platforms(local_day(now)):
        raise Invalid("unknown_choice", _("This is not one of the choices."), field="platform")
    before = worker.employer.name if worker.employer else worker.employer_name
    same = name == before
    changes = {
        "employer_id": worker.employer_id if same else None,
        "employer_name": worker.employer_name if same else name,
        "platform_id": platform or None,
    }
    old = {"employer_id": worker.employer_id, "employer_name": worker.employer_name, "erased_at": None}
    if not Worker.objects.filter(pk=worker.pk, **old).update(**changes):
        raise Moved("work")
    renew_terms(worker.pk)
    record(
        actor,
        "members.work_corrected",
        worker,
        now=now,
        personal={"before": before, "after": name},
        key=PersonKey(worker.sealed_key),
        platform=platform,
    )
    return get_worker(worker.pk)


def _own(actor: Actor) -> Worker:
    if actor.worker_id is None:
        raise NotSignedIn
    return get_worker(actor.worker_id)


def _change_phone(worker: Worker, phone: str, *, proved: bool) -> str:
    """Write a new number where nobody else holds it, and whether a code proved it; return the one before."""
    key = PersonKey(worker.sealed_key)
    before, old_digest = key.unseal(worker.sealed_phone), worker.phone_digest
    changes = {"sealed_phone": key.seal(phone), "phone_digest": phone_digest(phone), "phone_proved": proved}
    try:
        with transaction.atomic():
            changed = Worker.objects.filter(pk=worker.pk, phone_digest=old_digest).update(**changes)
    except IntegrityError as error:
        if "phone_digest" in str(error):
            raise PhoneTaken from None
        raise
    if not changed:
        raise Moved("phone")
    worker.sealed_phone, worker.phone_digest = changes["sealed_phone"], changes["phone_digest"]
    renew_terms(worker.pk)
    return before


def _record(
    actor: Actor,
    membership: Membership,
    action: str,
    before: str,
    after: str,
    evidence: str,
    file: File | None,
    now: datetime,
) -> UUID | None:
    attachment = attach(actor, membership.worker, name=file.name, content=file.content, now=now) if file else None
    record(
        actor,
        action,
        membership.worker,
        now=now,
        union_path=membership.union.path,
        personal={"before": before, "after": after, "evidence": evidence},
        key=PersonKey(membership.worker.sealed_key),
        number=membership.number,
        attachment=str(attachment.pk) if attachment else "",
    )
    return attachment.pk if attachment else None
