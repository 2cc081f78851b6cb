"""The employer's own people: who named the firm in an application, and which members work there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.members.queries.employers import applicants, employed_members, people_counts
from nuanxin.members.queries.reviewing import phone_of_application
from nuanxin.members.states import OPEN, ApplicationState, EmployerSays, MembershipState
from nuanxin.organizations.queries import get_enterprise
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_phone
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import FileResponse, HttpResponse

    from nuanxin.access.actors import Actor
    from nuanxin.members.models import Application, Membership
    from nuanxin.organizations.models import Enterprise
    from nuanxin.web.desk.requests import DeskRequest

_SAYS_TONES = {EmployerSays.NOTHING: "wait", EmployerSays.CONFIRMED: "good", EmployerSays.DENIED: "bad"}
_MEMBER_TONES = {
    MembershipState.ACTIVE: "good",
    MembershipState.SUSPENDED: "wait",
    MembershipState.RETAINED: "wait",
    MembershipState.ENDED: "",
}
TABS = ("unanswered", "answered", "members")


class NameFilter(forms.Form):
    """The beginning of a name."""

    q = forms.CharField(
        label=gettext_lazy("Full name"), required=False, max_length=50, widget=forms.TextInput({"type": "search"})
    )


def own_enterprises(actor: Actor) -> list[Enterprise]:
    """Return the enterprises whose people office the actor is."""
    found = [get_enterprise(actor, pk) for pk in actor.enterprises(Permission.CONFIRM_EMPLOYMENT)]
    return sorted(found, key=lambda each: (each.name, each.pk))


@require_safe
def employees(request: DeskRequest) -> HttpResponse:
    """Show the people of one's own enterprise: to be confirmed, confirmed, members."""
    request.actor.require(Permission.CONFIRM_EMPLOYMENT)
    tab = request.GET.get("tab", "unanswered")
    tab = tab if tab in TABS else "unanswered"
    form = NameFilter(request.GET)
    text = form.cleaned_data["q"].replace("\0", "") if form.is_valid() else ""
    cursor = request.GET.get("page", "")
    enterprises, counts = own_enterprises(request.actor), people_counts(request.actor)
    rows: list[dict[str, Any]]
    if tab == "members":
        listed: Any = page(employed_members(request.actor, text=text), order=("-pk",), cursor=cursor)
        rows = [member_line(each) for each in listed.items]
    else:
        found = applicants(request.actor, answered=tab == "answered", text=text)
        listed = page(found, order=("-pk",), cursor=cursor)
        rows = [applicant_line(each) for each in listed.items]
    context = {
        "page_title": _("Own people"),
        "pretitle": _(", ").join(each.name for each in enterprises),
        "enterprises": enterprises,
        "counts": counts,
        "views": _views(tab, counts.unanswered, counts.members),
        "filters": form,
        "keep": {"tab": tab},
        "reset_url": f"?tab={tab}",
        "tab": tab,
        "rows": rows,
        "page": listed,
        "bulk_actions": [
            {"name": "says", "value": "yes", "label": _("They work here"), "icon": "user-check", "primary": True},
            {"name": "says", "value": "no", "label": _("They do not work here"), "icon": "user-off"},
        ],
        "narrowed": bool(text),
        "may_enroll": request.actor.may(Permission.ENROLL_ROSTERS),
    }
    return render(request, "desk/enterprise/employees.html", context)


def _views(tab: str, unanswered: int, members: int) -> list[dict[str, Any]]:
    names = {"unanswered": (_("To be confirmed"), unanswered), "answered": (_("Answered"), None)}
    names |= {"members": (_("Members who work here"), members)}
    return [
        {"label": label, "url": f"?tab={name}", "count": count, "current": tab == name}
        for name, (label, count) in names.items()
    ]


def applicant_line(application: Application) -> dict[str, Any]:
    """Return one applicant as the employer may see him: by name, for it must know whom it confirms."""
    says, state = EmployerSays(application.employer_says), ApplicationState(application.state)
    return {
        "number": application.number,
        "application": application,
        "name": application.name,
        "phone": mask_phone(phone_of_application(application)),
        "says": {"label": says.label if says else _("waits for your answer"), "tone": _SAYS_TONES[says]},
        "state": state.label,
        "open": application.state in OPEN,
        "url": reverse("desk:enterprise:applicant", args=[application.number]),
    }


def member_line(membership: Membership) -> dict[str, Any]:
    """Return one member as the employer may see him: name, trade, union and standing, nothing else."""
    state = MembershipState(membership.state)
    return {
        "membership": membership,
        "name": membership.worker.name,
        "state": {"label": state.label, "tone": _MEMBER_TONES[state]},
    }


@require_safe
def employees_excel(request: DeskRequest) -> FileResponse:
    """Send the members who work at one's own enterprise as a workbook."""
    request.actor.require(Permission.CONFIRM_EMPLOYMENT)
    header = [_("Full name"), _("Occupation"), _("Employer"), _("Union"), _("State"), _("Member since")]
    return workbook_response(_("Members who work here"), header, _out(request.actor))


def _out(actor: Actor) -> Iterator[list[Any]]:
    for each in employed_members(actor).order_by("-pk").iterator(chunk_size=1000):
        yield [
            each.worker.name,
            local_name(each.worker.occupation_group),
            each.worker.employer.name if each.worker.employer else "",
            local_name(each.union),
            each.get_state_display(),
            each.began_on,
        ]
