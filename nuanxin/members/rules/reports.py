"""What counters report of their work without a network: which reports can be used, and what was true then. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.members.rules.credentials import TOLERANCE, is_offline
from nuanxin.members.states import CardAnswer, MembershipAct

#: How old what an offline counter reports may be; and how far its clock may run ahead.
LATEST_REPORT = timedelta(days=7)
MOST_CHECKS = 200


@dataclass(frozen=True, slots=True)
class Report:
    """What a counter answered without a network: its own id of it, its hour, the code, and what it told."""

    sent_id: UUID
    at: datetime
    code: str
    told: CardAnswer


def read_reports(value: Any, *, now: datetime) -> tuple[list[Report], list[str]]:
    """Return what a counter reports, and the ids of what cannot be used: it may forget both.

    :raises Invalid: no list, or too many at once.
    """
    if not isinstance(value, list):
        raise Invalid("missing", _("No checks were sent."), field="checks")
    if len(value) > MOST_CHECKS:
        raise Invalid("too_many", _("Too many checks were sent at once."), field="checks")
    reports, refused = [], []
    for entry in value:
        try:
            reports.append(_read_report(entry, now))
        except (KeyError, TypeError, ValueError, OverflowError):
            sent = entry.get("id") if isinstance(entry, dict) else None
            refused.append(sent[:60] if isinstance(sent, str) else "")
    return reports, refused


def _read_report(entry: Any, now: datetime) -> Report:
    at = datetime.fromisoformat(entry["at"])
    if at.tzinfo is None or not now - LATEST_REPORT <= at <= now + TOLERANCE:
        raise ValueError("no hour at which it can have been")
    code = entry["code"]
    if not isinstance(code, str) or not is_offline(code):
        raise ValueError("no code of an offline card")
    return Report(UUID(str(entry["id"])), at, code, CardAnswer(entry["answer"]))


def listed_by(act: str | None, *, is_revoked: bool) -> CardAnswer:
    """Return what the registry said at a moment, by the last act upon its standing until then and by the card."""
    if act == MembershipAct.ENDED:
        return CardAnswer.ENDED
    if is_revoked:
        return CardAnswer.REVOKED
    return _STANDING.get(act or "", CardAnswer.VALID)


_STANDING: dict[str, CardAnswer] = {
    MembershipAct.SUSPENDED: CardAnswer.SUSPENDED,
    MembershipAct.RETAINED: CardAnswer.RETAINED,
}
