"""An empty installation: the federations of a city and its pool in one previewed act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from nuanxin.kernel.refusals import Refusal
from nuanxin.organizations.actions import plan_region, scaffold_region
from nuanxin.organizations.states import EDIT_UNIONS
from nuanxin.web.desk.organizations.pages import form_page, picker
from nuanxin.web.kit.refusals import blame

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest


class StartForm(forms.Form):
    townships = forms.BooleanField(
        label=gettext_lazy("Also a flexible-employment union for each township or street"),
        required=False,
        help_text=gettext_lazy("They take in everybody whose employer has no union. More can be imported later."),
    )


@require_http_methods(["GET", "POST"])
def start(request: DeskRequest) -> HttpResponse:
    """Choose a city, see what will be created, and create it."""
    request.actor.require(EDIT_UNIONS)
    form = StartForm(request.POST or None)
    region = request.POST.get("region", "")[:12]
    if request.method == "POST" and form.is_valid():
        try:
            return _next(request, region, townships=form.cleaned_data["townships"])
        except Refusal as refusal:
            if refusal.status in {401, 403}:
                raise
            blame(form, refusal)
    return form_page(
        request,
        form,
        title=_("Set up a city"),
        submit=_("Show what will be created"),
        back_url=reverse("desk:organizations:unions"),
        intro=_("Choose a city, or a municipality. You will see every union before it is created."),
        region=picker(request, selected=region),
    )


def _next(request: DeskRequest, region: str, *, townships: bool) -> HttpResponse:
    if request.POST.get("sure"):
        made = scaffold_region(actor=request.actor, region_code=region, townships=townships, now=request.now)
        messages.success(request, _("Unions created: %(count)s.") % {"count": len(made)})
        return HttpResponseRedirect(f"{reverse('desk:organizations:unions')}?begun=1")
    plan = plan_region(region_code=region, townships=townships)
    context = {
        "page_title": _("This will be created"),
        "plan": plan,
        "count": sum(not row.exists for row in plan),
        "region_code": region,
        "townships": townships,
        "back_url": request.path,
    }
    return render(request, "desk/organizations/plan.html", context)
