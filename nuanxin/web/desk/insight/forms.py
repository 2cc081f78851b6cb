"""The period of a dashboard."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.web.kit.days import DayField


class PeriodForm(forms.Form):
    """First and last day; both stay in the address."""

    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)
