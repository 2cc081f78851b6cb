"""One scan at a counter, for the pages and for machines: what stands behind the code, and what applies here.

What there is to do comes from each package of floor 7; this composes and sends the one tap to where it belongs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nuanxin.access.queries.counters import Counter, CounterShut, counter_of, stand
from nuanxin.activities.actions import applies as activities_acts
from nuanxin.activities.queries import applies as activities
from nuanxin.benefits.actions import applies as benefits_acts
from nuanxin.benefits.queries import applies as benefits
from nuanxin.catalog.rules.applies import Here
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.actions.cards import verify
from nuanxin.members.actions.scans import scan, told_again
from nuanxin.members.queries.scans import SERVED, Scan, get_scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from nuanxin.access.actors import Keyholder
    from nuanxin.catalog.rules.applies import Applies, Done
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.actions.cards import Checked
    from nuanxin.members.models import Worker

#: The packages that have something to give at a counter: what applies, what they can do, and doing it.
_ASKED: Final = (activities.applies_here, benefits.applies_here)
_ACTS: Final[tuple[tuple[frozenset[str], Callable[..., Done]], ...]] = (
    (activities_acts.KINDS, activities_acts.act_here),
    (benefits_acts.KINDS, benefits_acts.act_here),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a counter is shown of one scan."""

    checked: Checked
    counter: Counter
    scan_id: UUID | None = None
    things: list[Applies] = field(default_factory=list)

    @property
    def may_act(self) -> bool:
        """Answer whether anything may be done here at all: a member in good standing, at a counter that is open."""
        return self.scan_id is not None and not self.counter.shut


def look(*, actor: Actor | Keyholder, code: str, staff_id: UUID | None = None, now: datetime) -> Found:
    """Check a code as always, and say what applies to its bearer at this counter.

    At a counter without a place, which only checks, a used code is used; at one where something is done next, the form
    may come twice.

    :raises NotFound: the actor is no device.
    """
    device, counter = stand(actor, staff_id=staff_id, now=now)
    checked = (scan if counter.place_id else verify)(actor=device, code=code, now=now)
    if checked.answer not in SERVED or checked.worker is None or counter.place_id is None:
        return Found(checked, counter)
    return Found(checked, counter, checked.check_id, _things(checked.worker, counter, checked.check_id, now))


def look_again(*, actor: Actor, scan_id: UUID, staff_id: UUID | None = None, now: datetime) -> tuple[Scan, Found]:
    """Say anew what applies to whoever was scanned here a moment ago.

    :raises NotFound: no such scan of this device.
    :raises ScanIsOld: more than ten minutes ago.
    """
    counter = counter_of(actor, staff_id=staff_id, now=now)
    found = get_scan(actor, scan_id, now)
    things = _things(found.worker, counter, found.id, now) if found.answer in SERVED else []
    return found, Found(told_again(found), counter, found.id, things)


def act(
    *, actor: Actor | Keyholder, scan_id: UUID, kind: str, key: str, staff_id: UUID | None = None, now: datetime
) -> Done:
    """Do the one thing that was tapped for whoever was scanned; a doubled tap does nothing twice.

    :raises NotFound: no such scan of this device, or nothing of this kind.
    :raises CounterShut: nothing may be done here now, with the reason.
    :raises Refusal: what the thing itself says.
    """
    device, counter = stand(actor, staff_id=staff_id, now=now)
    found = get_scan(device, scan_id, now)
    if counter.shut:
        raise CounterShut(counter.shut)
    for kinds, do in _ACTS:
        if kind in kinds:
            here = here_of(counter, found.id)
            return do(actor=device, worker=found.worker, here=here, kind=kind, key=key, now=now)
    raise NotFound


def here_of(counter: Counter, scan_id: UUID | None) -> Here:
    """Return where a scan was made, as the packages are told."""
    return Here(
        device_id=counter.device_id,
        union_path=counter.union_path,
        place_id=counter.place_id,
        partner_id=counter.partner_id,
        place_name=counter.place_name,
        region_code=counter.region_code,
        kinds=counter.kinds,
        staff_id=counter.staff_id,
        scan_id=scan_id,
    )


def _things(worker: Worker, counter: Counter, scan_id: UUID | None, now: datetime) -> list[Applies]:
    if counter.shut:
        return []
    here = here_of(counter, scan_id)
    return [thing for ask in _ASKED for thing in ask(worker, here, now)]
