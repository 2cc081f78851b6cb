"""The parameters that dated rules may set: their names in words, and what a value may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.rules.fields import whole

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: a whole number within bounds, or a set of switches."""

    label: _StrOrPromise
    hint: _StrOrPromise
    least: int = 0
    most: int = 0
    switches: Mapping[str, _StrOrPromise] | None = None


PARAMETERS: Final[dict[str, Parameter]] = {
    "members.accept_days": Parameter(
        _("Time to accept an application"), _("working days; afterwards the upper union decides"), 1, 15
    ),
    "members.decide_days": Parameter(_("Time to decide on an application"), _("working days"), 1, 30),
    "members.correct_days": Parameter(_("Time the applicant has for a correction"), _("working days"), 1, 60),
    "members.most_hops": Parameter(_("How often an application may be passed on"), _("times"), 0, 5),
    "members.contest_days": Parameter(
        _("Time an applicant has to contest"), _("working days after the decision; no national rule known"), 1, 60
    ),
    "members.contest_answer_days": Parameter(
        _("Time to decide on a contest"), _("working days; afterwards the next union above decides"), 1, 30
    ),
    "members.remind_days": Parameter(_("Reminder before a limit"), _("working days before it ends; 0 for none"), 0, 5),
    "members.release_days": Parameter(_("Time to decide on the release of a phone"), _("working days"), 1, 15),
    "members.transfer_within_city": Parameter(
        _("Transfer within the city"),
        _("otherwise both unions are asked"),
        switches={"at_once": _("at once, when both unions lie in the same city")},
    ),
    "members.transfer_days": Parameter(
        _("Time both unions have to answer a transfer"), _("working days; no national rule known"), 1, 30
    ),
    "members.transfer_silence": Parameter(
        _("Silence upon a transfer counts as consent"),
        _("otherwise the transfer is closed when time runs out"),
        switches={"old": _("of the union that the member leaves"), "new": _("of the union that the member comes to")},
    ),
    "members.cell_release": Parameter(
        _("Letting a member go to another registry"),
        _("otherwise the member's union is asked, within the time for a transfer"),
        switches={"at_once": _("at once, when the names agree")},
    ),
    "members.cell_offer_days": Parameter(
        _("Time a new member has who is a member of another registry still"),
        _("working days to agree to move; afterwards the new membership ends"),
        1,
        30,
    ),
    "members.retain_at": Parameter(
        _("Where a membership is retained when the employer has closed"),
        _("otherwise at the union of the place where the member lives"),
        switches={"upper": _("at the union above the former one")},
    ),
    "members.leave_notice_days": Parameter(
        _("Time a member has who is asked to pay dues or take part again"),
        _("days; afterwards the membership may be ended"),
        7,
        180,
    ),
    "members.unconfirmed_hours": Parameter(
        _("How long an application waits for its phone to be proved"), _("hours"), 1, 72
    ),
    "members.keep_closed_days": Parameter(
        _("How long an application is kept that led to no membership"), _("days after it was closed"), 30, 1825
    ),
    "members.keep_ended_days": Parameter(
        _("How long the records of an ended membership are kept"), _("days after it ended"), 30, 3650
    ),
    "members.close_account_days": Parameter(
        _("How long a closed account can be kept after all"), _("days after it was closed"), 1, 30
    ),
    "members.reverify_days": Parameter(
        _("How long it counts that an outside source has verified somebody"),
        _("days; afterwards it is asked again; 0 for never"),
        0,
        3650,
    ),
    "members.auto_approve": Parameter(
        _("Approve by rule"),
        _("without a reviewer"),
        switches={
            "employer_confirmed": _("when the employer has confirmed the person"),
            "verified": _("when a verifier has confirmed the identity"),
        },
    ),
    "bookings.points_no_check_up": Parameter(
        _("Priority: no check-up by the employer"), _("points; the person states it when applying"), 0, 1000
    ),
    "bookings.points_hard_post": Parameter(
        _("Priority: hard post"), _("points; couriers, delivery riders, ride-hailing and truck drivers"), 0, 1000
    ),
    "bookings.points_age_from": Parameter(_("Priority: age counts from"), _("years"), 16, 100),
    "bookings.points_age_year": Parameter(
        _("Priority: each year above that age"), _("points; ten years at most"), 0, 1000
    ),
    "bookings.points_wait_year": Parameter(
        _("Priority: each year since the last time, or since joining"), _("points; five years at most"), 0, 1000
    ),
    "benefits.welcome_pack": Parameter(
        _("What a new member gets"),
        _("by itself, for whoever joins from the first day of this rule on; each once in a life"),
        switches={
            "kit": _("a welcome kit, fetched at a station"),
            "ticket": _("a film ticket"),
            "insurance": _("one year of accident insurance"),
        },
    ),
    "benefits.pack_days": Parameter(
        _("How long a new member can fetch the welcome pack"), _("days after joining"), 30, 730
    ),
    "benefits.claim_forward_days": Parameter(
        _("Claims on insurance: time of the union to pass one on"), _("working days"), 1, 30
    ),
    "benefits.claim_add_days": Parameter(
        _("Claims on insurance: time of the member to add what is missing"), _("days"), 1, 180
    ),
    "benefits.claim_decide_days": Parameter(
        _("Claims on insurance: time of the insurer to decide"), _("days after it has everything"), 1, 60
    ),
    "benefits.claim_pay_days": Parameter(
        _("Claims on insurance: time of the insurer to pay"), _("days after it approved"), 1, 60
    ),
    "activities.check_up_new_share": Parameter(
        _("Places of a check-up for new forms of employment"), _("percent of each window, at least"), 0, 100
    ),
    "activities.check_up_walk_in": Parameter(
        _("Places of a check-up for those who join that day"), _("percent of each window"), 0, 50
    ),
    "activities.recuperation_days_inside": Parameter(_("Longest recuperation within the province"), _("days"), 1, 30),
    "activities.recuperation_days_outside": Parameter(_("Longest recuperation outside the province"), _("days"), 0, 30),
    "activities.recuperation_yuan": Parameter(
        _("Most that the union pays for recuperation"), _("yuan a person and day"), 0, 5000
    ),
    "activities.recuperation_years_outside": Parameter(
        _("Recuperation outside the province not again within"), _("years"), 0, 20
    ),
    "activities.recuperation_per_year": Parameter(
        _("How often a member goes on recuperation"), _("times a year"), 1, 12
    ),
}


def read_value(name: str, value: object) -> Any:
    """Return a parameter's value in regular form; refuse an unknown name and a value out of bounds."""
    parameter = PARAMETERS.get(name)
    if parameter is None:
        raise Invalid("unknown_rule", _("There is no such rule."), field="name")
    if parameter.switches is not None:
        if not isinstance(value, Mapping) or not set(value) <= set(parameter.switches):
            raise Invalid("bad_value", _("Please choose from the switches."), field="value")
        return {switch: value.get(switch) is True for switch in parameter.switches}
    number = whole(value, field="value")
    if number is None or not parameter.least <= number <= parameter.most:
        raise Invalid(
            "out_of_bounds",
            _("Please write a number from %(least)s to %(most)s.") % {"least": parameter.least, "most": parameter.most},
            field="value",
        )
    return number
