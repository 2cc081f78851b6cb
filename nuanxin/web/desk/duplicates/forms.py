"""What the list is narrowed to, and what a decision needs to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.members.rules.memberships import MOST_REASON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ANY = ("", _("any"))


class PairFilters(forms.Form):
    """What the list is narrowed to; everything stays in the address."""

    band = forms.ChoiceField(
        label=_("How sure"),
        required=False,
        choices=[
            _ANY,
            ("certain", _("Almost certain")),
            ("likely", _("Likely")),
            ("possible", _("Possible")),
        ],
    )
    because = forms.ChoiceField(
        label=_("Because of"),
        required=False,
        choices=[
            _ANY,
            ("name:swapped", _("characters of the name exchanged")),
            ("name:homophone", _("the name sounds the same")),
            ("document:near", _("slip in the ID number")),
            ("document:same", _("old ID number of 15 digits")),
            ("phone:same", _("one phone held by both")),
            ("employer:same", _("the same employer")),
        ],
    )
    union = forms.CharField(label=_("Deciding union (name or code)"), required=False, max_length=60)


class ReasonForm(forms.Form):
    """Why; it is kept with the decision."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("On what it rests, such as the ID card that was shown, or whom you called."),
    )


class DecideForm(forms.Form):
    """One person or two; of one, which record stays and which values are right."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            ("merge", _("One person: merge the two records")),
            ("distinct", _("Two people: never ask again")),
            ("later", _("Not yet clear: put it off")),
        ],
        widget=forms.RadioSelect,
    )
    keep = forms.ChoiceField(
        label=_("Which record stays"),
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Needed for a merge only, like the next two."),
    )
    identity_of = forms.ChoiceField(label=_("Whose name and document are right"), required=False)
    phone_of = forms.ChoiceField(label=_("Which phone is in use"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("On what it rests, such as the ID card that was shown, or whom you called."),
    )

    def __init__(self, *args: Any, choices: Mapping[str, Sequence[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, told in choices.items():
            self.fields[name].choices = list(told)  # type: ignore[attr-defined]
