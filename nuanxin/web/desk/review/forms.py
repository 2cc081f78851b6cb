"""Filters of the queue, and what a decision needs to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from nuanxin.kernel.clock import local_day
from nuanxin.members.rules.review import MOST_REASON
from nuanxin.members.states import ApplicationState, Decision
from nuanxin.organizations.queries import open_doors, open_groups
from nuanxin.web.desk.review.words import CORRECTABLE, STANDARD_REASONS
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from datetime import datetime

#: States an application in reach can be in; the others are with no union.
_STATES = (
    ApplicationState.SUBMITTED,
    ApplicationState.ACCEPTED,
    ApplicationState.RETURNED,
    ApplicationState.APPROVED,
    ApplicationState.REFUSED,
    ApplicationState.WITHDRAWN,
    ApplicationState.LAPSED,
)


class QueueFilters(forms.Form):
    """What the queue is narrowed to; everything stays in the address."""

    q = forms.CharField(
        label=gettext_lazy("Number or name"), required=False, max_length=50, widget=forms.TextInput({"type": "search"})
    )
    union = forms.CharField(label=gettext_lazy("Union (name or code)"), required=False, max_length=60)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    group = forms.ChoiceField(label=gettext_lazy("Occupation"), required=False)
    door = forms.ChoiceField(label=gettext_lazy("Way in"), required=False)
    due = forms.ChoiceField(
        label=gettext_lazy("Limit"),
        required=False,
        choices=[
            ("", gettext_lazy("any")),
            ("late", gettext_lazy("passed")),
            ("today", gettext_lazy("today or passed")),
        ],
    )
    says = forms.ChoiceField(
        label=gettext_lazy("Employer's answer"),
        required=False,
        choices=[
            ("", gettext_lazy("any")),
            ("confirmed", gettext_lazy("works here")),
            ("denied", gettext_lazy("does not work here")),
            ("nothing", gettext_lazy("no answer yet")),
        ],
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day, any_ = local_day(now), ("", _("any"))
        whole = [("waiting", _("waiting for a decision")), ("closed", _("closed")), ("any", _("any"))]
        self._choices("state", whole + [(state.value, str(state.label)) for state in _STATES])
        self._choices("group", [any_, *((group.code, local_name(group)) for group in open_groups(day).values())])
        self._choices("door", [any_, *((door.code, local_name(door)) for door in open_doors(day).values())])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


#: The choice for those who write the whole reason themselves.
_OWN = "own"


class ReasonForm(forms.Form):
    """A reason: one that is ready, words of one's own, or both. For a return also what is to be corrected."""

    fields_to_correct = forms.MultipleChoiceField(
        label=gettext_lazy("What is to be corrected"),
        required=False,
        choices=list(CORRECTABLE.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    ready = forms.ChoiceField(label=gettext_lazy("Reason"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("In your own words"),
        required=False,
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("The applicant reads exactly this. At least four characters in all."),
    )

    def __init__(self, *args: Any, decision: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ready = [(str(place), text) for place, text in enumerate(STANDARD_REASONS[decision])]
        field = self.fields["ready"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*ready, (_OWN, _("none of these"))]
        field.initial = _OWN
        self._ready = dict(ready)
        if not ready:
            del self.fields["ready"]
            self.fields["reason"].label = _("Remark")
            self.fields["reason"].help_text = _("Kept with the decision; the applicant does not read it.")
        if decision != Decision.RETURN:
            del self.fields["fields_to_correct"]

    def whole_reason(self) -> str:
        """Return the whole reason as the applicant will read it."""
        data = self.cleaned_data
        parts = []
        if data.get("fields_to_correct"):
            names = [str(CORRECTABLE[name]) for name in data["fields_to_correct"]]
            parts.append(_("Please correct: %(fields)s.") % {"fields": _(", ").join(names)})
        if data.get("ready", _OWN) != _OWN:
            parts.append(str(self._ready[data["ready"]]))
        if data.get("reason"):
            parts.append(data["reason"].strip())
        return ("" if (get_language() or "").startswith("zh") else " ").join(parts)
