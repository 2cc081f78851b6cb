"""Results of check-ups at the clinic's own counter: given as a PDF, read by whoever stands there, each time noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.access.actors import BadKey
from nuanxin.activities.actions.results import MOST_BYTES, clinic_of, give_result, read_result_at_clinic
from nuanxin.activities.states.bus import Finding
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.web.counter.devices import acting_device, standing_here
from nuanxin.web.counter.views import shut_out
from nuanxin.web.kit.guards import answered
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from uuid import UUID

    from nuanxin.access.actors import Actor
    from nuanxin.activities.models import CheckResult
    from nuanxin.web.kit.requests import Request


class ResultForm(forms.Form):
    """The report of one person."""

    number = forms.CharField(
        label=gettext_lazy("Number of the booking"),
        max_length=12,
        help_text=gettext_lazy("Ten letters and digits, on the member's phone under My bookings."),
    )
    finding = forms.ChoiceField(
        label=gettext_lazy("What was found"), choices=[("", gettext_lazy("Please choose")), *Finding.choices]
    )
    report = forms.FileField(
        label=gettext_lazy("Report as PDF"),
        help_text=gettext_lazy("Sealed at once: the union cannot open it."),
        widget=forms.ClearableFileInput({"accept": "application/pdf"}),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def results(request: Request) -> HttpResponse:
    """Give the result of somebody who came."""
    try:
        actor = acting_device(request)
    except BadKey:
        return shut_out(request)
    staff = standing_here(request)
    clinic_of(actor, staff_id=staff, now=request.now)
    form = ResultForm(request.POST or None, request.FILES or None)
    if form.is_bound:
        done, given = tried(form, lambda: _give(request, actor, staff, form.cleaned_data))
        if done:
            name = mask_name(given.worker.name)
            messages.success(request, _("Sealed for %(name)s, who is told that the result is there.") % {"name": name})
            return HttpResponseRedirect(reverse("counter:results"))
    context = {"page_title": _("Results of check-ups"), "form": form}
    return answered(render(request, "counter/results.html", context), form)


def _give(request: Request, actor: Actor, staff: UUID | None, typed: dict[str, Any]) -> CheckResult:
    report = typed["report"].read(MOST_BYTES + 1)
    try:
        return give_result(
            actor=actor,
            staff_id=staff,
            number=typed["number"],
            report=report,
            finding=typed["finding"],
            now=request.now,
        )
    except NotFound:
        words = _("Nobody came to a bus of this clinic by this number. Please check it.")
        raise Invalid("unknown_number", words, field="number") from None


@never_cache
@require_POST
def read(request: Request) -> HttpResponse:
    """Open a result at the clinic; who stood there is written down."""
    try:
        actor = acting_device(request)
    except BadKey:
        return shut_out(request)
    number = request.POST.get("number", "")[:12]
    try:
        report, _finding = read_result_at_clinic(
            actor=actor, staff_id=standing_here(request), number=number, now=request.now
        )
    except NotFound:
        messages.error(request, _("This clinic gave no result under this number. Please check the number."))
        return HttpResponseRedirect(reverse("counter:results"))
    response = HttpResponse(report, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="check-up.pdf"'
    return response
