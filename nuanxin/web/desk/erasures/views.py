"""The register of what was erased, the dry run of a day, and what is held for how long. No page shows a value."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.queries.erasure import audited_paths, dry_run, due_in_reach, numbers_of, visible_erasures
from nuanxin.members.rules.erasure import CLOSED, ENDED
from nuanxin.organizations.queries.unions import union_names
from nuanxin.records.retention import register
from nuanxin.records.states import Because
from nuanxin.web.desk.erasures.forms import DryRunForm, ErasureFilter
from nuanxin.web.desk.erasures.words import METHODS, rule_in_words, table_in_words
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.pages import page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from django.db.models import QuerySet
    from django.http import FileResponse, HttpResponse

    from nuanxin.records.models import Erasure
    from nuanxin.web.desk.requests import DeskRequest

#: Rules whose people or applications can be listed one by one.
_LISTED = (CLOSED, ENDED)


def _views(current: str) -> list[dict[str, Any]]:
    pages = (("erasures", _("What was erased")), ("dry_run", _("What is due")), ("register", _("What is held")))
    return [
        {"label": label, "url": reverse(f"desk:erasures:{name}"), "count": None, "current": name == current}
        for name, label in pages
    ]


@require_safe
def erasures(request: DeskRequest) -> HttpResponse:
    """List what was erased, newest first: ids, rules and counts, never a value."""
    filters, rows = _found(request)
    listed = page(rows, order=("-at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    context = {
        "page_title": _("Erasures"),
        "views": _views("erasures"),
        "filters": filters,
        "page": listed,
        "rows": _rows(listed.items),
        "query": request.GET.urlencode(),
    }
    return render(request, "desk/erasures/erasures.html", context)


@require_safe
def erasures_excel(request: DeskRequest) -> FileResponse:
    """Send the register as filtered."""
    _filters, rows = _found(request)
    header = [
        _("When"),
        _("What"),
        _("Id"),
        _("Union"),
        _("By which rule"),
        _("On whose account"),
        _("Rows"),
        _("Fields"),
    ]
    return workbook_response(_("Erasures"), header, _lines(rows))


def _found(request: DeskRequest) -> tuple[ErasureFilter, QuerySet[Erasure]]:
    request.actor.require(Permission.READ_AUDIT)
    filters = ErasureFilter(request.GET or None)
    rows = visible_erasures(request.actor)
    chosen = filters.cleaned_data if filters.is_valid() else {}
    exact = {name: chosen[name] for name in ("rule", "because") if chosen.get(name)}
    rows = rows.filter(**exact)
    if chosen.get("since"):
        rows = rows.filter(at__gte=_midnight(chosen["since"]))
    if chosen.get("until"):
        rows = rows.filter(at__lt=_midnight(chosen["until"] + timedelta(days=1)))
    return filters, rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=ZONE)


def _rows(lines: Sequence[Erasure]) -> list[dict[str, Any]]:
    """Return lines in words; a number that stays on record says which application or membership it was."""
    numbers = numbers_of(lines)
    names = union_names({_code(line.union_path) for line in lines})
    return [
        {
            "line": line,
            "what": table_in_words(line.subject_type),
            "number": numbers.get(line.subject_id, "") if line.subject_id else "",
            "rule": rule_in_words(line.rule),
            "because": Because(line.because).label,
            "union": names.get(_code(line.union_path), ""),
            "fields": len(line.fields),
        }
        for line in lines
    ]


def _code(path: str) -> str:
    return path.strip("/").rsplit("/", 1)[-1]


def _lines(rows: QuerySet[Erasure]) -> Iterator[list[Any]]:
    for lines in _batches(rows):
        for row in _rows(lines):
            line = row["line"]
            yield [
                line.at,
                row["what"],
                row["number"] or str(line.subject_id or ""),
                row["union"],
                row["rule"],
                str(row["because"]),
                line.rows,
                ", ".join(line.fields),
            ]


def _batches(rows: QuerySet[Erasure]) -> Iterator[list[Erasure]]:
    """Return the lines newest first, some at a time, so that names are looked up for many at once."""
    lines = rows.order_by("-at", "-pk").iterator(chunk_size=2000)
    while batch := list(islice(lines, 2000)):
        yield batch


def _moment(request: DeskRequest) -> tuple[DryRunForm, datetime]:
    form = DryRunForm(request.GET or None)
    day = form.cleaned_data["on"] if form.is_valid() else None
    return form, datetime.combine(day, time.max, tzinfo=ZONE) if day else request.now


@require_safe
def dry(request: DeskRequest) -> HttpResponse:
    """Count, by rule, what would be erased by the end of a day; nothing is changed."""
    request.actor.require(Permission.READ_AUDIT)
    form, moment = _moment(request)
    day = f"?on={local_day(moment).isoformat()}"
    rows = [
        {
            "rule": rule_in_words(row.rule),
            "count": row.count,
            "is_more": row.is_more,
            "url": reverse("desk:erasures:due", args=[row.rule]) + day if row.rule in _LISTED and row.count else "",
        }
        for row in dry_run(now=moment, paths=audited_paths(request.actor))
    ]
    context = {
        "page_title": _("What is due"),
        "views": _views("dry_run"),
        "filters": form,
        "rows": rows,
        "on": local_day(moment),
        "query": request.GET.urlencode(),
    }
    return render(request, "desk/erasures/dry_run.html", context)


@require_safe
def due(request: DeskRequest, rule: str) -> HttpResponse:
    """List whose time has come: numbers, unions and days, never a value."""
    rows, day = _due(request, rule)
    context = {
        "page_title": rule_in_words(rule),
        "views": _views("dry_run"),
        "rows": rows,
        "on": day,
        "back_url": f"{reverse('desk:erasures:dry_run')}?on={day.isoformat()}",
        "excel_url": f"{reverse('desk:erasures:due_excel', args=[rule])}?on={day.isoformat()}",
    }
    return render(request, "desk/erasures/due.html", context)


@require_safe
def due_excel(request: DeskRequest, rule: str) -> FileResponse:
    """Send the list of whose time has come as a workbook."""
    rows, day = _due(request, rule)
    header = [_("Number on record"), _("Union"), _("Counted from"), _("Due by the end of")]
    lines = ([row["due"].number, row["union"], row["due"].since, day] for row in rows)
    return workbook_response(_("What is due"), header, lines)


def _due(request: DeskRequest, rule: str) -> tuple[list[dict[str, Any]], date]:
    request.actor.require(Permission.READ_AUDIT)
    if rule not in _LISTED:
        raise NotFound
    _form, moment = _moment(request)
    day = local_day(moment)
    found = due_in_reach(request.actor, rule=rule, on=day)
    names = union_names({_code(row.union_path) for row in found})
    return [{"due": row, "union": names.get(_code(row.union_path), "")} for row in found], day


@require_safe
def held(request: DeskRequest) -> HttpResponse:
    """Show the retention register: what is held, why, for how long, and how it is erased."""
    request.actor.require(Permission.READ_AUDIT)
    context = {"page_title": _("What is held"), "views": _views("register"), "rows": _register()}
    return render(request, "desk/erasures/register.html", context)


@require_safe
def register_excel(request: DeskRequest) -> FileResponse:
    """Send the retention register as a workbook."""
    request.actor.require(Permission.READ_AUDIT)
    header = [_("What"), _("Table"), _("Fields"), _("What for"), _("Kept for"), _("How it is erased")]
    names = ("table", "model", "names", "purpose", "keep", "erase")
    return workbook_response(_("What is held"), header, ([str(row[name]) for name in names] for row in _register()))


def _register() -> list[dict[str, Any]]:
    return [
        {
            "model": line.model,
            "table": table_in_words(line.model.lower()),
            "names": ", ".join(line.names),
            "purpose": _(line.purpose),
            "keep": _(line.keep),
            "erase": METHODS[line.erase],
        }
        for line in register()
    ]
