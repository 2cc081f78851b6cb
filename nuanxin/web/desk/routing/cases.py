"""Where would they go: one case typed, or many pasted, routed by today's rules. Nothing is written."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nuanxin.kernel.refusals import Refusal
from nuanxin.members.queries.trials.cases import Answers, Routed, route_lines
from nuanxin.members.rules.trials.lines import COLUMNS, Line, heading_of, read_lines, text_of_workbook
from nuanxin.organizations.states import EDIT_RULES
from nuanxin.web.desk.routing.forms import CaseForm, ListForm
from nuanxin.web.desk.routing.results import reasons_of, why
from nuanxin.web.desk.routing.tabs import tabs
from nuanxin.web.desk.routing.words import place_names
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.refusals import blame
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpResponseBase

    from nuanxin.web.desk.requests import DeskRequest

#: Rows shown on the page, and unions offered as filters; the workbook holds every row.
_SHOWN, _UNIONS, _WRONG = 200, 12, 50


@require_http_methods(["GET", "POST"])
def cases(request: DeskRequest) -> HttpResponseBase:
    """Take cases in, and show to which union each would go and why; as a workbook when that is asked for."""
    request.actor.require(EDIT_RULES)
    single, listed = CaseForm(), ListForm()
    answers: Answers | None = None
    heading = ""
    if request.method == "POST":
        single, listed = CaseForm(request.POST), ListForm(request.POST, request.FILES)
        if single.is_valid() and listed.is_valid():
            try:
                text = _text(listed.cleaned_data)
                heading = heading_of(text)
                answers = route_lines(request.actor, _lines(single, listed, text), now=request.now)
            except Refusal as refusal:
                blame(listed, refusal)
    if answers is not None and request.POST.get("do") == "excel":
        return workbook_response(_("Cases"), *_sheet(answers.routed))
    context: dict[str, Any] = {"page_title": _("Routing trials"), "tabs": tabs("cases")}
    if answers is not None:
        context |= _shown(answers, request.POST.get("only", ""))
        stays = _single_stays(answers)
        single = CaseForm(initial=single.cleaned_data if stays else {})
        listed = ListForm(initial=_to_mend(answers, heading, single_stays=stays))
    context |= {"single": single, "listed": listed}
    return render(request, "desk/routing/cases.html", context, status=422 if listed.is_bound else 200)


def _text(typed: dict[str, Any]) -> str:
    text: str = typed["lines"]
    if typed["file"]:
        text = text_of_workbook(typed["file"].read())
    return text


def _lines(single: CaseForm, listed: ListForm, text: str) -> list[Line]:
    """Return what was kept from before, the one case, and the lines of the box; the box's own keep their numbers."""
    kept = read_lines(listed.cleaned_data["kept"])
    cells = {name: str(single.cleaned_data[name]).strip() for name in COLUMNS}
    one = [Line(0, _("the single case"), cells)] if cells["place"] or cells["group"] else []
    return [*kept, *one, *read_lines(text)]


def _single_stays(answers: Answers) -> bool:
    """Answer whether the single case stays in its fields: alone, or with something to mend."""
    alone = len(answers.routed) + len(answers.unread) == 1
    return alone or any(not each.line.number for each in answers.unread)


def _to_mend(answers: Answers, heading: str, *, single_stays: bool) -> dict[str, str]:
    """Return what the box and the hidden field hold next: the lines to mend, and those that are read."""
    wrong = [each.line.text for each in answers.unread if each.line.number]
    return {
        "lines": "\n".join([heading, *wrong] if heading and wrong else wrong),
        "kept": "\n".join(each.as_text for each in answers.routed if each.line.number or not single_stays),
    }


def _shown(answers: Answers, only: str) -> dict[str, Any]:
    routed = answers.routed
    counts = Counter(each.route.union.code for each in routed if each.route)
    unions = {each.route.union.code: local_name(each.route.union) for each in routed if each.route}
    chosen = [each for each in routed if not only or (each.route and each.route.union.code == only)]
    return {
        "answered": True,
        "total": len(routed),
        "rows": _rows(chosen[:_SHOWN]),
        "more": max(len(chosen) - _SHOWN, 0),
        "unions": [(code, unions[code], count, code == only) for code, count in counts.most_common(_UNIONS)],
        "other_unions": max(len(counts) - _UNIONS, 0),
        "only": only,
        "wrong": answers.unread[:_WRONG],
        "wrong_count": len(answers.unread),
        "wrong_more": max(len(answers.unread) - _WRONG, 0),
    }


def _rows(routed: Sequence[Routed]) -> list[dict[str, Any]]:
    places = place_names(each.place for each in routed)
    return [
        {
            "case": each,
            "place": places[each.place],
            "group": local_name(each.group),
            "platform": local_name(each.platform) if each.platform else "",
            "union": each.route.union if each.route else None,
            "name": local_name(each.route.union) if each.route else "",
            "reasons": reasons_of(each.route) if each.route else [],
        }
        for each in routed
    ]


def _sheet(routed: Sequence[Routed]) -> tuple[list[str], Iterator[list[Any]]]:
    places = place_names(each.place for each in routed)
    header = [_("Region code"), _("Place"), _("Occupation"), _("Platform"), _("Employer"), _("Scanned union")]
    header += [_("Union"), _("Union code"), _("Why"), _("All reasons")]
    rows = (
        [
            each.place,
            places[each.place],
            local_name(each.group),
            local_name(each.platform) if each.platform else "",
            each.employer,
            each.scanned,
            local_name(each.route.union) if each.route else _("no union"),
            each.route.union.code if each.route else "",
            why(each.route) if each.route else "",
            " → ".join(reason.text for reason in reasons_of(each.route)) if each.route else "",
        ]
        for each in routed
    )
    return header, rows
