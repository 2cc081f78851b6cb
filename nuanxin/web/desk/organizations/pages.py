"""Pages that the pages of this area share: a form, a question, a sheet, and choosing a region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from django.forms import Form, MultipleChoiceField
from django.http import HttpResponse
from django.shortcuts import render

from nuanxin.web.kit.excel import CONTENT_TYPE
from nuanxin.web.kit.regions import shown_regions

if TYPE_CHECKING:
    from nuanxin.web.desk.requests import DeskRequest

AForm = TypeVar("AForm", bound=Form)


def form_page(request: DeskRequest, form: Form, *, title: str, submit: str, back_url: str, **more: Any) -> HttpResponse:
    """Show a form; with status 422 when it came back with errors.

    :param more: what else the page shows, such as `try_url`: where the draft is tried before it is saved.
    """
    if getattr(request, "htmx", False) and request.method == "GET" and "region" in more:
        return render(request, "kit/region_panel.html", more["region"])
    context = {"form": form, "page_title": title, "submit": submit, "back_url": back_url, **more}
    return render(request, "desk/organizations/form.html", context, status=422 if form.is_bound else 200)


def opened(form_class: type[AForm], request: DeskRequest, **initial: Any) -> AForm:
    """Return a form as its page shows it: empty, sent, or with what was typed when one comes back from a trial."""
    if request.method == "POST" and "edit" not in request.POST:
        return form_class(request.POST)
    if request.method == "POST":
        several = {name for name, field in form_class.base_fields.items() if isinstance(field, MultipleChoiceField)}
        read = {name: request.POST.getlist if name in several else request.POST.get for name in form_class.base_fields}
        initial |= {name: get(name) for name, get in read.items() if name in request.POST or name in several}
    return form_class(initial=initial)


def ask(
    request: DeskRequest,
    *,
    question: str,
    consequences: list[str],
    action_label: str,
    back_url: str,
    form: Form | None = None,
    hidden: dict[str, str] | None = None,
    danger: bool = True,
) -> HttpResponse:
    """Ask before an act, and say what will happen."""
    context = {
        "face": "kit/desk.html",
        "page_title": question,
        "question": question,
        "consequences": consequences,
        "action_url": request.get_full_path(),
        "action_label": action_label,
        "back_url": back_url,
        "danger": danger,
        "form": form,
        "hidden": hidden or {},
    }
    return render(request, "kit/confirm.html", context, status=422 if form is not None and form.is_bound else 200)


def sheet_response(content: bytes, filename: str) -> HttpResponse:
    """Send a workbook that is already written."""
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}.xlsx"
    return response


def picker(request: DeskRequest, *, selected: str = "", start: str = "") -> dict[str, Any]:
    """Return what the region picker shows: matches of `q`, or the units below `at`.

    :param start: where it opens, such as the region of the union above.
    """
    shown = shown_regions(request.GET, selected=selected, start=start)
    return shown | {"field_name": "region", "url": request.path}
