"""A partner's counters: devices that are enrolled by QR code, and the people who serve there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.access.actions import (
    add_staff,
    create_device,
    end_staff,
    renew_enrollment,
    renew_pin,
    revoke_device,
)
from nuanxin.access.queries.counters import get_device_of, get_staff
from nuanxin.organizations.queries.partners import get_partner, places_of
from nuanxin.web.desk.access.pages import secret_page
from nuanxin.web.desk.organizations.pages import ask, form_page
from nuanxin.web.desk.partners.acts import page_of
from nuanxin.web.desk.partners.forms import CounterForm, PersonForm
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.access.models import PartnerDevice, PartnerStaff
    from nuanxin.organizations.models import Partner, PartnerPlace
    from nuanxin.web.desk.requests import DeskRequest


def _place(places: list[PartnerPlace], typed: str) -> PartnerPlace | None:
    return next((place for place in places if str(place.pk) == typed), None)


@require_http_methods(["GET", "POST"])
def new_device(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Register a counter at a place and show its enrollment code."""
    partner = get_partner(request.actor, pk)
    places = places_of(partner)
    form = CounterForm(request.POST or None, places=places)

    def make() -> tuple[PartnerDevice, str]:
        typed = form.cleaned_data
        return create_device(
            actor=request.actor,
            union=partner.union,
            partner=partner.name,
            name=typed["name"],
            place=_place(places, typed["place"]),
            kinds=typed["kinds"],
            now=request.now,
        )

    if form.is_bound:
        done, made = tried(form, make)
        if done:
            return _enrollment(request, partner, *made)
    title = _("New counter of %(name)s") % {"name": local_name(partner)}
    return form_page(request, form, title=title, submit=_("Create"), back_url=page_of(partner))


def _enrollment(request: DeskRequest, partner: Partner, device: PartnerDevice, code: str) -> HttpResponse:
    address = request.build_absolute_uri(f"{reverse('counter:enroll')}?code={code}")
    facts = [(_("Partner"), local_name(partner)), (_("Counter"), device.name)]
    if device.place is not None:
        facts.append((_("Name of the place"), local_name(device.place)))
    return secret_page(
        request,
        title=_("Enroll the device"),
        secret=code,
        back_url=page_of(partner),
        qr=address,
        facts=facts,
        say=_(
            "Within 30 minutes, scan this with the counter's phone, "
            "or open /counter/ there and type the code. It works once."
        ),
    )


@require_POST
def renew_device(request: DeskRequest, pk: UUID, device_pk: UUID) -> HttpResponse:
    """Show a new enrollment code for a counter that waits for its phone."""
    partner = get_partner(request.actor, pk)
    device = get_device_of(partner, device_pk)
    code = renew_enrollment(actor=request.actor, device=device, now=request.now)
    return _enrollment(request, partner, device, code)


@require_http_methods(["GET", "POST"])
def end_device(request: DeskRequest, pk: UUID, device_pk: UUID) -> HttpResponse:
    """Shut a device out, after asking."""
    partner = get_partner(request.actor, pk)
    device = get_device_of(partner, device_pk)
    if request.method == "POST":
        revoke_device(actor=request.actor, device=device, now=request.now)
        messages.success(request, _("The device is shut out."))
        return HttpResponseRedirect(page_of(partner))
    return ask(
        request,
        question=_("Shut out %(name)s?") % {"name": device.name},
        consequences=[_("It is refused from its very next request.")],
        action_label=_("Shut out"),
        back_url=page_of(partner),
    )


@require_http_methods(["GET", "POST"])
def new_person(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Name somebody who serves at the partner's counters, and show the six digits once."""
    partner = get_partner(request.actor, pk)
    places = places_of(partner)
    form = PersonForm(request.POST or None, places=places, every=True)

    def add() -> tuple[PartnerStaff, str]:
        typed: dict[str, Any] = form.cleaned_data
        return add_staff(
            actor=request.actor,
            partner=partner,
            name=typed["name"],
            kinds=typed["kinds"],
            place=_place(places, typed["place"]),
            now=request.now,
        )

    if form.is_bound:
        done, made = tried(form, add)
        if done:
            return _digits(request, partner, *made)
    return form_page(
        request,
        form,
        title=_("New person at %(name)s") % {"name": local_name(partner)},
        submit=_("Create"),
        back_url=page_of(partner),
        intro=_("Once a partner has named its people, one of them must stand at a counter before anything is done."),
    )


def _digits(request: DeskRequest, partner: Partner, person: PartnerStaff, pin: str) -> HttpResponse:
    return secret_page(
        request,
        title=_("Six digits for the counter"),
        secret=pin,
        back_url=page_of(partner),
        facts=[(_("Partner"), local_name(partner)), (_("Person"), person.name)],
        say=_("Tell them to this person alone: they are shown this once, and are typed at the start of each shift."),
    )


@require_POST
def renew_person(request: DeskRequest, pk: UUID, staff_pk: UUID) -> HttpResponse:
    """Give somebody new digits."""
    partner = get_partner(request.actor, pk)
    person = get_staff(partner, staff_pk)
    return _digits(request, partner, person, renew_pin(actor=request.actor, staff=person, now=request.now))


@require_http_methods(["GET", "POST"])
def end_person(request: DeskRequest, pk: UUID, staff_pk: UUID) -> HttpResponse:
    """Let somebody serve there no longer, after asking."""
    partner = get_partner(request.actor, pk)
    person = get_staff(partner, staff_pk)
    if request.method == "POST":
        end_staff(actor=request.actor, staff=person, now=request.now)
        messages.success(request, _("Done."))
        return HttpResponseRedirect(page_of(partner))
    return ask(
        request,
        question=_("Does %(name)s serve there no more?") % {"name": person.name},
        consequences=[_("Nothing can be done in this person's name from the very next tap on.")],
        action_label=_("End"),
        back_url=page_of(partner),
    )
