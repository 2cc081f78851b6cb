"""The list of pairs, narrowed by the address; several said to be two people at once; the search that finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.members.actions.duplicates import say_distinct_of_many
from nuanxin.members.actions.duplicates_sweep import AlreadySearching, start_sweep
from nuanxin.members.queries.duplicates import PairQuestion, find_duplicates, memberships_of_people, searches
from nuanxin.members.states import DuplicateState
from nuanxin.organizations.queries import find_union
from nuanxin.web.desk.duplicates.forms import PairFilters, ReasonForm
from nuanxin.web.desk.duplicates.words import score_badge, short_reasons, state_badge
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import blame, tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet
    from django.http import FileResponse

    from nuanxin.members.models import Duplicate, Membership
    from nuanxin.web.desk.requests import DeskRequest

MOST_OUT = 20_000
#: Pairs that may be decided together.
MOST_AT_ONCE = 200


@require_safe
def pair_list(request: DeskRequest) -> HttpResponse:
    """Show the pairs on which the actor may decide, the likeliest first."""
    request.actor.require(Permission.MERGE)
    form, found = _found(request)
    shown = page(found, order=("-points", "-pk"), cursor=request.GET.get("page", ""), size=50)
    context: dict[str, Any] = {
        "page_title": _("Perhaps one person"),
        "filters": form,
        "keep": {"state": _state(request)},
        "views": _views(request),
        "rows": pair_rows(shown.items),
        "page": shown,
        "searches": searches(),
        "narrowed": any(request.GET.get(name) for name in form.fields),
        "is_first": _state(request) == DuplicateState.OPEN,
        "may_decide": _state(request) in (DuplicateState.OPEN, DuplicateState.LATER),
        "bulk_actions": [
            {"name": "act", "value": "distinct", "label": _("Those chosen are two people each"), "icon": "users"}
        ],
        "excel_url": f"{reverse('desk:duplicates:excel')}?{request.GET.urlencode()}",
    }
    return render(request, "desk/duplicates/pairs.html", context)


def _state(request: DeskRequest) -> str:
    state = request.GET.get("state") or DuplicateState.OPEN.value
    return state if state in DuplicateState.values else ""


def _found(request: DeskRequest) -> tuple[PairFilters, QuerySet[Duplicate]]:
    """Read the filters; one that makes no sense is explained at its field, and finds nothing."""
    form = PairFilters(request.GET)
    empty = find_duplicates(request.actor, PairQuestion()).none()
    if not form.is_valid():
        return form, empty
    values = form.cleaned_data
    try:
        path = find_union(request.actor, values["union"], Permission.MERGE).path if values["union"] else ""
    except Invalid as refusal:
        blame(form, refusal)
        return form, empty
    question = PairQuestion(_state(request), values["band"], values["because"], path)
    return form, find_duplicates(request.actor, question)


def _views(request: DeskRequest) -> list[dict[str, Any]]:
    kept: dict[str, Any] = {
        name: value for name, value in request.GET.items() if name in PairFilters.base_fields and value
    }
    names = {value: str(label) for value, label in DuplicateState.choices} | {"any": _("All")}
    current = _state(request) or "any"
    return [
        {"label": label, "url": f"?{urlencode({**kept, 'state': name})}", "count": None, "current": current == name}
        for name, label in names.items()
    ]


def pair_rows(found: Sequence[Duplicate]) -> list[dict[str, Any]]:
    """Return the lines of a list of pairs; two statements whatever their number."""
    known = memberships_of_people([pk for row in found for pk in (row.one_id, row.other_id)])
    return [
        {
            "pair": row,
            "sides": [_side(row.one.name, known.get(row.one_id)), _side(row.other.name, known.get(row.other_id))],
            "score": score_badge(row.points),
            "reasons": short_reasons(row.evidence),
            "state": state_badge(row.state),
            "url": reverse("desk:duplicates:pair", args=[row.pk]),
            "open": row.state in (DuplicateState.OPEN, DuplicateState.LATER),
        }
        for row in found
    ]


def _side(name: str, membership: Membership | None) -> dict[str, Any]:
    return {
        "name": name or _("erased"),
        "number": membership.number if membership else "",
        "union": local_name(membership.union) if membership else "",
    }


@require_safe
def pairs_excel(request: DeskRequest) -> FileResponse:
    """Send the pairs that fit the filters as a workbook: names masked, at most so many rows."""
    request.actor.require(Permission.MERGE)
    _form, found = _found(request)
    header = [_("Points"), _("How sure"), _("Full name"), _("Member no."), _("Union"), _("Full name"), _("Member no.")]
    header += [_("Union"), _("What agrees"), _("State"), _("Found on"), _("Decided"), _("Decides")]
    return workbook_response(_("Perhaps one person"), header, _out(found.order_by("-points", "-pk")[:MOST_OUT]))


def _out(found: QuerySet[Duplicate]) -> Iterator[list[Any]]:
    batch: list[Duplicate] = []
    for row in found.iterator(chunk_size=500):
        batch.append(row)
        if len(batch) == 500:
            yield from _lines(batch)
            batch = []
    yield from _lines(batch)


def _lines(found: Sequence[Duplicate]) -> Iterator[list[Any]]:
    for row in pair_rows(found):
        pair, (one, other) = row["pair"], row["sides"]
        yield [
            pair.points,
            str(row["score"]["label"]),
            *(mask_name(one["name"]), one["number"], one["union"]),
            *(mask_name(other["name"]), other["number"], other["union"]),
            "; ".join(str(words) for words in row["reasons"]),
            str(row["state"]["label"]),
            pair.found_at,
            pair.decided_at,
            local_name(pair.union),
        ]


@require_http_methods(["GET", "POST"])
def search(request: DeskRequest) -> HttpResponse:
    """Tell how far the search is, for the bar that moves; begin one through the whole registry."""
    request.actor.require(Permission.MERGE)
    if request.method == "POST":
        try:
            start_sweep(actor=request.actor, now=request.now)
        except AlreadySearching as refusal:
            messages.info(request, str(refusal.message))
        else:
            messages.success(request, _("The search has begun. You may leave this page; it goes on."))
        return HttpResponseRedirect(reverse("desk:duplicates:duplicates"))
    return render(request, "desk/duplicates/search.html", {"searches": searches()})


@require_POST
def distinct(request: DeskRequest) -> HttpResponse:
    """Ask for the reason, then say of all chosen pairs that they are two people each: all of them or none."""
    request.actor.require(Permission.MERGE)
    chosen = _chosen(request)
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    if form.is_bound:
        done, count = tried(form, lambda: _say(request, chosen, form))
        if done:
            text = ngettext("%(count)s pair is two people.", "%(count)s pairs are two people each.", count)
            messages.success(request, text % {"count": count})
            return HttpResponseRedirect(reverse("desk:duplicates:duplicates"))
    context = {
        "page_title": _("Two people each"),
        "rows": pair_rows(list(find_duplicates(request.actor, PairQuestion("")).filter(pk__in=chosen))),
        "form": form,
        "chosen": chosen,
        "back_url": reverse("desk:duplicates:duplicates"),
    }
    return render(request, "desk/duplicates/distinct.html", context, status=422 if form.is_bound else 200)


def _chosen(request: DeskRequest) -> list[UUID]:
    """Read which pairs were ticked; what is no id is left out, and too many are refused."""
    found = []
    for text in request.POST.getlist("chosen"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    if not found:
        raise Conflict("nothing_chosen", _("Nothing is chosen. Tick some pairs first."))
    if len(found) > MOST_AT_ONCE:
        raise Conflict("too_many_chosen", _("Please choose fewer pairs at a time."))
    return found


def _say(request: DeskRequest, chosen: list[UUID], form: ReasonForm) -> int:
    return say_distinct_of_many(
        actor=request.actor, duplicate_ids=chosen, reason=form.cleaned_data["reason"], now=request.now
    )
