"""What one may ask of the union about one's own data: take a consent back, leave, close the account, be erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.kernel.clock import local_day
from nuanxin.members.actions.corrections import correct_own_work
from nuanxin.members.actions.rights import close_account, erase_own, keep_account, leave_union, withdraw_consent
from nuanxin.members.queries.rights import (
    closing_period,
    erasure_plan,
    following,
    own_consent,
    own_membership,
    own_worker,
)
from nuanxin.members.states import ConsentKind
from nuanxin.organizations.queries.lists import open_platforms
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.sessions import sign_out
from nuanxin.web.kit.templatetags.kit import date_cn, local_name
from nuanxin.web.worker.account.kept import kept_in_words
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.members.models import Consent
    from nuanxin.web.worker.requests import WorkerRequest


def _page(request: WorkerRequest, template: str, title: str, context: dict[str, Any], *, back: str) -> HttpResponse:
    status = 422 if "form" in context and context["form"].errors else 200
    context |= {"page_title": title, "back_url": reverse(back), "tabs": tabs(request)}
    return render(request, f"worker/account/{template}.html", context, status=status)


def ask(
    request: WorkerRequest,
    *,
    title: str,
    question: str,
    consequences: list[str],
    label: str,
    back_url: str,
    **more: Any,
) -> HttpResponse:
    """Ask before an act upon one's own data, and say what follows from it."""
    context = {
        "face": "kit/phone.html",
        "page_title": title,
        "question": question,
        "consequences": consequences,
        "action_url": request.path,
        "action_label": label,
        "back_url": back_url,
        "danger": True,
        **more,
    }
    form = more.get("form")
    return render(request, "kit/confirm.html", context, status=422 if form is not None and form.errors else 200)


@never_cache
@require_safe
def rights(request: WorkerRequest) -> HttpResponse:
    """Show every right there is, each with the way to it."""
    worker = own_worker(request.actor)
    context = {
        "member": own_membership(worker),
        "closes_at": worker.account.closes_at if worker.account else None,
    }
    return _page(request, "rights", _("My rights over my data"), context, back="worker:me")


