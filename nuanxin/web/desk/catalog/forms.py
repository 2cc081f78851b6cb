"""Forms of this area: services with their audience, targets, deliveries, and the filters of the lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.catalog.queries.service import areas
from nuanxin.catalog.queries.targets import headings
from nuanxin.catalog.rules.service import ICONS, MOST, TEXTS
from nuanxin.catalog.states import Unit, Way
from nuanxin.kernel.clock import local_day
from nuanxin.members.states import Assurance
from nuanxin.organizations.queries import open_groups
from nuanxin.web.kit.days import DayField
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

_ANY = ("", _("any"))
#: How often in a year a person may have a service: 0 says nothing.
_MOST_TIMES = 366


def _offer(form: forms.Form, name: str, rows: Iterable[Any], *first: tuple[str, Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [*first, *((row.pk, local_name(row)) for row in rows)]


class ServiceFilters(forms.Form):
    """What the list of services is narrowed to."""

    q = forms.CharField(
        label=_("Name, code, department or union"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"type": "search"}),
    )
    area = forms.ChoiceField(label=_("Area of services"), required=False)
    way = forms.ChoiceField(label=_("How it is got"), required=False, choices=[_ANY, *Way.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "area", areas(), _ANY)


class ServiceForm(forms.Form):
    """A service: what it is, how it is got, for whom, from when to when, and what it may cost."""

    code = forms.CharField(
        label=_("Code"),
        max_length=30,
        help_text=_(
            "Offers and partners name the service by it. Small letters, digits and underscores; never changes."
        ),
    )
    union = forms.CharField(
        label=_("Whose service it is"),
        max_length=60,
        help_text=_("Name or code of the union; its members may have it."),
    )
    area = forms.ChoiceField(label=_("Area of services"))
    name = forms.CharField(label=_("Name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    summary = forms.CharField(
        label=_("What it is, in one or two sentences"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    summary_en = forms.CharField(
        label=_("The same in English"), max_length=600, required=False, widget=forms.Textarea({"rows": 2})
    )
    way = forms.ChoiceField(label=_("How it is got"), choices=Way.choices)
    how = forms.CharField(
        label=_("How to get it, for workers to read"),
        max_length=600,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    how_en = forms.CharField(
        label=_("How to get it, in English"), max_length=1200, required=False, widget=forms.Textarea({"rows": 2})
    )
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    department = forms.CharField(label=_("Department that answers for it"), max_length=60, required=False)
    department_en = forms.CharField(label=_("Department, in English"), max_length=120, required=False)
    members_only = forms.BooleanField(label=_("For members only"), required=False)
    groups = forms.MultipleChoiceField(
        label=_("Only these occupations"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every occupation."),
    )
    age_least = forms.IntegerField(label=_("From age"), required=False, min_value=0, max_value=120)
    age_most = forms.IntegerField(label=_("Up to age"), required=False, min_value=0, max_value=120)
    sex = forms.ChoiceField(
        label=_("Women or men"), required=False, choices=[("", _("both")), ("F", _("women")), ("M", _("men"))]
    )
    assurance = forms.ChoiceField(
        label=_("Proof of identity"), required=False, choices=[("", _("as on joining")), *Assurance.choices]
    )
    member_for = forms.IntegerField(label=_("Member for so many days"), required=False, min_value=0, max_value=36_500)
    most_a_year = forms.IntegerField(
        label=_("At most so often a year"), required=False, min_value=1, max_value=_MOST_TIMES
    )
    is_private = forms.BooleanField(
        label=_("Who had it is not shown"),
        required=False,
        help_text=_("For health, law and hardship: cadres see how many, and no names."),
    )
    starts_on = DayField(label=_("Given from"))
    ends_on = DayField(label=_("Last day of the service"), required=False)
    cost_each = forms.DecimalField(
        label=_("Usual cost of one time, yuan"), required=False, max_digits=14, decimal_places=2, min_value=0
    )
    budget = forms.DecimalField(
        label=_("Budget of this year, yuan"), required=False, max_digits=14, decimal_places=2, min_value=0
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "area", areas())
        _offer(self, "groups", open_groups(local_day(now)).values())
        self._names = {group.pk: group for group in open_groups(local_day(now)).values()}

    def texts(self) -> dict[str, str]:
        """Return what was typed of the service's texts."""
        return {name: self.cleaned_data[name] for name in TEXTS}

    def checks(self, kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return for whom the service is, and besides what the form does not know, as it stood."""
        data = self.cleaned_data
        found = [check for check in kept if check["check"] not in _KNOWN or _is_other_limit(check)]
        if data["members_only"]:
            found.append({"check": "member"})
        if data["groups"]:
            chosen = [self._names[code] for code in data["groups"] if code in self._names]
            names = {"names": [group.name for group in chosen], "names_en": [group.name_en for group in chosen]}
            found.append({"check": "group", "groups": data["groups"], **names})
        ages = {"least": data["age_least"], "most": data["age_most"]}
        if any(age is not None for age in ages.values()):
            found.append({"check": "age", **{name: age for name, age in ages.items() if age is not None}})
        if data["sex"]:
            found.append({"check": "sex", "is": data["sex"]})
        if data["assurance"]:
            found.append({"check": "assurance", "least": data["assurance"]})
        if data["member_for"]:
            found.append({"check": "member_for", "days": data["member_for"]})
        if data["most_a_year"]:
            found.append({"check": "not_served", "kind": data["code"], "period": "year", "most": data["most_a_year"]})
        return found


_KNOWN = frozenset({"member", "group", "age", "sex", "assurance", "member_for", "not_served"})


def _is_other_limit(check: dict[str, Any]) -> bool:
    return bool(check["check"] == "not_served" and check["period"] != "year")


def typed_of(checks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return for whom a service is, as the form shows it."""
    typed: dict[str, Any] = {}
    for check in checks:
        match check["check"]:
            case "member":
                typed["members_only"] = True
            case "group":
                typed["groups"] = check["groups"]
            case "age":
                typed |= {"age_least": check.get("least"), "age_most": check.get("most")}
            case "sex":
                typed["sex"] = check["is"]
            case "assurance":
                typed["assurance"] = check["least"]
            case "member_for":
                typed["member_for"] = check["days"]
            case "not_served" if check["period"] == "year":
                typed["most_a_year"] = check.get("most", 1)
            case _:
                pass
    return typed


class EndForm(forms.Form):
    """After which day a service is given no more."""

    ends_on = DayField(label=_("Last day of the service"), required=False, help_text=_("Empty: it goes on."))


class TargetForm(forms.Form):
    """One item of the yearly list. How far it is cannot be typed: it is counted."""

    union = forms.CharField(label=_("Whose list"), max_length=60, help_text=_("Name or code of the union."))
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    number = forms.IntegerField(label=_("Number in the list"), min_value=1, max_value=999)
    heading = forms.ChoiceField(label=_("Class"))
    name = forms.CharField(label=_("Name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    amount = forms.IntegerField(label=_("Target"), min_value=1, max_value=MOST)
    unit = forms.ChoiceField(
        label=_("Unit"),
        choices=Unit.choices,
        help_text=_("Persons: each once a year. Times: every delivery. Yuan: what the deliveries cost."),
    )
    service = forms.ChoiceField(label=_("Service that counts"), required=False, help_text=_("Or choose an area below."))
    area = forms.ChoiceField(
        label=_("Area that counts"), required=False, help_text=_("With neither, every service counts.")
    )
    group = forms.ChoiceField(label=_("Only this occupation"), required=False)
    owner = forms.CharField(label=_("Responsible"), max_length=60)
    owner_en = forms.CharField(label=_("Responsible, in English"), max_length=120, required=False)
    due_on = DayField(label=_("Due on"))

    def __init__(self, *args: Any, services: Iterable[Any], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "service", services, ("", _("none")))
        _offer(self, "heading", headings())
        _offer(self, "area", areas(), ("", _("none")))
        _offer(self, "group", open_groups(local_day(now)).values(), ("", _("every occupation")))


class DeliveryFilters(forms.Form):
    """What the list of deliveries is narrowed to."""

    member = forms.CharField(
        label=_("Member no. or full name"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)
    service = forms.ChoiceField(label=_("Service"), required=False)
    area = forms.ChoiceField(label=_("Area of services"), required=False)
    group = forms.ChoiceField(label=_("Occupation"), required=False)
    union = forms.CharField(label=_("Union (name or code)"), required=False, max_length=60)
    kind = forms.ChoiceField(
        label=_("Which"),
        required=False,
        choices=[_ANY, ("served", _("what stands")), ("taken_back", _("taken back, and counter-entries"))],
    )

    def __init__(self, *args: Any, services: Iterable[Any], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "service", services, _ANY)
        _offer(self, "area", areas(), _ANY)
        _offer(self, "group", open_groups(local_day(now)).values(), _ANY)


class DeliveryForm(forms.Form):
    """A delivery written down by hand."""

    service = forms.ChoiceField(label=_("Service"))
    member = forms.CharField(label=_("Member no."), max_length=20, widget=forms.TextInput({"inputmode": "numeric"}))
    day = DayField(label=_("Given on"))
    cost = forms.DecimalField(
        label=_("Cost, yuan"),
        required=False,
        max_digits=14,
        decimal_places=2,
        min_value=0,
        help_text=_("Empty: what the service usually costs."),
    )
    place = forms.CharField(label=_("Where it was given"), max_length=120, required=False)
    entry = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, services: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "service", services)


class ReasonForm(forms.Form):
    """Why a delivery is taken back."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=forms.Textarea({"rows": 2}), help_text=_("Such as: scanned twice.")
    )


class ClassForm(forms.Form):
    """A class of targets."""

    code = forms.CharField(
        label=_("Code"), max_length=30, help_text=_("Small letters, digits and underscores; never changes.")
    )
    name = forms.CharField(label=_("Name"), max_length=30)
    name_en = forms.CharField(label=_("English name"), max_length=60)
    position = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=999)


class AreaForm(ClassForm):
    """An area of services."""

    icon = forms.ChoiceField(label=_("Picture"), choices=[(name, name) for name in ICONS])


def year_of(given: object, today: date) -> int:
    """Return the year that an address asks for, or the present one."""
    text = str(given or "")
    return int(text) if text.isdigit() and 2000 <= int(text) <= 2100 else today.year
