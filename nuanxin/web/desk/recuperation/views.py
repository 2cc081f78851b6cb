"""Stays: the list, a new one, and one with its departures and the rules that allowed it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.queries import union_in_reach
from nuanxin.access.states import Permission
from nuanxin.activities.actions.recuperation import StayDraft, offer_recuperation
from nuanxin.activities.queries.recuperation import departures_of, get_stay, visible_stays
from nuanxin.bookings.states import Way
from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.rules.parameters import PARAMETERS
from nuanxin.web.desk.organizations.pages import form_page
from nuanxin.web.kit.offers import offer_state
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.activities.models import Recuperation
    from nuanxin.web.desk.requests import DeskRequest


class StayForm(forms.Form):
    """A stay that is offered; the dated rules judge it."""

    union = forms.CharField(label=gettext_lazy("Union"), max_length=120, help_text=gettext_lazy("Code or whole name."))
    name = forms.CharField(label=gettext_lazy("Name of the stay"), max_length=100)
    name_en = forms.CharField(label=gettext_lazy("In English"), required=False, max_length=150)
    destination = forms.CharField(label=gettext_lazy("Where to"), max_length=100)
    is_outside = forms.BooleanField(label=gettext_lazy("Outside the province"), required=False)
    days = forms.IntegerField(label=gettext_lazy("How many days"), min_value=1, max_value=60, initial=5)
    yuan_per_day = forms.DecimalField(
        label=gettext_lazy("Yuan a person and day, paid by the union"),
        min_value=Decimal(0),
        max_digits=8,
        decimal_places=2,
    )
    departures = forms.CharField(
        label=gettext_lazy("First days"),
        max_length=600,
        help_text=gettext_lazy("Such as 2026-12-05, with blanks between."),
    )
    places = forms.IntegerField(
        label=gettext_lazy("Places of each departure"), min_value=1, max_value=5_000, initial=40
    )
    companions = forms.IntegerField(
        label=gettext_lazy("Companions of each member, at most"), min_value=0, max_value=5, initial=1
    )
    companion_yuan = forms.DecimalField(
        label=gettext_lazy("Yuan that a companion pays"),
        min_value=Decimal(0),
        max_digits=8,
        decimal_places=2,
        initial=Decimal(0),
    )
    way = forms.ChoiceField(
        label=gettext_lazy("How places are given"), choices=[each for each in Way.choices if each[0] != Way.LOTTERY]
    )
    opens_at = forms.DateTimeField(
        label=gettext_lazy("Booking opens"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )
    closes_at = forms.DateTimeField(
        label=gettext_lazy("Booking closes"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )


@require_safe
def stays(request: DeskRequest) -> HttpResponse:
    """List what is offered by unions in reach, the newest first."""
    request.actor.require(Permission.VIEW_BOOKINGS)
    listed = page(visible_stays(request.actor), order=("-pk",), cursor=request.GET.get("page", ""), size=50)
    context = {
        "page_title": _("Recuperation"),
        "page": listed,
        "rows": [{"stay": each, "state": offer_state(each.offer.state)} for each in listed.items],
        "may_offer": request.actor.may(Permission.EDIT_OFFERS),
    }
    return render(request, "desk/recuperation/stays.html", context)


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Offer a stay; its offer is announced and led like any other."""
    request.actor.require(Permission.EDIT_OFFERS)
    form = StayForm(request.POST or None)
    if form.is_bound:
        done, made = tried(form, lambda: _offer(request, form.cleaned_data))
        if done:
            return HttpResponseRedirect(reverse("desk:recuperation:stay", args=[made.offer.number]))
    back = reverse("desk:recuperation:stays")
    return form_page(request, form, title=_("New stay"), submit=_("Create"), back_url=back)


def _offer(request: DeskRequest, typed: dict[str, Any]) -> Recuperation:
    chosen = dict(typed)
    union = union_in_reach(request.actor, Permission.EDIT_OFFERS, chosen.pop("union").strip())
    departures = _days(chosen.pop("departures"))
    return offer_recuperation(
        actor=request.actor, union=union, draft=StayDraft(departures=departures, **chosen), now=request.now
    )


def _days(text: str) -> list[date]:
    try:
        return [date.fromisoformat(part) for part in text.replace(",", " ").replace("，", " ").split()]
    except ValueError:
        raise Invalid("bad_days", _("Please write days like 2026-12-05."), field="departures") from None


@require_safe
def stay(request: DeskRequest, number: str) -> HttpResponse:
    """Show one stay with its departures and the rules by which it was allowed."""
    found = get_stay(request.actor, number)
    context = {
        "page_title": local_name(found.offer),
        "back_url": reverse("desk:recuperation:stays"),
        "stay": found,
        "state": offer_state(found.offer.state),
        "departures": departures_of(found),
        "rules": [
            {"label": PARAMETERS[each["rule"]].label, "value": each["value"], "source": each["source"]}
            for each in found.rules
            if each["rule"] in PARAMETERS
        ],
    }
    return render(request, "desk/recuperation/stay.html", context)
