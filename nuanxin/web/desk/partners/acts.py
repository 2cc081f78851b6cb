"""What is done with partners: entered, bound by contracts, given places, parted from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nuanxin.kernel.clock import local_day
from nuanxin.organizations.actions import partners as made
from nuanxin.organizations.queries import find_union
from nuanxin.organizations.queries.partners import get_contract, get_partner, get_place
from nuanxin.organizations.states import EDIT_PARTNERS
from nuanxin.web.desk.organizations.pages import ask, form_page, picker
from nuanxin.web.desk.partners.forms import ContractForm, EndContractForm, NewPartnerForm, PartnerForm, PlaceForm
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.forms import Form
    from django.http import HttpResponse

    from nuanxin.organizations.models import Partner
    from nuanxin.web.desk.requests import DeskRequest


def page_of(partner: Partner) -> str:
    """Return the address of a partner's page."""
    return reverse("desk:partners:partner", args=[partner.pk])


def acted(
    request: DeskRequest, form: Form, act: Callable[[], Any], *, title: str, submit: str, back: str, **more: Any
) -> HttpResponse:
    """Show a form, or do what it asks for and go back."""
    if form.is_bound:
        done, _made = tried(form, act)
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(back)
    return form_page(request, form, title=title, submit=submit, back_url=back, **more)


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Enter a partner."""
    request.actor.require(EDIT_PARTNERS)
    form = NewPartnerForm(request.POST or None)
    back = reverse("desk:partners:partners")
    if form.is_bound:
        done, partner = tried(form, lambda: _create(request, form.cleaned_data))
        if done:
            messages.success(request, _("Entered. Next come the contract, the places, and the counters."))
            return HttpResponseRedirect(page_of(partner))
    return form_page(request, form, title=_("New partner"), submit=_("Create"), back_url=back)


def _create(request: DeskRequest, typed: dict[str, Any]) -> Partner:
    union = find_union(request.actor, typed["union"], EDIT_PARTNERS)
    return made.create_partner(actor=request.actor, union=union, fields=typed, now=request.now)


@require_http_methods(["GET", "POST"])
def edit(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Change what is known of a partner."""
    partner = get_partner(request.actor, pk)
    form = PartnerForm(request.POST or None, initial={name: getattr(partner, name) for name in PartnerForm.base_fields})
    return acted(
        request,
        form,
        lambda: made.edit_partner(actor=request.actor, partner=partner, fields=form.cleaned_data, now=request.now),
        title=local_name(partner),
        submit=_("Save"),
        back=page_of(partner),
    )


@require_http_methods(["GET", "POST"])
def end(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Part from a partner, after asking."""
    partner = get_partner(request.actor, pk)
    if request.method == "POST":
        made.end_partner(actor=request.actor, partner=partner, now=request.now)
        messages.success(request, _("Done."))
        return HttpResponseRedirect(page_of(partner))
    return ask(
        request,
        question=_("Part from %(name)s?") % {"name": local_name(partner)},
        consequences=[
            _("From the next scan on, nothing is done for members at its counters."),
            _("Members are not sent there any more. What was done stays on record and is settled."),
        ],
        action_label=_("Part"),
        back_url=page_of(partner),
    )


@require_http_methods(["GET", "POST"])
def new_contract(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Enter a contract."""
    partner = get_partner(request.actor, pk)
    form = ContractForm(request.POST or None, initial={"valid_from": local_day(request.now)})
    return acted(
        request,
        form,
        lambda: made.sign_contract(actor=request.actor, partner=partner, fields=form.cleaned_data, now=request.now),
        title=_("New contract with %(name)s") % {"name": local_name(partner)},
        submit=_("Save"),
        back=page_of(partner),
        intro=_("From its first day on it takes the place of a contract that began earlier."),
    )


@require_http_methods(["GET", "POST"])
def end_contract(request: DeskRequest, pk: UUID, contract_pk: UUID) -> HttpResponse:
    """End a contract early."""
    partner = get_partner(request.actor, pk)
    contract = get_contract(partner, contract_pk)
    contract.partner = partner
    form = EndContractForm(request.POST or None)
    return acted(
        request,
        form,
        lambda: made.end_contract(
            actor=request.actor, contract=contract, reason=form.cleaned_data["reason"], now=request.now
        ),
        title=_("End contract %(number)s early") % {"number": contract.number},
        submit=_("End"),
        back=page_of(partner),
        intro=_("From the next scan on, nothing is done for members by this contract."),
    )


@require_http_methods(["GET", "POST"])
def new_place(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Enter a place."""
    partner = get_partner(request.actor, pk)
    form = PlaceForm(request.POST or None)
    region = request.POST.get("region", "")[:12]

    def save() -> Any:
        fields = form.cleaned_data
        return made.open_place(actor=request.actor, partner=partner, fields=fields, region=region, now=request.now)

    return acted(
        request,
        form,
        save,
        title=_("New place of %(name)s") % {"name": local_name(partner)},
        submit=_("Create"),
        back=page_of(partner),
        region=picker(request, selected=region, start=partner.union.region_id or ""),
    )


@require_http_methods(["GET", "POST"])
def edit_place(request: DeskRequest, pk: UUID, place_pk: UUID) -> HttpResponse:
    """Change what is known of a place."""
    partner = get_partner(request.actor, pk)
    place = get_place(partner, place_pk)
    place.partner = partner
    form = PlaceForm(request.POST or None, initial={name: getattr(place, name) for name in PlaceForm.base_fields})
    region = request.POST.get("region", place.region_id)[:12]

    def save() -> Any:
        fields = form.cleaned_data
        return made.edit_place(actor=request.actor, place=place, fields=fields, region=region, now=request.now)

    more = {"region": picker(request, selected=region, start=region)}
    return acted(request, form, save, title=local_name(place), submit=_("Save"), back=page_of(partner), **more)


@require_http_methods(["GET", "POST"])
def close_place(request: DeskRequest, pk: UUID, place_pk: UUID) -> HttpResponse:
    """Close a place, after asking."""
    partner = get_partner(request.actor, pk)
    place = get_place(partner, place_pk)
    place.partner = partner
    if request.method == "POST":
        made.close_place(actor=request.actor, place=place, now=request.now)
        messages.success(request, _("Closed."))
        return HttpResponseRedirect(page_of(partner))
    return ask(
        request,
        question=_("Close %(name)s?") % {"name": local_name(place)},
        consequences=[
            _("Its counters only check cards from the next scan on."),
            _("Members are not sent there any more. Carry what lies on its shelves elsewhere."),
        ],
        action_label=_("Close"),
        back_url=page_of(partner),
    )
