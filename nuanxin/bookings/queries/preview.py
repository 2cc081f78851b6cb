"""How many members some checks let through: all of a small union, a fair sample of a large one; one rule for both."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q

from nuanxin.bookings.models import Booking
from nuanxin.bookings.rules.eligibility import Facts, passes
from nuanxin.bookings.states import BookingState
from nuanxin.kernel.clock import local_day
from nuanxin.members.models import Membership, WorkerOccupation
from nuanxin.members.states import MembershipState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from nuanxin.bookings.rules.eligibility import Check

#: So many are looked at; the next member numbers, whose digits are random, are as good as drawn by lot.
_SAMPLE: Final = 2000


@dataclass(frozen=True, slots=True)
class Reached:
    """Of how many members how many may take part.

    :param sampled: members that were looked at, where they are not all.
    """

    members: int
    may: int
    sampled: int = 0


def reached_by(checks: Sequence[Check], *, union_path: str, now: datetime) -> Reached:
    """Return how many members of a union and below pass some checks today; five statements."""
    rows = Membership.objects.filter(union__path__startswith=union_path).exclude(state=MembershipState.ENDED)
    total = rows.count()
    columns = (
        "worker_id", "state", "union__path", "began_on", "worker__occupation_group_id", "worker__region_id",
        "worker__birth_on", "worker__sex", "worker__assurance", "worker__phone_proved",
    )  # fmt: skip
    found = list(rows.order_by("number").values(*columns)[:_SAMPLE])
    people = [row["worker_id"] for row in found]
    today = local_day(now)
    further, served = _further(people, today), _served(people)
    may = sum(passes(checks, _facts(row, today, further, served)) for row in found)
    if len(found) == total:
        return Reached(total, may)
    return Reached(total, round(may * total / len(found)) if found else 0, len(found))


def _facts(
    row: dict[str, Any],
    today: date,
    further: dict[UUID, set[str]],
    served: dict[UUID, list[tuple[str, date]]],
) -> Facts:
    worker = row["worker_id"]
    return Facts(
        today=today,
        state=row["state"],
        union_path=row["union__path"],
        groups=frozenset({row["worker__occupation_group_id"], *further[worker]}),
        region=row["worker__region_id"],
        birth_on=row["worker__birth_on"],
        sex=row["worker__sex"],
        assurance=row["worker__assurance"],
        phone_proved=row["worker__phone_proved"],
        joined_on=row["began_on"],
        served=tuple(served[worker]),
    )


def _further(people: Collection[UUID], today: date) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    held = Q(valid_until=None) | Q(valid_until__gt=today)
    rows = WorkerOccupation.objects.filter(held, worker__in=people, valid_from__lte=today)
    for worker, group in rows.values_list("worker_id", "group_id"):
        found[worker].add(group)
    return found


def _served(people: Collection[UUID]) -> dict[UUID, list[tuple[str, date]]]:
    found: dict[UUID, list[tuple[str, date]]] = defaultdict(list)
    rows = Booking.objects.filter(worker__in=people, state=BookingState.CHECKED_IN)
    for worker, kind, at in rows.values_list("worker_id", "offer__kind", "checked_in_at"):
        if at is not None:
            found[worker].append((kind, local_day(at)))
    return found
