"""How far it is proved who somebody is, on what that rests, and whose proof has grown old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from nuanxin.kernel.clock import local_day
from nuanxin.members.models import AssuranceProof, Membership, Worker
from nuanxin.members.rules.assurance import is_old
from nuanxin.members.states import Assurance, MembershipState
from nuanxin.organizations.queries.rules import dated_rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from nuanxin.organizations.models import Union

#: The rule that says for how many days an outside source's word counts.
RULE = "members.reverify_days"
#: Persons read at a time where those with an old proof are looked for.
_AT_A_TIME = 200
#: No rule makes a proof old sooner than this: whoever is younger need not be read.
_YOUNGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Proofs:
    """What a page shows of a person's level."""

    level: Assurance
    phone_proved: bool
    #: When the level was proved, if it is one that is proved on a day, and whether that is too long ago.
    at: datetime | None
    is_old: bool
    #: Days after which an outside source is asked again; 0 for never.
    days: int
    lines: list[AssuranceProof]


def verifier_is_set() -> bool:
    """Answer whether an outside source can be asked."""
    return bool(settings.NUANXIN_VERIFIER_URL)


def proofs_of(worker: Worker, union: Union | None, *, now: datetime) -> Proofs:
    """Return a person's level and every proof there is a row for, newest first; the caller has fetched the person."""
    days = int(dated_rule(RULE, union=union, on=local_day(now)).value) if union else 0
    lines = list(AssuranceProof.objects.select_related("union").filter(worker=worker).order_by("-at", "-pk"))
    old = is_old(worker.assurance, worker.assured_at, days=days, now=now)
    return Proofs(Assurance(worker.assurance), worker.phone_proved, worker.assured_at, old, days, lines)


def union_of(worker: Worker) -> Union | None:
    """Return the union where a person is a member now, if any."""
    rows = Membership.objects.select_related("union").filter(worker=worker).exclude(state=MembershipState.ENDED)
    found = rows.first()
    return found.union if found else None


def verified_long_ago(*, now: datetime) -> Iterator[tuple[Worker, Union]]:
    """Yield whom an outside source verified too long ago by the rule of their union, the oldest proof first."""
    after = None
    while True:
        rows = Worker.objects.filter(assurance=Assurance.VERIFIED, assured_at__lte=now - _YOUNGEST, merged_into=None)
        if after is not None:
            rows = rows.filter(assured_at__gte=after[0]).exclude(assured_at=after[0], pk__lte=after[1])
        found = list(rows.order_by("assured_at", "pk")[:_AT_A_TIME])
        if not found:
            return
        last = found[-1]
        assert last.assured_at is not None
        after = last.assured_at, last.pk
        members = Membership.objects.select_related("union").filter(worker__in=found)
        unions = {row.worker_id: row.union for row in members.exclude(state=MembershipState.ENDED)}
        for worker in found:
            union = unions.get(worker.pk)
            if union is None:
                continue
            days = int(dated_rule(RULE, union=union, on=local_day(now)).value)
            if is_old(worker.assurance, worker.assured_at, days=days, now=now):
                yield worker, union
