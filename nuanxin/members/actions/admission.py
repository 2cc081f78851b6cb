"""Admission: from an approved application to a person, a membership and a card, in one transaction."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _
from pypinyin import Style, lazy_pinyin
from pypinyin.seg.mmseg import seg as words_in

from nuanxin.access.actors import system
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.documents import read_document
from nuanxin.kernel.events import announce
from nuanxin.kernel.ids import member_number
from nuanxin.kernel.refusals import Busy, Conflict
from nuanxin.kernel.rows import insert, pipelined
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import move
from nuanxin.members.actions.events import MembershipBegan
from nuanxin.members.actions.searching import renew_terms, terms_of
from nuanxin.members.actions.settle import where_of
from nuanxin.members.actions.telling import tell_applicant
from nuanxin.members.models import Application, ApplicationAct, Card, Membership, MembershipEntry, Worker
from nuanxin.members.rules.assurance import reaches
from nuanxin.members.rules.review import approves_itself
from nuanxin.members.states import APPLICATION_MOVES, Act, ApplicationState, Assurance, MembershipAct, MembershipState
from nuanxin.organizations.queries.rules import dated_rule
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

_P = ParamSpec("_P")
_T = TypeVar("_T")
_COLLISIONS = 2


class PhoneHeld(Conflict):
    """Between application and approval another person came to hold the phone."""

    def __init__(self) -> None:
        super().__init__(
            "phone_held",
            _("The phone now belongs to another member. Return the application so that it can be changed."),
        )


class EnrolledMeanwhile(Conflict):
    """Between application and approval the person became a member on another way, such as a roster."""

    def __init__(self) -> None:
        super().__init__(
            "enrolled_meanwhile",
            _("This person has become a member meanwhile, by a roster or with another union. Refuse the application."),
        )


class NumberTaken(Busy):
    """The random member number is another member's: one in a thousand, in a city of a million members."""

    def __init__(self) -> None:
        super().__init__("no_number", _("No member number could be given just now. Please try again."))


