"""What is typed on the access pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.access.queries import roles
from nuanxin.access.states import Scope
from nuanxin.web.kit.days import DayField
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nuanxin.access.models import Post

_MOMENT = {"type": "datetime-local"}


def _moment(**options: Any) -> forms.DateTimeField:
    return forms.DateTimeField(widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"), **options)


class PostFilter(forms.Form):
    """Which posts to list."""

    q = forms.CharField(
        label=_("Name, union or enterprise"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    role = forms.ChoiceField(label=_("Role"), required=False)
    union = forms.CharField(label=_("Union code (with all below)"), required=False, max_length=12)
    when = forms.ChoiceField(
        label=_("Held"), required=False, choices=[("current", _("now")), ("past", _("in the past")), ("all", _("ever"))]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("all")), *((role.code, local_name(role)) for role in roles())]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]


class PostForm(forms.Form):
    """A post to grant."""

    username = forms.CharField(
        label=_("Sign-in name"), max_length=60, help_text=_("The exact sign-in name of the person's account.")
    )
    role = forms.ModelChoiceField(label=_("Role"), queryset=roles())
    union = forms.CharField(
        label=_("Union"),
        required=False,
        max_length=120,
        help_text=_("Code or whole name. The post reaches this union and all below it."),
        widget=forms.TextInput({"list": "unions", "autocomplete": "off"}),
    )
    enterprise = forms.CharField(
        label=_("Enterprise"),
        required=False,
        max_length=120,
        help_text=_("Only for enterprise HR: credit code or whole name."),
    )
    title = forms.CharField(label=_("Title"), required=False, max_length=60)
    valid_from = DayField(label=_("From"), required=False, help_text=_("From now on, when empty."))
    valid_until = DayField(label=_("Until (last day)"), required=False, help_text=_("Until it is ended, when empty."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["role"]
        field.queryset = roles()
        field.label_from_instance = local_name


class AccountForm(forms.Form):
    """A new account."""

    name = forms.CharField(label=_("Person"), max_length=60)
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=60,
        help_text=_("Letters a-z, digits, dots and hyphens; for example the family name and the phone's last digits."),
        widget=forms.TextInput({"autocapitalize": "none", "autocomplete": "off"}),
    )


class SearchForm(forms.Form):
    """Find by a name."""

    q = forms.CharField(label=_("Search"), required=False, max_length=60, widget=forms.TextInput({"type": "search"}))


class AbsenceForm(forms.Form):
    """Somebody is away."""

    post = forms.ChoiceField(label=_("Post"))
    starts_at = _moment(label=_("Away from"))
    ends_at = _moment(label=_("Back at"))
    delegate = forms.CharField(
        label=_("Delegate"),
        required=False,
        max_length=60,
        help_text=_("Sign-in name of whoever acts in this post's name meanwhile; nobody, when empty."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=100)

    def __init__(self, *args: Any, posts: Iterable[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (str(post.pk), f"{post.account} · {local_name(post.role)} · {local_name(post.union or post.enterprise)}")
            for post in posts
        ]
        self.fields["post"].choices = choices  # type: ignore[attr-defined]


class StaffSessionForm(forms.Form):
    """Reach further, for a while."""

    union = forms.CharField(label=_("Union code"), max_length=12)
    hours = forms.IntegerField(label=_("Hours"), min_value=1, max_value=8, initial=2)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("At least ten characters. The union's auditors read it."),
        widget=forms.Textarea({"rows": 3}),
    )


class ClientForm(forms.Form):
    """A machine that gets a key."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("A name that has a key gets a new one."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple()
    )


class DeviceForm(forms.Form):
    """A partner's counter."""

    union = forms.CharField(label=_("Union"), max_length=120, help_text=_("Code or whole name."))
    partner = forms.CharField(label=_("Partner"), max_length=60, help_text=_("For example a hospital."))
    name = forms.CharField(label=_("Counter"), max_length=60, help_text=_("For example: counter 1."))


class LanguageForm(forms.Form):
    """The language of messages to an account."""

    language = forms.ChoiceField(label=_("Language"), choices=[("zh-hans", "简体中文"), ("en", "English")])


class AuditFilter(forms.Form):
    """Which audit entries to list."""

    action = forms.CharField(
        label=_("Act"), required=False, max_length=60, help_text="", widget=forms.TextInput({"type": "search"})
    )
    person = forms.CharField(label=_("Sign-in name of who acted"), required=False, max_length=60)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)
