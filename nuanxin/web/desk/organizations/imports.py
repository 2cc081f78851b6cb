"""Handing in sheets: upload, see what would become of each row, keep all or the right ones.

Between the steps the rows travel in the page, signed and packed: the server keeps nothing of an import not made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core import signing
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.kernel.refusals import Invalid, NotFound, Refusal
from nuanxin.organizations.actions import import_enterprises, import_unions
from nuanxin.organizations.rules.sheets import ENTERPRISE_COLUMNS, UNION_COLUMNS, read_sheet, write_sheet
from nuanxin.organizations.states import EDIT_ENTERPRISES, EDIT_UNIONS
from nuanxin.web.desk.organizations.forms import UploadForm
from nuanxin.web.desk.organizations.pages import sheet_response
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.refusals import blame

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from nuanxin.web.desk.requests import DeskRequest

_KINDS: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "unions": (UNION_COLUMNS, import_unions, EDIT_UNIONS),
    "enterprises": (ENTERPRISE_COLUMNS, import_enterprises, EDIT_ENTERPRISES),
}
_SALT = "organizations.import"
#: An upload may be kept for an hour; then the tree may have changed too much.
_HOUR = 3600
#: Rows shown of those that are right; wrong ones are shown all.
_SHOWN = 50


def _kind(request: DeskRequest, kind: str) -> tuple[tuple[Any, ...], Any]:
    if kind not in _KINDS:
        raise NotFound
    columns, work, permission = _KINDS[kind]
    request.actor.require(permission)
    return columns, work


@require_safe
def template(request: DeskRequest, kind: str) -> HttpResponse:
    """Send an empty sheet with titles and lists to choose from."""
    columns, _work = _kind(request, kind)
    return sheet_response(write_sheet(columns, [], blank_rows=1000), _("Template"))


@require_http_methods(["GET", "POST"])
def upload(request: DeskRequest, kind: str) -> HttpResponse:
    """Take a file in and show what would become of each row; nothing is kept yet."""
    columns, work = _kind(request, kind)
    form = UploadForm(request.POST or None, request.FILES or None)
    context = {
        "page_title": _("Import unions") if kind == "unions" else _("Import enterprises"),
        "kind": kind,
        "form": form,
        "columns": columns,
        "back_url": reverse(f"desk:organizations:{kind}"),
    }
    if request.method == "POST" and form.is_valid():
        try:
            rows = read_sheet(form.cleaned_data["file"].read(), columns)
            context |= _preview(request, work, rows)
            return render(request, "desk/organizations/import_preview.html", context)
        except Refusal as refusal:
            blame(form, refusal)
    return render(request, "desk/organizations/import.html", context, status=422 if form.is_bound else 200)


def _preview(request: DeskRequest, work: Any, rows: list[dict[str, Any]]) -> dict[str, Any]:
    report = work(actor=request.actor, rows=rows, keep="nothing", now=request.now)
    wrong = [row for row in report.rows if row.outcome == "wrong"]
    right = [row for row in report.rows if row.outcome in {"created", "changed"}]
    return {
        "report": report,
        "wrong": wrong,
        "right": right[:_SHOWN],
        "more": max(len(right) - _SHOWN, 0),
        "packed": signing.dumps(rows, salt=_SALT, compress=True),
    }


@require_POST
def keep(request: DeskRequest, kind: str) -> HttpResponseBase:
    """Keep what was shown: all rows, or the right ones; or send the wrong ones as a sheet."""
    columns, work = _kind(request, kind)
    try:
        rows = signing.loads(request.POST.get("packed", ""), salt=_SALT, max_age=_HOUR)
    except signing.BadSignature:
        raise Invalid("upload_gone", _("This upload is older than an hour. Please upload the file again.")) from None
    if request.POST.get("action") == "errors":
        return _errors(work(actor=request.actor, rows=rows, keep="nothing", now=request.now), columns)
    which = "right" if request.POST.get("action") == "right" else "all"
    report = work(actor=request.actor, rows=rows, keep=which, now=request.now)
    messages.success(
        request,
        _("%(created)s created, %(changed)s changed, %(same)s as before, %(wrong)s left out.") % report.counts,
    )
    return HttpResponseRedirect(reverse(f"desk:organizations:{kind}"))


def _errors(report: Any, _columns: Any) -> HttpResponseBase:
    header = [_("Row"), _("Name"), _("Column"), _("What is wrong")]
    lines = [
        [row.row, row.name, title, sentence]
        for row in report.rows
        if row.outcome == "wrong"
        for title, sentence in row.errors
    ]
    return workbook_response(_("Rows to mend"), header, lines)
