"""One's own passkeys: making, naming, listing and removing them, each after a fresh code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.access.actions import check_second_factor
from nuanxin.access.actions.passkeys import add_passkey, ask_new_passkey, remove_passkey
from nuanxin.access.queries import passkeys
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.web.desk.access.pages import form_page
from nuanxin.web.desk.signin.forms import CodeForm
from nuanxin.web.kit.passkeys import answer, ask, passkeys_work, site_of
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.access.models import Account
    from nuanxin.web.desk.requests import DeskRequest

_PROVED = "proved_at"
#: For so long after a code may passkeys be made and removed.
_FRESH = 5 * 60
_NEXT = {"passkeys": "desk:access:my_passkeys", "links": "desk:access:my_links"}


class PasskeyForm(forms.Form):
    """What a passkey is called, so that its holder knows which one to remove."""

    name = forms.CharField(
        label=gettext_lazy("Name of the passkey"),
        max_length=40,
        help_text=gettext_lazy("The device it is on, such as: office computer"),
    )


def is_proved(request: DeskRequest) -> bool:
    """Answer whether the second factor was proved in this session just now."""
    return bool(request.now.timestamp() - request.session.get(_PROVED, 0.0) < _FRESH)


def _account(request: DeskRequest) -> Account:
    if request.actor.account_id is None:
        raise NotSignedIn
    return request.user


def ask_proof(what: str) -> HttpResponse:
    """Lead to the code that must be typed first."""
    return HttpResponseRedirect(reverse("desk:access:prove", args=[what]))


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def prove(request: DeskRequest, what: str) -> HttpResponse:
    """Ask for the authenticator's code before signing in is changed."""
    account = _account(request)
    onward = reverse(_NEXT.get(what, "desk:access:my_passkeys"))
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        done, _nothing = tried(
            form, lambda: check_second_factor(account=account, code=form.cleaned_data["code"], now=request.now)
        )
        if done:
            request.session[_PROVED] = request.now.timestamp()
            return HttpResponseRedirect(onward)
    back = reverse("desk:access:me")
    return form_page(
        request, form, title=_("First a code, to be sure that it is you"), submit=_("Continue"), back_url=back
    )


@never_cache
@require_http_methods(["GET", "POST"])
def mine(request: DeskRequest) -> HttpResponse:
    """List one's passkeys; sent, keep the one that the browser has made."""
    account = _account(request)
    form = PasskeyForm(request.POST or None)
    if request.method == "POST":
        if not is_proved(request):
            return ask_proof("passkeys")
        told, state = answer(request)
        values: dict[str, Any] = {"answer": told, "state": state, "site": site_of(request), "now": request.now}
        done, _row = tried(
            form,
            lambda: add_passkey(actor=request.actor, account=account, name=form.cleaned_data["name"], **values),
        )
        if done:
            messages.success(request, _("The passkey is kept. You may sign in with it from now on."))
            return HttpResponseRedirect(reverse("desk:access:my_passkeys"))
    context = {
        "page_title": _("Passkeys"),
        "passkeys": passkeys(request.actor),
        "form": form,
        "proved": is_proved(request),
        "works": passkeys_work(request),
    }
    return render(request, "desk/access/passkeys.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_POST
def options(request: DeskRequest) -> HttpResponse:
    """Ask the browser to make a passkey."""
    account = _account(request)
    if not is_proved(request):
        return ask_proof("passkeys")
    return ask(request, ask_new_passkey(account=account, site=site_of(request), now=request.now))


@require_POST
def remove(request: DeskRequest, pk: int) -> HttpResponse:
    """Remove one of one's passkeys."""
    _account(request)
    if not is_proved(request):
        return ask_proof("passkeys")
    remove_passkey(actor=request.actor, pk=pk, now=request.now)
    messages.success(request, _("The passkey is removed: it opens nothing any more."))
    return HttpResponseRedirect(reverse("desk:access:my_passkeys"))
