"""The code lists: occupation groups and their sets, platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.organizations import queries
from nuanxin.organizations.actions import (
    close_platform,
    list_group,
    save_group,
    save_platform,
    save_set,
    unlist_group,
)
from nuanxin.organizations.actions.rules import ROOT_PATH
from nuanxin.organizations.states import EDIT_RULES, VIEW
from nuanxin.web.desk.organizations.forms import GroupForm, GroupOfSetForm, ListRowForm, SetForm
from nuanxin.web.desk.organizations.pages import ask, form_page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest

#: Kind of list → its form, its action, and its rows.
_KINDS: dict[str, tuple[type[ListRowForm], Any, Any]] = {
    "platforms": (ListRowForm, save_platform, lambda: queries.platforms(closed=True)),
    "groups": (GroupForm, save_group, queries.occupation_groups),
    "sets": (SetForm, save_set, queries.occupation_sets),
}


@require_safe
def index(request: DeskRequest) -> HttpResponse:
    """Show the lists."""
    request.actor.require(VIEW)
    today = local_day(request.now)
    listed: dict[str, list[Any]] = {}
    for listing in queries.listings():
        if listing.valid_until is None or listing.valid_until > today:
            listed.setdefault(listing.occupation_set_id, []).append(listing)
    context = {
        "page_title": _("Code lists"),
        "groups": list(queries.occupation_groups()),
        "sets": [{"set": each, "listings": listed.get(each.pk, [])} for each in queries.occupation_sets()],
        "platforms": list(queries.platforms(closed=True)),
        "may_rules": request.actor.may(EDIT_RULES, at=ROOT_PATH),
        "today": today,
    }
    return render(request, "desk/organizations/lists.html", context)


def _kind(kind: str) -> tuple[type[ListRowForm], Any, Any]:
    if kind not in _KINDS:
        raise NotFound
    return _KINDS[kind]


def _home() -> str:
    return reverse("desk:organizations:lists")


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest, kind: str) -> HttpResponse:
    """Enter a row into a list."""
    form_class, save, _rows = _kind(kind)
    request.actor.require(EDIT_RULES, at=ROOT_PATH)
    day = local_day(request.now)
    form = form_class(request.POST or None, initial={"valid_from": day, "position": 50})
    return _saved(request, form, save, title=_("New row"))


@require_http_methods(["GET", "POST"])
def edit(request: DeskRequest, kind: str, code: str) -> HttpResponse:
    """Change a row of a list; its code stays."""
    form_class, save, rows = _kind(kind)
    request.actor.require(EDIT_RULES, at=ROOT_PATH)
    row = rows().filter(pk=code).first()
    if row is None:
        raise NotFound
    initial = {name: getattr(row, name) for name in form_class.base_fields}
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None:
        data["code"] = row.pk
    form = form_class(data, initial=initial)
    form.fields["code"].disabled = True
    return _saved(request, form, save, title=local_name(row))


def _saved(request: DeskRequest, form: ListRowForm, save: Any, *, title: str) -> HttpResponse:
    if request.method == "POST":
        done, _row = tried(form, lambda: save(actor=request.actor, now=request.now, **form.cleaned_data))
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(_home())
    return form_page(request, form, title=title, submit=_("Save"), back_url=_home())


@require_http_methods(["GET", "POST"])
def close(request: DeskRequest, kind: str, code: str) -> HttpResponse:
    """Take a platform off the list for new choices, or put it back."""
    if kind != "platforms":
        raise NotFound
    request.actor.require(EDIT_RULES, at=ROOT_PATH)
    row = _kind(kind)[2]().filter(pk=code).first()
    if row is None:
        raise NotFound
    gone = row.closed_at is not None
    if request.method == "POST":
        close_platform(actor=request.actor, code=code, closed=not gone, now=request.now)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(_home())
    question = _("Open %(name)s again?") if gone else _("Close %(name)s?")
    return ask(
        request,
        question=question % {"name": local_name(row)},
        consequences=[_("Only new choices change. What is on record stays.")],
        action_label=_("Open again") if gone else _("Close"),
        back_url=_home(),
        danger=not gone,
    )


@require_http_methods(["GET", "POST"])
def groups_of_set(request: DeskRequest, code: str) -> HttpResponse:
    """Put a group into a set from a day on, or take it out."""
    request.actor.require(EDIT_RULES, at=ROOT_PATH)
    form = GroupOfSetForm(request.POST or None, initial={"on": local_day(request.now)})
    act = unlist_group if request.GET.get("out") else list_group
    if request.method == "POST":
        done, _none = tried(
            form,
            lambda: act(
                actor=request.actor,
                set_code=code,
                group_code=form.cleaned_data["group"],
                on=form.cleaned_data["on"],
                now=request.now,
            ),
        )
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(_home())
    title = _("Take a group out") if request.GET.get("out") else _("Put a group in")
    return form_page(request, form, title=title, submit=_("Save"), back_url=_home())
