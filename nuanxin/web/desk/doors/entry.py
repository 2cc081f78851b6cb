"""The counter: an application for somebody who stands there, in two steps: what the person tells, the phone's code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid, Refusal
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.counter import confirm_at_counter, enter_at_counter, own_entry, send_again_at_counter
from nuanxin.members.states import ApplicationState
from nuanxin.organizations.queries import find_union, search_enterprises
from nuanxin.regions.queries import search_regions
from nuanxin.web.desk.doors.forms import CodeForm, EntryForm
from nuanxin.web.kit.masks import mask_phone
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from nuanxin.members.actions.apply import Sent
    from nuanxin.web.desk.requests import DeskRequest


_AS_TYPED = ("name", "id_kind", "id_number", "sex", "phone", "occupation_group", "platform")


@require_http_methods(["GET", "POST"])
def entry(request: DeskRequest) -> HttpResponse:
    """Take down what the person at the counter tells, and send the code."""
    request.actor.require(Permission.ENTER)
    form = EntryForm(request.POST or None, now=request.now, initial={"union": _own_union(request)})
    if request.method == "POST":
        done, sent = tried(form, lambda: _enter(request, form))
        if done:
            return HttpResponseRedirect(reverse("desk:doors:entry_code", args=[sent.application.number]))
    context = {
        "page_title": _("Enter at the counter"),
        "form": form,
        "consents_url": reverse("worker:consents"),
    }
    return render(request, "desk/doors/entry.html", context, status=422 if form.is_bound else 200)


def _own_union(request: DeskRequest) -> str:
    """Return the code of the union where this cadre may enter people: the first of the reach."""
    reach = sorted(request.actor.reach(Permission.ENTER))
    return reach[0].strip("/").split("/")[-1] if reach else ""


def _enter(request: DeskRequest, form: EntryForm) -> Sent:
    data = form.cleaned_data
    union = find_union(request.actor, data["union"], Permission.ENTER)
    region = next(iter(search_regions(data["region_code"], near=(union.region_id or "")[:4] or None, limit=1)), None)
    if region is None:
        raise Invalid("unknown_region", _("There is no area of this name."), field="region_code")
    firm = _firm(data["employer_name"], region.code)
    raw = {
        **{name: data[name] for name in _AS_TYPED},
        "birth_on": f"{data['birth_on']}" if data["birth_on"] else "",
        "region_code": region.code,
        "employer_credit_code": firm,
        "employer_name": "" if firm else data["employer_name"],
    }
    return enter_at_counter(
        actor=request.actor,
        union_code=union.code,
        raw=raw,
        consents=form.consents(),
        door=data["door"],
        now=request.now,
    )


def _firm(text: str, region: str) -> str:
    """Return the credit code of the one employer that was written down in full; nothing when none is called that."""
    text = text.strip()
    if len(text) < 2:
        return ""
    try:
        found = search_enterprises(text[:60], near=region, limit=6)
    except Refusal:
        return ""
    same = [firm for firm in found if firm.credit_code and text in {firm.name, firm.credit_code}]
    return str(same[0].credit_code) if len(same) == 1 else ""


@require_http_methods(["GET", "POST"])
def entry_code(request: DeskRequest, number: str) -> HttpResponse:
    """Ask for the code that the person reads out; with it the application is on its way."""
    request.actor.require(Permission.ENTER)
    found = own_entry(request.actor, number)
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        done, sent = tried(form, lambda: _confirm(request, number, form))
        if done:
            return _told(request, sent)
    phone = PersonKey(found.sealed_key).unseal(found.sealed_phone)
    context: dict[str, Any] = {
        "page_title": _("Code from the phone"),
        "form": form,
        "number": number,
        "phone": mask_phone(phone),
    }
    return render(request, "desk/doors/entry_code.html", context, status=422 if form.is_bound else 200)


def _confirm(request: DeskRequest, number: str, form: CodeForm) -> Sent:
    return confirm_at_counter(actor=request.actor, number=number, code=form.cleaned_data["code"], now=request.now)


def _told(request: DeskRequest, sent: Sent) -> HttpResponse:
    """Say where the application went, and be ready for the next person."""
    application = sent.application
    state = ApplicationState(application.state)
    if application.union is not None and state == ApplicationState.SUBMITTED:
        said = _("Application %(number)s is with %(union)s. The person was told by text message.") % {
            "number": application.number,
            "union": local_name(application.union),
        }
        messages.success(request, said)
    else:
        said = _("Application %(number)s: %(state)s. The person was told by text message.") % {
            "number": application.number,
            "state": state.label,
        }
        messages.warning(request, said)
    return HttpResponseRedirect(reverse("desk:doors:entry"))


@require_POST
def entry_resend(request: DeskRequest, number: str) -> HttpResponse:
    """Send a fresh code to the person's phone."""
    request.actor.require(Permission.ENTER)
    try:
        send_again_at_counter(actor=request.actor, number=number, now=request.now)
    except Invalid as refusal:
        messages.warning(request, str(refusal.message))
    else:
        messages.success(request, _("A fresh code is on its way."))
    return HttpResponseRedirect(reverse("desk:doors:entry_code", args=[number]))
