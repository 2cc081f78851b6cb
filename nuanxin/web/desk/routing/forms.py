"""Forms of this area."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.organizations.queries import occupation_groups, platforms
from nuanxin.web.kit.templatetags.kit import local_name


class CaseForm(forms.Form):
    """One case, typed."""

    place = forms.CharField(
        label=_("Place"),
        required=False,
        max_length=60,
        help_text=_("Code or name, such as 371502001 or 东昌府区 古楼街道."),
    )
    group = forms.ChoiceField(label=_("Occupation group"), required=False)
    platform = forms.ChoiceField(label=_("Platform"), required=False)
    employer = forms.CharField(
        label=_("Employer"), required=False, max_length=120, help_text=_("Credit code or whole name.")
    )
    scanned = forms.CharField(
        label=_("Scanned union"), required=False, max_length=120, help_text=_("Code or name, if a poster was scanned.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("group", occupation_groups()), ("platform", platforms())):
            self.fields[name].choices = [("", "—"), *((row.pk, local_name(row)) for row in rows)]  # type: ignore[attr-defined]


class ListForm(forms.Form):
    """Many cases, pasted or uploaded."""

    lines = forms.CharField(
        label=_("Paste from Excel"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "nx-mono"}),
        help_text=_(
            "One case a line: place, occupation group, platform, employer, scanned union; only the first two are "
            "needed. With a heading the columns may stand in any order. At most 5,000 lines."
        ),
    )
    file = forms.FileField(label=_("Or an Excel file"), required=False)
    kept = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
