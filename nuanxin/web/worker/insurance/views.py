"""My insurance: what I have, its certificate to read and to print, and claims on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.benefits.actions.claims import add_documents, make_claim, withdraw_claim
from nuanxin.benefits.queries.insurance import (
    Told,
    due_days,
    file_of,
    files_of,
    my_claim,
    my_claims,
    my_policies,
    my_policy,
    opened_claim,
    steps_of,
)
from nuanxin.benefits.states.insurance import CLAIM_MOVES, ClaimState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.secrets import PersonKey
from nuanxin.records.documents import render as render_document
from nuanxin.records.queries import content_of
from nuanxin.web.kit.documents import document_in_words
from nuanxin.web.kit.guards import answered
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import date_cn, local_name
from nuanxin.web.kit.templatetags.kit import number as grouped
from nuanxin.web.worker.insurance.forms import ClaimForm, DocumentsForm
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from uuid import UUID

    from nuanxin.benefits.models import Claim, Policy
    from nuanxin.web.worker.requests import WorkerRequest

_WITH_INSURER = (ClaimState.FORWARDED, ClaimState.APPROVED)
_TONES = {
    ClaimState.SENT: "wait",
    ClaimState.RETURNED: "wait",
    ClaimState.FORWARDED: "wait",
    ClaimState.APPROVED: "good",
    ClaimState.PAID: "good",
    ClaimState.REFUSED: "bad",
    ClaimState.WITHDRAWN: "plain",
}


def _cover(policy: Policy) -> str:
    plan = policy.batch.plan
    return (plan.cover_en if (get_language() or "").startswith("en") else "") or plan.cover


def _standing(request: WorkerRequest, policy: Policy) -> dict[str, str]:
    """Say whether a policy covers today."""
    today = local_day(request.now)
    if today < policy.cover_from:
        return {"label": _("begins on %(day)s") % {"day": date_cn(policy.cover_from)}, "tone": "wait"}
    if today > policy.cover_until:
        return {"label": _("has ended"), "tone": ""}
    return {"label": _("in force"), "tone": "good"}


@never_cache
@require_safe
def insurance(request: WorkerRequest) -> HttpResponse:
    """Show my policies and my claims."""
    context = {
        "page_title": _("My insurance"),
        "back_url": reverse("worker:home"),
        "tabs": tabs(request),
        "policies": [
            {"policy": each, "standing": _standing(request, each)} for each in my_policies(request.actor)[:50]
        ],
        "claims": [_claim_line(each) for each in my_claims(request.actor)[:50]],
    }
    return render(request, "worker/insurance/insurance.html", context)


def _claim_line(claim: Claim) -> dict[str, Any]:
    state = ClaimState(claim.state)
    return {"claim": claim, "label": state.label, "tone": _TONES[state]}


@never_cache
@require_safe
def policy(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Show the certificate of one policy."""
    found = my_policy(request.actor, pk)
    context = {
        "page_title": _("Insurance certificate"),
        "back_url": reverse("worker:insurance"),
        "tabs": tabs(request),
        "policy": found,
        "plan": found.batch.plan,
        "cover": _cover(found),
        "standing": _standing(request, found),
        "document": _document(found),
        "may_claim": local_day(request.now) >= found.cover_from,
    }
    return render(request, "worker/insurance/policy.html", context)


def _document(found: Policy) -> str:
    key = PersonKey(found.worker.sealed_key)
    return document_in_words(found.insured.id_kind, key.unseal(found.insured.sealed_id))


