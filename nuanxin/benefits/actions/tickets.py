"""Film tickets of welcome packs as coupons, where a union keeps some of a kind back for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q

from nuanxin.access.actors import system
from nuanxin.benefits.actions.gifts import give_ticket
from nuanxin.benefits.models import PackRight
from nuanxin.benefits.queries.gifts import ticket_kinds
from nuanxin.benefits.states.packs import PackItem, RightState
from nuanxin.bookings.actions.keeping import NoneLeft
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Refusal
from nuanxin.members.states import MembershipState

if TYPE_CHECKING:
    from datetime import datetime

#: Rights that one look goes through.
_AT_ONCE: Final = 500


def give_tickets(*, now: datetime) -> int:
    """Give waiting film tickets as coupons, each by itself; return how many.

    The kind is that of the nearest union above the member. Where none is kept back, or none is left, the right stays:
    the ticket is fetched from a shelf, or comes when more is kept back.
    """
    kinds = ticket_kinds(on=local_day(now))
    if not kinds:
        return 0
    reach = Q()
    for kind in kinds:
        reach |= Q(union__path__startswith=kind.union.path)
    rights = PackRight.objects.filter(
        reach,
        item=PackItem.TICKET,
        state=RightState.GRANTED,
        until__gte=local_day(now),
        membership__state=MembershipState.ACTIVE,
    )
    given = 0
    for right in rights.select_related("union", "worker__merged_into").order_by("pk")[:_AT_ONCE]:
        nearest = next((each for each in kinds if right.union.path.startswith(each.union.path)), None)
        if nearest is None:
            continue
        try:
            give_ticket(actor=system(), kind=nearest, right=right, now=now)
        except NoneLeft:
            kinds.remove(nearest)
        except Refusal:
            continue  # handed out meanwhile, or no member in good standing: looked at again
        else:
            given += 1
    return given
