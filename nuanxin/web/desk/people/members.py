"""Members found, page by page, and out to Excel for those who may."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.actions.lists import export_members
from nuanxin.members.queries.memberships import identity_of, phone_of
from nuanxin.members.queries.searching import Filters, MemberPage, search
from nuanxin.members.rules.searching import read_search
from nuanxin.members.states import MembershipState
from nuanxin.organizations.queries import find_union, list_enterprises
from nuanxin.regions.queries import full_name, search_regions
from nuanxin.web.desk.people.forms import MemberFilters
from nuanxin.web.kit.documents import document_in_words
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.masks import mask_name, mask_phone
from nuanxin.web.kit.refusals import blame
from nuanxin.web.kit.templatetags.kit import date_cn, icon, local_name, namer, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet
    from django.http import HttpResponse, HttpResponseBase, QueryDict

    from nuanxin.access.actors import Actor
    from nuanxin.members.models import Membership
    from nuanxin.web.desk.requests import DeskRequest

STATE_TONES = {
    MembershipState.ACTIVE: "good",
    MembershipState.SUSPENDED: "wait",
    MembershipState.RETAINED: "wait",
    MembershipState.ENDED: "",
}
_NUMBER = "number"


@require_safe
def members(request: DeskRequest) -> HttpResponse:
    """Show the members in reach that fit, newest first, masked."""
    request.actor.require(Permission.VIEW_MEMBERS)
    form, filters, said = _read(request, request.GET)
    shown = search(request.actor, filters, cursor=_cursor(request)) if filters else MemberPage([])
    context: dict[str, Any] = {
        "page_title": _("Members"),
        "filters": form,
        "said": said,
        "rows": member_rows(shown.items),
        "page": shown,
        "count": _count(shown),
        "may_export": request.actor.may(Permission.EXPORT_MEMBERS),
        "query": request.GET.urlencode(),
        "narrowed": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "desk/people/members.html", context)


@require_POST
def members_excel(request: DeskRequest) -> HttpResponseBase:
    """Send the list as a workbook: phones and ID numbers masked; that it was taken is recorded."""
    request.actor.require(Permission.EXPORT_MEMBERS)
    _form, filters, _said = _read(request, request.GET)
    if filters is None:
        raise Invalid("bad_filters", _("Please mend the filters first."))
    found = export_members(actor=request.actor, filters=filters, now=request.now)
    header = [_("Member no."), _("Full name"), _("Phone"), _("ID number"), _("Occupation"), _("Union"), _("Area")]
    header += [_("Employer"), _("State"), _("Member since"), _("Way in")]
    return workbook_response(_("Members"), header, _out(found))


def _out(found: QuerySet[Membership]) -> Iterator[list[Any]]:
    for each in found.iterator(chunk_size=1000):
        worker = each.worker
        yield [
            each.number,
            worker.name,
            mask_phone(phone_of(each)),
            document_in_words(worker.id_kind, identity_of(each)),
            local_name(worker.occupation_group),
            local_name(each.union),
            worker.region.name,
            worker.employer.name if worker.employer else worker.employer_name,
            each.get_state_display(),
            each.began_on,
            local_name(each.door),
        ]


def member_rows(memberships: Sequence[Membership]) -> list[dict[str, str]]:
    """Return the lines of a list of members, masked; what many of them share is put in words once."""
    named, day, language = namer(), cache(date_cn), get_language()
    address = reverse("desk:people:member", args=[_NUMBER])
    rows = []
    for each in memberships:
        worker = each.worker
        group, employer = worker.occupation_group, worker.employer
        rows.append(
            {
                "url": address.replace(_NUMBER, each.number),
                "name": mask_name(worker.name) or _("erased"),
                "phone": mask_phone(phone_of(each)) or "—",
                "number": each.number,
                "icon": icon(group.icon),
                "group": named(group),
                "union": named(each.union),
                "area": named(worker.region),
                "employer": (employer.name if employer else worker.employer_name) or "—",
                "state": _state(each.state, language),
                "since": day(each.began_on),
            }
        )
    return rows


@lru_cache(maxsize=64)
def _state(value: str, _language: str | None) -> str:
    state = MembershipState(value)
    return render_to_string("kit/partials/state.html", {"label": state.label, "tone": STATE_TONES[state]})


def _count(shown: MemberPage) -> str:
    """Say how many fit: exactly, or honestly that it is an estimate, or more than were counted."""
    if shown.about:
        figure = 10 ** max(0, len(str(shown.count)) - 2)
        return _("About %(count)s people") % {"count": number(round(shown.count / figure) * figure)}
    if shown.more:
        return _("More than %(count)s people") % {"count": number(shown.count)}
    return ngettext("%(count)s person", "%(count)s people", shown.count) % {"count": number(shown.count)}


def _cursor(request: DeskRequest) -> str:
    """Return the page asked for; a link that was cut in two begins at the beginning."""
    cursor = request.GET.get("page", "")
    try:
        UUID(cursor.removeprefix("-"))
    except ValueError:
        return ""
    return cursor


def _read(request: DeskRequest, data: QueryDict) -> tuple[MemberFilters, Filters | None, list[str]]:
    """Read the filters of an address: the form, what it asks for or None, and in words what a name was taken for."""
    form = MemberFilters(data, now=request.now)
    if not form.is_valid():
        return form, None, []
    values = form.cleaned_data
    said: list[str] = []
    try:
        filters = Filters(
            text=values["q"],
            union_path=_union_path(request.actor, values["union"], said),
            group=values["group"],
            region=_region(values["region"], said),
            state=values["state"],
            employer_id=_employer(request.actor, values["employer"], said),
            proof=values["proof"],
        )
        read_search(filters.text)
    except Invalid as refusal:
        blame(form, refusal)
        return form, None, []
    return form, filters, said


def _union_path(actor: Actor, text: str, said: list[str]) -> str:
    if not text.strip():
        return ""
    union = find_union(actor, text, Permission.VIEW_MEMBERS)
    said.append(_("%(union)s and below") % {"union": local_name(union)})
    return union.path


def _region(text: str, said: list[str]) -> str:
    if not text.strip():
        return ""
    region = next(iter(search_regions(text, limit=1)), None)
    if region is None:
        raise Invalid("unknown_region", _("There is no area of this name."), field="region")
    said.append(full_name(region.code))
    return str(region.code)


def _employer(actor: Actor, text: str, said: list[str]) -> UUID | None:
    if not text.strip():
        return None
    found = list_enterprises(actor, text=text).order_by("name", "pk").first()
    if found is None:
        raise Invalid("unknown_enterprise", _("No enterprise in your reach is called that."), field="employer")
    said.append(found.name)
    return found.pk
