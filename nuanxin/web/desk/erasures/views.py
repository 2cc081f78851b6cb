"""The register of what was erased, the dry run of a day, and what is held for how long. No page shows a value."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.queries.erasure import audited_paths, dry_run, due_in_reach, visible_erasures
from nuanxin.members.rules.erasure import CLOSED, ENDED
from nuanxin.records.retention import register
from nuanxin.records.states import Because
from nuanxin.web.desk.erasures.forms import DryRunForm, ErasureFilter
from nuanxin.web.desk.erasures.words import METHODS, rule_in_words, table_in_words
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.pages import page

if TYPE_CHECKING:
    from collections.abc import Iterator
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
        "rows": [_row(line) for line in listed.items],
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
    return workbook_response("erasures", header, _lines(rows))


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


def _row(line: Erasure) -> dict[str, Any]:
    return {
        "line": line,
        "what": table_in_words(line.subject_type),
        "rule": rule_in_words(line.rule),
        "because": Because(line.because).label,
        "union": line.union_path.strip("/").rsplit("/", 1)[-1],
        "fields": len(line.fields),
    }


def _lines(rows: QuerySet[Erasure]) -> Iterator[list[Any]]:
    for line in rows.order_by("-at", "-pk").iterator(chunk_size=2000):
        row = _row(line)
        yield [
            line.at,
            row["what"],
            str(line.subject_id or ""),
            row["union"],
            row["rule"],
            str(row["because"]),
            line.rows,
            ", ".join(line.fields),
        ]


def _moment(request: DeskRequest) -> tuple[DryRunForm, datetime]:
    form = DryRunForm(request.GET or None)
    day = form.cleaned_data["on"] if form.is_valid() else None
    return form, datetime.combine(day, time.max, tzinfo=ZONE) if day else request.now


@require_safe
def dry(request: DeskRequest) -> HttpResponse:
    """Count, by rule, what would be erased by the end of a day; nothing is changed."""
    request.actor.require(Permission.READ_AUDIT)
    form, moment = _moment(request)
    rows = [
        {
            "rule": rule_in_words(row.rule),
            "count": row.count,
            "is_more": row.is_more,
            "url": reverse("desk:erasures:due", args=[row.rule]) if row.rule in _LISTED and row.count else "",
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
    request.actor.require(Permission.READ_AUDIT)
    if rule not in _LISTED:
        raise NotFound
    _form, moment = _moment(request)
    found = due_in_reach(request.actor, rule=rule, on=local_day(moment))
    context = {
        "page_title": rule_in_words(rule),
        "views": _views("dry_run"),
        "rows": [{"due": row, "union": row.union_path.strip("/").rsplit("/", 1)[-1]} for row in found],
        "on": local_day(moment),
    }
    return render(request, "desk/erasures/due.html", context)


@require_safe
def held(request: DeskRequest) -> HttpResponse:
    """Show the retention register: what is held, why, for how long, and how it is erased."""
    request.actor.require(Permission.READ_AUDIT)
    rows = [
        {
            "model": line.model,
            "names": ", ".join(line.names),
            "purpose": _(line.purpose),
            "keep": _(line.keep),
            "erase": METHODS[line.erase],
        }
        for line in register()
    ]
    context = {"page_title": _("What is held"), "views": _views("register"), "rows": rows}
    return render(request, "desk/erasures/register.html", context)
