"""Accounts of cadres and HR clerks."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.actions import create_cadre_account, reset_password, set_active
from nuanxin.access.queries import find_accounts, get_account, visible_posts
from nuanxin.access.states import Permission
from nuanxin.web.desk.access.forms import AccountForm, SearchForm
from nuanxin.web.desk.access.pages import ask, form_page, secret_page
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.access.actions import NewSignIn
    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def accounts(request: DeskRequest) -> HttpResponse:
    """List the accounts in reach."""
    request.actor.require(Permission.GRANT_POSTS)
    filters = SearchForm(request.GET or None)
    text = filters.cleaned_data["q"] if filters.is_valid() else ""
    listed = page(
        find_accounts(request.actor, text=text), order=("username", "pk"), cursor=request.GET.get("page", ""), size=50
    )
    context = {"page_title": _("Accounts"), "filters": filters, "page": listed}
    return render(request, "desk/access/accounts.html", context)


@require_safe
def account(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show one account with its posts."""
    request.actor.require(Permission.GRANT_POSTS)
    found = get_account(request.actor, pk)
    held = visible_posts(request.actor).filter(account=found).order_by("-valid_from", "-pk")
    context = {"page_title": str(found), "account": found, "held": held, "moment": request.now}
    return render(request, "desk/access/account.html", context)


@require_http_methods(["GET", "POST"])
def new_account(request: DeskRequest) -> HttpResponse:
    """Create an account and show its one-time password this once."""
    request.actor.require(Permission.GRANT_POSTS)
    form = AccountForm(request.POST or None)
    if request.method == "POST":
        done, made = tried(
            form, lambda: create_cadre_account(actor=request.actor, **form.cleaned_data, now=request.now)
        )
        if done:
            return _show(request, made, title=_("The account is there"))
    return form_page(
        request, form, title=_("Create an account"), submit=_("Create"), back_url=reverse("desk:access:accounts")
    )


def _show(request: DeskRequest, made: NewSignIn, *, title: str) -> HttpResponse:
    onward = f"{reverse('desk:access:new_post')}?username={made.account.username}"
    return secret_page(
        request, title=title, secret=made.password, facts=[
            (_("Sign-in page"), request.build_absolute_uri(reverse("desk:home"))),
            (_("Sign-in name"), made.account.username),
        ],
        say=_(
            "Hand this one-time password over in person. At the first sign-in it must be changed, "
            "and a phone with an authenticator app be at hand."
        ),
        back_url=reverse("desk:access:account", args=[made.account.pk]), onward_url=onward,
        onward_label=_("Grant a post"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def reset(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Give a new one-time password, after asking."""
    request.actor.require(Permission.GRANT_POSTS)
    found = get_account(request.actor, pk)
    if request.method == "POST":
        made = reset_password(actor=request.actor, account=found, now=request.now)
        return _show(request, made, title=_("A new one-time password"))
    return ask(
        request, question=_("Give %(name)s a new one-time password?") % {"name": found},
        consequences=[
            _("The present password no longer works, and every session ends."),
            _("The authenticator and the recovery codes are taken away; a new one must be bound."),
        ],
        action_label=_("Give a new password"), back_url=reverse("desk:access:account", args=[pk]),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def switch(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Close an account or open it again, after asking."""
    request.actor.require(Permission.GRANT_POSTS)
    found = get_account(request.actor, pk)
    back = reverse("desk:access:account", args=[pk])
    if request.method == "POST":
        set_active(actor=request.actor, account=found, active=request.POST.get("active") == "1", now=request.now)
        messages.success(request, _("Done."))
        return HttpResponseRedirect(back)
    context = {
        "face": "kit/desk.html",
        "page_title": str(found),
        "question": _("Close this account?") if found.is_active else _("Open this account again?"),
        "consequences": [_("Nobody can sign in with it; its posts do nothing.")] if found.is_active else [],
        "action_url": request.path,
        "action_label": _("Close the account") if found.is_active else _("Open the account"),
        "back_url": back,
        "danger": found.is_active,
        "hidden": {"active": "0" if found.is_active else "1"},
    }
    return render(request, "kit/confirm.html", context)
