"""What is typed about the stock of welcome packs. The rules of `benefits` judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.queries.pack_people import LATE
from nuanxin.benefits.states.packs import SHELVED, PackItem, RightState
from nuanxin.kernel.ids import new_id
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nuanxin.organizations.models import PartnerPlace

_ITEMS = [(item.value, item.label) for item in SHELVED]


class StockFilter(forms.Form):
    """Which stocks to list."""

    q = forms.CharField(
        label=_("Place or partner"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    item = forms.ChoiceField(label=_("Thing"), required=False, choices=[("", _("All")), *_ITEMS])
    region = forms.CharField(label=_("Region code"), required=False, max_length=12)
    state = forms.ChoiceField(
        label=_("On the shelf"),
        required=False,
        choices=[("", _("All")), ("low", _("running low")), ("out", _("nothing left"))],
    )


class PeopleFilter(forms.Form):
    """Whose packs to list."""

    q = forms.CharField(
        label=_("Name, number or phone"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    item = forms.ChoiceField(
        label=_("Thing"), required=False, choices=[("", _("All")), *((each.value, each.label) for each in PackItem)]
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), (LATE, _("Not fetched in time")), *RightState.choices],
    )


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("The member may read it."), widget=forms.Textarea({"rows": 2})
    )


class NewStockForm(forms.Form):
    """A shelf for one thing at a place."""

    place = forms.ChoiceField(label=_("Name of the place"))
    item = forms.ChoiceField(label=_("Thing"), choices=_ITEMS)

    def __init__(self, *args: Any, places: Iterable[PartnerPlace], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["place"]
        field.choices = [(str(place.pk), f"{local_name(place)} · {place.partner}") for place in places]


class _Movement(forms.Form):
    """A form that counts once, however often it is sent."""

    token = forms.UUIDField(widget=forms.HiddenInput())
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("token", new_id())
        super().__init__(*args, **kwargs)


class InForm(_Movement):
    """Pieces that came."""

    amount = forms.IntegerField(label=_("Pieces"), min_value=1)
    field_order = ["amount", "note"]


class OutForm(InForm):
    """Pieces that were taken for another end."""

    note = forms.CharField(label=_("What for"), max_length=200)


class CarryForm(InForm):
    """Pieces that go to another place."""

    to = forms.ChoiceField(label=_("To which place"))
    field_order = ["to", "amount", "note"]

    def __init__(self, *args: Any, places: Iterable[PartnerPlace], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["to"]
        field.choices = [(str(place.pk), f"{local_name(place)} · {place.partner}") for place in places]


class CountForm(_Movement):
    """What was counted."""

    seen = forms.IntegerField(widget=forms.HiddenInput(), min_value=0)
    counted = forms.IntegerField(label=_("Counted pieces"), min_value=0)
    field_order = ["counted", "note"]


class LowForm(forms.Form):
    """When a place asks for more."""

    low_at = forms.IntegerField(label=_("Ask for more at or below"), min_value=0)
