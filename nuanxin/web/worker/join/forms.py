"""The forms of the three steps. They take whatever is typed; the rules of `members` judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.rules.applicants import CONSENT_VERSION, check_fields
from nuanxin.members.states import IdKind
from nuanxin.organizations.queries.lists import open_groups, open_platforms
from nuanxin.web.kit.templatetags.kit import local_name
from nuanxin.web.worker.wording import CONSENTS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime


def complain(form: forms.Form, raw: Mapping[str, Any], *, now: datetime) -> None:
    """Put every objection of the rules that concerns this form's fields where it belongs."""
    day = local_day(now)
    try:
        check_fields(raw, on=day, groups=open_groups(day), platforms=open_platforms(day))
    except Invalid as refusal:
        for error in refusal.errors:
            if error.field in form.fields and error.field not in form.errors:
                form.add_error(error.field, str(error.message))


def text_field(label: Any, *, hint: Any = "", missing: Any = "", **attrs: Any) -> forms.CharField:
    """Return a text field that strips nothing and judges nothing; `missing` is said when it must be filled in."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=bool(missing),
        strip=False,
        error_messages={"required": missing},
        widget=forms.TextInput(attrs=attrs),
    )


def phone_field(*, hint: Any = "", label: Any = None) -> forms.CharField:
    """Return a field for a mobile number."""
    return text_field(
        label or _("Mobile number"),
        hint=hint,
        missing=_("Please write your mobile number."),
        type="tel",
        autocomplete="tel-national",
        inputmode="tel",
    )


class PersonForm(forms.Form):
    """Step 1: who I am."""

    name = text_field(
        _("Your name"),
        hint=_("As on your ID card"),
        missing=_("Please write your name."),
        autocomplete="name",
        autocapitalize="words",
    )
    id_number = text_field(
        _("Resident ID number"),
        hint=_("18 characters; the last one may be an X"),
        missing=_("Please write your resident ID number."),
        autocomplete="off",
        autocapitalize="characters",
        spellcheck="false",
    )
    phone = phone_field(hint=_("We send one code to it, to be sure that it is yours"))


class OtherPaperForm(PersonForm):
    """Step 1 for whoever has another document: its kind, and what its number may not tell."""

    id_kind = forms.ChoiceField(
        label=_("Which document do you have?"),
        choices=[(kind.value, kind.label) for kind in IdKind if kind != IdKind.RESIDENT_ID],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )
    birth_on = text_field(
        _("Date of birth"),
        hint=_("Not needed when the number has 18 characters: it tells the date"),
        type="date",
        autocomplete="bday",
    )
    sex = forms.ChoiceField(
        label=_("Sex"),
        choices=[("M", _("Male")), ("F", _("Female"))],
        widget=forms.RadioSelect,
        required=False,
        help_text=_("As on the document; not needed for a residence permit"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("As on the document")
        number = self.fields["id_number"]
        number.label = _("Number of the document")
        number.help_text = _("All letters and digits, as printed on the card")
        number.error_messages["required"] = _("Please write the number of your document.")
        self.order_fields(["name", "id_kind", "id_number", "birth_on", "sex", "phone"])


class PlaceForm(forms.Form):
    """Step 2: what I do and where. The region comes from the picker, the employer from the suggestions."""

    region_code = forms.CharField(label=_("Where you work"), required=False)
    occupation_group = forms.CharField(label=_("Your trade"), required=False)
    employer_name = text_field(
        _("Your employer, if you have one"),
        hint=_("A station, a branch, a labor firm. No employer, or not sure? Leave it empty."),
        autocomplete="off",
    )
    employer_credit_code = forms.CharField(label=_("Works at"), required=False)
    platform = forms.ChoiceField(label=_("Platform you mostly work through"), required=False)

    def __init__(self, *args: Any, day: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, local_name(row)) for code, row in open_platforms(day).items()]
        self.fields["platform"].choices = [("", _("None, or another one")), *choices]  # type: ignore[attr-defined]


_NEEDED = _("Without this consent the application cannot be sent.")


class SendForm(forms.Form):
    """Step 3: the consents, each on its own, and the sentence with which one applies."""

    processing = forms.BooleanField(label=CONSENTS[0].label, error_messages={"required": _NEEDED})
    identity = forms.BooleanField(label=CONSENTS[1].label, error_messages={"required": _NEEDED})
    employer = forms.BooleanField(label=CONSENTS[2].label, required=False)
    pledge = forms.BooleanField(
        label=_("I have read this and apply to join"),
        error_messages={"required": _("To apply, please read the sentence above and tick the box.")},
    )
    consent_version = forms.CharField(widget=forms.HiddenInput, initial=CONSENT_VERSION, required=False)

    def given(self) -> Collection[str]:
        """Return the kinds of consent that were ticked."""
        return [consent.kind for consent in CONSENTS if self.cleaned_data.get(consent.kind)]


class CodeForm(forms.Form):
    """The code from the text message."""

    code = text_field(
        _("Code from the text message"),
        missing=_("Please type the six digits from the text message."),
        autocomplete="one-time-code",
        inputmode="numeric",
        maxlength=12,
        **{"class": "nx-code-input"},
    )
