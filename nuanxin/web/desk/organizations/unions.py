"""Unions: the tree, one union, and what is done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.queries import find_posts
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.members.queries.dissolving import may_dissolve
from nuanxin.organizations.actions import close_union, create_union, edit_union, move_union, reopen_union
from nuanxin.organizations.queries import (
    admission_rules_of,
    ancestors_of,
    children_of,
    get_union,
    has_pool,
    is_set_up,
    list_enterprises,
    occupation_groups,
    platforms,
    search_unions,
    tops_of,
)
from nuanxin.organizations.queries.sheets import union_rows
from nuanxin.organizations.rules import default_admission, level_for, valid_on
from nuanxin.organizations.rules.sheets import UNION_COLUMNS, write_sheet
from nuanxin.organizations.states import EDIT_ENTERPRISES, EDIT_RULES, EDIT_UNIONS, VIEW, UnionKind, UnionLevel
from nuanxin.web.desk.organizations.forms import MoveForm, NewUnionForm, ReasonForm, UnionFilter, UnionForm
from nuanxin.web.desk.organizations.pages import ask, form_page, picker, sheet_response
from nuanxin.web.desk.organizations.posters import address_of, poster_pdf, poster_png
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from nuanxin.organizations.models import Union
    from nuanxin.web.desk.requests import DeskRequest

CHILDREN = 50
TABS = ("facts", "admission", "posts", "enterprises", "poster")


def _page_of(union: Union, tab: str = "") -> str:
    address = reverse("desk:organizations:union", args=[union.code])
    return f"{address}?tab={tab}" if tab else address


@require_safe
def tree(request: DeskRequest) -> HttpResponse:
    """Show the tree from the highest unions in reach, one level open."""
    request.actor.require(VIEW)
    tops = tops_of(request.actor)
    for top in tops:
        top.opened = page(children_of(request.actor, top), order=("name", "pk"), size=CHILDREN)  # type: ignore[attr-defined]
    context = {
        "page_title": _("Unions"),
        "tops": tops,
        "filters": UnionFilter(),
        "set_up": is_set_up(),
        "begun": "begun" in request.GET,
        "may_edit": request.actor.may(EDIT_UNIONS),
        "may_rules": request.actor.may(EDIT_RULES),
    }
    return render(request, "desk/organizations/tree.html", context)


@require_safe
def children(request: DeskRequest, code: str) -> HttpResponse:
    """Answer a branch of the tree: the unions directly below one."""
    union = get_union(request.actor, code)
    below = page(
        children_of(request.actor, union), order=("name", "pk"), cursor=request.GET.get("page", ""), size=CHILDREN
    )
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(_page_of(union))
    return render(request, "desk/organizations/branch.html", {"branch": below, "above": union})


def _found(request: DeskRequest) -> tuple[UnionFilter, QuerySet[Union]]:
    filters = UnionFilter(request.GET or None)
    chosen: dict[str, Any] = filters.cleaned_data if filters.is_valid() else {}
    found = search_unions(
        request.actor,
        text=chosen.get("q", ""),
        kind=chosen.get("kind", ""),
        level=chosen.get("level", ""),
        region=chosen.get("region", ""),
        closed=bool(chosen.get("closed")),
    )
    return filters, found


@require_safe
def search(request: DeskRequest) -> HttpResponse:
    """List the unions that the filters leave."""
    request.actor.require(VIEW)
    filters, found = _found(request)
    listed = page(found, order=("name", "pk"), cursor=request.GET.get("page", ""), size=50)
    query = request.GET.copy()
    query.pop("page", None)
    context = {"page_title": _("Find unions"), "filters": filters, "page": listed, "query": query.urlencode()}
    return render(request, "desk/organizations/search.html", context)


@require_safe
def excel(request: DeskRequest) -> HttpResponse:
    """Send the unions that the filters leave in the columns in which they can be handed in again."""
    request.actor.require(VIEW)
    _filters, found = _found(request)
    return sheet_response(write_sheet(UNION_COLUMNS, union_rows(found), blank_rows=200), _("Unions"))


@require_safe
def show(request: DeskRequest, code: str) -> HttpResponse:
    """Show one union: facts, whom it admits, who works for it, whom it covers, its poster."""
    union = get_union(request.actor, code)
    tab = request.GET.get("tab", "facts")
    tab = tab if tab in TABS else "facts"
    labels = (_("Facts"), _("Whom it admits"), _("Posts"), _("Enterprises"), _("Poster and code"))
    context = {
        "page_title": local_name(union),
        "union": union,
        "above": ancestors_of(union),
        "tab": tab,
        "tabs": [
            {"label": label, "url": _page_of(union, name), "current": name == tab, "count": None}
            for name, label in zip(TABS, labels, strict=True)
        ],
        "may_edit": request.actor.may(EDIT_UNIONS, at=union),
        "may_dissolve": may_dissolve(request.actor, union),
        "may_rules": request.actor.may(EDIT_RULES, at=union),
        "may_enterprises": request.actor.may(EDIT_ENTERPRISES, at=union),
        "address": address_of(union),
    }
    return render(request, "desk/organizations/union.html", context | _tab(request, union, tab))


def _tab(request: DeskRequest, union: Union, tab: str) -> dict[str, Any]:
    cursor = request.GET.get("page", "")
    if tab == "admission":
        return {"rules": _admission(request, union)}
    if tab == "posts":
        found = find_posts(request.actor, now=request.now, union_code=union.code, when="current")
        return {"page": page(found, order=("-valid_from", "-pk"), cursor=cursor)}
    if tab == "enterprises":
        found_here = list_enterprises(request.actor, union=union)
        return {"page": page(found_here, order=("name", "pk"), cursor=cursor)}
    if tab == "facts":
        needs_pool = union.kind == UnionKind.FEDERATION and union.level == UnionLevel.CITY and not has_pool(union)
        below = page(children_of(request.actor, union), order=("name", "pk"), cursor=cursor, size=CHILDREN)
        return {"page": below, "needs_pool": needs_pool}
    return {}


def _admission(request: DeskRequest, union: Union) -> list[dict[str, Any]]:
    groups = {group.code: local_name(group) for group in occupation_groups()}
    known = {platform.code: local_name(platform) for platform in platforms(closed=True)}
    today = local_day(request.now)
    return [
        {
            "rule": rule,
            "groups": [groups.get(code, code) for code in rule.occupation_groups],
            "platforms": [known.get(code, code) for code in rule.platforms],
            "now": valid_on(rule, today),
            "over": rule.valid_until is not None and rule.valid_until <= today,
        }
        for rule in admission_rules_of(union)
    ]


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest, code: str) -> HttpResponse:
    """Create a union under another."""
    parent = get_union(request.actor, code)
    request.actor.require(EDIT_UNIONS, at=parent)
    initial = {"kind": request.GET.get("kind", ""), "name": request.GET.get("name", "")}
    form = NewUnionForm(parent, request.POST or None, initial=initial)
    region = str(request.POST.get("region", "") or (parent.region_id if request.GET.get("kind") == "pool" else ""))[:12]
    if request.method == "POST":
        done, union = tried(form, lambda: _create(request, parent, form.cleaned_data, region))
        if done:
            messages.success(request, _created(union))
            return HttpResponseRedirect(_page_of(union, "admission" if _admits_nobody_yet(union) else ""))
    more = {"region": picker(request, selected=region, start=parent.region_id or "")}
    title = _("New union under %(name)s") % {"name": local_name(parent)}
    return form_page(request, form, title=title, submit=_("Create"), back_url=_page_of(parent), **more)


def _admits_nobody_yet(union: Union) -> bool:
    return union.kind != UnionKind.FEDERATION and default_admission(union.kind) is None


def _created(union: Union) -> str:
    if _admits_nobody_yet(union):
        said = _("%(name)s is created. Say next whom it admits: until then, who scans its code is sent elsewhere.")
    else:
        said = _("%(name)s is created. Print its poster next.")
    return said % {"name": union.name}


def _create(request: DeskRequest, parent: Union, typed: dict[str, Any], region: str) -> Union:
    basic = typed["level"] == UnionLevel.BASIC or typed["kind"] == UnionKind.ENTERPRISE
    try:
        level = UnionLevel.BASIC if basic else level_for(region)
    except StopIteration:
        raise Invalid("unknown_region", _("Please choose the region from the list."), field="region") from None
    return create_union(
        actor=request.actor, parent=parent, fields={**typed, "level": level, "region": region}, now=request.now
    )


@require_http_methods(["GET", "POST"])
def edit(request: DeskRequest, code: str) -> HttpResponse:
    """Change what a union says of itself."""
    union = get_union(request.actor, code)
    request.actor.require(EDIT_UNIONS, at=union)
    initial = {name: getattr(union, name) for name in UnionForm.base_fields}
    form = UnionForm(request.POST or None, initial=initial)
    if request.method == "POST":
        done, _union = tried(
            form, lambda: edit_union(actor=request.actor, union=union, fields=form.cleaned_data, now=request.now)
        )
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(_page_of(union))
    return form_page(request, form, title=local_name(union), submit=_("Save"), back_url=_page_of(union))


@require_http_methods(["GET", "POST"])
def move(request: DeskRequest, code: str) -> HttpResponse:
    """Put a union under another parent: choose, see what will happen, confirm."""
    union = get_union(request.actor, code)
    request.actor.require(EDIT_UNIONS, at=union)
    form = MoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer: HttpResponse
        done, answer = tried(form, lambda: _move(request, union, form.cleaned_data["parent"]))
        if done:
            return answer
    title = _("Move %(name)s") % {"name": local_name(union)}
    return form_page(request, form, title=title, submit=_("Next"), back_url=_page_of(union))


def _move(request: DeskRequest, union: Union, parent_code: str) -> HttpResponse:
    try:
        parent = get_union(request.actor, parent_code.strip())
    except NotFound:
        raise Invalid("unknown_parent", _("There is no such parent union."), field="parent") from None
    if request.POST.get("sure"):
        move_union(actor=request.actor, union=union, parent=parent, now=request.now)
        messages.success(request, _("Moved."))
        return HttpResponseRedirect(_page_of(union))
    below = search_unions(request.actor).filter(path__startswith=union.path).count() - 1
    return ask(
        request,
        question=_("Move %(name)s under %(parent)s?") % {"name": local_name(union), "parent": local_name(parent)},
        consequences=[
            _("Unions below that move along: %(count)s.") % {"count": below},
            _("Cadres of the old upper unions no longer see it; those of the new ones do."),
            _("Its code, posters, members and numbers stay."),
        ],
        action_label=_("Move"),
        back_url=_page_of(union),
        hidden={"parent": parent.code, "sure": "1"},
        danger=False,
    )


@require_http_methods(["GET", "POST"])
def close(request: DeskRequest, code: str) -> HttpResponse:
    """Close a union, with a reason."""
    union = get_union(request.actor, code)
    request.actor.require(EDIT_UNIONS, at=union)
    form = ReasonForm(request.POST or None)
    if request.method == "POST":
        done, _closed = tried(
            form,
            lambda: close_union(actor=request.actor, union=union, reason=form.cleaned_data["reason"], now=request.now),
        )
        if done:
            messages.success(request, _("Closed. It can be opened again."))
            return HttpResponseRedirect(_page_of(union))
    return ask(
        request,
        question=_("Close the union “%(name)s”?") % {"name": local_name(union)},
        consequences=[
            _("Its code and posters lead nowhere any more, and are never given to another union."),
            _("Nobody is sent to it any more."),
            _("Unions below it, covered enterprises, members and open applications must have gone elsewhere before."),
            _("It can be opened again."),
        ],
        action_label=_("Close the union"),
        back_url=_page_of(union),
        form=form,
    )


@require_http_methods(["GET", "POST"])
def reopen(request: DeskRequest, code: str) -> HttpResponse:
    """Open a closed union again."""
    union = get_union(request.actor, code)
    request.actor.require(EDIT_UNIONS, at=union)
    if request.method == "POST":
        reopen_union(actor=request.actor, union=union, now=request.now)
        messages.success(request, _("Open again."))
        return HttpResponseRedirect(_page_of(union))
    return ask(
        request,
        question=_("Open %(name)s again?") % {"name": local_name(union)},
        consequences=[_("Its code and posters work again, with the admission rules it had.")],
        action_label=_("Open again"),
        back_url=_page_of(union),
        danger=False,
    )


@require_safe
def poster(request: DeskRequest, code: str) -> HttpResponse:
    """Send the poster as a PDF."""
    union = get_union(request.actor, code)
    response = HttpResponse(poster_pdf(union), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="poster-{union.code}.pdf"'
    return response


@require_safe
def picture(request: DeskRequest, code: str) -> HttpResponse:
    """Send the code alone as a PNG picture."""
    union = get_union(request.actor, code)
    response = HttpResponse(poster_png(union), content_type="image/png")
    response.headers["Content-Disposition"] = f'attachment; filename="code-{union.code}.png"'
    return response
