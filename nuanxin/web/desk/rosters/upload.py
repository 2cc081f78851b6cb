"""Handing in a roster: the template, and the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.actions.rosters import upload_roster
from nuanxin.members.queries.rosters import Place, place_of
from nuanxin.members.queries.rosters_lists import Places
from nuanxin.members.rules.rosters.limits import MOST_BYTES
from nuanxin.members.rules.rosters.sheets import write_template
from nuanxin.members.states import IdKind
from nuanxin.organizations.queries import find_union, get_enterprise, list_enterprises, tops_of
from nuanxin.organizations.queries.lists import open_groups, open_platforms
from nuanxin.web.desk.rosters.forms import UploadForm
from nuanxin.web.kit.excel import CONTENT_TYPE
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nuanxin.access.actors import Actor
    from nuanxin.members.models import Roster
    from nuanxin.organizations.models import Enterprise
    from nuanxin.web.desk.requests import DeskRequest


def own_enterprises(actor: Actor) -> list[Enterprise]:
    """Return the enterprises whose people office the actor is; empty for a cadre."""
    if actor.reach(Permission.ENROLL_ROSTERS):
        return []
    found = [get_enterprise(actor, pk) for pk in actor.enterprises(Permission.ENROLL_ROSTERS)]
    return sorted(found, key=lambda each: (each.name, each.pk))


@require_safe
def template(request: DeskRequest) -> HttpResponse:
    """Send the empty sheet with lists to choose from."""
    request.actor.require(Permission.ENROLL_ROSTERS)
    day = local_day(request.now)
    content = write_template(
        groups=[local_name(each) for each in open_groups(day).values()],
        platforms=[local_name(each) for each in open_platforms(day).values()],
        kinds=[str(kind.label) for kind in IdKind],
    )
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = (
        f"attachment; filename*=UTF-8''{quote(_('Roster template'), safe='')}.xlsx"
    )
    return response


@require_http_methods(["GET", "POST"])
def upload(request: DeskRequest) -> HttpResponse:
    """Take a file in; it is checked in the background, and nobody is enrolled yet."""
    request.actor.require(Permission.ENROLL_ROSTERS)
    own = own_enterprises(request.actor)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, now=request.now, own=own)
    else:
        form = UploadForm(now=request.now, own=own, initial=_initial(request))
    done, roster = tried(form, lambda: _hand_in(request, form.cleaned_data, own)) if form.is_bound else (False, None)
    if done and roster:
        return HttpResponseRedirect(reverse("desk:rosters:roster", args=[roster.number]))
    context = {"page_title": _("Upload a roster"), "form": form, "back_url": reverse("desk:rosters:rosters")}
    return render(request, "desk/rosters/upload.html", context, status=422 if form.is_bound else 200)


def _initial(request: DeskRequest) -> dict[str, Any]:
    """Return the union of the post at hand, when it is one."""
    if "union" in request.GET:
        return {"union": request.GET["union"][:60]}
    tops = list(tops_of(request.actor)[:2]) if request.actor.reach(Permission.ENROLL_ROSTERS) else []
    return {"union": local_name(tops[0])} if len(tops) == 1 else {}


def _hand_in(request: DeskRequest, given: Mapping[str, Any], own: list[Enterprise]) -> Roster:
    place = _place(request, given, own)
    file = given["file"]
    return upload_roster(
        actor=request.actor,
        place=place,
        name=file.name or "",
        content=file.read(MOST_BYTES + 1),  # one more is too large, and is said so
        defaults=defaults_of(given, place.union.region_id or ""),
        batch=given["batch"],
        now=request.now,
    )


def _place(request: DeskRequest, given: Mapping[str, Any], own: list[Enterprise]) -> Place:
    actor, day = request.actor, local_day(request.now)
    if own:
        chosen = next(each for each in own if str(each.pk) == given["enterprise"])
        if not chosen.credit_code and len(own) > 1:
            raise Invalid(
                "no_credit_code",
                _("Please have the union register the credit code of this enterprise first."),
                field="enterprise",
            )
        return place_of(actor, credit_code=chosen.credit_code, on=day)
    union = find_union(actor, given["union"], Permission.ENROLL_ROSTERS)
    return Place(union, _employer(actor, given["enterprise"]))


def _employer(actor: Actor, text: str) -> Enterprise | None:
    """Return the enterprise that is meant, by credit code or whole name; none when nothing was written."""
    if not text:
        return None
    found = list(list_enterprises(actor, text=text).order_by("name", "pk")[:20])
    exact = [each for each in found if text.strip() in (each.name, each.credit_code)]
    if len(exact or found) != 1:
        raise Invalid(
            "unknown_enterprise",
            _("Please write the whole name or the credit code of the enterprise."),
            field="enterprise",
        )
    return (exact or found)[0]


def defaults_of(given: Mapping[str, Any], near: str) -> dict[str, str]:
    """Return what holds for all rows, with the code of the place that was written.

    :param near: region around which a place is looked for by name.
    :raises Invalid: no place is called that, or several are.
    """
    code = Places(near)(given["region"].strip()) if given["region"].strip() else ""
    if code.startswith("?"):
        raise Invalid(
            code[1:], _("Please write the full name of the county or district, such as 聊城市东昌府区, or its code."),
            field="region",
        )  # fmt: skip
    return {"occupation_group": given["occupation_group"], "region_code": code, "platform": given["platform"]}
