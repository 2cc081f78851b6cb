"""A scan: one answered question of a counter, which what is done there next belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict, NotFound
from nuanxin.kernel.rows import columns, load, width
from nuanxin.kernel.secrets import digest
from nuanxin.members.models import CardCheck, CardCode, Membership, Worker
from nuanxin.members.states import CardAnswer, MembershipState
from nuanxin.organizations.models import OccupationGroup, Union

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

#: How long the list of a scan may be worked off; afterwards the member shows the code again.
SCAN_LIFE: Final = timedelta(minutes=10)
#: Within this time the same code at the same counter is the same scan: a doubled tap, or a form sent twice.
SAME_SCAN: Final = timedelta(minutes=2)
#: With these answers something may be done for the bearer.
SERVED: Final = frozenset({CardAnswer.VALID, CardAnswer.RETAINED})
#: What is read of whoever was scanned: model, its name in the statement, columns.
_TOLD: Final[tuple[tuple[Any, str, tuple[str, ...]], ...]] = (
    (Membership, "m", ("id", "number", "worker", "union", "state")),
    (Worker, "w", ("id", "account", "name", "occupation_group", "merged_into")),
    (OccupationGroup, "g", ("code", "name", "name_en", "icon")),
    (Union, "u", ("id", "name", "name_en", "path")),
)
_STANDING: Final = {MembershipState.ACTIVE: CardAnswer.VALID, MembershipState.RETAINED: CardAnswer.RETAINED}


class ScanIsOld(Conflict):
    """The list of a scan was left lying; who stands there now is not known."""

    def __init__(self) -> None:
        super().__init__("scan_is_old", _("This scan is more than ten minutes old. Please scan the code again."))


@dataclass(frozen=True, slots=True)
class Scan:
    """Whose code a counter has scanned, for the next ten minutes."""

    id: UUID
    at: datetime
    membership: Membership
    worker: Worker
    #: What the counter was told, or would be told now if the membership has changed since.
    answer: CardAnswer


def get_scan(actor: Actor, scan_id: UUID, now: datetime) -> Scan:
    """Return a scan of the acting device, with the member as registered now. One statement.

    :raises NotFound: no such scan, another device's, or one that told nothing of anybody.
    :raises ScanIsOld: more than ten minutes ago.
    """
    if actor.source_id is None:
        raise NotFound
    with connection.cursor() as cursor:
        cursor.execute(_scan_statement(), [scan_id, actor.source_id, sorted(SERVED)])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    at, membership = row[0], _membership(row[1:])
    if now - at > SCAN_LIFE:
        raise ScanIsOld
    answer = _STANDING.get(MembershipState(membership.state))
    if answer is None:
        ended = membership.state == MembershipState.ENDED
        answer = CardAnswer.ENDED if ended else CardAnswer.SUSPENDED
    return Scan(scan_id, at, membership, membership.worker, answer)


@cache
def _scan_statement() -> str:
    """Return the statement as one text: composed anew with each scan, that took longer than running it."""
    told = ", ".join(columns(model, alias, only) for model, alias, only in _TOLD)
    return f"""
SELECT c.at, {told} FROM members_cardcheck c
JOIN members_membership m ON m.id = c.membership_id JOIN members_worker w ON w.id = m.worker_id
JOIN organizations_occupationgroup g ON g.code = w.occupation_group_id
JOIN organizations_union u ON u.id = m.union_id
WHERE c.id = %s AND c.source_id = %s AND c.answer = ANY(%s) AND c.sent_id IS NULL"""


def _membership(values: Sequence[Any]) -> Membership:
    rows, start = [], 0
    for model, _alias, only in _TOLD:
        rows.append(load(model, values[start : start + width(model, only)], only))
        start += width(model, only)
    membership, worker, group, union = rows
    worker.occupation_group, membership.worker, membership.union = group, worker, union
    return membership  # type: ignore[no-any-return] # the first of them is one


def same_scan(actor: Actor, code: str, now: datetime) -> UUID | None:
    """Return the scan that used a ten-digit code up, if the acting device made it a moment ago."""
    used = CardCode.objects.filter(code_digest=digest("card-code", code), used_at__gt=now - SAME_SCAN)
    row = used.values_list("used_at", "card__membership_id").first()
    if row is None or row[0] is None or actor.source_id is None:
        return None
    mine = CardCheck.objects.filter(source_id=actor.source_id, at=row[0], membership_id=row[1], sent_id=None)
    return mine.values_list("pk", flat=True).first()


def told_check(actor: Actor, sent_id: UUID) -> tuple[datetime, Worker | None, str]:
    """Return when the acting device made a check that it told later, who showed the code, and why it was not good.

    :raises NotFound: it told no such check.
    """
    rows = CardCheck.objects.filter(source_id=actor.source_id, sent_id=sent_id).select_related("membership__worker")
    check = rows.first() if actor.source_id else None
    if check is None:
        raise NotFound
    answer = CardAnswer(check.answer)
    worker = check.membership.worker if check.membership else None
    return check.at, worker, "" if answer in SERVED else str(answer.label)