def consequences_of(consent: Consent) -> list[str]:
    """Return in words what taking a consent back brings with it."""
    follows = following(consent)
    said = [_("What was done before stays as it was.")]
    if follows.asks_employer_no_more:
        said.insert(0, _("Your employer is not asked any more, and does not see your application."))
    if follows.ends_application:
        said.insert(
            0,
            _("Without this consent the union cannot decide: your application %(number)s is withdrawn.")
            % {"number": follows.ends_application.number},
        )
    if follows.ends_membership:
        said[:0] = [
            _("Without this consent the union cannot keep you as a member: your membership of %(union)s ends today.")
            % {"union": local_name(follows.ends_membership.union)},
            _("Your card no longer counts anywhere."),
        ]
    return [*said, _("You may apply again at any time.")]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consent_withdraw(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Say what follows from taking a consent back; then take it back."""
    consent = own_consent(request.actor, pk)
    if request.method == "POST":
        withdraw_consent(actor=request.actor, consent=consent, now=request.now)
        messages.success(request, _("You have taken it back."))
        return redirect("worker:my_consents")
    if consent.withdrawn_at is not None:
        return redirect("worker:my_consents")
    return ask(
        request,
        title=_("Take a consent back"),
        question=_("Take this consent back: %(what)s?") % {"what": ConsentKind(consent.kind).label},
        consequences=consequences_of(consent),
        label=_("Yes, take it back"),
        back_url=reverse("worker:my_consents"),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: WorkerRequest) -> HttpResponse:
    """Ask once more, then end the membership at the member's own wish."""
    membership = own_membership(own_worker(request.actor))
    if request.method == "POST":
        leave_union(actor=request.actor, now=request.now)
        messages.success(request, _("You have left the union. Its door stays open."))
        return redirect("worker:rights")
    if membership is None:
        return redirect("worker:rights")
    return ask(
        request,
        title=_("Leave the union"),
        question=_("Do you really want to leave %(union)s?") % {"union": local_name(membership.union)},
        consequences=[
            _("Your membership ends today, without a reason and without a fee."),
            _("Your card no longer counts anywhere."),
            _("Your records are kept for a time and then erased; see “Erase my data”."),
            _("You may apply again at any time."),
        ],
        label=_("Yes, I leave"),
        back_url=reverse("worker:rights"),
    )


class ClosingForm(forms.Form):
    """Whether the membership ends, too."""

    leave = forms.ChoiceField(
        label=gettext_lazy("And my membership?"),
        choices=[
            ("no", gettext_lazy("It stays: I can sign in with my phone again any day")),
            ("yes", gettext_lazy("It ends, too: I leave the union")),
        ],
        initial="no",
        widget=forms.RadioSelect,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: WorkerRequest) -> HttpResponse:
    """Close the account in some days, or keep it after all."""
    worker = own_worker(request.actor)
    if worker.account is not None and worker.account.closes_at is not None:
        return _keep(request, date_cn(worker.account.closes_at))
    form = ClosingForm(request.POST or None)
    if request.method == "POST":
        done, until = tried(
            form,
            lambda: close_account(actor=request.actor, leave=form.cleaned_data["leave"] == "yes", now=request.now),
        )
        if done:
            sign_out(request)
            messages.success(
                request,
                _("You are signed out everywhere. Until %(day)s you can keep the account by signing in.")
                % {"day": date_cn(local_day(until))},
            )
            return redirect("worker:home")
    days = closing_period(worker, now=request.now).days
    return ask(
        request,
        title=_("Close my account"),
        question=_("Do you want to close your account?"),
        consequences=[
            _("You are signed out on every phone at once."),
            _("For %(days)s days you can keep it after all: just sign in.") % {"days": days},
            _("Then your sign-in, your trusted phones and your messages are erased for good."),
        ],
        label=_("Close my account"),
        back_url=reverse("worker:rights"),
        form=form if own_membership(worker) else _no_choice(form),
    )


def _no_choice(form: ClosingForm) -> ClosingForm:
    """Ask somebody who is no member nothing."""
    form.fields["leave"].widget = forms.HiddenInput()
    return form


def _keep(request: WorkerRequest, until: str) -> HttpResponse:
    if request.method == "POST":
        keep_account(actor=request.actor, now=request.now)
        messages.success(request, _("Good to have you back: your account stays."))
        return redirect("worker:me")
    return ask(
        request,
        title=_("Keep my account"),
        question=_("Your account closes on %(day)s. Do you want to keep it?") % {"day": until},
        consequences=[_("It stays as it was, with your messages and your trusted phone.")],
        label=_("Keep my account"),
        back_url=reverse("worker:rights"),
        danger=False,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erasure(request: WorkerRequest) -> HttpResponse:
    """Say what can be erased at once and what must be kept, by which rule until when; then do it."""
    if request.method == "POST":
        plan = erase_own(actor=request.actor, now=request.now)
        if plan.whole_person:
            sign_out(request)
            messages.success(request, _("Everything that said something of you is erased. Take care out there."))
            return redirect("worker:home")
        messages.success(request, _("What can be erased now is erased. Your wish was written down."))
        return redirect("worker:erasure")
    worker = own_worker(request.actor)
    plan = erasure_plan(worker, now=request.now)
    context = {"plan": plan, "kept": [kept_in_words(holding) for holding in plan.holdings]}
    return _page(request, "erasure", _("Erase my data"), context, back="worker:rights")


class WorkForm(forms.Form):
    """Where one works, as one says it."""

    employer_name = forms.CharField(
        label=gettext_lazy("Works at"),
        help_text=gettext_lazy("As you would say it. Leave it empty if there is none."),
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 120}),
    )
    platform = forms.ChoiceField(label=gettext_lazy("Platform you mostly work through"), required=False)

    def __init__(self, *args: Any, day: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, local_name(row)) for code, row in open_platforms(day).items()]
        self.fields["platform"].choices = [("", _("None, or another one")), *choices]  # type: ignore[attr-defined]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: WorkerRequest) -> HttpResponse:
    """Correct where one works; name and ID are corrected by the union, with the card shown."""
    worker = own_worker(request.actor)
    first = {
        "employer_name": worker.employer.name if worker.employer else worker.employer_name,
        "platform": worker.platform_id,
    }
    form = WorkForm(request.POST or None, initial=first, day=local_day(request.now))
    if request.method == "POST":
        done, _worker = tried(form, lambda: correct_own_work(actor=request.actor, now=request.now, **form.cleaned_data))
        if done:
            messages.success(request, _("Corrected. What stood there before is kept in the record, sealed."))
            return redirect("worker:me")
    context = {"form": form, "union": own_membership(worker)}
    return _page(request, "correct", _("Correct my data"), context, back="worker:rights")
