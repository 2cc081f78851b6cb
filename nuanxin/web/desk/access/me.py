"""One's own account: language, password, authenticator, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.actions import (
    change_language,
    change_own_password,
    check_second_factor,
    end_other_sessions,
    has_second_factor,
    issue_own_token,
    renew_recovery_codes,
    revoke_token,
)
from nuanxin.access.queries import get_post, get_token, linked_identities, own_tokens, passkeys, posts_held
from nuanxin.access.states import Platform
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.web.desk.access.forms import LanguageForm
from nuanxin.web.desk.access.pages import form_page, secret_page
from nuanxin.web.desk.signin.forms import CodeForm, PasswordForm
from nuanxin.web.kit import own_sessions
from nuanxin.web.kit.platforms import offered
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.sessions import own_session

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest


def _signed_in(request: DeskRequest) -> None:
    if request.actor.account_id is None:
        raise NotSignedIn


@require_safe
def me(request: DeskRequest) -> HttpResponse:
    """Show one's own account."""
    _signed_in(request)
    context = {
        "page_title": _("My account"),
        "account": request.user,
        "bound": has_second_factor(request.user),
        "passkeys": len(passkeys(request.actor)),
        "links": Platform.DINGTALK in offered(request) or linked_identities(request.actor),
        "language": LanguageForm(initial={"language": request.user.language or "zh-hans"}),
        "held": posts_held(request.actor, request.now),
        "tokens": own_tokens(request.actor, request.now).order_by("-created_at", "-pk"),
    }
    return render(request, "desk/access/me.html", context)


@require_POST
def language(request: DeskRequest) -> HttpResponse:
    """Keep the language of messages."""
    _signed_in(request)
    change_language(account=request.user, language=request.POST.get("language", ""))
    messages.success(request, _("Done."))
    return HttpResponseRedirect(reverse("desk:access:me"))


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: DeskRequest) -> HttpResponse:
    """Change one's own password."""
    _signed_in(request)
    form = PasswordForm(request.POST or None)
    back = reverse("desk:access:me")
    if request.method == "POST":
        account = request.user
        done, _nothing = tried(
            form,
            lambda: change_own_password(account=account, **form.cleaned_data, actor=request.actor, now=request.now),
        )
        if done:
            update_session_auth_hash(request, account)
            end_other_sessions(actor=request.actor, account=account, but=own_session(request), now=request.now)
            messages.success(request, _("Your password is changed; other sessions have ended."))
            return HttpResponseRedirect(back)
    return form_page(request, form, title=_("Change the password"), submit=_("Change"), back_url=back)


@never_cache
@require_http_methods(["GET", "POST"])
def sessions(request: DeskRequest) -> HttpResponse:
    """List one's own sessions; sent, end one, or all but this one."""
    _signed_in(request)
    account = request.user
    if request.method == "POST":
        own_sessions.end(request, account)
        messages.success(request, _("Signed out there."))
        return HttpResponseRedirect(reverse("desk:access:my_sessions"))
    context = {"page_title": _("Where I am signed in"), "sessions": own_sessions.listed(request, account)}
    return render(request, "desk/access/sessions.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def recovery_codes(request: DeskRequest) -> HttpResponse:
    """Give ten new recovery codes, against a code of the authenticator."""
    _signed_in(request)
    form = CodeForm(request.POST or None)
    back = reverse("desk:access:me")
    if request.method == "POST":
        account = request.user
        done, _nothing = tried(
            form, lambda: check_second_factor(account=account, code=form.cleaned_data["code"], now=request.now)
        )
        if done:
            codes = renew_recovery_codes(account=account, actor=request.actor, now=request.now)
            return secret_page(
                request, title=_("Keep these codes on paper"), secret="", codes=codes, back_url=back,
                say=_("Each lets you in once if you lose your phone. The old ones no longer count."),
            )  # fmt: skip
    return form_page(request, form, title=_("New recovery codes"), submit=_("Continue"), back_url=back)


@require_POST
def new_token(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Give oneself a key that acts in the name of one post, and show it this once."""
    _signed_in(request)
    key = issue_own_token(actor=request.actor, post=get_post(request.actor, pk), now=request.now)
    return secret_page(
        request, title=_("The key"), secret=key, back_url=reverse("desk:access:me"),
        say=_(
            "Copy it now: it is shown this once. "
            "It acts in your post's name for a year; guard it like your password."
        ),
    )  # fmt: skip


@require_POST
def end_token(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Revoke one of one's own keys."""
    _signed_in(request)
    revoke_token(actor=request.actor, token=get_token(request.actor, pk, request.now), now=request.now)
    messages.success(request, _("The key is revoked."))
    return HttpResponseRedirect(reverse("desk:access:me"))
