"""Claims on gifted insurance: made by the worker, passed on by the union, decided and paid by the insurer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.benefits.models import Claim, ClaimStep
from nuanxin.benefits.rules.claims import (
    approved_amount,
    asked_amount,
    bank_account,
    check_event,
    check_files,
    paid_amount,
    words_of,
)
from nuanxin.benefits.states.insurance import CLAIM_MOVES, ClaimAct, ClaimState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.ids import application_number
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved, move
from nuanxin.members.actions.memberships import File
from nuanxin.members.models import Membership
from nuanxin.messages.actions import send_text
from nuanxin.records.actions import attach, record
from nuanxin.records.models import Attachment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from nuanxin.benefits.models import Policy
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Worker

__all__ = ["File", "add_documents", "decide_claim", "make_claim", "withdraw_claim"]


@transaction.atomic
def make_claim(
    *,
    actor: Actor,
    policy: Policy,
    happened_on: date,
    words: object,
    asked: object,
    account: object,
    files: Sequence[File],
    now: datetime,
) -> Claim:
    """Make a claim on one's own policy: what happened, what is asked for, where the money goes, and what proves it.

    The member's own union handles it (claims on mutual insurance go through the union of the unit).

    :param policy: fetched as the worker's own.
    :raises NotFound: it is somebody else's.
    :raises Invalid: a day that was not covered, no words, more than the sum insured, no bank account, no document.
    :raises Conflict: there is a claim for that day already.
    """
    worker, day = _holder(policy.worker), local_day(now)
    if actor.worker_id is None or worker.pk != actor.worker_id:
        raise NotFound
    check_event(happened_on, cover_from=policy.cover_from, cover_until=policy.cover_until, today=day)
    check_files(len(files))
    key = PersonKey(worker.sealed_key)
    claim = Claim(
        number=application_number(day),
        policy=policy,
        worker=worker,
        union_id=_union_of(worker, policy),
        happened_on=happened_on,
        sealed_words=key.seal(words_of(words)),
        sealed_account=key.seal(bank_account(account)),
        asked=asked_amount(asked, most=policy.sum_insured),
        made_at=now,
    )
    try:
        with transaction.atomic():
            insert(claim)
    except IntegrityError:
        raise Conflict("claimed_already", _("There is a claim for that day already. You can add to it.")) from None
    for file in files:
        attach(actor, claim, name=file.name, content=file.content, now=now)
    _step(actor, claim, ClaimAct.MADE, now, amount=claim.asked)
    record(
        actor, "benefits.claim_made", claim, now=now, union_path=claim.union.path,
        number=claim.number, asked=str(claim.asked), files=len(files),
    )  # fmt: skip
    return claim


def _holder(worker: Worker) -> Worker:
    """Return the person as registered now: a record that was made one with another leads there."""
    return worker.merged_into or worker


def _need_own(actor: Actor, claim: Claim) -> None:
    if actor.worker_id is None or _holder(claim.worker).pk != actor.worker_id:
        raise NotFound


def _union_of(worker: Worker, policy: Policy) -> Any:
    """Return the union that handles the claim: the member's present one, else that of the list."""
    rows = Membership.objects.filter(worker=worker, ended_on=None).values_list("union_id", flat=True)
    return rows.first() or policy.insured.union_id


@transaction.atomic
def add_documents(*, actor: Actor, claim: Claim, files: Sequence[File], now: datetime) -> Claim:
    """Add documents to one's own claim; one that the union had returned goes back to it.

    :raises Invalid: no file, or too many in all.
    :raises Moved: it is with the insurer, or at its end.
    """
    _need_own(actor, claim)
    check_files(len(files), before=Attachment.objects.filter(subject_id=claim.pk).count())
    if claim.state == ClaimState.RETURNED:
        move(claim, CLAIM_MOVES, ClaimState.SENT)
    elif claim.state != ClaimState.SENT:
        raise Moved(claim.state)
    for file in files:
        attach(actor, claim, name=file.name, content=file.content, now=now)
    _step(actor, claim, ClaimAct.ADDED, now)
    record(
        actor, "benefits.claim_added_to", claim, now=now, union_path=claim.union.path,
        number=claim.number, files=len(files),
    )  # fmt: skip
    return claim


