"""Words of the reviewing pages: why an application came here, what a decision will do, reasons ready to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.members.states import ApplicationState, Decision, EmployerSays

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from nuanxin.members.models import Application

_BY = _("By: %(source)s")
_NOT_DIRECTLY = _("%(union)s does not admit such workers directly")
_WORK = _("Membership is where the work is")
#: The steps of a route as a cadre reads them; the worker reads other words for the same steps.
CHAIN: dict[tuple[str, str], tuple[_StrOrPromise, _StrOrPromise]] = {
    ("scanned", "chosen"): (_("Scanned the code of %(union)s, which admits directly"), _BY),
    ("scanned", "passed"): (
        _("Scanned the code of %(union)s"),
        _("Its admission rules do not cover this trade, area or employer"),
    ),
    ("own_union_too", "note"): (
        _("Employer “%(employer)s” has a union: %(union)s"),
        _("The applicant was told, and may ask to move there"),
    ),
    ("own_union", "chosen"): (_("Employer “%(employer)s” has a union"), _WORK),
    ("partner_union", "chosen"): (
        _("Employer “%(employer)s” is a partner firm whose workers the platform's union covers"),
        _WORK,
    ),
    ("employer_without_union", "passed"): (
        _("Employer “%(employer)s” has no union yet"),
        _("Once it has one, the member will be invited to move there"),
    ),
    ("employer_unknown", "passed"): (
        _("Employer “%(employer)s” is not in the register"),
        _("Typed by the applicant: please look it up"),
    ),
    ("no_employer", "passed"): (_("No employer was named"), ""),
    ("platform_union", "chosen"): (_("Union of the platform in this city, admits directly: %(union)s"), _BY),
    ("platform_union", "passed"): (_NOT_DIRECTLY, ""),
    ("platform_union", "none"): (_("No union of the platform in this city"), ""),
    ("industry_federation", "chosen"): (_("Industry federation of the area, admits directly: %(union)s"), _BY),
    ("industry_federation", "passed"): (_NOT_DIRECTLY, ""),
    ("industry_federation", "none"): (_("The area has no industry federation"), ""),
    ("village_union", "chosen"): (_("Union of the village or community, admits directly: %(union)s"), _BY),
    ("village_union", "passed"): (_NOT_DIRECTLY, ""),
    ("village_union", "none"): (_("The village or community has no such union"), ""),
    ("township_union", "chosen"): (_("Union of the township or street, admits directly: %(union)s"), _BY),
    ("township_union", "passed"): (_NOT_DIRECTLY, ""),
    ("township_union", "none"): (_("The township or street has no such union"), ""),
    ("pool", "chosen"): (
        _("No nearer union: the city's holding pool takes it in"),
        _("A member all the same; invited to move once there is a nearer union"),
    ),
    ("above", "chosen"): (_("%(union)s answers for the area"), _("No nearer union is there yet")),
    ("passed_on", "chosen"): (_("Passed on by %(from)s"), _("Reason: %(reason)s")),
    ("contest", "chosen"): (_("Sent here by %(from)s after the applicant's objection"), _("Reason: %(reason)s")),
    ("escalated", "chosen"): (_("%(from)s did not answer in time"), _("The limit ended on %(due)s")),
}

#: Tone of the badge that shows where an application stands.
STATE_TONES = {
    ApplicationState.SUBMITTED: "wait",
    ApplicationState.ACCEPTED: "info",
    ApplicationState.RETURNED: "wait",
    ApplicationState.APPROVED: "good",
    ApplicationState.REFUSED: "bad",
}

#: Verb of the button, and what pressing it does: to the applicant, to the union, and whether it can be taken back.
CONSEQUENCES: dict[str, tuple[_StrOrPromise, tuple[_StrOrPromise, ...]]] = {
    Decision.ACCEPT: (
        _("Take up"),
        (
            _("The application is yours: the time for the decision begins."),
            _("The applicant is told at once that somebody is looking at it."),
        ),
    ),
    Decision.APPROVE: (
        _("Approve"),
        (
            _("The applicant becomes a member today, with a member number and a card."),
            _("The applicant is told at once by text message."),
            _("It counts in today's numbers, and the decision carries your name and post."),
            _("This cannot be taken back; a membership can only be ended later, with a reason."),
        ),
    ),
    Decision.REFUSE: (
        _("Refuse"),
        (
            _("The application is closed. The applicant reads the reason at once by text message."),
            _("The applicant may apply again, or call 12351."),
            _("This cannot be taken back."),
        ),
    ),
    Decision.RETURN: (
        _("Return"),
        (
            _("The applicant is asked to correct it within the limit, and reads what you write."),
            _("Corrected, it comes back here; without a correction it closes by itself."),
        ),
    ),
    Decision.PASS_ON: (
        _("Pass on"),
        (
            _("The other union has a full limit of its own to answer."),
            _("The applicant is told which union it went to, and why."),
        ),
    ),
}

#: Reasons ready to choose; they are sent as they stand here, and may be added to.
STANDARD_REASONS: dict[str, tuple[_StrOrPromise, ...]] = {
    Decision.REFUSE: (
        _("We could not confirm that you work in this area now. Please apply where you work."),
        _("Your employer says that you no longer work there. You are welcome again once you have new work."),
        _("You still have a membership elsewhere. Please ask for a transfer instead of joining anew."),
        _("The application was sent by mistake, or twice."),
    ),
    Decision.RETURN: (
        _("Please compare with your ID card, and correct what differs."),
        _("Please name your site or depot, or the full name of the firm on your contract."),
        _("Please choose the community or village where you live or work now."),
    ),
    Decision.PASS_ON: (
        _("The place of work lies in the area of the other union."),
        _("The other union covers the employer."),
        _("The other union is nearer to where the applicant lives."),
    ),
    Decision.APPROVE: (),
    Decision.ACCEPT: (),
}

#: What can be asked to be corrected.
CORRECTABLE: dict[str, _StrOrPromise] = {
    "name": _("Full name"),
    "id_number": _("ID number"),
    "occupation_group": _("Occupation group"),
    "region_code": _("Area"),
    "employer": _("Employer"),
    "platform": _("Platform"),
}


def standing_badges(application: Application) -> list[dict[str, _StrOrPromise]]:
    """Return what is proved of an applicant, as badges: the phone always, the identity and the work where known."""
    if application.employer_says == EmployerSays.DENIED:
        return [{"label": _("Employer: does not work here"), "tone": "bad", "icon": "user-off"}]
    badges: list[dict[str, _StrOrPromise]] = []
    if application.verified_by:
        badges.append({"label": _("Identity verified"), "tone": "good", "icon": "shield-check"})
    if application.employer_says == EmployerSays.CONFIRMED:
        badges.append({"label": _("Employer confirmed"), "tone": "good", "icon": "user-check"})
    return badges or [{"label": _("Phone proved"), "tone": "wait", "icon": "device-mobile"}]
