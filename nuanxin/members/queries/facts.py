"""What is known of one person, for the checks of services and offers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q

from nuanxin.kernel.refusals import NotFound
from nuanxin.members.models import Membership, Worker, WorkerOccupation
from nuanxin.members.rules.eligibility import Facts

if TYPE_CHECKING:
    from uuid import UUID


def facts_of(worker_id: UUID, *, today: date, served: tuple[tuple[str, date], ...] = ()) -> Facts:
    """Return what is known of a person on a day; three statements.

    :param served: what somebody above has counted: kind of offer or code of service, and the day.
    :raises NotFound: there is no such person.
    """
    worker = Worker.objects.filter(pk=worker_id).first()
    if worker is None:
        raise NotFound
    person = worker.merged_into_id or worker.pk
    found = Membership.objects.filter(worker=person).select_related("union").order_by("ended_on", "-pk")
    memberships = list(found)
    membership = next((each for each in memberships if each.ended_on is None), memberships[-1] if memberships else None)
    further = WorkerOccupation.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=today), worker=worker, valid_from__lte=today
    )
    return Facts(
        today=today,
        state=membership.state if membership else "",
        union_path=membership.union.path if membership else "",
        groups=frozenset({worker.occupation_group_id, *further.values_list("group_id", flat=True)}),
        region=worker.region_id,
        birth_on=worker.birth_on,
        sex=worker.sex,
        assurance=worker.assurance,
        phone_proved=worker.phone_proved,
        joined_on=membership.began_on if membership else None,
        served=served,
    )
