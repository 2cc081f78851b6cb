"""What is said when a roster is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import local_day
from nuanxin.organizations.queries.lists import open_groups, open_platforms
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.utils.functional import _StrOrPromise

    from nuanxin.organizations.models import Enterprise


class DefaultsForm(forms.Form):
    """What holds for every row whose cell is empty, or whose file has no such column."""

    occupation_group = forms.ChoiceField(
        label=_("Occupation group of all rows"),
        required=False,
        help_text=_("Only for rows that do not name one themselves."),
    )
    region = forms.CharField(
        label=_("Place of work of all rows"),
        required=False,
        max_length=60,
        help_text=_("County or district, such as 东昌府区, or a region code."),
    )
    platform = forms.ChoiceField(label=_("Platform of all rows"), required=False)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = local_day(now)
        self.fields["occupation_group"].choices = _choices(open_groups(day).values())  # type: ignore[attr-defined]
        self.fields["platform"].choices = _choices(open_platforms(day).values())  # type: ignore[attr-defined]


class UploadForm(DefaultsForm):
    """A file of people, for which union or enterprise, and that they agreed."""

    union = forms.CharField(
        label=_("Union (name or code)"),
        max_length=60,
        help_text=_("The people join this union, or the one that the admission rules name below it."),
    )
    enterprise = forms.CharField(
        label=_("Their employer (name or credit code)"),
        required=False,
        max_length=120,
        help_text=_("Leave empty if they work for several; then the column “employer” tells."),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel (.xlsx, .xls) or CSV, at most 100,000 rows and 31 MB."),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.xls,.xlsm,.csv,.txt"}),
        error_messages={"empty": _("This file is empty. Please choose the file with the people's rows.")},
    )
    batch = forms.CharField(
        label=_("Label of a longer list"),
        required=False,
        max_length=60,
        help_text=_("Give every part of a longer list the same label: they are counted together."),
    )
    agreed = forms.BooleanField(
        label=_("These people agreed to join the union, and know that their data is used for that."),
        help_text=_("Each of them is told by a notice, with how to object."),
        error_messages={"required": _("Please ask the people first; nobody joins without agreeing.")},
    )
    field_order = ("union", "enterprise", "file", "occupation_group", "region", "platform", "batch", "agreed")

    def __init__(self, *args: Any, own: Iterable[Enterprise] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        enterprises = list(own)
        if enterprises:
            # a people office hands in for its own enterprise; the union is the one that covers it
            del self.fields["union"]
            self.fields["enterprise"] = forms.ChoiceField(
                label=_("Enterprise"), choices=[(str(each.pk), each.name) for each in enterprises]
            )
            self.order_fields(self.field_order)


class ColumnsForm(DefaultsForm):
    """Defaults again, beside the choice of columns."""


def _choices(rows: Iterable[Any]) -> list[tuple[str, _StrOrPromise]]:
    return [("", _("each row says it")), *((row.pk, local_name(row)) for row in rows)]
