"""Who hears what: the one page that maps events to hearers, in the transaction or after commit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nuanxin.activities.actions import delivering
from nuanxin.activities.actions import events as activities
from nuanxin.benefits.actions import delivering as entitled
from nuanxin.benefits.actions import events as benefits
from nuanxin.benefits.actions import gifts, insurance_reconciling, packs
from nuanxin.bookings.actions import events as bookings
from nuanxin.bookings.actions import following
from nuanxin.catalog import actions as catalog
from nuanxin.insight import actions as insight
from nuanxin.kernel.events import wire
from nuanxin.members.actions import events as members
from nuanxin.members.actions.cells import claims as cells
from nuanxin.members.actions.closing import refuse_while_needed
from nuanxin.members.actions.dissolving import carry_people
from nuanxin.members.actions.searching import carry_terms
from nuanxin.members.actions.verification import ask_verifier
from nuanxin.members.queries.cells import in_cells
from nuanxin.members.queries.readers import find_readers
from nuanxin.messages.queries.readers import know_readers
from nuanxin.organizations.actions import events as organizations

Hearers = dict[type, list[Callable[[Any], object]]]


def connect() -> None:
    """Connect every hearer; called once, when the doors open."""
    know_readers(find_readers)
    wire(
        within={
            members.ApplicationRouted: [insight.count_application, ask_verifier],
            members.ApplicationDecided: [insight.count_refusal],
            **(_counting_in_cells() if in_cells() else _counting()),
            members.PersonsMerged: [catalog.carry_persons, following.hear_merge],
            members.MergeUndone: [catalog.carry_persons, following.hear_merge],
            organizations.UnionMoved: [insight.carry_tallies, catalog.carry_services, carry_terms],
            organizations.UnionClosed: [refuse_while_needed],
            organizations.UnionDissolved: [carry_people],
            benefits.HandedOut: [entitled.count_pack],
            members.KitHandedOut: [packs.use_up_kit],
            benefits.CouponRedeemed: [entitled.count_coupon],
            benefits.CouponGivenBack: [entitled.take_coupon_back],
            bookings.CheckedIn: [delivering.deliver_check_in],
            bookings.BookingCancelled: [gifts.note_ended],
            activities.ArrivalStood: [delivering.deliver_arrival],
            insurance_reconciling.PoliciesIssued: [entitled.count_policies, packs.note_covered],
        },
        after={},
    )


def _counting() -> Hearers:
    """Count everybody who becomes a member, at once: one cell, and nobody else to ask."""
    return {
        members.MembershipBegan: [insight.count_admission],
        members.MembersBegan: [insight.count_admissions],
        members.MembersEnded: [insight.count_endings, following.hear_endings],
        members.MembershipMoved: [insight.count_membership, following.hear_move],
        members.MembershipTransferred: [insight.count_transfer],
        members.MembersTransferred: [insight.count_transfers],
    }


def _counting_in_cells() -> Hearers:
    """Count only whom the directory has granted to this cell; see docs/cells.md."""
    return {
        members.MembershipBegan: [cells.claim_admission],
        members.MembersBegan: [cells.claim_admissions],
        members.MembersEnded: [cells.follow_endings, following.hear_endings],
        members.MembershipMoved: [cells.if_counted(insight.count_membership), cells.follow_end, following.hear_move],
        members.MembershipTransferred: [cells.if_counted(insight.count_transfer)],
        members.MembersTransferred: [cells.those_counted(insight.count_transfers)],
        members.CountChanged: [insight.count_change],
    }
