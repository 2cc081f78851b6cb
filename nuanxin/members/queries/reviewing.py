"""Applications as those look at them who decide: filtered lists, what is late, how prompt the day was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.ids import first_id
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.text import check_text, compact
from nuanxin.members.models import Application, ApplicationAct, Consent, Membership, PhoneRelease
from nuanxin.members.queries.applications import RELATED, queue, visible_applications
from nuanxin.members.queries.persons import id_digests, phone_digest
from nuanxin.members.rules.limits import UNCONFIRMED_FOR
from nuanxin.members.states import WAITING, ApplicationState, EmployerSays

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

#: What may be asked for as a state: one state, those that wait for a reviewer, or those that are closed.
GROUPS: dict[str, tuple[str, ...]] = {
    "waiting": tuple(WAITING),
    "closed": (
        ApplicationState.APPROVED,
        ApplicationState.REFUSED,
        ApplicationState.WITHDRAWN,
        ApplicationState.LAPSED,
    ),
}
#: An answer of the people office, as a filter; "nothing" is an empty value in the row.
SAYS = {"confirmed": EmployerSays.CONFIRMED, "denied": EmployerSays.DENIED, "nothing": EmployerSays.NOTHING}


@dataclass(frozen=True, slots=True)
class ApplicationFilters:
    """What a list of applications is narrowed to; empty means any."""

    text: str = ""
    #: Path of a union: it and everything below it.
    union_path: str = ""
    #: A state, or a key of `GROUPS`.
    state: str = "waiting"
    group: str = ""
    door: str = ""
    #: `late`, `today` (late or ending today) or empty.
    due: str = ""
    #: A key of `SAYS`, or empty.
    says: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in reach: how many, how many end today or are late, and the earliest limit of all."""

    count: int
    soon: int
    earliest: datetime | None


@dataclass(frozen=True, slots=True)
class Promptness:
    """Of the applications that came today, how many have been answered today."""

    came: int
    answered: int


def find_applications(actor: Actor, filters: ApplicationFilters, *, now: datetime) -> QuerySet[Application]:
    """Return the applications in reach that fit, without an order; every filter only takes away.

    :raises Invalid: a search text with characters that no name has.
    """
    rows = visible_applications(actor).select_related(*RELATED)
    states = GROUPS.get(filters.state, (filters.state,) if filters.state else ())
    if states:
        rows = rows.filter(state__in=states)
    exact = {"occupation_group": filters.group, "door": filters.door}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if filters.union_path:
        rows = rows.filter(union__path__startswith=filters.union_path)
    if filters.says in SAYS:
        rows = rows.filter(employer_says=SAYS[filters.says])
    if filters.due:
        rows = rows.filter(due_at__lt=now if filters.due == "late" else _end_of_day(now))
    return rows.filter(_match(filters.text)) if filters.text.strip() else rows


def _match(text: str) -> Q:
    """Tell by its form what was typed: a number, a whole phone, a whole ID number, or the beginning of a name."""
    typed = check_text(text, field="q", most=50)
    plain = compact(typed).upper()
    if digests := id_digests(plain):
        return Q(id_digest__in=digests) | Q(number__startswith=plain)
    if len(plain) == 11 and plain.isdigit() and plain[0] == "1":
        return Q(phone_digest=phone_digest(plain))
    if len(plain) >= 4 and plain.isascii() and plain.isalnum() and plain[:4].isdigit():
        return Q(number__startswith=plain)
    return Q(name__startswith=typed)


def waiting_of(actor: Actor, *, now: datetime) -> Waiting:
    """Return what waits for a decision where the actor may review. One statement."""
    found = (
        queue(actor)
        .order_by()
        .aggregate(count=Count("pk"), soon=Count("pk", filter=Q(due_at__lt=_end_of_day(now))), earliest=Min("due_at"))
    )
    return Waiting(found["count"], found["soon"], found["earliest"])


def promptness(actor: Actor, *, now: datetime) -> Promptness:
    """Return how many of today's applications were answered today: taken up or closed is an answer. One statement.

    Reads, by key, only applications begun since yesterday: an unconfirmed one is gone after a day.
    """
    day = datetime.combine(local_day(now), time(), tzinfo=ZONE)
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.REVIEW):
        reach |= Q(union__path__startswith=path)
    since = first_id(day - UNCONFIRMED_FOR)
    came = Application.objects.filter(reach, pk__gte=since, confirmed_at__gte=day, confirmed_at__lte=now)
    found = came.aggregate(came=Count("pk"), open=Count("pk", filter=Q(state=ApplicationState.SUBMITTED)))
    return Promptness(found["came"], found["came"] - found["open"])


def last_act(application: Application) -> ApplicationAct | None:
    """Return the newest act upon an application, with who did it; the caller has fetched what it may see."""
    acts = ApplicationAct.objects.filter(application=application).select_related("account", "union")
    return acts.order_by("-at", "-pk").first()


def applications_numbered(actor: Actor, numbers: Iterable[str]) -> list[Application]:
    """Return the applications with these numbers that the actor may see, soonest limit first."""
    rows = visible_applications(actor).select_related(*RELATED).filter(number__in=list(numbers))
    return list(rows.order_by("due_at", "pk"))


def consents_of(application: Application) -> list[Consent]:
    """Return what an applicant agreed to; the caller has fetched what it may see."""
    return list(Consent.objects.filter(application=application).order_by("kind"))


def membership_number_of(application: Application) -> str:
    """Return the member number that came of an application, or nothing."""
    found = Membership.objects.filter(application=application).values_list("number", flat=True).first()
    return found or ""


def holder_of(release: PhoneRelease) -> Membership | None:
    """Return the newest membership of whoever holds a phone; the caller has fetched what it may decide."""
    return Membership.objects.select_related("union").filter(worker=release.holder).order_by("-pk").first()


def phone_of_application(application: Application) -> str:
    """Return an applicant's phone in plain: for masking on a page, never for showing."""
    return PersonKey(application.sealed_key).unseal(application.sealed_phone)


def identity_of_application(application: Application) -> str:
    """Return an applicant's ID number in plain: for masking on a page, never for showing."""
    return PersonKey(application.sealed_key).unseal(application.sealed_id)


def _end_of_day(now: datetime) -> datetime:
    return datetime.combine(local_day(now) + timedelta(days=1), time(), tzinfo=ZONE)
