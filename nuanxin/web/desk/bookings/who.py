"""Who may take part, picked from a list with plain words; read into checks and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.states import Assurance
from nuanxin.organizations.queries.unions import find_union
from nuanxin.regions.queries import search_regions
from nuanxin.web.desk.bookings.forms import number
from nuanxin.web.kit.offers import KIND_CHOICES

if TYPE_CHECKING:
    from nuanxin.bookings.rules.eligibility import Check
    from nuanxin.kernel.actor import Actor


class WhoForm(forms.Form):
    """Conditions; every one that is filled in must be met."""

    members = forms.MultipleChoiceField(
        label=gettext_lazy("Members"),
        required=False,
        choices=[("active", gettext_lazy("active members")), ("retained", gettext_lazy("retained members"))],
        widget=forms.CheckboxSelectMultiple,
    )
    groups = forms.MultipleChoiceField(
        label=gettext_lazy("Only for this work"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None: any work."),
    )
    unions = forms.CharField(
        label=gettext_lazy("Only members of these unions"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("A line each, name or code; those below count too."),
    )
    regions = forms.CharField(
        label=gettext_lazy("Only those who work in these areas"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("A line each: a county, township or community."),
    )
    least = number(gettext_lazy("Age from"), most=120, required=False)
    most = number(gettext_lazy("Age to"), most=120, required=False)
    sex = forms.ChoiceField(
        label=gettext_lazy("Sex"),
        required=False,
        choices=[("", gettext_lazy("all")), ("F", gettext_lazy("women")), ("M", gettext_lazy("men"))],
    )
    assurance = forms.ChoiceField(
        label=gettext_lazy("Proof of identity at least"),
        required=False,
        choices=[("", gettext_lazy("none needed")), *Assurance.choices],
    )
    phone = forms.BooleanField(label=gettext_lazy("Phone confirmed"), required=False)
    joined_within = number(gettext_lazy("Joined in the last so many days"), most=3650, required=False)
    member_for = number(gettext_lazy("Member for at least so many days"), most=36_500, required=False)
    not_served = forms.ChoiceField(
        label=gettext_lazy("Has not had this yet"),
        required=False,
        choices=[("", gettext_lazy("does not matter")), *KIND_CHOICES],
    )
    period = forms.ChoiceField(
        label=gettext_lazy("… this"),
        required=False,
        choices=[
            ("year", gettext_lazy("year")),
            ("month", gettext_lazy("month")),
            ("day", gettext_lazy("day")),
            ("ever", gettext_lazy("at any time")),
        ],
    )

    def __init__(self, *args: Any, groups: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["groups"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = groups


def checks_of(actor: Actor, chosen: dict[str, Any]) -> list[Check]:
    """Return the checks that a filled-in form means.

    :raises Invalid: a union or an area that nobody knows.
    """
    found: list[Check] = []
    if chosen["members"]:
        found.append({"check": "member", "states": chosen["members"]})
    if chosen["groups"]:
        found.append({"check": "group", "groups": chosen["groups"]})
    if lines := _lines(chosen["unions"]):
        paths = [find_union(actor, line, Permission.VIEW_BOOKINGS).path for line in lines]
        found.append({"check": "union", "paths": paths})
    if lines := _lines(chosen["regions"]):
        found.append({"check": "region", "codes": [_region(line) for line in lines]})
    age = {name: chosen[name] for name in ("least", "most") if chosen[name] is not None}
    if age:
        found.append({"check": "age", **age})
    if chosen["sex"]:
        found.append({"check": "sex", "is": chosen["sex"]})
    if chosen["assurance"]:
        found.append({"check": "assurance", "least": chosen["assurance"]})
    if chosen["phone"]:
        found.append({"check": "phone"})
    found.extend(
        {"check": name, "days": chosen[name]} for name in ("joined_within", "member_for") if chosen[name] is not None
    )
    if chosen["not_served"]:
        found.append({"check": "not_served", "kind": chosen["not_served"], "period": chosen["period"] or "year"})
    return found


#: Conditions that the form says; others come from rules, such as that of recuperation, and are left as they are.
_SAID: Final = frozenset(
    {
        "member", "group", "union", "region", "age", "sex",
        "assurance", "phone", "joined_within", "member_for", "not_served",
    }
)  # fmt: skip


def unsaid(checks: list[Check]) -> list[Check]:
    """Return the checks that the form cannot say: whoever changes the others leaves these."""
    return [check for check in checks if check["check"] not in _SAID]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _region(line: str) -> str:
    found = next(iter(search_regions(line, limit=1)), None)
    if found is None:
        raise Invalid("unknown_region", _("There is no area called %(name)s.") % {"name": line}, field="regions")
    return str(found.code)


def initial_of(checks: list[Check]) -> dict[str, Any]:
    """Return the form's values for checks that were made by it."""
    values: dict[str, Any] = {}
    for check in checks:
        names = "\n".join(check.get("names", []))
        match check["check"]:
            case "member":
                values["members"] = check.get("states") or ["active"]
            case "group":
                values["groups"] = check["groups"]
            case "union":
                values["unions"] = names
            case "region":
                values["regions"] = "\n".join(check["codes"])
            case "age":
                values |= {"least": check.get("least"), "most": check.get("most")}
            case "sex":
                values["sex"] = check["is"]
            case "assurance":
                values["assurance"] = check["least"]
            case "phone":
                values["phone"] = True
            case "joined_within" | "member_for":
                values[check["check"]] = check["days"]
            case "not_served":
                values |= {"not_served": check["kind"], "period": check["period"]}
    return values
