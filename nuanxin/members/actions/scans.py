"""Scanning: a code is checked as always, and what is done next at the counter belongs to this one question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.kernel.refusals import Invalid
from nuanxin.members.actions.cards import Checked, verify
from nuanxin.members.queries.scans import get_scan, same_scan
from nuanxin.members.rules.cards import is_static, parse_code, surname_of
from nuanxin.members.rules.credentials import is_offline
from nuanxin.members.states import CardAnswer

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.queries.scans import Scan


def scan(*, actor: Actor, code: str, now: datetime) -> Checked:
    """Answer what stands behind any of a member's codes: on the phone, signed offline, or printed.

    A ten-digit code that this very counter used up a moment ago gives the same scan again: a form sent twice and a
    doubled tap are harmless. At another counter, or later, it is used.

    :raises NotAllowed: no partner device, and no key that may check cards.
    :raises Invalid: nothing that could be a code.
    :raises CodesGuessed: this source asked for too many unknown codes lately.
    """
    checked = verify(actor=actor, code=code, now=now)
    if checked.answer != CardAnswer.USED:
        return checked
    before = _same(actor, code, now)
    return told_again(get_scan(actor, before, now)) if before else checked


def _same(actor: Actor, code: str, now: datetime) -> UUID | None:
    if is_offline(code):
        return None
    try:
        parsed = parse_code(code)
    except Invalid:
        return None
    return None if is_static(parsed) else same_scan(actor, parsed, now)


def told_again(found: Scan) -> Checked:
    """Return what a counter is told of a scan it made a moment ago, of the member as registered now."""
    worker, union = found.worker, found.membership.union
    group = worker.occupation_group
    return Checked(
        found.answer,
        surname=surname_of(worker.name),
        badge=group.code,
        badge_name=group.name,
        badge_name_en=group.name_en,
        badge_icon=group.icon,
        union_name=union.name,
        union_name_en=union.name_en,
        check_id=found.id,
        worker=worker,
    )
