"""Forms of this area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import local_day
from nuanxin.members.states import ConsentKind, IdKind
from nuanxin.organizations.queries import open_doors, open_groups, open_platforms
from nuanxin.organizations.states import DoorKind
from nuanxin.web.kit.days import DayField
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from datetime import datetime


class DoorForm(forms.Form):
    """A door: what it is called, where somebody stands who comes in, and whose it is."""

    code = forms.CharField(
        label=_("Code"),
        max_length=30,
        help_text=_("It stands in the link. Small letters, digits and underscores; never changes."),
    )
    name = forms.CharField(label=_("Name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind of door"), choices=DoorKind.choices)
    union = forms.CharField(
        label=_("Whose door it is"),
        max_length=60,
        required=False,
        help_text=_("Name or code of the union; empty: the whole installation's."),
    )
    opened_on = DayField(label=_("Open from"))


class KeyForm(forms.Form):
    """The app's own public key."""

    public_key = forms.CharField(
        label=_("Public key of the app"),
        widget=forms.Textarea({"rows": 5, "spellcheck": "false", "class": "nx-mono"}),
        help_text=_("PEM text of a key on the curve P-256."),
    )


class LinkForm(forms.Form):
    """For which union a link and a poster are made."""

    union = forms.CharField(label=_("Union (name or code)"), max_length=60)


class EntryForm(forms.Form):
    """An application as somebody at the counter tells it."""

    name = forms.CharField(label=_("Name as on the document"), max_length=50)
    id_kind = forms.ChoiceField(label=_("Document"), choices=IdKind.choices)
    id_number = forms.CharField(label=_("Number of the document"), max_length=40)
    birth_on = DayField(
        label=_("Date of birth"), required=False, help_text=_("Only where the number does not tell it.")
    )
    sex = forms.ChoiceField(
        label=_("Sex"), required=False, choices=[("", _("from the number")), ("M", _("Male")), ("F", _("Female"))]
    )
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=20,
        widget=forms.TextInput({"inputmode": "tel"}),
        help_text=_("The person must have it at hand: a code is sent to it."),
    )
    occupation_group = forms.ChoiceField(label=_("Occupation"))
    region_code = forms.CharField(
        label=_("Where the person works"),
        max_length=60,
        help_text=_("Name or code, down to the village or community if you know it."),
    )
    employer_name = forms.CharField(
        label=_("Employer"), max_length=120, required=False, help_text=_("Name or credit code; empty if there is none.")
    )
    platform = forms.ChoiceField(label=_("Platform"), required=False)
    union = forms.CharField(
        label=_("At the counter of"),
        max_length=60,
        help_text=_("Name or code of your union. Routing decides as always."),
    )
    door = forms.ChoiceField(label=_("Counter"))
    processing = forms.BooleanField(label=_("The person has read what is done with the data, and agrees"))
    identity = forms.BooleanField(label=_("The person agrees to the handling of the ID number, which is sensitive"))
    employer = forms.BooleanField(label=_("The person agrees that the employer is asked"), required=False)
    pledge = forms.BooleanField(label=_("The person knows the sentence with which one applies, and applies"))

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = local_day(now)
        counters = [door for door in open_doors(day).values() if door.kind == DoorKind.COUNTER]
        for name, rows, first in (
            ("occupation_group", open_groups(day).values(), [("", "—")]),
            ("platform", open_platforms(day).values(), [("", _("None, or another one"))]),
            ("door", counters, []),
        ):
            self.fields[name].choices = [*first, *((row.pk, local_name(row)) for row in rows)]  # type: ignore[attr-defined]

    def consents(self) -> list[str]:
        """Return what the person has agreed to."""
        return [kind for kind in ConsentKind.values if self.cleaned_data.get(kind)]


class CodeForm(forms.Form):
    """The code that the person reads out."""

    code = forms.CharField(
        label=_("Code from the person's phone"),
        max_length=12,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "autofocus": True}),
    )
