"""Acts of the record in words. What is not named here is shown by its code."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrOrPromise

ACTS: dict[str, _StrOrPromise] = {
    "access.absence_registered": _("Absence registered"),
    "access.absence_ended": _("Absence ended"),
    "access.account_created": _("Account created"),
    "access.account_opened": _("Account opened again"),
    "access.account_closed": _("Account closed"),
    "access.client_created": _("API key created"),
    "access.client_revoked": _("API key revoked"),
    "access.device_created": _("Device created"),
    "access.device_enrolled": _("Device enrolled"),
    "access.device_revoked": _("Device shut out"),
    "access.staff_added": _("Person at the counter named"),
    "access.staff_pin_renewed": _("New digits given"),
    "access.staff_ended": _("Person at the counter left"),
    "access.enrollment_renewed": _("Enrollment code renewed"),
    "access.identity_linked": _("WeChat or DingTalk linked"),
    "access.identity_unlinked": _("WeChat or DingTalk unlinked"),
    "access.passkey_added": _("Passkey added"),
    "access.passkey_copied": _("Passkey refused: its counter went back, so it may be a copy"),
    "access.passkey_removed": _("Passkey removed"),
    "access.password_changed": _("Password changed"),
    "access.password_reset": _("One-time password given"),
    "access.post_granted": _("Post granted"),
    "access.post_ended": _("Post ended"),
    "access.recovery_codes_renewed": _("Recovery codes renewed"),
    "access.second_factor_bound": _("Authenticator bound"),
    "access.signed_in": _("Signed in"),
    "access.staff_session_opened": _("Staff session opened"),
    "access.staff_session_closed": _("Staff session closed"),
    "access.token_issued": _("API key of a post created"),
    "access.token_revoked": _("API key of a post revoked"),
    "bookings.offer_made": _("Draft of an offer made"),
    "bookings.offer_changed": _("Offer changed"),
    "bookings.offer_announced": _("Offer announced"),
    "bookings.offer_draft": _("Offer taken back to a draft"),
    "bookings.offer_open": _("Offer opened"),
    "bookings.offer_closed": _("Offer closed"),
    "bookings.offer_drawn": _("Places of an offer given"),
    "bookings.offer_ended": _("Offer ended"),
    "bookings.offer_cancelled": _("Offer cancelled"),
    "bookings.places_divided": _("Places divided"),
    "bookings.session_added": _("Session added"),
    "bookings.session_moved": _("Session moved"),
    "bookings.session_cancelled": _("Session cancelled"),
    "bookings.pool_resized": _("Number of places changed"),
    "bookings.share_released": _("Rest of a share opened to everybody"),
    "bookings.list_exported": _("List of bookings exported"),
    "bookings.booked": _("Place booked"),
    "bookings.held": _("Place kept for somebody"),
    "bookings.confirmed": _("Place taken that was kept"),
    "bookings.cancelled": _("Booking cancelled"),
    "bookings.expired": _("Place not taken in time"),
    "bookings.checked_in": _("Checked in"),
    "bookings.no_show": _("Did not come"),
    "bookings.waiting": _("Put on the waiting list"),
    "bookings.applied": _("Applied for a place"),
    "bookings.left": _("Left the waiting list"),
    "bookings.entered": _("Entered a draw"),
    "bookings.allocated": _("Places given by priority or by lot"),
    "bookings.waiting_exported": _("List of people waiting exported"),
    "bookings.carried": _("Place carried over to the record that was kept"),
    "bookings.brought_back": _("Place brought back after a merge was undone"),
    "bookings.draw_announced": _("Draw announced"),
    "bookings.draw_hour_changed": _("Another hour of a draw announced"),
    "bookings.draw_frozen": _("List of a draw published"),
    "bookings.draw_value_entered": _("Public value typed"),
    "bookings.draw_value_taken_back": _("Public value taken back"),
    "bookings.draw_value_confirmed": _("Public value confirmed"),
    "bookings.draw_revealed": _("Seed of a draw revealed"),
    "bookings.drawn": _("Drawn by lot"),
    "members.application_started": _("Application sent"),
    "members.application_accepted": _("Application accepted"),
    "members.application_approved": _("Application approved"),
    "members.application_refused": _("Application refused"),
    "members.application_returned": _("Application returned"),
    "members.application_passed_on": _("Application passed on"),
    "members.application_withdrawn": _("Application withdrawn"),
    "members.application_escalated": _("Application went to the upper union"),
    "members.card_printed": _("Card printed"),
    "members.card_replaced": _("Card replaced"),
    "members.identity_verified": _("Identity verified"),
    "members.list_exported": _("List exported"),
    "members.exported": _("Own data exported"),
    "members.phone_changed": _("Phone changed"),
    "members.phone_corrected": _("Phone corrected"),
    "members.phone_taken": _("Phone held by another"),
    "members.name_corrected": _("Name corrected"),
    "members.revealed": _("Personal data revealed"),
    "members.account_closed": _("Account of a worker closed"),
    "members.account_closing": _("Worker asked to close the account"),
    "members.account_kept": _("Worker kept the account"),
    "members.application_erased": _("Application erased"),
    "members.consent_withdrawn": _("Consent taken back"),
    "members.erasure_asked": _("Worker asked to be erased"),
    "members.person_erased": _("Person erased"),
    "members.work_corrected": _("Employer corrected by the worker"),
    "members.membership_suspended": _("Membership suspended"),
    "members.membership_resumed": _("Membership resumed"),
    "members.membership_ended": _("Membership ended"),
    "members.membership_arrived": _("Membership came from another registry"),
    "members.claim_granted": _("Claim granted by the directory of cells"),
    "members.cell_transfer_offered": _("Moving from another registry offered"),
    "members.cell_transfer_requested": _("Moving from another registry asked for"),
    "members.cell_transfer_declined": _("Moving from another registry declined"),
    "members.cell_transfer_refused": _("Moving from another registry refused"),
    "members.cell_transfer_lapsed": _("Moving from another registry lapsed"),
    "formation.source_registered": _("Licensing system let in"),
    "formation.permit_carried_out": _("Message of a licensing system carried out"),
    "formation.permit_replayed": _("Message of a licensing system tried again"),
    "formation.enterprise_invited": _("Enterprise invited"),
    "formation.invitation_accepted": _("Invitation accepted"),
    "formation.invitation_declined": _("Invitation declined"),
    "formation.people_office_opened": _("Sign-in of a people office opened"),
    "formation.offer_confirmed": _("Prefilled application confirmed"),
    "formation.offer_declined": _("Prefilled application declined"),
    "members.ceremony_planned": _("Joining ceremony planned"),
    "members.ceremony_opened": _("Joining ceremony opened"),
    "members.ceremony_closed": _("Joining ceremony closed"),
    "members.kit_handed_out": _("Welcome kit handed out"),
    "organizations.union_created": _("Union created"),
    "organizations.union_edited": _("Union edited"),
    "organizations.union_moved": _("Union moved"),
    "organizations.union_closed": _("Union closed"),
    "organizations.union_reopened": _("Union opened again"),
    "organizations.enterprise_created": _("Enterprise created"),
    "organizations.enterprise_edited": _("Enterprise edited"),
    "organizations.enterprise_covered": _("Enterprise covered by a union"),
    "organizations.enterprise_closed": _("Enterprise closed"),
    "organizations.coverage_ended": _("Coverage ended"),
    "organizations.contact_registered": _("Contact registered"),
    "organizations.admission_rule_set": _("Admission rule set"),
    "organizations.admission_rule_ended": _("Admission rule ended"),
    "organizations.dated_rule_set": _("Dated rule set"),
    "organizations.partner_created": _("Partner entered"),
    "organizations.partner_edited": _("Partner edited"),
    "organizations.partner_ended": _("Parted from the partner"),
    "organizations.contract_signed": _("Contract entered"),
    "organizations.contract_ended": _("Contract ended early"),
    "organizations.place_opened": _("Place entered"),
    "organizations.place_edited": _("Place edited"),
    "organizations.place_closed": _("Place closed"),
    "benefits.pack_handed_out": _("Welcome pack handed out"),
    "benefits.pack_stock_moved": _("Stock moved"),
    "benefits.pack_low_marked": _("Low mark of a stock set"),
    "benefits.coupon_kind_made": _("Kind of coupon entered"),
    "benefits.coupon_kind_changed": _("Kind of coupon changed"),
    "benefits.coupon_kind_ended": _("Kind of coupon ended"),
    "benefits.coupons_issued": _("Coupons given out"),
    "benefits.coupons_kept_back": _("Coupons kept back for single members"),
    "benefits.coupon_given": _("Coupon given to a member"),
    "benefits.coupon_gift_ended": _("Coupon that was given taken back"),
    "benefits.coupon_redeemed": _("Coupon redeemed"),
    "benefits.coupon_given_back": _("Redemption taken back"),
    "benefits.coupon_clashed": _("Coupon redeemed without a network contradicted"),
    "benefits.coupon_clash_decided": _("Clash of a coupon decided"),
    "benefits.month_settled": _("Month of a partner closed"),
}


def act(action: str) -> str:
    """Return an act in words, or its code."""
    return str(ACTS.get(action, action))


def detail(values: Mapping[str, object]) -> str:
    """Return the plain details of an act, without ids."""
    told = {name: value for name, value in values.items() if value not in (None, "", []) and not _is_id(value)}
    return " · ".join(f"{name}: {_plain(value)}" for name, value in told.items())


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    return str(value)


def _is_id(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
