"""The people office's answers: does this applicant work here? One by one, or several at once after a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Conflict, NotFound, Refusal
from nuanxin.members.actions.changes import say_employment
from nuanxin.members.queries.applications import get_of_enterprise
from nuanxin.members.queries.employers import applicants_numbered
from nuanxin.regions.queries import full_name
from nuanxin.web.desk.enterprise.people import applicant_line

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest

MOST = 200


def _says(request: DeskRequest) -> bool:
    word = request.POST.get("says")
    if word not in {"yes", "no"}:
        raise NotFound
    return word == "yes"


def consequences(works_here: bool) -> list[str]:
    """Return what an answer does."""
    if works_here:
        return [
            _("The reviewing union sees that you confirmed; where its rule allows it, the person is a member at once."),
            _("The answer carries your name and the name of the enterprise."),
        ]
    return [
        _("The reviewing union sees that you do not know this person, and looks into it. Nobody is refused by you."),
        _("Please be sure: a person who works for a partner firm or a site of yours works here."),
    ]


@require_http_methods(["GET", "POST"])
def applicant(request: DeskRequest, number: str) -> HttpResponse:
    """Show one applicant who named the enterprise, and take the answer."""
    request.actor.require(Permission.CONFIRM_EMPLOYMENT)
    found = get_of_enterprise(request.actor, number)
    error = ""
    if request.method == "POST":
        try:
            say_employment(actor=request.actor, number=number, works_here=_says(request), now=request.now)
        except Conflict:
            error = _("This application is closed by now. Nothing was changed.")
            found = get_of_enterprise(request.actor, number)
        else:
            messages.success(request, _("Thank you. The union sees your answer now."))
            return HttpResponseRedirect(reverse("desk:enterprise:employees"))
    context: dict[str, Any] = {
        "page_title": found.name,
        "pretitle": found.employer.name if found.employer else "",
        "line": applicant_line(found),
        "area": full_name(found.region_id),
        "error": error,
        "if_yes": consequences(True),
        "if_no": consequences(False),
        "back_url": reverse("desk:enterprise:employees"),
    }
    return render(request, "desk/enterprise/applicant.html", context, status=409 if error else 200)


@require_POST
def preview(request: DeskRequest) -> HttpResponse:
    """Show who was chosen and what the answer will do."""
    request.actor.require(Permission.CONFIRM_EMPLOYMENT)
    works_here = _says(request)
    found = applicants_numbered(request.actor, request.POST.getlist("chosen")[:MOST])
    question = (
        ngettext("Confirm that %(count)s person works here?", "Confirm that %(count)s people work here?", len(found))
        if works_here
        else ngettext(
            "Say that %(count)s person does not work here?", "Say that %(count)s people do not work here?", len(found)
        )
    )
    context = {
        "page_title": question % {"count": len(found)},
        "rows": [applicant_line(each) for each in found],
        "says": "yes" if works_here else "no",
        "consequences": consequences(works_here),
        "label": _("They work here") if works_here else _("They do not work here"),
        "back_url": reverse("desk:enterprise:employees"),
    }
    return render(request, "desk/enterprise/preview.html", context)


@require_POST
def carry_out(request: DeskRequest) -> HttpResponse:
    """Answer for each of them by itself; say how many it was, and name those it could not be."""
    request.actor.require(Permission.CONFIRM_EMPLOYMENT)
    works_here, done, not_done = _says(request), 0, []
    for number in list(dict.fromkeys(request.POST.getlist("chosen")))[:MOST]:
        try:
            say_employment(actor=request.actor, number=number, works_here=works_here, now=request.now)
            done += 1
        except Refusal:
            not_done.append(number)
    messages.success(request, ngettext("%(count)s answer given.", "%(count)s answers given.", done) % {"count": done})
    if not_done:
        said = _("Not changed, because it is closed or not yours: %(numbers)s")
        messages.warning(request, said % {"numbers": _(", ").join(number[:20] for number in not_done)})
    return HttpResponseRedirect(reverse("desk:enterprise:employees"))
