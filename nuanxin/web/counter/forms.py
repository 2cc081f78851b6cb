"""What is typed at a counter."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """A member's code, scanned or typed; what it must look like is judged below."""

    code = forms.CharField(
        label=_("Ten digits of the code"),
        max_length=300,
        strip=False,  # an offline code may end with a space
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "123 456 7890", "enterkeyhint": "go"}
        ),
    )


class PrintedForm(forms.Form):
    """The sixteen characters of a printed card."""

    code = forms.CharField(
        label=_("Sixteen characters of the printed card"),
        max_length=300,
        strip=True,
        widget=forms.TextInput(
            attrs={
                "autocapitalize": "characters",
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "ABCD EFGH 1234 5678",
                "enterkeyhint": "go",
            }
        ),
    )


class EnrollForm(forms.Form):
    """The code that the union gave for this counter."""

    code = forms.CharField(
        label=_("Enrollment code"),
        help_text=_("Ten letters and digits that the union gave you; good for 30 minutes."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )


class StaffForm(forms.Form):
    """Six digits of whoever stands at the counter."""

    pin = forms.CharField(
        label=_("Your six digits"),
        help_text=_("From the union, for you alone. Forgotten? The union gives you new ones."),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "enterkeyhint": "go"}),
    )


class ActForm(forms.Form):
    """The one thing that was tapped."""

    kind = forms.CharField(max_length=20)
    key = forms.CharField(max_length=60)
