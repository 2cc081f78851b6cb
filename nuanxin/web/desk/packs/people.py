"""Welcome packs by person: who was granted what, what was given when and where; granting again and taking back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.benefits.actions.pack_rights import grant_again, take_back
from nuanxin.benefits.models import PackRight
from nuanxin.benefits.queries.pack_people import (
    PeopleFilters,
    people_with_packs,
    person_with_pack,
    right_of,
    rights_by_membership,
)
from nuanxin.benefits.rules.packs import may_grant_again
from nuanxin.benefits.states.packs import MANAGE_PACKS, SHELVED, PackItem, RightState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.members.models import Membership
from nuanxin.members.states import MembershipState
from nuanxin.web.desk.organizations.pages import form_page
from nuanxin.web.desk.packs.forms import PeopleFilter, ReasonForm
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import Page, page
from nuanxin.web.kit.refusals import blame, tried
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest

_TONES = {
    RightState.GRANTED: "wait",
    RightState.HANDED_OUT: "good",
    RightState.COVERED: "good",
    RightState.AS_COUPON: "good",
    RightState.WITHDRAWN: "bad",
    RightState.REPLACED: "",
}


@require_safe
def people(request: DeskRequest) -> HttpResponse:
    """List whoever was granted a pack, the newest first, with what became of each thing."""
    request.actor.require(MANAGE_PACKS)
    form, listed = _listed(request)
    rights = rights_by_membership(listed.items)
    today = local_day(request.now)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page_title": _("Packs by person"),
        "back_url": reverse("desk:packs:stocks"),
        "filters": form,
        "page": listed,
        "query": query.urlencode(),
        "rows": [
            {
                "member": each,
                "name": mask_name(each.worker.name) or _("erased"),
                "things": [_thing(right, today) for right in rights.get(each.pk, [])],
            }
            for each in listed.items
        ],
    }
    return render(request, "desk/packs/people.html", context)


def _listed(request: DeskRequest) -> tuple[PeopleFilter, Page[Membership]]:
    form = PeopleFilter(request.GET)
    if form.is_valid():
        chosen = form.cleaned_data
        filters = PeopleFilters(text=chosen["q"], item=chosen["item"], state=chosen["state"])
        try:
            found = people_with_packs(request.actor, filters, on=local_day(request.now))
        except Invalid as refusal:
            blame(form, refusal)
        else:
            return form, page(found, order=("-pk",), cursor=request.GET.get("page", ""))
    return form, Page([], "", "")


@require_safe
def person(request: DeskRequest, number: str) -> HttpResponse:
    """Show everything that one member was granted, with what may be done about it."""
    request.actor.require(MANAGE_PACKS)
    found = person_with_pack(request.actor, number)
    today = local_day(request.now)
    context = {
        "page_title": mask_name(found.worker.name) or _("erased"),
        "back_url": reverse("desk:packs:people"),
        "member": found,
        "standing": MembershipState(found.state).label,
        "things": [_thing(right, today) for right in rights_by_membership([found]).get(found.pk, [])],
    }
    return render(request, "desk/packs/person.html", context)


def _thing(right: PackRight, today: date) -> dict[str, Any]:
    """Return one thing as it is shown: what became of it, and what may be done."""
    state = RightState(right.state)
    is_late = state == RightState.GRANTED and right.until is not None and today > right.until
    return {
        "right": right,
        "item": PackItem(right.item).label,
        "label": _("Not fetched in time") if is_late else _label(right),
        "tone": "bad" if is_late else _TONES[state],
        "given": _given(right),
        "again": may_grant_again(right, on=today),
        "back": state == RightState.GRANTED,
    }


def _label(right: PackRight) -> Any:
    if right.state == RightState.GRANTED and right.item not in SHELVED:
        return _("On its way")
    return RightState(right.state).label


def _given(right: PackRight) -> str:
    if right.handed_at is None:
        return ""
    where = local_name(right.place) if right.place else _("joining ceremony")
    return f"{date_cn(right.handed_at)} · {where}"


@require_http_methods(["GET", "POST"])
def right(request: DeskRequest, number: str, pk: UUID, verb: str) -> HttpResponse:
    """Grant one thing again, or take it back; why is asked for and recorded."""
    request.actor.require(MANAGE_PACKS)
    found = right_of(person_with_pack(request.actor, number), pk)
    if verb not in _VERBS:
        raise NotFound
    do, title, intro, done_words = _VERBS[verb]()
    form, back = ReasonForm(request.POST or None), reverse("desk:packs:person", args=[number])
    if form.is_bound:
        done, _made = tried(
            form, lambda: do(actor=request.actor, right=found, reason=form.cleaned_data["reason"], now=request.now)
        )
        if done:
            messages.success(request, done_words)
            return HttpResponseRedirect(back)
    title = f"{title} · {PackItem(found.item).label}"
    return form_page(request, form, title=title, submit=_("Save"), back_url=back, intro=intro)


def _again() -> tuple[Any, str, str, str]:
    intro = _("The member can fetch it once more, from any place where it lies. What was given before stays on record.")
    return grant_again, _("Grant again"), intro, _("Granted again. The member was told.")


def _back() -> tuple[Any, str, str, str]:
    return take_back, _("Take back"), _("No counter hands it out any more. The member reads why."), _("Taken back.")


_VERBS = {"again": _again, "back": _back}
