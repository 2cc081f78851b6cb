"""The code lists of services: their areas, and the classes of yearly targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.catalog.actions import remove_area, remove_class, save_area, save_class
from nuanxin.catalog.queries.service import areas, named_areas
from nuanxin.catalog.queries.targets import headings, named_headings
from nuanxin.kernel.refusals import NotFound
from nuanxin.organizations.actions.rules import ROOT_PATH
from nuanxin.web.desk.access.pages import form_page
from nuanxin.web.desk.catalog.forms import AreaForm, ClassForm
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from nuanxin.web.desk.requests import DeskRequest

EDIT = Permission.EDIT_SERVICES
#: Kind of list → its rows, its form, and what saves and what removes a row.
_KINDS: dict[str, tuple[Any, Any, Any, Any]] = {
    "areas": (areas, AreaForm, save_area, remove_area),
    "classes": (headings, ClassForm, save_class, remove_class),
}


@require_safe
def lists(request: DeskRequest) -> HttpResponse:
    """Show areas and classes in their order; what nothing names can be taken off by whoever may."""
    request.actor.require(Permission.VIEW_SERVICES)
    named = {"areas": named_areas(), "classes": named_headings()}
    context = {
        "page_title": _("Areas and classes"),
        "lists": [
            {"kind": kind, "title": title, "rows": [(row, row.pk in named[kind]) for row in _KINDS[kind][0]()]}
            for kind, title in (("areas", _("Areas of services")), ("classes", _("Classes of targets")))
        ],
        "may_edit": request.actor.may(EDIT, at=ROOT_PATH),
    }
    return render(request, "desk/catalog/lists.html", context)


def _kind(kind: str) -> tuple[Any, Any, Any, Any]:
    if kind not in _KINDS:
        raise NotFound
    return _KINDS[kind]


def _home() -> str:
    return reverse("desk:catalog:lists")


@require_http_methods(["GET", "POST"])
def new_row(request: DeskRequest, kind: str) -> HttpResponse:
    """Enter a row into a list."""
    rows, form_class, save, _remove = _kind(kind)
    request.actor.require(EDIT, at=ROOT_PATH)
    form = form_class(request.POST or None, initial={"position": len(rows()) + 1})
    return _saved(request, form, save, title=_("New area") if kind == "areas" else _("New class"))


@require_http_methods(["GET", "POST"])
def edit_row(request: DeskRequest, kind: str, code: str) -> HttpResponse:
    """Change a row of a list; its code stays."""
    rows, form_class, save, _remove = _kind(kind)
    request.actor.require(EDIT, at=ROOT_PATH)
    row = next((each for each in rows() if each.pk == code), None)
    if row is None:
        raise NotFound
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None:
        data["code"] = row.pk
    form = form_class(data, initial={name: getattr(row, name) for name in form_class.base_fields})
    form.fields["code"].disabled = True
    return _saved(request, form, save, title=local_name(row))


def _saved(request: DeskRequest, form: AreaForm | ClassForm, save: Any, *, title: str) -> HttpResponse:
    if request.method == "POST":
        done, _row = tried(form, lambda: save(actor=request.actor, now=request.now, **form.cleaned_data))
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(_home())
    return form_page(request, form, title=title, submit=_("Save"), back_url=_home())


@require_POST
def remove(request: DeskRequest, kind: str, code: str) -> HttpResponse:
    """Take a row that nothing names off its list."""
    _rows, _form, _save, take_off = _kind(kind)
    take_off(actor=request.actor, code=code, now=request.now)
    messages.success(request, _("Taken off the list."))
    return HttpResponseRedirect(_home())