@transaction.atomic
def withdraw_claim(*, actor: Actor, claim: Claim, now: datetime) -> Claim:
    """Withdraw one's own claim before it is approved.

    :raises Moved: it is approved or at its end.
    """
    _need_own(actor, claim)
    move(claim, CLAIM_MOVES, ClaimState.WITHDRAWN, closed_at=now)
    _step(actor, claim, ClaimAct.WITHDRAWN, now)
    record(actor, "benefits.claim_withdrawn", claim, now=now, union_path=claim.union.path, number=claim.number)
    return claim


_NEXT = {
    ClaimAct.RETURNED: ClaimState.RETURNED,
    ClaimAct.FORWARDED: ClaimState.FORWARDED,
    ClaimAct.APPROVED: ClaimState.APPROVED,
    ClaimAct.REFUSED: ClaimState.REFUSED,
    ClaimAct.PAID: ClaimState.PAID,
}
#: Acts that say why.
_WITH_WORDS = (ClaimAct.RETURNED, ClaimAct.REFUSED)


@transaction.atomic
def decide_claim(
    *,
    actor: Actor,
    claim: Claim,
    act: str,
    words: object = "",
    amount: object = "",
    paid_on: date | None = None,
    now: datetime,
) -> Claim:
    """Return, pass on, approve, refuse or pay a claim; the worker is told each time, with who and why.

    :param claim: fetched by what the actor may see.
    :param act: a `ClaimAct` of the union; `amount` what is approved or paid; `words` why it is returned or refused.
    :raises NotAllowed: without `benefits.handle_claims` there.
    :raises Invalid: no reason, no amount or too much, a day of payment in the future.
    :raises Moved: another state, or somebody was quicker.
    """
    actor.require(Permission.HANDLE_CLAIMS, at=claim.union)
    if act not in _NEXT:
        raise NotFound
    changes: dict[str, Any] = {}
    said = words_of(words) if act in _WITH_WORDS else ""
    given = None
    if act == ClaimAct.APPROVED:
        given = changes["approved"] = approved_amount(amount, asked=claim.asked)
    elif act == ClaimAct.PAID:
        if claim.approved is None:
            raise Moved(claim.state)
        day = paid_on or local_day(now)
        if day > local_day(now):
            raise Invalid("in_the_future", _("This day has not come yet."), field="paid_on")
        given = changes["paid"] = paid_amount(amount, approved=claim.approved)
        changes["paid_on"] = day
    if act in (ClaimAct.REFUSED, ClaimAct.PAID):
        changes["closed_at"] = now
    move(claim, CLAIM_MOVES, _NEXT[ClaimAct(act)], **changes)
    _step(actor, claim, act, now, amount=given, words=said)
    record(
        actor, f"benefits.claim_{act}", claim, now=now, union_path=claim.union.path, number=claim.number,
        amount=str(given) if given is not None else "", key=_key(claim), personal={"reason": said} if said else None,
    )  # fmt: skip
    _tell(claim, act, said, given, now)
    return claim


def _key(claim: Claim) -> PersonKey:
    return PersonKey(claim.worker.sealed_key)


def _step(actor: Actor, claim: Claim, act: str, now: datetime, *, amount: Any = None, words: str = "") -> None:
    insert(
        ClaimStep(
            claim=claim,
            at=now,
            act=act,
            account_id=actor.account_id,
            post_id=actor.post_id,
            amount=amount,
            sealed_words=_key(claim).seal(words) if words else b"",
        )
    )


def _tell(claim: Claim, act: str, words: str, amount: Any, now: datetime) -> None:
    holder = _holder(claim.worker)
    if holder.erased_at is not None:
        return
    send_text(
        phone=PersonKey(holder.sealed_key).unseal(holder.sealed_phone),
        template=f"insurance.claim_{act}",
        values={
            "number": claim.number,
            "union": claim.union.name,
            "reason": words,
            "amount": f"{amount:,.2f}" if amount is not None else "",
            "link": f"{settings.NUANXIN_BASE_URL}/insurance/claims/{claim.number}/",
        },
        fact=f"{claim.pk}:{act}:{now.isoformat()}",
        union_id=claim.union_id,
        now=now,
    )


@transaction.atomic
def note_claim_read(*, actor: Actor, claim: Claim, file: str = "", now: datetime) -> None:
    """Write down that somebody at the desk read a claim: what happened to a person is not for every eye.

    :param file: id of the document that was opened; empty for the claim itself.
    :raises NotAllowed: without `benefits.handle_claims` there.
    """
    actor.require(Permission.HANDLE_CLAIMS, at=claim.union)
    record(actor, "benefits.claim_read", claim, now=now, union_path=claim.union.path, number=claim.number, file=file)
