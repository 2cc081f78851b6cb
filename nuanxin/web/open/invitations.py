"""An enterprise's people office answers its invitation: by the link in the text, or by the code a cadre handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nuanxin.formation.actions.invitations import accept_invitation, decline_invitation, note_opened
from nuanxin.formation.queries.invitations import invitation_by_code, invitation_by_token
from nuanxin.formation.states import OPEN_INVITATIONS, InvitationState, Wanted
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.web.kit.guards import answered, count, guard_form
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from nuanxin.formation.actions.invitations import Accepted
    from nuanxin.formation.models import Invitation
    from nuanxin.web.kit.requests import Request

#: Name under which a browser keeps the code that was typed, until it is closed.
_TYPED = "invitation_code"


class CodeForm(forms.Form):
    """The code of a letter or a call."""

    code = forms.CharField(
        label=gettext_lazy("Code of the invitation"),
        max_length=40,
        help_text=gettext_lazy("Ten letters and digits, from the letter or from the cadre who called"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class AnswerForm(forms.Form):
    """Who answers for the enterprise."""

    contact = forms.CharField(
        label=gettext_lazy("Who deals with it at your firm"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact_phone = forms.CharField(
        label=gettext_lazy("Mobile number"),
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}),
    )
    headcount = forms.CharField(
        label=gettext_lazy("How many people work with you"),
        max_length=8,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


class NoForm(forms.Form):
    """Why not."""

    reason = forms.CharField(
        label=gettext_lazy("Would you tell us why?"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: Request) -> HttpResponse:
    """Take the code of an invitation; it leads to the same page as the link."""
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        done, found = tried(form, lambda: _look_up(request, form))
        if done:
            request.session[_TYPED] = form.cleaned_data["code"]
            del found
            return redirect("open:invitation_typed")
    context = {"page_title": _("Invitation to your firm"), "form": form}
    return answered(render(request, "open/invitation_code.html", context), form)


def _look_up(request: Request, form: CodeForm) -> Invitation:
    guard_form(request)
    try:
        return invitation_by_code(form.cleaned_data["code"])
    except NotFound:
        count(request, "links_unknown")
        raise Invalid(
            "unknown_code", _("There is no invitation with this code. Please compare it again, or call 12351."),
            field="code",
        ) from None  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def typed(request: Request) -> HttpResponse:
    """Show the invitation whose code was typed in this browser."""
    code = str(request.session.get(_TYPED, ""))
    if not code:
        return redirect("open:invited")
    return _invitation(request, invitation_by_code(code), by_link=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: Request, token: str) -> HttpResponse:
    """Show the invitation of a link."""
    return _invitation(request, invitation_by_token(token), by_link=True)


def _invitation(request: Request, found: Invitation, *, by_link: bool) -> HttpResponse:
    if found.state not in OPEN_INVITATIONS or found.lapses_at <= request.now:
        return _over(request, found)
    says_no = request.GET.get("answer") == "no"
    if request.method != "POST":
        note_opened(invitation=found, now=request.now)
        firm = found.enterprise
        known = {"contact": firm.contact, "headcount": firm.headcount or ""} if by_link else {}
        return _page(request, found, NoForm() if says_no else AnswerForm(initial=known), says_no=says_no)
    if says_no:
        no = NoForm(request.POST)
        done, _nothing = tried(no, lambda: _decline(request, found, no))
        return redirect(request.path) if done else _page(request, found, no, says_no=True)
    form = AnswerForm(request.POST)
    done, accepted = tried(form, lambda: _accept(request, found, form, by_link=by_link))
    return _welcome(request, accepted) if done else _page(request, found, form, says_no=False)


def _accept(request: Request, found: Invitation, form: AnswerForm, *, by_link: bool) -> Accepted:
    guard_form(request)
    return accept_invitation(invitation=found, **form.cleaned_data, by_link=by_link, now=request.now)


def _decline(request: Request, found: Invitation, form: NoForm) -> None:
    guard_form(request)
    decline_invitation(invitation=found, reason=form.cleaned_data["reason"], now=request.now)


def _page(request: Request, found: Invitation, form: forms.Form, *, says_no: bool) -> HttpResponse:
    context = {
        "page_title": _("Invitation to your firm"),
        "invitation": found,
        "union": found.union,
        "forms_union": found.wanted == Wanted.FORM,
        "form": form,
        "says_no": says_no,
    }
    return answered(render(request, "open/invitation.html", context), form)


def _welcome(request: Request, accepted: Accepted) -> HttpResponse:
    """Show what comes next, and the one-time password this once."""
    context = {
        "page_title": _("Thank you"),
        "invitation": accepted.invitation,
        "union": accepted.invitation.union,
        "forms_union": accepted.invitation.wanted == Wanted.FORM,
        "sign_in": accepted.sign_in,
        "desk_url": request.build_absolute_uri(reverse("desk:sign_in")),
    }
    return render(request, "open/invitation_accepted.html", context)


def _over(request: Request, found: Invitation) -> HttpResponse:
    context = {
        "page_title": _("Invitation to your firm"),
        "invitation": found,
        "union": found.union,
        "accepted": found.state == InvitationState.ACCEPTED,
        "declined": found.state == InvitationState.DECLINED,
    }
    return render(request, "open/invitation_over.html", context)