def with_another_number(act: Callable[_P, _T]) -> Callable[_P, _T]:
    """Do an act that admits somebody again when the number was taken. Each time is a transaction of its own."""

    @wraps(act)
    def tried(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        for _try in range(_COLLISIONS):
            with suppress(NumberTaken):
                return act(*args, **kwargs)
        return act(*args, **kwargs)

    return tried


def admit(
    actor: Actor, application: Application, *, union: Any, basis: str, reason: str = "", now: datetime
) -> Membership:
    """Approve an application: the person, the membership, the card, the acts, the numbers, the message.

    Part of the transaction of whoever decided. `union` is the union that has the application, as row or as facts.

    :raises AlreadyDecided: by `move`, when another reviewer was quicker.
    :raises PhoneHeld: another person holds the phone by now.
    :raises EnrolledMeanwhile: the person is a member by now.
    :raises NumberTaken: see `with_another_number`.
    """
    worker = _worker(application, now)
    # Still with this union: passed on, it waits as before, but for another one.
    still = {"union_id": application.union_id}
    done = {"worker_id": worker.pk, "closed_at": now, "due_at": None}
    move(application, APPLICATION_MOVES, ApplicationState.APPROVED, met=still, **done)
    # After the move: of two reviewers only the one who won it writes a person.
    if not worker._state.adding:
        _renew(worker)
    with _minding_others(), pipelined():
        if worker._state.adding:
            insert(worker)
        membership = _begin(actor, application, worker, union, reason, now)
        insert(
            ApplicationAct(
                application=application,
                at=now,
                act=Act.APPROVED,
                union_id=union.id,
                account_id=actor.account_id,
                post_id=actor.post_id,
                reason=reason,
                basis=basis,
            )
        )
        record(
            actor,
            "members.application_approved",
            application,
            now=now,
            union_path=union.path,
            union=union.code,
            basis=basis,
            member_number=membership.number,
        )
        announce(MembershipBegan(where_of(application, union.path, now), membership, now))
        tell_applicant(application, "approved", union_name=union.name, member_number=membership.number, now=now)
    return membership


def _begin(
    actor: Actor, application: Application, worker: Worker, union: Any, reason: str, now: datetime
) -> Membership:
    """Write the membership, the entry that begins it, and its card."""
    day = local_day(now)
    membership = Membership(
        number=member_number(union.region_id or application.region_id),
        worker=worker,
        union_id=union.id,
        door_id=application.door_id,
        application=application,
        began_on=day,
        terms=terms_of(worker, union_path=union.path, state=MembershipState.ACTIVE),
    )
    insert(membership)
    application.member_number = membership.number
    insert(
        MembershipEntry(
            membership=membership,
            at=now,
            effective_on=day,
            act=MembershipAct.ADMITTED,
            union_id=union.id,
            account_id=actor.account_id,
            post_id=actor.post_id,
            reason=reason,
            evidence=application.number,
        )
    )
    insert(Card(membership=membership, issued_at=now))
    return membership


def approve_if_proved(application: Application, union: Any, *, now: datetime) -> bool:
    """Approve without a reviewer where the union's dated rule allows it on outside proof; answer whether it did."""
    if not (application.employer_says or application.verified_by):
        return False
    rule = dated_rule("members.auto_approve", union=union, on=local_day(now))
    if not approves_itself(rule.value, employer_says=application.employer_says, verified_by=application.verified_by):
        return False
    admit(system(), application, union=union, basis=f"members.auto_approve: {rule.row.source_note}", now=now)
    return True


def _worker(application: Application, now: datetime) -> Worker:
    """Return the person behind an application, not saved yet: known from an earlier membership, or new."""
    if application.worker is not None:
        return _returning(application.worker, application, now)
    key = PersonKey(application.sealed_key)
    identity = read_document(application.id_kind, key.unseal(application.sealed_id), on=local_day(now))
    pinyin, initials = spell(application.name)
    return Worker(
        sealed_key=application.sealed_key,
        name=application.name,
        pinyin=pinyin,
        initials=initials,
        id_kind=application.id_kind,
        sealed_id=application.sealed_id,
        id_digest=application.id_digest,
        birth_on=identity.birth_on or application.birth_on,
        sex=identity.sex or application.sex,
        sealed_phone=application.sealed_phone,
        phone_digest=application.phone_digest,
        occupation_group_id=application.occupation_group_id,
        region_id=application.region_id,
        employer_id=application.employer_id,
        employer_name=application.employer_name,
        platform_id=application.platform_id,
        created_at=now,
        phone_proved=True,
        **proved_by(application, now),
    )


def _returning(worker: Worker, application: Application, now: datetime) -> Worker:
    phone = PersonKey(application.sealed_key).unseal(application.sealed_phone)
    worker.name = application.name
    worker.pinyin, worker.initials = spell(application.name)
    worker.sealed_phone = PersonKey(worker.sealed_key).seal(phone)
    worker.phone_digest = application.phone_digest
    for column in ("occupation_group_id", "region_id", "employer_id", "employer_name", "platform_id"):
        setattr(worker, column, getattr(application, column))
    worker.phone_proved = True
    proved = proved_by(application, now)
    if reaches(proved["assurance"], worker.assurance):
        worker.assurance, worker.assured_at = proved["assurance"], proved["assured_at"]
    return worker


def proved_by(application: Application, now: datetime) -> dict[str, Any]:
    """Return what an application proves of its person: the form of the number, or what an outside source has said.

    The application itself is the evidence; no further row is written for it.
    """
    if application.verified_by:
        return {"assurance": Assurance.VERIFIED, "assured_at": now}
    return {"assurance": Assurance.WELLFORMED, "assured_at": None}


def _renew(worker: Worker) -> None:
    with _minding_others():
        worker.save()
    renew_terms(worker.pk)


@contextmanager
def _minding_others() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "phone_digest" in str(error):
            raise PhoneHeld from None
        if "membership_number_once" in str(error):
            raise NumberTaken from None
        if "membership_one_per_person" in str(error) or "id_digest" in str(error):
            raise EnrolledMeanwhile from None
        raise


@lru_cache(maxsize=4096)
def spell(name: str) -> tuple[str, str]:
    """Return a name in pinyin without spaces, and its initials, both in lower case."""
    if all("㐀" <= char <= "鿿" for char in name):
        syllables = [syllable for word in words_in.cut(name) for syllable in _read(word)]
    else:
        syllables = lazy_pinyin(name, style=Style.NORMAL)
    return "".join(syllables).replace(" ", "").lower()[:200], "".join(s[0] for s in syllables if s.strip()).lower()[:50]


@lru_cache(maxsize=16384)
def _read(word: str) -> tuple[str, ...]:
    """Return how a word is read that `lazy_pinyin` would cut out of a name by itself."""
    return tuple(lazy_pinyin([word], style=Style.NORMAL))
