"""Pages that the pages of this area share: a form, a question, a sheet, and choosing a region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render

from nuanxin.web.kit.excel import CONTENT_TYPE
from nuanxin.web.kit.regions import shown_regions

if TYPE_CHECKING:
    from django.forms import Form

    from nuanxin.web.desk.requests import DeskRequest


def form_page(request: DeskRequest, form: Form, *, title: str, submit: str, back_url: str, **more: Any) -> HttpResponse:
    """Show a form; with status 422 when it came back with errors."""
    if getattr(request, "htmx", False) and request.method == "GET" and "region" in more:
        return render(request, "kit/region_panel.html", more["region"])
    context = {"form": form, "page_title": title, "submit": submit, "back_url": back_url, **more}
    return render(request, "desk/organizations/form.html", context, status=422 if form.is_bound else 200)


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
