"""What happened where: events as the members floor announces them, without the rows behind them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from nuanxin.insight.actions import count_admission, count_application, count_membership, count_refusal
from nuanxin.members.actions.events import (
    ApplicationDecided,
    ApplicationRouted,
    MembershipBegan,
    MembershipMoved,
    Where,
)
from tests.factories import TODAY

if TYPE_CHECKING:
    from nuanxin.organizations.models import Union


def where(
    union: Union, *, region: str = "371502001001", group: str = "courier", door: str = "h5", day: date = TODAY
) -> Where:
    """Say where a fact counts."""
    return Where(day=day, union_path=union.path, region_code=region, group_code=group, door_code=door)


def announce_fact(act: str, place: Where) -> None:
    """Let the hearer of one act count it: apply, admit, refuse, approve, suspend, retain or resume."""
    nothing = cast("Any", None)
    if act == "apply":
        count_application(ApplicationRouted(place, nothing))
    elif act == "admit":
        count_admission(MembershipBegan(place, nothing))
    elif act in {"refuse", "approve"}:
        count_refusal(ApplicationDecided(place, nothing, "refused" if act == "refuse" else "approved"))
    else:
        change = {"suspend": -1, "retain": -1, "resume": 1}[act]
        count_membership(MembershipMoved(place, nothing, act, change))
