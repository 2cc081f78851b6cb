"""What a trial shows: who goes from where to where as a table, and each case with its reasons before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from nuanxin.members.rules.reasons import reasons_in_words
from nuanxin.web.desk.review.words import CHAIN
from nuanxin.web.desk.routing.words import group_names, place_names, platform_names
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nuanxin.members.rules.reasons import Reason
    from nuanxin.members.rules.routing import Route
    from nuanxin.members.rules.trials.replay import Flow, Moved, Replay

#: Columns that a table of flows may have; with more of them it becomes a list.
_WIDEST = 6
#: Lines of the table or list; the workbook holds every case.
_LONGEST = 60


@dataclass(frozen=True)
class Cell:
    """How many go from one union to another, and the value that narrows the list to them."""

    count: int
    pair: str
    chosen: bool


def reasons_of(route: Route) -> list[Reason]:
    """Return a route in the words for cadres."""
    return reasons_in_words(route.as_rows(), CHAIN)


def why(route: Route) -> str:
    """Return the step that decided, in words."""
    return next(reason.text for reason in reasons_of(route) if reason.chosen)


def flows_table(flows: Sequence[Flow], pair: str = "") -> dict[str, Any]:
    """Return the flows as a matrix of sources and targets, or as a list where there are too many of both."""
    cells = {(flow.source.code, flow.target.code): flow.count for flow in flows}
    sources = {flow.source.code: local_name(flow.source) for flow in flows}
    targets = {flow.target.code: local_name(flow.target) for flow in flows}

    def cell(source: str, target: str) -> Cell | None:
        key = f"{source}>{target}"
        return Cell(cells[source, target], key, key == pair) if (source, target) in cells else None

    listed = [
        {"source": local_name(flow.source), "target": local_name(flow.target)}
        | {"cell": cell(flow.source.code, flow.target.code)}
        for flow in flows[:_LONGEST]
    ]
    if len(targets) > _WIDEST or len(sources) == 1 or len(sources) > _LONGEST:
        return {"listed": listed, "more": max(len(flows) - _LONGEST, 0)}
    matrix = [
        {
            "name": name,
            "cells": [cell(code, target) for target in targets],
            "sum": sum(count for (source, _target), count in cells.items() if source == code),
        }
        for code, name in sources.items()
    ]
    sums = [sum(count for (_source, target), count in cells.items() if target == code) for code in targets]
    return {"matrix": matrix, "targets": list(targets.values()), "sums": sums, "sum": sum(sums)}


def moved_lines(moved: Sequence[Moved]) -> list[dict[str, Any]]:
    """Return cases that go elsewhere as lines of a page; two statements."""
    groups, places = group_names(), place_names(each.case.applicant.region_code for each in moved)
    return [
        {
            "case": each.case,
            "group": groups.get(each.case.applicant.group, each.case.applicant.group),
            "place": places[each.case.applicant.region_code],
            "before": local_name(each.before.union),
            "after": local_name(each.after.union),
            "reasons_before": reasons_of(each.before),
            "reasons_after": reasons_of(each.after),
        }
        for each in moved
    ]


def moved_rows(replay: Replay) -> tuple[list[str], Iterator[list[Any]]]:
    """Return the cases that go elsewhere as the heading and rows of a sheet."""
    groups, named = group_names(), platform_names()
    places = place_names(each.case.applicant.region_code for each in replay.moved)
    header = [_("Application no."), _("Received"), _("Occupation"), _("Area"), _("Platform")]
    header += [_("Goes now to"), _("Why"), _("Would go to"), _("Why then")]
    rows = (
        [
            each.case.number,
            each.case.at,
            groups.get(each.case.applicant.group, each.case.applicant.group),
            places[each.case.applicant.region_code],
            named.get(each.case.applicant.platform, each.case.applicant.platform),
            local_name(each.before.union),
            why(each.before),
            local_name(each.after.union),
            why(each.after),
        ]
        for each in replay.moved
    )
    return header, rows
