"""What narrows the register of erasures and the dry run."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.records.states import Because
from nuanxin.web.desk.erasures.words import RULES


def _day(label: object) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)  # type: ignore[arg-type]


class ErasureFilter(forms.Form):
    """Which lines of the register to list."""

    rule = forms.ChoiceField(label=_("By which rule"), required=False, choices=[("", _("any")), *RULES.items()])
    because = forms.ChoiceField(label=_("On whose account"), required=False, choices=[("", _("any")), *Because.choices])
    since = _day(_("From"))
    until = _day(_("Until"))


class DryRunForm(forms.Form):
    """The day to look at."""

    on = _day(_("What would be erased by the end of"))
