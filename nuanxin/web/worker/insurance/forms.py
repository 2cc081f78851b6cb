"""What a worker says to make a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.rules.claims import MOST_WORDS
from nuanxin.members.actions.memberships import File

if TYPE_CHECKING:
    from collections.abc import Sequence


class FilesInput(forms.FileInput):
    """Several files at once, and on a phone the camera."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Judge each file by itself."""
        given: Sequence[Any] = data if isinstance(data, list) else [data] if data else []
        if not given and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(FilesField, self).clean(each, initial) for each in given]


def _files(**more: Any) -> FilesField:
    return FilesField(
        label=_("Photos or PDFs that show it"),
        help_text=_("Accident proof, medical bills, diagnosis. Five megabytes each at most, twelve files."),
        widget=FilesInput({"accept": "image/jpeg,image/png,application/pdf", "multiple": True}),
        error_messages={
            "required": _("Please add at least one photo or PDF that shows it."),
            "empty": _("This file is empty. Please choose another."),
        },
        **more,
    )


class DocumentsForm(forms.Form):
    """Documents for a claim."""

    documents = _files()

    def given(self) -> list[File]:
        """Return the files that were chosen."""
        return [File(each.name or "", each.read()) for each in self.cleaned_data["documents"]]


class ClaimForm(DocumentsForm):
    """What happened, what is asked for, and where the money goes."""

    happened_on = forms.DateField(
        label=_("When did it happen?"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Please choose the day.")},
    )
    words = forms.CharField(
        label=_("What happened?"),
        max_length=MOST_WORDS,
        help_text=_("In your own words. Only those who handle your claim can read it."),
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("Please say in a few words what happened.")},
    )
    asked = forms.CharField(
        label=_("How much did it cost you, in yuan?"),
        max_length=20,
        help_text=_("As your bills say, such as 860.50."),
        widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages={"required": _("Please write an amount in yuan, such as 1200 or 86.50.")},
    )
    account = forms.CharField(
        label=_("Number of your own bank card"),
        max_length=40,
        help_text=_("The money goes there. It is kept encrypted."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Please write the number of your own bank card: digits only.")},
    )
    documents = _files()
    field_order = ("happened_on", "words", "asked", "account", "documents")