@never_cache
@require_safe
def certificate(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Print the certificate."""
    found = my_policy(request.actor, pk)
    plan = found.batch.plan
    data = {
        "lang": "en" if (get_language() or "").startswith("en") else "zh",
        "title": _("Insurance certificate"),
        "issuer": local_name(found.batch.union),
        "number_line": _("Policy %(number)s") % {"number": found.number},
        "rows": [
            {"label": _("Insured"), "value": found.insured.name},
            {"label": _("ID number"), "value": _document(found)},
            {"label": _("Plan"), "value": local_name(plan)},
            {"label": _("Insurer"), "value": local_name(plan.insurer)},
            {"label": _("Sum insured"), "value": f"{grouped(found.sum_insured)} {_('yuan')}"},
            {"label": _("Cover"), "value": f"{date_cn(found.cover_from)} – {date_cn(found.cover_until)}"},
        ],
        "cover_label": _("What is covered"),
        "cover": _cover(found),
        "gift": _("Given by %(union)s; the insured person pays nothing.") % {"union": local_name(found.batch.union)},
        "call": _("To make a claim: open “My insurance” in Nuanxin, or call %(phone)s.")
        % {"phone": plan.insurer.hotline or "12351"},
        "footer": _("Printed on %(day)s") % {"day": date_cn(request.now)},
    }
    response = HttpResponse(render_document("insurance_certificate", data), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="insurance-{found.number}.pdf"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_claim(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Take a claim: what happened, how much, what proves it."""
    found = my_policy(request.actor, pk)
    if request.method == "POST":
        form = ClaimForm(request.POST, request.FILES)
    else:
        form = ClaimForm(initial={"happened_on": local_day(request.now)})
    if request.method == "POST":
        done, made = tried(form, lambda: _make(request, found, form))
        if done and made:
            messages.success(request, _("We have your claim. You see each step here."))
            return redirect("worker:claim", number=made.number)
    context = {
        "page_title": _("Make a claim"),
        "back_url": reverse("worker:policy", args=[found.pk]),
        "policy": found,
        "form": form,
    }
    return answered(render(request, "worker/insurance/new_claim.html", context), form)


def _make(request: WorkerRequest, found: Policy, form: ClaimForm) -> Claim:
    given = form.cleaned_data
    return make_claim(
        actor=request.actor,
        policy=found,
        happened_on=given["happened_on"],
        words=given["words"],
        asked=given["asked"],
        account=given["account"],
        files=form.given(),
        now=request.now,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: WorkerRequest, number: str) -> HttpResponse:
    """Show a claim with every step, and take further documents."""
    found = my_claim(request.actor, number)
    form = DocumentsForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        done, _made = tried(
            form, lambda: add_documents(actor=request.actor, claim=found, files=form.given(), now=request.now)
        )
        if done:
            messages.success(request, _("Added. The union sees it at once."))
            return redirect("worker:claim", number=found.number)
    state = ClaimState(found.state)
    words, account = opened_claim(found)
    due = due_days([found]).get(found.pk)
    context = {
        "page_title": _("My claim"),
        "back_url": reverse("worker:insurance"),
        "tabs": tabs(request),
        "claim": found,
        "label": state.label,
        "tone": _TONES[state],
        "words": words,
        "account": f"{'*' * 4} {account[-4:]}",
        "files": list(files_of(found)),
        "steps": [
            {"text": each.step.get_act_display(), "at": each.step.at, "note": _said(found, each), "words": each.words}
            for each in steps_of(found)
        ],
        "form": form if state in (ClaimState.SENT, ClaimState.RETURNED) else None,
        "may_withdraw": ClaimState.WITHDRAWN in CLAIM_MOVES[state],
        "due": due,
        "is_late": due is not None and local_day(request.now) > due,
        "hotline": found.policy.batch.plan.insurer.hotline if state in _WITH_INSURER else "",
    }
    return answered(render(request, "worker/insurance/claim.html", context), form)


def _said(found: Claim, told: Told) -> str:
    """Say of a step which amount, and who took it: me, or my union."""
    who = "" if told.step.post_id is None else local_name(found.union)
    amount = f"{told.step.amount:,.2f} {_('yuan')}" if told.step.amount is not None else ""
    return " · ".join(part for part in (amount, who) if part)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: WorkerRequest, number: str) -> HttpResponse:
    """Ask, then withdraw a claim."""
    found = my_claim(request.actor, number)
    if request.method == "POST":
        withdraw_claim(actor=request.actor, claim=found, now=request.now)
        messages.success(request, _("Your claim is withdrawn. You may make another one."))
        return redirect("worker:claim", number=found.number)
    context = {
        "face": "kit/phone.html",
        "page_title": _("Withdraw the claim"),
        "question": _("Withdraw this claim?"),
        "consequences": [_("Nobody works on it any more. You may make another one for the same day.")],
        "action_url": request.path,
        "action_label": _("Yes, withdraw it"),
        "back_url": reverse("worker:claim", args=[found.number]),
        "danger": True,
    }
    return render(request, "kit/confirm.html", context)


@never_cache
@require_safe
def file(request: WorkerRequest, number: str, pk: UUID) -> HttpResponse:
    """Send back a document of my own claim."""
    found = file_of(my_claim(request.actor, number), pk)
    response = HttpResponse(content_of(found), content_type=found.media_type)
    response["Content-Disposition"] = "attachment"
    return response
