"""Whose time has come by the retention rules, and by what all rows of one person are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from nuanxin.access.actors import EVERYWHERE
from nuanxin.access.models import Post
from nuanxin.access.states import Permission
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.members.models import Application, Contest, Membership, PhoneRelease, Worker
from nuanxin.members.queries.persons import phone_digest
from nuanxin.members.queries.sealed import former_phones
from nuanxin.members.rules.erasure import CLOSED, ENDED, Due, Period
from nuanxin.members.rules.limits import UNCONFIRMED_FOR
from nuanxin.members.states import OPEN, ApplicationState, MembershipState, ReleaseState
from nuanxin.organizations.models import Union
from nuanxin.organizations.queries.rules import RuleMissing, rows_named
from nuanxin.organizations.rules.dates import pick_dated_rule
from nuanxin.records.models import AuditEntry, Erasure
from nuanxin.records.queries import due_rows, subjects_of
from nuanxin.records.retention import aged

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date, datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

#: Ended without a membership. An approved application stays with the person whom it admitted.
FINISHED = (
    ApplicationState.REFUSED,
    ApplicationState.WITHDRAWN,
    ApplicationState.LAPSED,
    ApplicationState.KNOWN_MEMBER,
)


class Periods:
    """How long one parameter keeps things, union by union, on one day. One statement for all."""

    def __init__(self, name: str, on: date) -> None:
        self._name, self._on = name, on
        self._rows = rows_named(name, on=on)

    @property
    def shortest(self) -> Period:
        """Return the shortest period anywhere: nothing younger is due.

        :raises RuleMissing: no rule was in force on that day.
        """
        if not self._rows:
            raise RuleMissing(self._name)
        return min((self._period(row) for row in self._rows), key=lambda period: period.days)

    def at(self, union_path: str, region_code: str) -> Period:
        """Return the period at a union.

        :raises RuleMissing: no rule is in force there.
        """
        row = pick_dated_rule(self._rows, union_path=union_path, region_code=region_code, on=self._on)
        if row is None:
            raise RuleMissing(self._name)
        return self._period(row)

    def _period(self, row: Any) -> Period:
        return Period(self._name, int(row.value), row.source_note)


def period_at(name: str, union: Union | None, on: date) -> Period:
    """Return how long a parameter keeps things at a union; without one, what holds everywhere."""
    return Periods(name, on).at(union.path if union else "", (union.region_id or "") if union else "")


def finished_applications() -> QuerySet[Any]:
    """Return closed applications that led to no membership, not erased, about which nothing is open."""
    contested = Contest.objects.filter(application=OuterRef("pk"), decided_at=None)
    in_question = PhoneRelease.objects.filter(application=OuterRef("pk"), state=ReleaseState.OPEN)
    return (
        Application.objects.filter(~Exists(contested), ~Exists(in_question), state__in=FINISHED, erased_at=None)
        .annotate(over_at=Coalesce("closed_at", "confirmed_at", "started_at"))
        .select_related("union")
    )


def ended_workers() -> QuerySet[Any]:
    """Return people who were members and are none any more, who hold no post and have nothing open; not erased ones.

    A record that was merged into another ends together with that one.
    """
    member = Membership.objects.filter(~Q(state=MembershipState.ENDED), worker=OuterRef("pk"))
    applying = Application.objects.filter(worker=OuterRef("pk"), state__in=OPEN)
    cadre = Post.objects.filter(account=OuterRef("account"), valid_until=None)
    left = Worker.objects.filter(~Exists(member), ~Exists(applying), ~Exists(cadre), erased_at=None, merged_into=None)
    return left.annotate(over_on=Max("memberships__ended_on"))


def due_applications(
    on: date, *, most: int = 500, after: UUID | None = None, paths: Collection[str] = (EVERYWHERE,)
) -> list[Due]:
    """Return closed applications whose time has come by a day, in the order of their keys.

    :param paths: only those with a union at or below these paths; one that never came to a union is everywhere's.
    """
    periods = Periods(CLOSED, on)
    rows = finished_applications().filter(over_at__lt=periods.shortest.edge(on))
    if EVERYWHERE not in paths:
        rows = rows.filter(_below("union__path", paths))
    return list(_applications(rows.filter(pk__gt=after) if after else rows, periods, on, most))


def _below(lookup: str, paths: Collection[str]) -> Q:
    reach = Q(pk__in=[])
    for path in paths:
        reach |= Q(**{f"{lookup}__startswith": path})
    return reach


def _applications(rows: QuerySet[Any], periods: Periods, on: date, most: int) -> Iterator[Due]:
    for row in rows.order_by("pk").iterator(chunk_size=500):
        path = row.union.path if row.union else ""
        if row.over_at < periods.at(path, row.region_id).edge(on):
            day = local_day(row.over_at)
            yield Due(CLOSED, "members.Application", row.pk, row.number, path, day)
            most -= 1
        if most <= 0:
            return


def due_workers(
    on: date, *, most: int = 500, after: UUID | None = None, paths: Collection[str] = (EVERYWHERE,)
) -> list[Due]:
    """Return people whose last membership ended so long ago that their time has come, in the order of their keys.

    :param paths: only those who were members at or below these paths.
    """
    periods = Periods(ENDED, on)
    edge = periods.shortest.edge(on).astimezone(ZONE).date()
    ended = Membership.objects.filter(_below("union__path", paths), worker=OuterRef("pk"), ended_on__lt=edge)
    last = _newest(Membership.objects.filter(worker=OuterRef("pk")))
    told = [Subquery(last.values(name)[:1]) for name in ("number", "union__path", "union__region")]
    rows = ended_workers().filter(Exists(ended), over_on__lt=edge)
    rows = rows.values_list("pk", "over_on", *told).order_by("pk")
    found: list[Due] = []
    for pk, over_on, number, path, region in (rows.filter(pk__gt=after) if after else rows).iterator(chunk_size=500):
        if over_on < periods.at(path, region or "").edge(on).date():
            found.append(Due(ENDED, "members.Worker", pk, number, path, over_on))
        if len(found) >= most:
            break
    return found


def last_membership(worker: Worker) -> Membership:
    """Return the newest membership of a person who had one."""
    return _newest(Membership.objects.select_related("union").filter(worker=worker))[0]


def _newest(rows: QuerySet[Membership]) -> QuerySet[Membership]:
    return rows.order_by(F("ended_on").desc(nulls_first=True), "-pk")


@dataclass(frozen=True, slots=True)
class DueCount:
    """How much one rule would erase on a day; `is_more` when only the first so many were counted."""

    rule: str
    model: str
    count: int
    is_more: bool = False


def dry_run(*, now: datetime, most: int = 5000, paths: Collection[str] = (EVERYWHERE,)) -> list[DueCount]:
    """Count what would be erased at a moment, by rule; nothing is changed.

    :param most: persons and applications are looked at one by one, up to so many of each.
    :param paths: only at or below these unions; rows that end by their own age are counted for everywhere only.
    """
    on = local_day(now)
    applications = due_applications(on, most=most, paths=paths)
    workers = due_workers(on, most=most, paths=paths)
    counts = [
        DueCount(CLOSED, "members.Application", len(applications), len(applications) >= most),
        DueCount(ENDED, "members.Worker", len(workers), len(workers) >= most),
    ]
    if EVERYWHERE not in paths:
        return counts
    stale = Application.objects.filter(state=ApplicationState.UNCONFIRMED, started_at__lt=now - UNCONFIRMED_FOR)
    return [
        *counts,
        DueCount("unconfirmed", "members.Application", stale.count()),
        *(DueCount(line.due.code, line.model, due_rows(line, now).count()) for line in aged() if line.due is not None),
    ]


def audited_paths(actor: Actor) -> tuple[str, ...]:
    """Return where the actor may read the audit: everywhere for whoever may at the root of the tree."""
    paths = actor.reach(Permission.READ_AUDIT)
    return (EVERYWHERE,) if any(path.count("/") <= 2 for path in paths) else paths


def due_in_reach(actor: Actor, *, rule: str, on: date, most: int = 500) -> list[Due]:
    """Return the people or applications that would be erased on a day, where the actor may read the audit."""
    find = due_applications if rule == CLOSED else due_workers
    return find(on, most=most, paths=audited_paths(actor))


def visible_erasures(actor: Actor) -> QuerySet[Erasure]:
    """Return the register of what was erased at the unions where the actor may read the audit.

    Batches of short-lived rows belong to no union: they are shown to whoever reads the audit of the whole tree.
    """
    paths = audited_paths(actor)
    return Erasure.objects.all() if EVERYWHERE in paths else Erasure.objects.filter(_below("union_path", paths))


def numbers_of(lines: Collection[Erasure]) -> dict[UUID, str]:
    """Return the numbers that stay on record of what was erased, by its id: applications, and last memberships."""
    ids = {line.subject_id for line in lines if line.subject_id}
    numbers: dict[UUID, str] = dict(
        Membership.objects.filter(worker__in=ids).order_by("pk").values_list("worker", "number")
    )
    numbers.update(Application.objects.filter(pk__in=ids).values_list("pk", "number"))
    return numbers


def anchors_of_application(application: Application) -> dict[str, set[Any]]:
    """Return by what the rows of one application are known; its phone only where nobody else's rows hang on it."""
    anchors: dict[str, set[Any]] = {"application": {application.pk}}
    phone = bytes(application.phone_digest)
    shared = Application.objects.filter(phone_digest=phone, erased_at=None).exclude(pk=application.pk)
    if not shared.exists() and not Worker.objects.filter(phone_digest=phone).exists():
        anchors["phone"] = {phone}
    return _with_subjects(anchors)


