"""Signing in at the desk: password and code; the first time also a new password and an authenticator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.access.actions import (
    bind_second_factor,
    change_own_password,
    check_password,
    check_second_factor,
    has_second_factor,
    new_second_factor_secret,
    record_sign_in,
)
from nuanxin.access.actors import actor_of_account
from nuanxin.access.queries import account_by_id, has_passkey
from nuanxin.access.states import Platform
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.web.desk.signin.forms import CodeForm, PasswordForm, SignInForm
from nuanxin.web.kit.guards import answered
from nuanxin.web.kit.passkeys import passkeys_work
from nuanxin.web.kit.platforms import offered
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.sessions import known_browser, remember_browser, sign_in_by_password, sign_out
from nuanxin.web.kit.sources import client_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from nuanxin.access.models import Account
    from nuanxin.web.desk.requests import DeskRequest

_PENDING, _SECRET, _NEXT = "desk_pending", "desk_secret", "desk_next"
_PATIENCE = 10 * 60


def _page(request: DeskRequest, template: str, *, refused: bool = False, **context: Any) -> HttpResponse:
    context["demo"] = settings.DEMO
    page = render(request, f"desk/signin/{template}.html", context, status=422 if refused else 200)
    return answered(page, context["form"]) if refused else page


def _onward(request: DeskRequest) -> HttpResponse:
    address = request.session.pop(_NEXT, "") or reverse("desk:home")
    return HttpResponseRedirect(address)


def _remember_next(request: DeskRequest) -> None:
    address = request.GET.get("next", "")
    inside = address.startswith("/desk/") and not address.startswith("/desk/sign-")
    if inside and url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        request.session[_NEXT] = address


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def sign_in(request: DeskRequest) -> HttpResponse:
    """Ask for name and password; then for the code, when an authenticator is bound."""
    _remember_next(request)
    form = SignInForm(request.POST or None)
    if request.method == "POST":
        done, account = tried(form, lambda: check_password(
            username=form.cleaned_data["username"], password=form.cleaned_data["password"],
            address=client_address(request), known_as=known_browser(request, form.cleaned_data["username"]),
            now=request.now,
        ))  # fmt: skip
        if done and has_second_factor(account):
            return wait_for_second_factor(request, account)
        if done:
            return enter(request, account)
    return _page(
        request, "sign_in", refused=form.is_bound, form=form, page_title=_("Sign in"),
        passkeys=passkeys_work(request), dingtalk=Platform.DINGTALK in offered(request),
    )  # fmt: skip


def wait_for_second_factor(request: DeskRequest, account: Account) -> HttpResponse:
    """Go on to the second factor of an account whose first one was right."""
    request.session[_PENDING] = [str(account.pk), request.now.timestamp()]
    return HttpResponseRedirect(reverse("desk:second_factor"))


def enter(
    request: DeskRequest, account: Account, *, begin: Callable[[DeskRequest, Account], None] = sign_in_by_password
) -> HttpResponse:
    """Begin the session of an account that has proved both factors, and go on where it wanted to."""
    address = request.session.pop(_NEXT, "")
    begin(request, account)
    if address:
        request.session[_NEXT] = address
    record_sign_in(account=account, actor=actor_of_account(account, request.now), now=request.now)
    response = _onward(request)
    remember_browser(response, account.username)
    return response


def pending(request: DeskRequest) -> Account | None:
    """Return the account whose first factor was right in the last ten minutes."""
    pk, at = request.session.get(_PENDING) or (None, 0.0)
    if pk is None or request.now.timestamp() - at > _PATIENCE:
        return None
    return account_by_id(pk)


def forget_pending(request: DeskRequest) -> None:
    """Take the first factor as used up."""
    request.session.pop(_PENDING, None)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def second_factor(request: DeskRequest) -> HttpResponse:
    """Ask for the authenticator's code, within ten minutes of the password."""
    account = pending(request)
    if account is None:
        return HttpResponseRedirect(reverse("desk:sign_in"))
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        done, _nothing = tried(
            form, lambda: check_second_factor(account=account, code=form.cleaned_data["code"], now=request.now)
        )
        if done:
            forget_pending(request)
            return enter(request, account)
    return _page(
        request, "second_factor", refused=form.is_bound, form=form, page_title=_("One more step"),
        passkeys=passkeys_work(request) and has_passkey(account),
    )  # fmt: skip


def _signed_in(request: DeskRequest) -> Account:
    if request.actor.account_id is None:
        raise NotSignedIn
    return request.user


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def first_password(request: DeskRequest) -> HttpResponse:
    """Have the one-time password changed before anything else."""
    account = _signed_in(request)
    form = PasswordForm(request.POST or None)
    if request.method == "POST":
        done, _nothing = tried(
            form,
            lambda: change_own_password(account=account, **form.cleaned_data, actor=request.actor, now=request.now),
        )
        if done:
            update_session_auth_hash(request, account)
            return _onward(request)
    return _page(request, "password", refused=form.is_bound, form=form, page_title=_("Choose your own password"))


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def bind(request: DeskRequest) -> HttpResponse:
    """Bind an authenticator: show its secret as QR code and letters, check one code, show the recovery codes once."""
    account = _signed_in(request)
    secret = request.session.get(_SECRET) or new_second_factor_secret()
    request.session[_SECRET] = secret
    form = CodeForm(request.POST or None)
    form.fields["code"].help_text = _("The six digits that the app shows now.")
    if request.method == "POST":
        done, codes = tried(form, lambda: bind_second_factor(
            account=account, secret=secret, code=form.cleaned_data["code"], actor=request.actor, now=request.now
        ))  # fmt: skip
        if done:
            request.session.pop(_SECRET, None)
            onward = request.session.pop(_NEXT, "") or reverse("desk:home")
            return _page(
                request, "recovery_codes", codes=codes, onward=onward, page_title=_("Keep these codes on paper")
            )
    address = get_adapter().build_totp_url(account, secret)
    return _page(
        request, "bind", refused=form.is_bound, form=form, secret=secret, totp_url=address,
        page_title=_("Bind an authenticator app"),
    )  # fmt: skip


@require_POST
def sign_out_view(request: DeskRequest) -> HttpResponse:
    """End the session."""
    sign_out(request)
    return HttpResponseRedirect(reverse("desk:sign_in"))
