"""The forms of gifted insurance. They take whatever is typed; the rules of `benefits` judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.rules.insurance import INSURABLE
from nuanxin.benefits.states.insurance import SETTLEMENTS
from nuanxin.kernel.clock import local_day
from nuanxin.organizations.queries.lists import open_groups
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from nuanxin.benefits.models import InsurancePlan, Insurer


def day_field(label: Any, **more: Any) -> forms.DateField:
    """Return a field for a day."""
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **more)


class InsurerForm(forms.Form):
    """Whoever insures."""

    name = forms.CharField(label=_("Name of the insurer"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    hotline = forms.CharField(
        label=_("Telephone for claims"),
        max_length=40,
        required=False,
        help_text=_("Workers see it on the certificate."),
    )
    address = forms.CharField(
        label=_("Address of its service for rolls"),
        max_length=200,
        required=False,
        help_text=_("Such as https://…; leave it empty if files go by hand. See docs/insurance.md."),
    )


class PlanForm(forms.Form):
    """What is given."""

    insurer = forms.ChoiceField(label=_("Insurer"))
    union = forms.CharField(label=_("Union that gives it"), max_length=120, help_text=_("Code or whole name."))
    code = forms.CharField(label=_("Code"), max_length=30, help_text=_("The insurer knows the plan by it."))
    name = forms.CharField(label=_("Name of the plan"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    cover = forms.CharField(
        label=_("What is covered"),
        max_length=500,
        help_text=_("As workers read it."),
        widget=forms.Textarea({"rows": 3}),
    )
    cover_en = forms.CharField(
        label=_("What is covered, in English"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    sum_insured = forms.CharField(label=_("Sum insured, in yuan"), max_length=20)
    premium = forms.CharField(label=_("Premium for one person, in yuan"), max_length=20)
    months = forms.IntegerField(label=_("Term, in months"), min_value=1, max_value=60, initial=12)
    valid_from = day_field(_("Offered from"))
    valid_until = day_field(_("Offered until"), required=False)

    def __init__(self, *args: Any, insurers: Iterable[Insurer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["insurer"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(each.pk), local_name(each)) for each in insurers]


class BatchForm(forms.Form):
    """Who is to be given a plan."""

    name = forms.CharField(label=_("What the batch is called"), max_length=60)
    plan = forms.ChoiceField(label=_("Plan"))
    union = forms.CharField(
        label=_("Members of"), max_length=120, help_text=_("Code or whole name; with every union below it.")
    )
    on = day_field(_("Judged by the day"), help_text=_("Age and membership as of this day."))
    cover_from = day_field(_("Cover from"))
    states = forms.MultipleChoiceField(
        label=_("Standing of membership"),
        choices=[(each.value, each.label) for each in INSURABLE],
        initial=["active"],
        widget=forms.CheckboxSelectMultiple,
    )
    groups = forms.MultipleChoiceField(
        label=_("Occupation groups"),
        required=False,
        help_text=_("None chosen means all."),
        widget=forms.CheckboxSelectMultiple,
    )
    least_age = forms.IntegerField(label=_("Youngest age"), required=False, initial=16)
    most_age = forms.IntegerField(label=_("Oldest age"), required=False, initial=65)
    most = forms.IntegerField(
        label=_("At most so many people"),
        required=False,
        help_text=_("Those who are members longest. Empty means everybody."),
    )
    uninsured = forms.BooleanField(
        label=_("Only people who have no gifted insurance in that time"), required=False, initial=True
    )
    welcome = forms.BooleanField(label=_("Only new members to whom the welcome pack gives insurance"), required=False)

    def __init__(self, *args: Any, plans: Iterable[InsurancePlan], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("plan", [(str(each.pk), local_name(each)) for each in plans]),
            ("groups", [(each.pk, local_name(each)) for each in open_groups(local_day(now)).values()]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class PoliciesForm(forms.Form):
    """The file that the insurer sent back."""

    file = forms.FileField(
        label=_("File of policies"),
        help_text=_("Excel (.xlsx, .xls) or CSV with the titles of the roll and the policy numbers."),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.xls,.csv"}),
        error_messages={"empty": _("This file is empty. Please choose another.")},
    )


class SettleForm(forms.Form):
    """What becomes of the open differences of a kind, or of one."""

    settlement = forms.ChoiceField(label=_("What becomes of it"), widget=forms.RadioSelect)
    note = forms.CharField(label=_("Why"), max_length=200, help_text=_("For whoever looks at it later."))

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["settlement"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.value, each.label) for each in SETTLEMENTS[kind]]


class ClaimFilter(forms.Form):
    """Which claims to list."""

    q = forms.CharField(
        label=_("Name, claim or policy number"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"type": "search"}),
    )


class ClaimForm(forms.Form):
    """One act upon a claim; which fields are asked for depends on it."""

    amount = forms.CharField(label=_("Amount, in yuan"), max_length=20, required=False)
    paid_on = day_field(_("Paid on"), required=False)
    words = forms.CharField(
        label=_("What the worker is told"),
        max_length=1000,
        required=False,
        help_text=_("The worker reads exactly this."),
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, act: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = {"approved": ("amount",), "paid": ("amount", "paid_on"), "returned": ("words",), "refused": ("words",)}
        for name in set(self.fields) - set(wanted.get(act, ())):
            del self.fields[name]
        for field in self.fields.values():
            field.required = True
