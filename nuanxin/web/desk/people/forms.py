"""Filters of the members' list, and what the acts upon a membership need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.remember import remembered
from nuanxin.members.actions.memberships import File
from nuanxin.members.rules.assurance import LEAST_REASON, MOST_EVIDENCE, PHONE_OPEN
from nuanxin.members.rules.memberships import MOST_REASON
from nuanxin.members.states import ENDS_BY_HAND, MembershipState, RetainReason
from nuanxin.organizations.queries import open_groups
from nuanxin.web.kit.days import DayField
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from datetime import date, datetime

_ANY = ("", gettext_lazy("any"))


class MemberFilters(forms.Form):
    """What the list is narrowed to; everything stays in the address."""

    q = forms.CharField(
        label=gettext_lazy("Name, pinyin or number"),
        required=False,
        max_length=50,
        widget=forms.TextInput({"type": "search", "placeholder": "王小 · wangx · 5678"}),
    )
    union = forms.CharField(label=gettext_lazy("Union (name or code)"), required=False, max_length=60)
    region = forms.CharField(label=gettext_lazy("Area (name or code)"), required=False, max_length=60)
    employer = forms.CharField(label=gettext_lazy("Employer (name or credit code)"), required=False, max_length=60)
    group = forms.ChoiceField(label=gettext_lazy("Occupation"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=[_ANY, *MembershipState.choices])

    proof = forms.ChoiceField(
        label=gettext_lazy("Proof of identity"),
        required=False,
        choices=[
            _ANY,
            ("a:verified", gettext_lazy("verified by an outside source, or seen")),
            ("a:seen", gettext_lazy("seen in person")),
            (PHONE_OPEN, gettext_lazy("phone not confirmed yet")),
        ],
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _groups(local_day(now))


def _groups(day: date) -> list[tuple[str, str]]:
    """Return the choices of groups in the reader's language, at most seconds old."""

    def make() -> list[tuple[str, str]]:
        return [("", _("any")), *((group.code, local_name(group)) for group in open_groups(day).values())]

    return remembered(f"desk group choices {get_language()} {day}", seconds=5, make=make)


class ProofForm(forms.Form):
    """The proof of an act: named in words, or given as a file."""

    evidence = forms.CharField(
        label=gettext_lazy("Proof you have seen"),
        required=False,
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Such as: letter of the member of 21 November; ID card shown at the counter."),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("PDF, JPEG or PNG, five megabytes at most. It is kept sealed."),
        widget=forms.ClearableFileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def proof(self) -> File | None:
        """Return the file that was given, if any."""
        given = self.cleaned_data.get("file")
        return File(given.name or "", given.read()) if given else None


class StandingForm(ProofForm):
    """Suspending or resuming: why, from when, on which proof."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("The member reads it. At least four characters."),
    )
    effective_on = DayField(
        label=gettext_lazy("Holds from"),
        required=False,
        help_text=gettext_lazy("Today when left empty; not in the future."),
    )
    field_order: tuple[str, ...] = ("reason", "effective_on", "evidence", "file")


class DecidedForm(StandingForm):
    """An act that a body decides: which one, besides why, from when, on which proof."""

    decided_by = forms.CharField(
        label=gettext_lazy("Body that decided"),
        max_length=100,
        help_text=gettext_lazy("Such as: committee of the basic union, meeting of 20 November 2026."),
    )
    field_order: tuple[str, ...] = ("reason", "decided_by", "effective_on", "evidence", "file")


class RetainForm(DecidedForm):
    """Retaining: why, from when, on which proof; and where the member lives, when the employer has closed."""

    retain_reason = forms.ChoiceField(
        label=gettext_lazy("Why it is retained"), choices=RetainReason.choices, widget=forms.RadioSelect
    )
    residence = forms.CharField(
        label=gettext_lazy("Lives in (region code)"),
        required=False,
        max_length=12,
        help_text=gettext_lazy("Only when the employer has closed, and the member lives elsewhere than he worked."),
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    field_order: tuple[str, ...] = (
        "retain_reason",
        "reason",
        "effective_on",
        "evidence",
        "file",
        "decided_by",
        "residence",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = self.fields["decided_by"].required = False
        self.fields["reason"].label = _("Remark")


class ReturnForm(DecidedForm):
    """Taking a retained membership up again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = self.fields["decided_by"].required = False


class EndWarnedForm(DecidedForm):
    """Ending after a request that was not answered: it holds from today."""

    effective_on = None  # type: ignore[assignment]


class ReasonForm(forms.Form):
    """Nothing but why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("The member reads it. At least four characters."),
    )


class TransferForm(ReasonForm):
    """Where a member is to move, and why."""

    union = forms.CharField(
        label=gettext_lazy("To which union (code)"),
        max_length=12,
        help_text=gettext_lazy("The code on the union's poster, or on its page. Eight letters and digits."),
    )
    field_order: tuple[str, ...] = ("union", "reason")


class EndForm(StandingForm):
    """Ending: which of the ways there are, and the proof of it."""

    end_reason = forms.ChoiceField(
        label=gettext_lazy("Why it ends"),
        choices=[(reason.value, reason.label) for reason in ENDS_BY_HAND],
        widget=forms.RadioSelect,
    )
    field_order: tuple[str, ...] = ("end_reason", "reason", "effective_on", "evidence", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False


class NameForm(ProofForm):
    """The right name."""

    name = forms.CharField(label=gettext_lazy("Name as on the ID card"), max_length=50)
    field_order: tuple[str, ...] = ("name", "evidence", "file")


class PhoneForm(ProofForm):
    """The new phone."""

    phone = forms.CharField(
        label=gettext_lazy("New phone"), max_length=20, widget=forms.TextInput({"inputmode": "tel"})
    )
    field_order: tuple[str, ...] = ("phone", "evidence", "file")


class SeenForm(forms.Form):
    """Which document was seen, and where."""

    reason = forms.CharField(
        label=gettext_lazy("Which document did you see, and where?"),
        min_length=LEAST_REASON,
        max_length=MOST_EVIDENCE,
        help_text=gettext_lazy("Such as: ID card, at the service hall. No number. The member may read it."),
        widget=forms.Textarea({"rows": 2}),
    )


class LostCardForm(forms.Form):
    """Why a card is replaced."""

    reason = forms.CharField(label=gettext_lazy("What happened to the old one?"), max_length=100)
