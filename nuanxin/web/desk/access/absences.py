"""Absences with delegates, and staff sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.actions import close_staff_session, end_absence, open_staff_session, register_absence
from nuanxin.access.queries import account_named, find_posts, get_absence, get_post, union_by_code, visible_absences
from nuanxin.access.queries import open_staff_session as current_session
from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid, NotSignedIn
from nuanxin.web.desk.access.forms import AbsenceForm, StaffSessionForm
from nuanxin.web.desk.access.pages import form_page
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpResponse

    from nuanxin.access.models import Absence, StaffSession
    from nuanxin.web.desk.requests import DeskRequest

_MOST_POSTS = 200


def _signed_in(request: DeskRequest) -> None:
    if request.actor.account_id is None:
        raise NotSignedIn


@require_safe
def absences(request: DeskRequest) -> HttpResponse:
    """List who is away and who stands in: of one's own posts, and of those in reach."""
    _signed_in(request)
    rows = visible_absences(request.actor)
    if request.GET.get("when") != "past":
        rows = rows.filter(ends_at__gt=request.now)
    listed = page(rows, order=("-starts_at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    context = {"page_title": _("Absences"), "page": listed, "moment": request.now, "when": request.GET.get("when", "")}
    return render(request, "desk/access/absences.html", context)


@require_http_methods(["GET", "POST"])
def new_absence(request: DeskRequest) -> HttpResponse:
    """Register an absence."""
    _signed_in(request)
    offered = find_posts(request.actor, now=request.now).order_by("account__name", "pk")[:_MOST_POSTS]
    form = AbsenceForm(request.POST or None, posts=offered, initial={"post": request.GET.get("post", "")})
    if request.method == "POST":
        done, _absence = tried(form, lambda: _register(request, form.cleaned_data))
        if done:
            messages.success(request, _("The absence is registered."))
            return HttpResponseRedirect(reverse("desk:access:absences"))
    return form_page(
        request, form, title=_("Register an absence"), submit=_("Register"), back_url=reverse("desk:access:absences")
    )


def _register(request: DeskRequest, chosen: dict[str, Any]) -> Absence:
    delegate = account_named(chosen["delegate"]) if chosen["delegate"] else None
    if chosen["delegate"] and delegate is None:
        raise Invalid("unknown_account", _("No open account has this sign-in name."), field="delegate")
    return register_absence(
        actor=request.actor, post=get_post(request.actor, UUID(chosen["post"])), starts_at=chosen["starts_at"],
        ends_at=chosen["ends_at"], delegate=delegate, note=chosen["note"], now=request.now,
    )  # fmt: skip


@require_POST
def end(request: DeskRequest, pk: UUID) -> HttpResponse:
    """End an absence now."""
    end_absence(actor=request.actor, absence=get_absence(request.actor, pk), now=request.now)
    messages.success(request, _("The absence has ended."))
    return HttpResponseRedirect(reverse("desk:access:absences"))


@require_http_methods(["GET", "POST"])
def staff_session(request: DeskRequest) -> HttpResponse:
    """Open a session that reaches further, or show the one that is open."""
    request.actor.require(Permission.REACH_FURTHER)
    form = StaffSessionForm(request.POST or None)
    if request.method == "POST":
        done, _session = tried(form, lambda: _open(request, form.cleaned_data))
        if done:
            messages.success(request, _("The session is open."))
            return HttpResponseRedirect(reverse("desk:home"))
    return form_page(
        request, form, title=_("Reach further"), submit=_("Open the session"), back_url=reverse("desk:home"),
        session=current_session(request.actor, request.now),
        intro=_(
            "For some hours you reach a union beyond your own. The verbs of your post stay the same; "
            "every act names this session, and the union's auditors see it."
        ),
    )  # fmt: skip


def _open(request: DeskRequest, chosen: dict[str, Any]) -> StaffSession:
    union = union_by_code(chosen["union"])
    if union is None:
        raise Invalid("unknown_place", _("No open union has this code."), field="union")
    return open_staff_session(
        actor=request.actor, union=union, reason=chosen["reason"], hours=chosen["hours"], now=request.now
    )


@require_POST
def close(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Close one's own session."""
    close_staff_session(actor=request.actor, session_id=pk, now=request.now)
    messages.success(request, _("The session is closed."))
    return HttpResponseRedirect(reverse("desk:home"))