def anchors_of_worker(worker: Worker) -> dict[str, set[Any]]:
    """Return by what all rows of a person are known: everything that the register can find, merged records too."""
    people = [worker, *Worker.objects.filter(merged_into=worker)]
    own = {each.pk for each in people}
    applications = Application.objects.filter(Q(worker__in=own) | Q(id_digest__in=[each.id_digest for each in people]))
    rows = list(applications.values_list("pk", "phone_digest"))
    phones = {bytes(phone) for _pk, phone in rows} | {phone_digest(phone) for phone in former_phones(worker)}
    if worker.phone_digest:
        phones.add(bytes(worker.phone_digest))
    others = Worker.objects.filter(phone_digest__in=phones).exclude(pk__in=own).values_list("phone_digest", flat=True)
    strangers = (
        Application.objects.filter(phone_digest__in=phones, erased_at=None)
        .exclude(pk__in=[pk for pk, _phone in rows])
        .values_list("phone_digest", flat=True)
    )
    phones -= {bytes(phone) for phone in (*others, *strangers) if phone}
    return _with_subjects(
        {
            "worker": own,
            "application": {pk for pk, _phone in rows},
            "account": {pk for each in people for pk in own_account(each)},
            "phone": phones,
        }
    )


def unconfirmed_of(worker: Worker) -> list[UUID]:
    """Return applications begun with a person's document whose phone nobody has proved: they hold nobody back."""
    rows = Application.objects.filter(id_digest=worker.id_digest, state=ApplicationState.UNCONFIRMED)
    return list(rows.values_list("pk", flat=True))


def own_account(worker: Worker) -> set[UUID]:
    """Return a person's account, unless it holds or held a post: acts of a union are told by its name."""
    account_id = worker.account_id
    return {account_id} if account_id and not Post.objects.filter(account=account_id).exists() else set()


def _with_subjects(anchors: dict[str, set[Any]]) -> dict[str, set[Any]]:
    subjects = subjects_of(anchors)
    moments = AuditEntry.objects.filter(subject_id__in=subjects).values_list("at", flat=True)
    return anchors | {"subject": set(subjects), "moment": set(moments)}
