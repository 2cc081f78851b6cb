"""Who hears what: the one page that maps events to hearers, in the transaction or after commit."""

from __future__ import annotations

from nuanxin.insight import actions as insight
from nuanxin.kernel.events import wire
from nuanxin.members.actions import events as members
from nuanxin.members.actions.closing import refuse_while_needed
from nuanxin.members.actions.searching import carry_terms
from nuanxin.members.actions.verification import ask_verifier
from nuanxin.organizations.actions import events as organizations


def connect() -> None:
    """Connect every hearer; called once, when the doors open."""
    wire(
        within={
            members.ApplicationRouted: [insight.count_application, ask_verifier],
            members.ApplicationDecided: [insight.count_refusal],
            members.MembershipBegan: [insight.count_admission],
            members.MembershipMoved: [insight.count_membership],
            members.MembershipTransferred: [insight.count_transfer],
            organizations.UnionMoved: [insight.carry_tallies, carry_terms],
            organizations.UnionClosed: [refuse_while_needed],
        },
        after={},
    )
