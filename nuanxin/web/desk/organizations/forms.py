"""Forms of this area: what is typed, in which widget. The rules are in the organizations package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.organizations.queries import occupation_groups, platforms
from nuanxin.organizations.rules import kinds_below
from nuanxin.organizations.rules.parameters import PARAMETERS
from nuanxin.organizations.states import CoverageBasis, EmployerScope, UnionKind, UnionLevel
from nuanxin.web.kit.days import DayField
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from nuanxin.organizations.models import Union


class UnionFilter(forms.Form):
    q = forms.CharField(
        label=_("Name, pinyin or code"), required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search"})
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *UnionKind.choices])
    level = forms.ChoiceField(label=_("Level"), required=False, choices=[("", _("All")), *UnionLevel.choices])
    region = forms.CharField(label=_("Region code"), required=False, max_length=12)
    closed = forms.BooleanField(label=_("Closed ones"), required=False)


class UnionForm(forms.Form):
    """What a union says of itself."""

    name = forms.CharField(label=_("Name of the union"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    credit_code = forms.CharField(
        label=_("Credit code"), max_length=40, required=False, help_text=_("18 characters; begins with 81 or 89.")
    )
    contact = forms.CharField(label=_("Contact"), max_length=60, required=False)
    contact_phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    working_hours = forms.CharField(
        label=_("Working hours"), max_length=100, required=False, help_text=_("Such as Monday to Friday 8:30–17:30.")
    )
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    founded_on = DayField(label=_("Founded on"), required=False)


class NewUnionForm(UnionForm):
    """A new union under a parent: also its kind and level; the region is chosen beside."""

    kind = forms.ChoiceField(label=_("Kind"))
    level = forms.ChoiceField(
        label=_("Level"),
        required=False,
        choices=[("", _("That of its region")), ("basic", UnionLevel.BASIC.label)],
        help_text=_("A union of one employer is always a basic union."),
    )
    field_order = ["kind", "level", "name"]

    def __init__(self, parent: Union, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = {kind for level in UnionLevel.values for kind in kinds_below(parent.kind, level)}
        self.fields["kind"].choices = [choice for choice in UnionKind.choices if choice[0] in kinds]  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    parent = forms.CharField(
        label=_("New parent union"), max_length=12, help_text=_("Its code; you find it on the union's page.")
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class DissolveForm(forms.Form):
    heir = forms.CharField(
        label=_("Merge into"),
        required=False,
        max_length=12,
        help_text=_(
            "Code of the union that takes everybody over. Left empty, each member goes to the union that answers for "
            "the member's own work."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("With the decision of the union above. Every member reads it.")
    )


class EnterpriseFilter(forms.Form):
    q = forms.CharField(
        label=_("Name, pinyin or credit code"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    region = forms.CharField(label=_("Region code"), required=False, max_length=12)
    platform = forms.ChoiceField(label=_("Platform"), required=False)
    covered = forms.ChoiceField(
        label=_("Union"), required=False, choices=[("", _("All")), ("yes", _("Covered")), ("no", _("Not covered yet"))]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["platform"].choices = [("", _("All")), *_named(platforms())]  # type: ignore[attr-defined]


class EnterpriseForm(forms.Form):
    name = forms.CharField(label=_("Name of the enterprise"), max_length=120)
    credit_code = forms.CharField(label=_("Credit code"), max_length=40, required=False)
    headcount = forms.CharField(label=_("Employees"), max_length=10, required=False)
    contact = forms.CharField(label=_("Contact"), max_length=60, required=False)
    contact_phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)


class CoverForm(forms.Form):
    union = forms.CharField(
        label=_("Covering union"), max_length=12, help_text=_("Its code; you find it on the union's page.")
    )
    basis = forms.ChoiceField(label=_("Basis"), choices=CoverageBasis.choices)
    on = DayField(label=_("From"))


class DayForm(forms.Form):
    on = DayField(label=_("On"))


class PlatformForm(forms.Form):
    platform = forms.ChoiceField(label=_("Platform"))
    on = DayField(label=_("From"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["platform"].choices = _named(platforms())  # type: ignore[attr-defined]


class AdmissionForm(forms.Form):
    """Whom a union admits directly."""

    employers = forms.ChoiceField(label=_("Whose workers"), choices=EmployerScope.choices)
    occupation_groups = forms.MultipleChoiceField(
        label=_("Occupation groups"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every group."),
    )
    platforms = forms.MultipleChoiceField(
        label=_("Platforms"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every platform."),
    )
    region_codes = forms.CharField(
        label=_("Regions"),
        required=False,
        max_length=400,
        help_text=_("Codes with a comma between; empty: the union's own region."),
    )
    valid_from = DayField(label=_("From"))
    valid_until = DayField(label=_("Until"), required=False, help_text=_("The first day on which it no longer holds."))
    source_note = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("Decision or document, with its date.")
    )
    source_note_en = forms.CharField(label=_("Source in English"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["occupation_groups"].choices = _named(occupation_groups())  # type: ignore[attr-defined]
        self.fields["platforms"].choices = _named(platforms())  # type: ignore[attr-defined]

    def clean_region_codes(self) -> list[str]:
        """Return the codes one by one."""
        text: str = self.cleaned_data["region_codes"]
        return text.translate(dict.fromkeys(map(ord, ",，、;；"), " ")).split()


class RuleForm(forms.Form):
    """A parameter for a union's subtree, a region, or everywhere."""

    union = forms.CharField(
        label=_("For the union and all below"),
        required=False,
        max_length=12,
        help_text=_("Its code; empty for a region or everywhere."),
    )
    region_code = forms.CharField(
        label=_("For the region"), required=False, max_length=12, help_text=_("Its code; both empty: everywhere.")
    )
    valid_from = DayField(label=_("From"))
    source_note = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("Decision or document, with its date.")
    )

    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parameter = PARAMETERS[name]
        if parameter.switches is None:
            value: forms.Field = forms.CharField(label=parameter.label, help_text=parameter.hint, max_length=6)
        else:
            value = forms.MultipleChoiceField(
                label=parameter.label,
                required=False,
                choices=list(parameter.switches.items()),
                widget=forms.CheckboxSelectMultiple,
                help_text=parameter.hint,
            )
        self.fields = {"value": value, **self.fields}


class ListRowForm(forms.Form):
    """A row of a code list: platform, group or set."""

    code = forms.CharField(
        label=_("Code"), max_length=30, help_text=_("Small letters, digits and underscores; never changes.")
    )
    name = forms.CharField(label=_("Name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)


class GroupForm(ListRowForm):
    icon = forms.CharField(label=_("Icon"), max_length=30, required=False)
    position = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=999)


class SetForm(ListRowForm):
    valid_from = DayField(label=_("From"))
    source_note = forms.CharField(label=_("Source"), max_length=200)


class GroupOfSetForm(forms.Form):
    group = forms.ChoiceField(label=_("Occupation group"))
    on = DayField(label=_("From"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = _named(occupation_groups())  # type: ignore[attr-defined]


class UploadForm(forms.Form):
    file = forms.FileField(label=_("Excel file"), help_text=_(".xlsx or .xls, at most 5,000 rows and 5 MB."))


def _named(rows: Any) -> list[tuple[str, str]]:
    return [(row.pk, local_name(row)) for row in rows]
