"""The page of one application, by its secret link, and what the applicant can do there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.kernel.refusals import Refusal
from nuanxin.members.actions.apply import Sent, confirm_application, resend_code
from nuanxin.members.actions.changes import withdraw_application
from nuanxin.members.actions.transfers import answer_transfer
from nuanxin.members.queries.applications import get_by_token, release_of, transfer_of
from nuanxin.members.queries.contests import contestable, events_of
from nuanxin.members.rules.reasons import reasons_in_words
from nuanxin.members.states import APPLICATION_MOVES, ApplicationState, TransferState
from nuanxin.web.kit.guards import answered, count, guard_codes, guard_form
from nuanxin.web.kit.offline import keep_offline
from nuanxin.web.kit.refusals import tried
from nuanxin.web.worker.ceremonies import came_by_ceremony
from nuanxin.web.worker.join.forms import CodeForm
from nuanxin.web.worker.join.memory import Memory
from nuanxin.web.worker.progress.contest import offers, standing
from nuanxin.web.worker.progress.documents import documents
from nuanxin.web.worker.progress.facts import facts
from nuanxin.web.worker.progress.words import flow, history, last_reason, story
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest

S = ApplicationState


@keep_offline
@never_cache
@require_safe
def application(request: WorkerRequest, token: str) -> HttpResponse:
    """Show where an application stands, why this union, and what can be done."""
    found = get_by_token(token)
    events = events_of(found)
    acts = [event.act for event in events]
    contests = [event.contest for event in events if event.contest]
    release = release_of(found) if found.state == S.PHONE_HELD else None
    transfer = transfer_of(found) if found.state == S.KNOWN_MEMBER else None
    context = {
        "page_title": _("My application"),
        "back_url": reverse("worker:home"),
        "tabs": tabs(request),
        "application": found,
        "token": token,
        "story": story(found, reason=last_reason(found, acts), now=request.now),
        "flow": flow(found, acts),
        "history": history(events, token),
        "reasons": reasons_in_words(found.reasons) if found.union else [],
        "union": found.union or (release.union if release else None),
        "transfer": transfer,
        "transfer_open": transfer is not None and transfer.state == TransferState.OFFERED,
        "transfer_reasons": reasons_in_words(transfer.reasons) if transfer else [],
        "may_withdraw": S.WITHDRAWN in APPLICATION_MOVES[found.state],
        "contests": standing(contests),
        "offers": offers(contestable(found, contests, now=request.now), token),
        "facts": facts(found),
        "documents": documents(found, token),
    }
    return render(request, "worker/progress/application.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: WorkerRequest, token: str) -> HttpResponse:
    """Take the code that proves the phone, and send the application on its way."""
    found = get_by_token(token)
    if found.state != S.UNCONFIRMED:
        return redirect("worker:application", token=token)
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        done, sent = tried(
            form,
            lambda: _confirm(request, found.number, form),
        )
        if done:
            to = redirect("worker:application", token=sent.token)
            return Memory(request).drop(came_by_ceremony(request, sent.application, to))
    context: dict[str, Any] = {
        "page_title": _("Join the union"),
        "back_url": reverse("worker:join_send"),
        "form": form,
        "phone": facts(found)["phone"],
        "code_url": reverse("worker:application_code", args=[token]),
        "resend_url": reverse("worker:application_resend", args=[token]),
    }
    return answered(render(request, "worker/join/code.html", context), form)


def _confirm(request: WorkerRequest, number: str, form: CodeForm) -> Sent:
    count(request, "code_checks")
    return confirm_application(actor=request.actor, number=number, code=form.cleaned_data["code"], now=request.now)


@require_POST
def resend(request: WorkerRequest, token: str) -> HttpResponse:
    """Send a fresh code; too often is explained on the same page."""
    found = get_by_token(token)
    if found.state != S.UNCONFIRMED:
        return redirect("worker:application", token=token)
    try:
        guard_codes(request)
        resend_code(actor=request.actor, number=found.number, now=request.now)
    except Refusal as refusal:
        messages.warning(request, str(refusal.message))
    else:
        messages.success(request, _("A new code is on its way. Only the newest one counts."))
    return redirect("worker:application_code", token=token)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: WorkerRequest, token: str) -> HttpResponse:
    """Ask once more, then withdraw."""
    found = get_by_token(token)
    if request.method == "POST":
        guard_form(request)
        withdraw_application(actor=request.actor, application=found, now=request.now)
        return redirect("worker:application", token=token)
    if S.WITHDRAWN not in APPLICATION_MOVES[found.state]:
        return redirect("worker:application", token=token)
    context = {
        "face": "kit/phone.html",
        "page_title": _("Withdraw my application"),
        "question": _("Do you really want to withdraw your application?"),
        "consequences": [
            _("The union stops working on application %(number)s.") % {"number": found.number},
            _("You are not a member, and nothing is held against you."),
            _("You may apply again at any time."),
        ],
        "action_url": request.path,
        "action_label": _("Yes, withdraw it"),
        "back_url": reverse("worker:application", args=[token]),
        "danger": True,
        "proof": True,
    }
    return render(request, "kit/confirm.html", context)


@require_POST
def transfer(request: WorkerRequest, token: str) -> HttpResponse:
    """Take a known member's answer to the offer to move."""
    found = get_by_token(token)
    guard_form(request)
    wants = request.POST.get("answer") == "yes"
    answer_transfer(actor=request.actor, application=found, wants=wants, now=request.now)
    return redirect("worker:application", token=token)
