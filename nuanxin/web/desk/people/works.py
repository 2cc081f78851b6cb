"""What acts upon a member do with their forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nuanxin.members.actions.transfers import request_transfer
from nuanxin.members.queries.memberships import get_member
from nuanxin.members.states import TransferStart
from nuanxin.organizations.queries.unions import public_union

if TYPE_CHECKING:
    from collections.abc import Callable

    from nuanxin.members.models import Membership
    from nuanxin.web.desk.people import forms
    from nuanxin.web.desk.requests import DeskRequest


def decided(action: Callable[..., Membership]) -> Callable[[DeskRequest, str, Any], Membership]:
    """Make the work of an act whose form has the names of the action's own parameters."""

    def work(request: DeskRequest, number: str, form: forms.ProofForm) -> Membership:
        values = {name: value for name, value in form.cleaned_data.items() if name != "file"}
        return action(actor=request.actor, number=number, file=form.proof(), now=request.now, **values)

    return work


def plain(action: Callable[..., Membership]) -> Callable[[DeskRequest, str, Any], Membership]:
    """Make the work of an act that needs nothing but a reason."""

    def work(request: DeskRequest, number: str, form: forms.ReasonForm) -> Membership:
        return action(actor=request.actor, number=number, reason=form.cleaned_data["reason"], now=request.now)

    return work


def move_on(request: DeskRequest, number: str, form: forms.TransferForm) -> Any:
    """Ask, as a cadre of the union, that a member moves on."""
    return request_transfer(
        actor=request.actor,
        membership=get_member(request.actor, number),
        to_union=public_union(form.cleaned_data["union"]),
        started_by=TransferStart.CADRE,
        door="counter",
        reason=form.cleaned_data["reason"],
        now=request.now,
    )
