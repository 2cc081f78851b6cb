"""The forms of mobile events. They take whatever is typed; the rules of `activities` judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.web.kit.masks import mask_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nuanxin.activities.models import EventConsent


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class ProgramForm(forms.Form):
    """A program of events."""

    union = forms.CharField(label=_("Union"), max_length=120, help_text=_("Code or whole name."))
    name = forms.CharField(label=_("Name of the program"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    starts_on = _day(_("From"))
    ends_on = _day(_("Until"))


class PlanForm(forms.Form):
    """Events, a line each."""

    plan = forms.CharField(
        label=_("Events, a line each"),
        max_length=100_000,
        help_text=_(
            "Day and hours | name | place | how many people | kind. Such as: 2026-12-05 09:00-11:30 | Film night | "
            "Station square | 60 | film. Copy it from your table: tabs do as well."
        ),
        widget=forms.Textarea({"rows": 14}),
    )


class LiveForm(forms.Form):
    """Where an event can be watched."""

    live_url = forms.CharField(
        label=_("Link to the live stream"),
        max_length=300,
        required=False,
        help_text=_("Members see it from half an hour before the event until it ends. Empty takes it away."),
    )


class DoorForm(forms.Form):
    """The code that somebody shows."""

    code = forms.CharField(
        label=_("Member code"),
        max_length=300,
        help_text=_("Scan it, or type the ten digits."),
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
    )


class PhotoForm(forms.Form):
    """A photo, and everybody who can be recognized on it."""

    file = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG or PNG, five megabytes at most."),
        widget=forms.FileInput({"accept": "image/jpeg,image/png"}),
        error_messages={"empty": _("This file is empty. Please choose another.")},
    )
    caption = forms.CharField(label=_("Caption"), max_length=100, required=False)
    people = forms.MultipleChoiceField(
        label=_("Who can be recognized"),
        required=False,
        help_text=_("Only people who have agreed are offered. Whoever has not must not be on the photo."),
        widget=forms.CheckboxSelectMultiple,
    )
    nobody = forms.BooleanField(label=_("Nobody can be recognized on it"), required=False)

    def __init__(self, *args: Any, consents: Iterable[EventConsent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["people"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(each.pk), mask_name(each.worker.name)) for each in consents]
        if not field.choices:
            del self.fields["people"]
