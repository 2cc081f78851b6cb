"""Erasing people: when their time has come, when they ask for it, and again after a restore; one, one transaction.

Source: personal information protection law, article 47 (erasure of one's own accord and on request).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions.closing import shut_account
from nuanxin.access.actors import system
from nuanxin.kernel.clock import local_day
from nuanxin.members.actions.changes import withdraw_application
from nuanxin.members.actions.clockwork import drop_unconfirmed
from nuanxin.members.actions.contests import drop_contests
from nuanxin.members.actions.drafts import drop_applications
from nuanxin.members.actions.memberships import end_own
from nuanxin.members.models import Application, Membership, Worker
from nuanxin.members.queries.erasure import (
    anchors_of_application,
    anchors_of_worker,
    due_applications,
    due_workers,
    ended_workers,
    finished_applications,
    last_membership,
    unconfirmed_of,
)
from nuanxin.members.rules.erasure import CLOSED, ENDED, StillNeeded
from nuanxin.members.states import OPEN, ContestState
from nuanxin.records.actions import record
from nuanxin.records.actions.erasing import erase_rows, forget_aged
from nuanxin.records.states import Because

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.rules.erasure import Due


@transaction.atomic
def erase_application(
    *, actor: Actor, application_id: UUID, rule: str, because: str = Because.RULE, now: datetime
) -> bool:
    """Erase what a closed application says of a person; number, union, acts and days stay. Answer whether it was there.

    The door or the task has proved that it may be done: by the applicant's link and ID, or by the rule.

    :param rule: name of the rule, for the register.
    :raises StillNeeded: it is open, contested, led to a membership, or its phone is looked into; never after a restore.
    """
    rows = Application.objects.select_for_update(of=("self",)).select_related("union")
    application = rows.filter(pk=application_id, erased_at=None).first()
    if application is None:
        return False
    if because != Because.RESTORED and not finished_applications().filter(pk=application_id).exists():
        raise StillNeeded(_("This application is still open, or led to a membership. It cannot be erased now."))
    union_path = application.union.path if application.union else ""
    erase_rows(
        anchors=anchors_of_application(application),
        subject=application,
        union_path=union_path,
        rule=rule,
        because=because,
        now=now,
    )
    record(
        actor,
        "members.application_erased",
        application,
        now=now,
        union_path=union_path,
        number=application.number,
        rule=rule,
    )
    return True


@transaction.atomic
def erase_worker(*, actor: Actor, worker_id: UUID, rule: str, because: str = Because.RULE, now: datetime) -> bool:
    """Erase a person who is no member any more: key, names, digests, words, files, messages, sessions, sign-in.

    What stays: the empty row, memberships with their numbers, unions and days, acts without words, the audit without
    values. Answer whether somebody was there.

    :raises StillNeeded: a membership has not ended, an application is open, or the person holds a post; never after a
        restore.
    """
    locked = Worker.objects.select_for_update().filter(pk=worker_id, erased_at=None).first()
    if locked is None:
        return False
    if because != Because.RESTORED and not ended_workers().filter(pk=worker_id).exists():
        raise StillNeeded(_("This person is a member, applies to be one, or holds a post. Leave first."))
    drop_applications(unconfirmed_of(locked))
    membership = last_membership(locked)
    same = Worker.objects.filter(Q(pk=worker_id) | Q(merged_into=worker_id)).exclude(account=None)
    accounts = list(same.values_list("account_id", flat=True))
    erase_rows(
        anchors=anchors_of_worker(locked),
        subject=locked,
        union_path=membership.union.path,
        rule=rule,
        because=because,
        now=now,
    )
    for account_id in accounts:
        shut_account(account_id=account_id)
    record(
        actor,
        "members.person_erased",
        locked,
        now=now,
        union_path=membership.union.path,
        number=membership.number,
        rule=rule,
    )
    return True


@dataclass(slots=True)
class Report:
    """What a run has erased, by rule, and what it left because somebody was quicker or it is needed again."""

    erased: dict[str, int] = field(default_factory=dict)
    left: int = 0


def erase_due(*, now: datetime, most: int = 500) -> Report:
    """Erase everything whose time has come: applications, people, and rows that end by their own age.

    Bounded batches, each person a transaction of its own: a run that is killed goes on the next time where it was.
    """
    report = Report()
    on = local_day(now)
    _erase_all(report, CLOSED, lambda after: due_applications(on, most=most, after=after), _application(now))
    _erase_all(report, ENDED, lambda after: due_workers(on, most=most, after=after), _worker(now))
    report.erased["unconfirmed"] = drop_unconfirmed(now=now)
    report.erased |= forget_aged(now=now)
    return report


def _application(now: datetime) -> Callable[[Due], bool]:
    return lambda due: erase_application(actor=system(), application_id=due.pk, rule=due.rule, now=now)


def _worker(now: datetime) -> Callable[[Due], bool]:
    return lambda due: erase_worker(actor=system(), worker_id=due.pk, rule=due.rule, now=now)


def _erase_all(
    report: Report, rule: str, batch: Callable[[UUID | None], list[Due]], erase: Callable[[Due], bool]
) -> None:
    report.erased[rule] = 0
    after: UUID | None = None
    while found := batch(after):
        for due in found:
            try:
                report.erased[rule] += erase(due)
            except StillNeeded:
                report.left += 1
        after = found[-1].pk


def erase_again(*, lines: Iterable[dict[str, Any]], now: datetime) -> int:
    """Erase once more, in a restored database, whom the log of erasures names; return how many there were.

    What the rules would keep is not asked: it was decided when it was done the first time.
    """
    done = 0
    for line in lines:
        if line["subject_type"] == Worker._meta.label_lower:
            done += _force(erase_worker, "worker_id", line, now)
        elif line["subject_type"] == Application._meta.label_lower:
            done += _force(erase_application, "application_id", line, now)
    return done


def _force(erase: Callable[..., bool], name: str, line: dict[str, Any], now: datetime) -> bool:
    with transaction.atomic():
        _let_go(line["subject_id"], now)
        return erase(actor=system(), **{name: line["subject_id"]}, rule=line["rule"], because=Because.RESTORED, now=now)


def _let_go(pk: UUID, now: datetime) -> None:
    """Bring what an old backup still holds open to its end, as it had been when it was erased."""
    for membership in Membership.objects.select_related("union", "worker").filter(worker=pk, ended_on=None):
        end_own(actor=system(), membership=membership, now=now)
    same_person = Q(id_digest__in=Worker.objects.filter(pk=pk).values("id_digest"))
    own = Application.objects.select_related("union").filter(Q(pk=pk) | Q(worker=pk) | same_person, erased_at=None)
    for application in own.filter(state__in=OPEN):
        withdraw_application(actor=system(), application=application, now=now)
    for application in own.filter(contests__state=ContestState.OPEN):
        drop_contests(application, now=now)
