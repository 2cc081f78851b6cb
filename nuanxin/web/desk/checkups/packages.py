"""Packages of check-ups: the dated list, a new row, the end of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.queries import union_in_reach
from nuanxin.access.states import Permission
from nuanxin.activities.actions.packages import PackageDraft, add_package, end_package
from nuanxin.activities.queries.packages import get_package, visible_packages
from nuanxin.organizations.queries.lists import occupation_groups
from nuanxin.web.desk.organizations.pages import form_page
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.activities.models import CheckPackage
    from nuanxin.web.desk.requests import DeskRequest


class PackageForm(forms.Form):
    """A row of the list."""

    union = forms.CharField(label=gettext_lazy("Union"), max_length=120, help_text=gettext_lazy("Code or whole name."))
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=30,
        help_text=gettext_lazy("The same code again replaces the row before."),
    )
    name = forms.CharField(label=gettext_lazy("Name of the package"), max_length=60)
    name_en = forms.CharField(label=gettext_lazy("In English"), required=False, max_length=120)
    group = forms.ChoiceField(label=gettext_lazy("For whom"), required=False)
    items = forms.CharField(
        label=gettext_lazy("What is checked"), max_length=4000, widget=forms.Textarea({"rows": 6}),
        help_text=gettext_lazy("A line each."),
    )  # fmt: skip
    items_en = forms.CharField(
        label=gettext_lazy("The same in English"), required=False, max_length=8000, widget=forms.Textarea({"rows": 4})
    )
    valid_from = forms.DateField(
        label=gettext_lazy("In force from"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    source_note = forms.CharField(label=gettext_lazy("Source"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["group"]
        everybody = ("", _("everybody"))
        field.choices = [everybody, *((group.code, local_name(group)) for group in occupation_groups())]


@require_safe
def packages(request: DeskRequest) -> HttpResponse:
    """List the packages in reach, what is in force first."""
    request.actor.require(Permission.VIEW_BOOKINGS)
    listed = page(
        visible_packages(request.actor), order=("-valid_from", "-pk"), cursor=request.GET.get("page", ""), size=50
    )
    context = {
        "page_title": _("Packages"),
        "back_url": reverse("desk:checkups:routes"),
        "page": listed,
        "rows": listed.items,
        "may_edit": request.actor.may(Permission.EDIT_OFFERS),
    }
    return render(request, "desk/checkups/packages.html", context)


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Write a row into the list."""
    request.actor.require(Permission.EDIT_OFFERS)
    form = PackageForm(request.POST or None)
    if form.is_bound:
        done, _row = tried(form, lambda: _add(request, form.cleaned_data))
        if done:
            return HttpResponseRedirect(reverse("desk:checkups:packages"))
    back = reverse("desk:checkups:packages")
    return form_page(request, form, title=_("New package"), submit=_("Save"), back_url=back)


def _add(request: DeskRequest, typed: dict[str, Any]) -> CheckPackage:
    chosen = dict(typed)
    union = union_in_reach(request.actor, Permission.EDIT_OFFERS, chosen.pop("union").strip())
    lines = {name: chosen.pop(name).splitlines() for name in ("items", "items_en")}
    return add_package(actor=request.actor, union=union, draft=PackageDraft(**chosen, **lines), now=request.now)


@require_POST
def end(request: DeskRequest, pk: UUID) -> HttpResponse:
    """End a row with today."""
    found = get_package(request.actor, pk)
    end_package(actor=request.actor, package=found, now=request.now)
    messages.success(request, _("Ended with today."))
    return HttpResponseRedirect(reverse("desk:checkups:packages"))
