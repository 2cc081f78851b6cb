"""Mending an application that a union has returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nuanxin.kernel.clock import local_day
from nuanxin.members.actions.changes import correct_application
from nuanxin.members.queries.applications import get_by_token, timeline
from nuanxin.members.states import Act, ApplicationState, IdKind
from nuanxin.organizations.queries.lists import open_groups
from nuanxin.web.kit.guards import answered, guard_form
from nuanxin.web.kit.refusals import tried
from nuanxin.web.worker.join.forms import OtherPaperForm, PersonForm, PlaceForm
from nuanxin.web.worker.join.memory import PAPER, PLACE
from nuanxin.web.worker.join.places import employers, picker, region_panel
from nuanxin.web.worker.requests import asks_for_part

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.members.models import Application
    from nuanxin.web.worker.requests import WorkerRequest

FIELDS = ("name", *PAPER, "id_number", *PLACE)


class CorrectionForm(PlaceForm):
    """Everything but the phone, which was proved."""

    name = PersonForm.base_fields["name"]
    id_number = PersonForm.base_fields["id_number"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        paper = self.data.get("id_kind") or self.initial.get("id_kind")
        if paper and paper != IdKind.RESIDENT_ID:
            other = OtherPaperForm().fields
            self.fields |= {name: other[name] for name in (*PAPER, "id_number")}
        self.fields["id_number"].help_text = gettext_lazy(
            "For your safety it is not shown here: please write it once more, in full"
        )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: WorkerRequest, token: str) -> HttpResponse:
    """Show what was filled in with the union's reason, and send it again."""
    found = get_by_token(token)
    if found.state != ApplicationState.RETURNED:
        return redirect("worker:application", token=token)
    day = local_day(request.now)
    if request.method != "POST":
        typed = _filled_in(found) | {name: request.GET[name] for name in FIELDS if request.GET.get(name)}
        if "at" in request.GET or "change" in request.GET:
            typed["region_code"] = ""
        return _page(request, token, found, CorrectionForm(initial=typed, day=day), typed)
    typed = {name: request.POST.get(name, "")[:200] for name in FIELDS}
    if "go" not in request.POST:
        return _page(request, token, found, CorrectionForm(initial=typed, day=day), typed)
    form = CorrectionForm(request.POST, day=day)
    done, _sent = tried(form, lambda: _send(request, found, typed))
    if done:
        return redirect("worker:application", token=token)
    return _page(request, token, get_by_token(token), form, typed)


def _send(request: WorkerRequest, found: Application, typed: dict[str, str]) -> None:
    guard_form(request)
    correct_application(actor=request.actor, application=found, raw=typed, now=request.now)


def _filled_in(found: Application) -> dict[str, str]:
    return {
        "name": found.name,
        "id_kind": found.id_kind,
        "id_number": "",
        "birth_on": found.birth_on.isoformat() if found.birth_on else "",
        "sex": found.sex,
        "occupation_group": found.occupation_group_id,
        "region_code": found.region_id,
        "employer_credit_code": found.employer.credit_code if found.employer else "",
        "employer_name": found.employer.name if found.employer else found.employer_name,
        "platform": found.platform_id or "",
    }


def _page(
    request: WorkerRequest, token: str, found: Application, form: CorrectionForm, typed: dict[str, str]
) -> HttpResponse:
    context = picker(request, selected=typed["region_code"], start=found.region_id[:9])
    if asks_for_part(request):
        return region_panel(request, context)
    reasons = [act.reason for act in timeline(found) if act.act == Act.RETURNED]
    context |= {
        "other_paper": "id_kind" in form.fields,
        "page_title": _("Correct my application"),
        "back_url": reverse("worker:application", args=[token]),
        "application": found,
        "reason": reasons[-1] if reasons else "",
        "form": form,
        "groups": open_groups(local_day(request.now)).values(),
        "chosen_group": typed["occupation_group"],
        "chosen_employer": typed["employer_credit_code"],
        "employers": employers(typed["employer_name"], region_code=typed["region_code"]),
    }
    return answered(render(request, "worker/progress/correct.html", context), form)
