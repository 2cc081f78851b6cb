"""What applies to one person: the services that are open, and why each of the others is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from nuanxin.catalog.models import Service
from nuanxin.catalog.queries.deliveries import deliveries_of_worker
from nuanxin.catalog.queries.service import given_on
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.members.queries.facts import facts_of
from nuanxin.members.rules.eligibility import Facts, Failed, described, failed

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from django.utils.functional import _StrOrPromise

    from nuanxin.kernel.actor import Actor

#: Digits of a city's code: services of other cities are not shown at all.
_CITY = 4


@dataclass(frozen=True, slots=True)
class ForMe:
    """One service as it is for one person."""

    service: Service
    #: Every reason against it, with what to do; empty: it is open.
    failed: tuple[Failed, ...]
    #: When the person had it, the latest first; what was taken back is left out.
    had: tuple[date, ...]

    @property
    def is_open(self) -> bool:
        """Answer whether the person may have it now."""
        return not self.failed


def services_for(actor: Actor, *, now: datetime) -> list[ForMe]:
    """Return every service of the signed-in person's city that is given now, grouped by area; six statements.

    :raises NotSignedIn: no worker is signed in.
    """
    return _judged(actor, Q(), now)


def service_for(actor: Actor, code: str, *, now: datetime) -> ForMe:
    """Return one service as it is for the signed-in person.

    :raises NotSignedIn: no worker is signed in.
    :raises NotFound: there is none of this code in the person's city, or it is not given now.
    """
    found = _judged(actor, Q(pk=code), now)
    if not found:
        raise NotFound
    return found[0]


def _judged(actor: Actor, wanted: Q, now: datetime) -> list[ForMe]:
    if actor.worker_id is None:
        raise NotSignedIn
    today = local_day(now)
    had = _had(actor.worker_id)
    facts = facts_of(actor.worker_id, today=today, served=tuple(had))
    rows = Service.objects.filter(wanted, given_on(today)).select_related("area", "union")
    near = rows.filter(_near(facts)).order_by("area__position", "area_id", "position", "pk")
    return [
        ForMe(
            service,
            tuple(failed(checks_of(service, facts), facts)),
            tuple(day for code, day in had if code == service.pk),
        )
        for service in near
    ]


def _had(worker_id: UUID) -> list[tuple[str, date]]:
    return list(deliveries_of_worker(worker_id).values_list("service_id", "day"))


def _near(facts: Facts) -> Q:
    """Return the condition of a service that may be shown: of a union above the person's, or of the person's city."""
    above = Q(union__code__in=facts.union_path.strip("/").split("/"))
    return above | Q(union__region__code__startswith=facts.region[:_CITY])


def checks_of(service: Service, facts: Facts) -> list[dict[str, Any]]:
    """Return what a service asks for: its own checks, and for a member of another union, to be one of its union.

    Somebody who is no member anywhere is told that, and not of which union one should be.
    """
    checks: list[dict[str, Any]] = list(service.checks)
    is_member = any(check["check"] == "member" for check in checks)
    if is_member and facts.state and not facts.union_path.startswith(service.union.path):
        names = {"names": [service.union.name], "names_en": [service.union.name_en or service.union.name]}
        checks.append({"check": "union", "paths": [service.union.path], **names})
    return checks


def audience_of(service: Service) -> list[_StrOrPromise]:
    """Say in words for whom a service is; nothing: for everybody."""
    return [described(check) for check in service.checks]
