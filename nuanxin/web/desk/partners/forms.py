"""What is typed about partners. The rules of `organizations` and `access` judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.organizations.states import PartnerKind, ScanKind
from nuanxin.web.kit.days import DayField
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nuanxin.organizations.models import PartnerPlace


class PartnerFilter(forms.Form):
    """Which partners to list."""

    q = forms.CharField(
        label=_("Name or contract number"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"type": "search"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *PartnerKind.choices])
    region = forms.CharField(label=_("Region code"), required=False, max_length=12)
    state = forms.ChoiceField(
        label=_("Contract"),
        required=False,
        choices=[
            ("", _("All")),
            ("current", _("in force")),
            ("expiring", _("runs out soon")),
            ("without", _("none in force")),
            ("ended", _("partners we parted from")),
        ],
    )


class PartnerForm(forms.Form):
    """What is known of a partner."""

    name = forms.CharField(label=_("Name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=PartnerKind.choices)
    contact = forms.CharField(label=_("Contact"), max_length=60, required=False)
    contact_phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)


class NewPartnerForm(PartnerForm):
    """A new partner: also whose it is."""

    union = forms.CharField(label=_("Union"), max_length=120, help_text=_("Code or whole name."))
    field_order = ["union", "name"]


def _kinds(label: Any, *, required: bool = False, help_text: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=ScanKind.choices,
        required=required,
        help_text=help_text,
        widget=forms.CheckboxSelectMultiple(),
    )


class ContractForm(forms.Form):
    """A contract."""

    number = forms.CharField(label=_("Number of the contract"), max_length=40)
    valid_from = DayField(label=_("From"))
    until = DayField(label=_("Until (last day)"))
    kinds = _kinds(_("What may be done at its counters"), required=True)
    day_cap = forms.CharField(
        label=_("At most a day"),
        required=False,
        max_length=10,
        help_text=_("Redemptions at all its counters together; without a limit, when empty."),
    )
    month_cap = forms.CharField(
        label=_("At most a month, in yuan"),
        required=False,
        max_length=14,
        help_text=_("What the union pays for one month; without a limit, when empty."),
    )
    settlement_day = forms.IntegerField(
        label=_("Day of settlement"),
        min_value=1,
        max_value=28,
        initial=5,
        help_text=_("Day of the month on which the month before is settled."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)


class EndContractForm(forms.Form):
    """Why a contract ends early."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class PlaceForm(forms.Form):
    """A place; its area is chosen beside."""

    name = forms.CharField(label=_("Name of the place"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    address = forms.CharField(label=_("Address"), max_length=200)
    hours = forms.CharField(
        label=_("Opening hours"), max_length=100, required=False, help_text=_("Such as every day 8:00–20:00.")
    )
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)


class _AtPlace(forms.Form):
    place = forms.ChoiceField(label=_("Name of the place"))

    def __init__(self, *args: Any, places: Iterable[PartnerPlace], every: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = [("", _("every place of the partner"))] if every else []
        field: Any = self.fields["place"]
        field.choices = [*first, *((str(place.pk), local_name(place)) for place in places)]
        field.required = not every


class CounterForm(_AtPlace):
    """A device at a place."""

    name = forms.CharField(label=_("Counter"), max_length=60, help_text=_("For example: counter 1."))
    kinds = _kinds(_("What it may do"), help_text=_("Everything that the contract allows, when none is chosen."))
    field_order = ["name", "place", "kinds"]


class PersonForm(_AtPlace):
    """Somebody who serves at the partner's counters."""

    name = forms.CharField(label=_("Person"), max_length=50)
    kinds = _kinds(
        _("What this person may do"), help_text=_("Everything that the contract allows, when none is chosen.")
    )
    field_order = ["name", "place", "kinds"]
