"""Coupons that a counter redeemed without a network: what it takes along, and what it tells later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from nuanxin.access.queries.counters import counter_of
from nuanxin.benefits.actions.redeeming_late import Late, redeem_late
from nuanxin.benefits.queries.coupons import offline_kinds, terms_of_kind
from nuanxin.kernel.clock import local_day
from nuanxin.members.queries.scans import told_check
from nuanxin.web.kit.scans import here_of
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.access.actors import Actor
    from nuanxin.access.queries.counters import Counter


def kinds_along(counter: Counter, now: datetime) -> list[dict[str, Any]]:
    """Return which kinds a counter may redeem without a network, in words, with the limit of a day."""
    return [
        {
            "id": str(kind.pk),
            "name": local_name(kind),
            "offer": terms_of_kind(kind).offer(),
            "limit": kind.offline_limit,
        }
        for kind in offline_kinds(here_of(counter, None), local_day(now))
    ]


def take_coupons(
    actor: Actor, told: Any, taken: list[UUID], *, staff_id: UUID | None, now: datetime
) -> list[dict[str, str]]:
    """Take over the redemptions among what a counter tells late; return what the books contradict.

    Only of checks that were taken: an unknown or cut code brings no coupon along. The contract is asked as of then.

    :param staff_id: who stands at the counter that tells, where the partner has named its people.
    """
    wanted = {
        sent: kind
        for each in (told if isinstance(told, list) else [])
        if isinstance(each, dict) and (sent := _uuid(each.get("id"))) in taken and (kind := _uuid(each.get("coupon")))
    }
    if not wanted:
        return []
    clashes = []
    checks = [(sent, *told_check(actor, sent)) for sent in wanted]
    # As they were made: the limit of a day is for the first ones.
    for sent, at, worker, refused in sorted(checks, key=lambda check: (check[1], check[0])):
        counter = counter_of(actor, staff_id=staff_id, now=at)
        if counter.place_id is None or counter.partner_id is None:
            return []
        late = Late(sent, wanted[sent], worker, at, refused)
        clash = redeem_late(actor=actor, here=here_of(counter, None), late=late, now=now)
        if clash is not None:
            clashes.append({"id": str(sent), "why": clash.why, "word": str(clash.get_why_display())})
    return clashes


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
