"""The two forms of admission as PDF: the application with its sentence, and the member's registration form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.identifiers import mask_phone
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.queries.applications import get_by_token, timeline
from nuanxin.members.states import Act, ApplicationState
from nuanxin.records.documents import render
from nuanxin.regions.queries import full_name
from nuanxin.web.kit.templatetags.kit import date_cn, local_name
from nuanxin.web.worker.progress.facts import facts
from nuanxin.web.worker.wording import PLEDGE

if TYPE_CHECKING:
    from nuanxin.members.models import Application
    from nuanxin.web.worker.requests import WorkerRequest

#: Only what was really sent can be printed.
_PRINTED_NEVER = (ApplicationState.UNCONFIRMED, ApplicationState.KNOWN_MEMBER)


def documents(found: Application, token: str) -> list[dict[str, str]]:
    """Return the forms that can be printed of an application, with their addresses."""
    if found.state in _PRINTED_NEVER:
        return []
    return [
        {"label": _("Print the application"), "url": reverse("worker:application_form", args=[token])},
        {"label": _("Print the registration form"), "url": reverse("worker:registration_form", args=[token])},
    ]


@never_cache
@require_safe
def application_form(request: WorkerRequest, token: str) -> HttpResponse:
    """Print the application with the sentence that was agreed to."""
    found = _printable(token)
    english = (get_language() or "").startswith("en")
    data = {
        **_frame(found),
        "title": "中华全国总工会入会申请书",
        "subtitle": "Application to join the All-China Federation of Trade Unions" if english else "",
        "pledge": PLEDGE.text,
        "pledge_translation": PLEDGE.english if english else "",
        "signature": [
            {"label": _("Applicant"), "value": found.name},
            {"label": _("Date"), "value": date_cn(found.confirmed_at)},
        ],
        "note": _("Agreed to online on %(at)s, with the phone %(phone)s proved by a code.")
        % {"at": date_cn(found.confirmed_at), "phone": mask_phone(facts(found)["phone"])},
    }
    return _pdf("application_form", data, found)


@never_cache
@require_safe
def registration_form(request: WorkerRequest, token: str) -> HttpResponse:
    """Print the member's registration form; the ID number stays masked on paper."""
    found = _printable(token)
    known = facts(found)
    union = local_name(found.union) if found.union else "—"
    decided = next((act for act in reversed(timeline(found)) if act.act == Act.APPROVED), None)
    data = {
        **_frame(found),
        "title": "工会会员登记表",
        "issuer_line": _("Union: %(union)s") % {"union": union},
        "number_line": _("Application %(number)s") % {"number": found.number},
        "rows": [
            {"label": _("My name"), "value": found.name},
            {"label": _("ID number"), "value": known["document"]},
            {"label": _("Mobile number"), "value": mask_phone(known["phone"])},
            {"label": _("My trade"), "value": known["group"]},
            {"label": _("Works at"), "value": known["employer"] or _("none named")},
            {"label": _("Platform"), "value": known["platform"] or "—"},
        ],
        "wide": [
            {"label": _("Work area"), "value": full_name(found.region_id)},
            {"label": _("Applied on"), "value": date_cn(found.confirmed_at)},
        ],
        "opinions": [
            {
                "label": _("Opinion of the union"),
                "value": _("Admitted as a member of this union.") if decided else "",
                "seal": f"{union}  {date_cn(local_day(decided.at))}" if decided else _("(seal)   year   month   day"),
            },
            {"label": _("Remarks"), "value": "", "seal": ""},
        ],
        "note": _("Printed by the applicant. The union's copy with the full ID number is kept by the union."),
    }
    return _pdf("registration_form", data, found)


def _printable(token: str) -> Application:
    found = get_by_token(token)
    if found.state in _PRINTED_NEVER:
        raise NotFound
    return found


def _frame(found: Application) -> dict[str, Any]:
    english = (get_language() or "").startswith("en")
    return {
        "lang": "en" if english else "zh",
        "issuer": local_name(found.union) if found.union else "",
        "footer": _("Application %(number)s") % {"number": found.number},
    }


def _pdf(template: str, data: dict[str, Any], found: Application) -> HttpResponse:
    response = HttpResponse(render(template, data), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{template}-{found.number}.pdf"'
    return response
