"""A union that closes: not while it has members, or applications to decide on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict
from nuanxin.members.models import Application, Membership, PhoneRelease
from nuanxin.members.states import OPEN, MembershipState, ReleaseState

if TYPE_CHECKING:
    from nuanxin.organizations.actions.events import UnionClosed


def refuse_while_needed(event: UnionClosed) -> None:
    """Refuse that a union closes while people belong to it or wait for it; hears `UnionClosed` in its transaction.

    Applications whose phone it is to release wait for it as well. They are counted before the members: one that is
    approved in between is seen as the one or the other.

    :raises Conflict: `union_has_people`, with how many of each, and what to do first.
    """
    union = event.union
    applications = Application.objects.filter(union=union, state__in=OPEN).count()
    applications += PhoneRelease.objects.filter(union=union, state=ReleaseState.OPEN).count()
    members = Membership.objects.filter(union=union).exclude(state=MembershipState.ENDED).count()
    if members or applications:
        raise Conflict(
            "union_has_people",
            _(
                "Members here: %(members)s; applications not closed yet: %(applications)s. "
                "Transfer the members and decide on the applications, or pass them on; then close the union."
            )
            % {"members": members, "applications": applications},
        )
