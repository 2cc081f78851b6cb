"""Keys of machines, and partners' devices."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.actions import create_device, issue_client_token, renew_enrollment, revoke_client, revoke_device
from nuanxin.access.queries import get_client, get_device, union_in_reach, visible_clients, visible_devices
from nuanxin.access.states import Permission, Scope
from nuanxin.web.desk.access.forms import ClientForm, DeviceForm
from nuanxin.web.desk.access.pages import ask, form_page, secret_page
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpResponse

    from nuanxin.access.models import PartnerDevice
    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def clients(request: DeskRequest) -> HttpResponse:
    """List the machines that have keys."""
    request.actor.require(Permission.MANAGE_KEYS)
    listed = page(
        visible_clients(request.actor), order=("-created_at", "-pk"), cursor=request.GET.get("page", ""), size=50
    )
    labels = dict(Scope.choices)
    rows = [(client, [str(labels.get(scope, scope)) for scope in client.scopes]) for client in listed.items]
    context = {"page_title": _("API clients"), "page": listed, "rows": rows}
    return render(request, "desk/access/clients.html", context)


@require_http_methods(["GET", "POST"])
def new_client(request: DeskRequest) -> HttpResponse:
    """Give a machine a key and show it this once."""
    request.actor.require(Permission.MANAGE_KEYS)
    form = ClientForm(request.POST or None)
    back = reverse("desk:access:clients")
    if request.method == "POST":
        done, key = tried(form, lambda: issue_client_token(**form.cleaned_data, actor=request.actor, now=request.now))
        if done:
            return secret_page(
                request, title=_("The key"), secret=key, back_url=back, facts=[(_("Name"), form.cleaned_data["name"])],
                say=_("Copy it now: it is shown this once. It is sent as “Authorization: Bearer …”."),
            )  # fmt: skip
    return form_page(request, form, title=_("New API client"), submit=_("Create the key"), back_url=back)


@require_http_methods(["GET", "POST"])
def end_client(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Revoke a machine's key, after asking."""
    client = get_client(request.actor, pk)
    back = reverse("desk:access:clients")
    if request.method == "POST":
        revoke_client(actor=request.actor, client=client, now=request.now)
        messages.success(request, _("The key is revoked."))
        return HttpResponseRedirect(back)
    return ask(
        request, question=_("Revoke the key of %(name)s?") % {"name": client},
        consequences=[_("It is refused from its very next request.")], action_label=_("Revoke"), back_url=back,
    )  # fmt: skip


@require_safe
def devices(request: DeskRequest) -> HttpResponse:
    """List the partners' devices in reach."""
    request.actor.require(Permission.MANAGE_KEYS)
    listed = page(
        visible_devices(request.actor), order=("-created_at", "-pk"), cursor=request.GET.get("page", ""), size=50
    )
    context = {"page_title": _("Partner devices"), "page": listed, "moment": request.now}
    return render(request, "desk/access/devices.html", context)


@require_http_methods(["GET", "POST"])
def new_device(request: DeskRequest) -> HttpResponse:
    """Register a partner's counter and show its enrollment code."""
    request.actor.require(Permission.MANAGE_KEYS)
    form = DeviceForm(request.POST or None)
    if request.method == "POST":
        done, made = tried(form, lambda: _create(request, form.cleaned_data))
        if done:
            return _enrollment(request, *made)
    return form_page(
        request, form, title=_("New partner device"), submit=_("Create"), back_url=reverse("desk:access:devices")
    )


def _create(request: DeskRequest, chosen: dict[str, Any]) -> tuple[PartnerDevice, str]:
    union = union_in_reach(request.actor, Permission.MANAGE_KEYS, chosen["union"].strip())
    return create_device(
        actor=request.actor, union=union, partner=chosen["partner"], name=chosen["name"], now=request.now
    )


def _enrollment(request: DeskRequest, device: PartnerDevice, code: str) -> HttpResponse:
    address = request.build_absolute_uri(f"/counter/?code={code}")
    return secret_page(
        request, title=_("Enroll the device"), secret=code, back_url=reverse("desk:access:devices"), qr=address,
        facts=[(_("Partner"), device.partner), (_("Counter"), device.name)],
        say=_(
            "Within 30 minutes, scan this with the counter's phone, "
            "or open /counter/ there and type the code. It works once."
        ),
    )  # fmt: skip


@require_POST
def renew(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show a new enrollment code for a device that waits."""
    device = get_device(request.actor, pk)
    return _enrollment(request, device, renew_enrollment(actor=request.actor, device=device, now=request.now))


@require_http_methods(["GET", "POST"])
def end_device(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Revoke a device, after asking."""
    device = get_device(request.actor, pk)
    back = reverse("desk:access:devices")
    if request.method == "POST":
        revoke_device(actor=request.actor, device=device, now=request.now)
        messages.success(request, _("The device is shut out."))
        return HttpResponseRedirect(back)
    return ask(
        request, question=_("Shut out %(name)s?") % {"name": device},
        consequences=[_("It is refused from its very next request.")], action_label=_("Shut out"), back_url=back,
    )  # fmt: skip
