"""What narrows the register of erasures and the dry run."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.records.states import Because
from nuanxin.web.desk.erasures.words import RULES
from nuanxin.web.kit.days import DayField


class ErasureFilter(forms.Form):
    """Which lines of the register to list."""

    rule = forms.ChoiceField(label=_("By which rule"), required=False, choices=[("", _("any")), *RULES.items()])
    because = forms.ChoiceField(label=_("On whose account"), required=False, choices=[("", _("any")), *Because.choices])
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)


class DryRunForm(forms.Form):
    """The day to look at."""

    on = DayField(label=_("What would be erased by the end of"), required=False)
