"""The rights of the person: to take a consent back, to leave, to close the account, to be erased."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions import take
from nuanxin.access.actions.closing import accounts_to_close, begin_closing, keep_open, shut_account
from nuanxin.access.actors import system
from nuanxin.access.models import Account
from nuanxin.kernel.refusals import Conflict, NotSignedIn
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.changes import withdraw_application
from nuanxin.members.actions.erasure import erase_application, erase_worker
from nuanxin.members.actions.memberships import end_own
from nuanxin.members.models import Application, Consent, Worker
from nuanxin.members.queries.erasure import last_membership, own_account
from nuanxin.members.queries.rights import closing_period, erasure_plan, following, own_membership, own_worker
from nuanxin.members.rules.erasure import CLOSING, OWN_WISH, StillNeeded
from nuanxin.members.rules.workers import WrongIdentity, same_last6
from nuanxin.records.actions import record
from nuanxin.records.actions.erasing import erase_rows
from nuanxin.records.states import Because

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Membership
    from nuanxin.members.queries.rights import ErasurePlan


@transaction.atomic
def withdraw_consent(*, actor: Actor, consent: Consent, now: datetime) -> Consent:
    """Take a consent back, and end what cannot go on without it. The door has proved that it is the person's own.

    Source: personal information protection law, article 15: as easy as it was given; what was done before stays lawful.

    :raises Conflict: it was taken back already.
    :raises NotSignedIn: it would end a membership, and only the application's link was shown: others may have that.
    """
    if not Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now):
        raise Conflict("already_withdrawn", _("You have taken this back already."))
    consent.withdrawn_at = now
    follows = following(consent)
    if follows.ends_membership is not None and actor.worker_id != follows.ends_membership.worker_id:
        raise NotSignedIn
    if follows.ends_application is not None:
        withdraw_application(actor=actor, application=follows.ends_application, now=now)
    if follows.ends_membership is not None:
        end_own(actor=actor, membership=follows.ends_membership, now=now)
    union = consent.application.union
    record(
        actor,
        "members.consent_withdrawn",
        consent.application,
        now=now,
        union_path=union.path if union else "",
        number=consent.application.number,
        kind=consent.kind,
    )
    return consent


@transaction.atomic
def leave_union(*, actor: Actor, now: datetime) -> Membership:
    """Leave the union of one's own will: free, at once, without a reason (union charter; rules of 2016, article 19).

    :raises NotSignedIn: no worker is signed in.
    :raises Conflict: no member (any more).
    """
    membership = own_membership(own_worker(actor))
    if membership is None:
        raise Conflict("no_member", _("You are not a member of a union at this time."))
    return end_own(actor=actor, membership=membership, now=now)


@transaction.atomic
def close_account(*, actor: Actor, leave: bool, now: datetime) -> datetime:
    """Close the signed-in worker's account some days from now, and sign it out everywhere at once.

    Source: regulations on network data security, article 23 (closing must be easy).

    :param leave: whether the membership ends, too; without it the person stays a member, and may come back any day.
    :returns: until when it can be kept after all, by signing in.
    :raises StillNeeded: the account also holds a post.
    :raises Conflict: it is closing already.
    """
    worker = own_worker(actor)
    if worker.account is None:
        raise NotSignedIn
    if not own_account(worker):
        raise StillNeeded(_("Your account holds or held a post of the union. Ask its administrator to close it."))
    closes_at = now + timedelta(days=closing_period(worker, now=now).days)
    if leave and own_membership(worker) is not None:
        leave_union(actor=actor, now=now)
    if not begin_closing(account=worker.account, at=closes_at):
        raise Conflict("already_closing", _("Your account is being closed already."))
    record(actor, "members.account_closing", worker, now=now, left=leave, closes_at=closes_at.isoformat())
    return closes_at


@transaction.atomic
def keep_account(*, actor: Actor, now: datetime) -> None:
    """Take the wish to close one's account back while there is time.

    :raises Conflict: it is not being closed.
    """
    worker = own_worker(actor)
    if worker.account_id is None or not keep_open(account_id=worker.account_id):
        raise Conflict("not_closing", _("Your account is not being closed."))
    record(actor, "members.account_kept", worker, now=now)


def close_due_accounts(*, now: datetime) -> int:
    """Close the accounts whose days to think again are over; return how many. One account, one transaction."""
    return sum(_close(account_id, now) for account_id in accounts_to_close(now=now))


@transaction.atomic
def _close(account_id: UUID, now: datetime) -> bool:
    worker = Worker.objects.select_for_update(of=("self",)).filter(account=account_id).first()  # before its account
    account = Account.objects.select_for_update().filter(pk=account_id, closes_at__lte=now).first()
    if account is None:
        return False
    if worker is not None and not own_account(worker):
        keep_open(account_id=account.pk)  # it was given a post meanwhile
        return False
    path = last_membership(worker).union.path if worker else ""
    erase_rows(
        anchors={"account": {account.pk}},
        subject=account,
        union_path=path,
        rule=CLOSING,
        because=Because.PERSON,
        now=now,
    )
    Worker.objects.filter(account=account).update(account=None)
    shut_account(account_id=account.pk)
    record(system(), "members.account_closed", account, now=now, union_path=path)
    return True


def erase_own_application(*, actor: Actor, application: Application, last6: str, now: datetime) -> None:
    """Erase an application at its applicant's wish, at once: proved by its secret link and the end of the ID.

    Not for use inside a transaction: a wrong guess stays counted.

    :raises WrongIdentity: the characters are another person's.
    :raises TooMany: too many wrong guesses.
    :raises StillNeeded: it is open or contested; withdraw it first.
    """
    take(name="identity", subject=str(application.pk), now=now)
    if not same_last6(PersonKey(application.sealed_key).unseal(application.sealed_id), last6):
        raise WrongIdentity
    erase_application(actor=actor, application_id=application.pk, rule=OWN_WISH, because=Because.PERSON, now=now)


@transaction.atomic
def erase_own(*, actor: Actor, now: datetime) -> ErasurePlan:
    """Erase what can be erased of the signed-in worker, and say what is kept, by which rule and until when.

    Source: personal information protection law, article 47: what a rule obliges the union to keep is stored, and
    nothing else is done with it.

    :raises NotSignedIn: no worker is signed in.
    """
    worker = own_worker(actor)
    plan = erasure_plan(worker, now=now)
    record(
        actor, "members.erasure_asked", worker, now=now, at_once=len(plan.at_once), kept=[h.why for h in plan.holdings]
    )
    if plan.whole_person:
        erase_worker(actor=actor, worker_id=worker.pk, rule=OWN_WISH, because=Because.PERSON, now=now)
        return plan
    for application in plan.at_once:
        erase_application(actor=actor, application_id=application.pk, rule=OWN_WISH, because=Because.PERSON, now=now)
    return plan
