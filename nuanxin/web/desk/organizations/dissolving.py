"""Dissolving a union or merging it into another: say which, see where everybody goes, confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.members.queries.dissolving import Dissolution, dissolution
from nuanxin.members.states import MembershipState
from nuanxin.organizations.actions import dissolve_union
from nuanxin.organizations.queries import get_union
from nuanxin.organizations.states import EDIT_UNIONS
from nuanxin.web.desk.organizations.forms import DissolveForm
from nuanxin.web.desk.organizations.pages import ask, form_page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from nuanxin.organizations.models import Union
    from nuanxin.web.desk.requests import DeskRequest

#: Unions that the preview names; the smallest of more are counted together.
_NAMED = 12


@require_http_methods(["GET", "POST"])
def dissolve(request: DeskRequest, code: str) -> HttpResponse:
    """Dissolve a union, or merge it into another one, after showing where everybody goes."""
    union = get_union(request.actor, code)
    if union.parent is None:
        raise NotFound
    request.actor.require(EDIT_UNIONS, at=union.parent)
    form = DissolveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer: HttpResponse
        done, answer = tried(form, lambda: _dissolve(request, union, form.cleaned_data))
        if done:
            return answer
    title = _("Dissolve or merge %(name)s") % {"name": local_name(union)}
    back = reverse("desk:organizations:union", args=[union.code])
    return form_page(request, form, title=title, submit=_("See what will happen"), back_url=back)


def _dissolve(request: DeskRequest, union: Union, typed: dict[str, str]) -> HttpResponse:
    heir = _heir(request, typed["heir"])
    if request.POST.get("sure"):
        dissolve_union(actor=request.actor, union=union, heir=heir, reason=typed["reason"], now=request.now)
        messages.success(request, _("%(name)s is closed, and everybody has gone on.") % {"name": local_name(union)})
        return HttpResponseRedirect(reverse("desk:organizations:union", args=[(heir or union).code]))
    plan = dissolution(request.actor, union, heir, on=local_day(request.now))
    if heir:
        names = {"name": local_name(union), "heir": local_name(heir)}
        question = _("Merge %(name)s into %(heir)s?") % names
    else:
        question = _("Dissolve %(name)s?") % {"name": local_name(union)}
    action = _("Merge now") if heir else _("Dissolve now")
    return ask(
        request,
        question=question,
        consequences=_consequences(plan, heir),
        action_label="" if plan.below else action,
        back_url=request.path,
        hidden={"heir": typed["heir"], "reason": typed["reason"], "sure": "1"},
    )


def _heir(request: DeskRequest, code: str) -> Union | None:
    try:
        return get_union(request.actor, code.strip()) if code.strip() else None
    except NotFound:
        raise Invalid("unknown_union", _("There is no such union."), field="heir") from None


def _consequences(plan: Dissolution, heir: Union | None) -> list[str]:
    """Put a plan into sentences: what stops it first, then who goes where."""
    said = []
    if plan.below:
        said.append(_("Not yet: unions below it must be moved or dissolved first: %(count)s.") % {"count": plan.below})
    if not plan.people:
        said.append(_("Nobody belongs to it."))
    for target, standings in plan.members[:_NAMED]:
        retained = standings.get(MembershipState.RETAINED, 0) + standings.get(MembershipState.SUSPENDED, 0)
        text = ngettext("%(count)s member goes to %(union)s.", "%(count)s members go to %(union)s.", standings.total())
        text %= {"count": f"{standings.total():,}", "union": local_name(target)}
        said.append(
            f"{text} {_('Of these, retained or resting: %(count)s.') % {'count': retained}}" if retained else text
        )
    if rest := plan.members[_NAMED:]:
        people = sum(standings.total() for _union, standings in rest)
        said.append(_("%(count)s more go to %(unions)s other unions.") % {"count": f"{people:,}", "unions": len(rest)})
    for target, count in plan.applications[:_NAMED]:
        said.append(
            _("Open applications that go to %(union)s, with a full limit: %(count)s.")
            % {"count": count, "union": local_name(target)}
        )
    if plan.enterprises and heir:
        said.append(
            _("Employers that %(union)s covers from now on: %(count)s.")
            % {"count": plan.enterprises, "union": local_name(heir)}
        )
    elif plan.enterprises:
        said.append(
            _("Employers that no union covers any more, until one does: %(count)s.") % {"count": plan.enterprises}
        )
    said.append(_("Everybody keeps number, card and standing, and is told by text message."))
    said.append(_("Its code and posters lead nowhere any more, and are never given to another union."))
    return said
