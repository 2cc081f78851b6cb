"""What is typed for a draw. The rules of `bookings` judge it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.bookings.states import DrawState


class DrawFilter(forms.Form):
    """Filters of the list of draws."""

    q = forms.CharField(label=_("Name or number"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), ("none", _("Not announced yet")), *DrawState.choices],
    )


class SourceForm(forms.Form):
    """The public value to come, and its hour."""

    source = forms.CharField(
        label=_("Public value, and who publishes it"),
        max_length=200,
        help_text=_("Something nobody can know or steer before its hour: a closing index, the numbers of a lottery."),
    )
    source_en = forms.CharField(label=_("In English"), max_length=300, required=False)
    source_link = forms.CharField(
        label=_("Page where everybody can read it"), max_length=300, widget=forms.URLInput({"placeholder": "https://"})
    )
    value_at = forms.DateTimeField(
        label=_("Hour before which nobody can know it"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("At least ten minutes after entries close: the list of tickets is published in between."),
    )


class ValueForm(forms.Form):
    """The value, as the first person read it."""

    value = forms.CharField(
        label=_("Value, exactly as published"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    link = forms.CharField(label=_("Page where you read it"), max_length=300, widget=forms.URLInput())


class ConfirmForm(forms.Form):
    """The value, as the second person read it."""

    value = forms.CharField(
        label=_("Value, as you read it yourself on the page"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("It must be the same, sign for sign, as the first person typed. What that was is not shown here."),
    )
