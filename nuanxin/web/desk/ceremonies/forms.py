"""The forms of ceremonies. They take whatever is typed; the rules of `members` judge it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CeremonyForm(forms.Form):
    """A ceremony that is planned."""

    union = forms.CharField(label=_("Union"), max_length=120, help_text=_("Code or whole name."))
    title = forms.CharField(label=_("What it is called"), max_length=100)
    place = forms.CharField(label=_("Place"), max_length=200)
    starts_at = forms.DateTimeField(
        label=_("Date and time"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    presided_by = forms.CharField(label=_("Presided by"), max_length=100, help_text=_("Name and office."))
    guests = forms.CharField(
        label=_("Who is expected"),
        required=False,
        max_length=100_000,
        help_text=_("A line each: the name, then the phone if you know it. Copy it from your list."),
        widget=forms.Textarea({"rows": 8}),
    )
    roster = forms.CharField(
        label=_("Everybody of a roster, too"),
        required=False,
        max_length=16,
        help_text=_("Number of a roster that was checked; its rows without mistakes are expected."),
    )
    shows_names = forms.BooleanField(
        label=_("Show masked names on the big screen"),
        required=False,
        help_text=_("Without it the screen shows numbers only."),
    )


class KitForm(forms.Form):
    """The code of a member's card, scanned or typed."""

    code = forms.CharField(
        label=_("Code of the member's card"),
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": "autofocus"}),
    )
