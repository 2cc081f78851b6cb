"""The member's registration form, printed by the union that admits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.members.queries.applications import get_application, timeline
from nuanxin.members.queries.reviewing import identity_of_application, phone_of_application
from nuanxin.members.states import Act
from nuanxin.records.documents import render
from nuanxin.regions.queries import full_name
from nuanxin.web.kit.documents import document_in_words
from nuanxin.web.kit.masks import mask_phone
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from nuanxin.members.models import Application, ApplicationAct
    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def registration_form(request: DeskRequest, number: str) -> HttpResponse:
    """Send the registration form as a PDF to those who decide there; the ID number stays masked on paper."""
    found = get_application(request.actor, number)
    request.actor.require(Permission.REVIEW, at=found.union)
    decided = next((act for act in reversed(list(timeline(found))) if act.act == Act.APPROVED), None)
    response = HttpResponse(render("registration_form", _data(found, decided)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="registration-{number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _data(found: Application, decided: ApplicationAct | None) -> dict[str, Any]:
    union = local_name(found.union)
    employer = found.employer.name if found.employer else found.employer_name
    return {
        "lang": "en" if (get_language() or "").startswith("en") else "zh",
        "issuer": union,
        "footer": _("Application %(number)s") % {"number": found.number},
        "title": "工会会员登记表",
        "issuer_line": _("Union: %(union)s") % {"union": union},
        "number_line": _("Application %(number)s") % {"number": found.number},
        "rows": [
            {"label": _("Full name"), "value": found.name},
            {"label": _("ID number"), "value": document_in_words(found.id_kind, identity_of_application(found))},
            {"label": _("Phone"), "value": mask_phone(phone_of_application(found))},
            {"label": _("Occupation group"), "value": local_name(found.occupation_group)},
            {"label": _("Employer"), "value": employer or _("not named")},
            {"label": _("Platform"), "value": local_name(found.platform) or "—"},
        ],
        "wide": [
            {"label": _("Works in"), "value": full_name(found.region_id)},
            {"label": _("Came"), "value": date_cn(found.confirmed_at)},
        ],
        "opinions": [
            {
                "label": _("Opinion of the union"),
                "value": _("Admitted as a member of this union.") if decided else "",
                "seal": f"{union}  {date_cn(local_day(decided.at))}" if decided else _("(seal)   year   month   day"),
            },
            {"label": _("Remarks"), "value": "", "seal": ""},
        ],
        "note": _("The full ID number is kept sealed; whoever needs it asks for it with a reason."),
    }
