"""Batches of gifted insurance: the list, a new one, and one with everything until it agrees to the unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.benefits.actions.insurance_plans import prepare_batch
from nuanxin.benefits.queries.insurance import (
    Balance,
    balance_of,
    get_batch,
    is_at_work,
    parts_sent,
    plans_for,
    returns_of,
    visible_batches,
)
from nuanxin.benefits.queries.insurance_lists import count_eligible
from nuanxin.benefits.queries.insurance_rolls import roll_file_of
from nuanxin.benefits.rules.insurance import Checks
from nuanxin.benefits.states.insurance import WITH_INSURER, BatchState, DifferenceKind
from nuanxin.kernel.clock import local_day
from nuanxin.organizations.queries import find_union
from nuanxin.web.desk.insurance.forms import BatchForm, PoliciesForm
from nuanxin.web.desk.insurance.words import BATCH_TONES, checks_of, failure_of, flow_of
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from nuanxin.benefits.models import InsuranceBatch
    from nuanxin.web.desk.requests import DeskRequest


def state_of(found: InsuranceBatch) -> dict[str, Any]:
    """Return a batch's state as it is shown."""
    state = BatchState(found.state)
    return {"label": state.label, "tone": BATCH_TONES[state]}


@require_safe
def batches(request: DeskRequest) -> HttpResponse:
    """List the batches in reach, the newest first."""
    request.actor.require(Permission.INSURE)
    listed = page(visible_batches(request.actor), order=("-pk",), cursor=request.GET.get("page", ""))
    context = {
        "page_title": _("Gifted insurance"),
        "page": listed,
        "rows": [{"batch": each, "state": state_of(each)} for each in listed.items],
    }
    return render(request, "desk/insurance/batches.html", context)


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Say who is to be given which plan; nobody is on a list yet."""
    request.actor.require(Permission.INSURE)
    plans = plans_for(request.actor)
    today = local_day(request.now)
    form = BatchForm(request.POST or None, plans=plans, now=request.now, initial={"on": today})
    if request.method == "POST":
        done, made = tried(form, lambda: _prepare(request, form.cleaned_data))
        if done and made:
            return HttpResponseRedirect(reverse("desk:insurance:batch", args=[made.number]))
    context = {
        "form": form,
        "page_title": _("New batch"),
        "submit": _("Go on: see how many"),
        "back_url": reverse("desk:insurance:batches"),
    }
    return render(request, "desk/access/form.html", context, status=422 if form.is_bound else 200)


def _prepare(request: DeskRequest, given: dict[str, Any]) -> InsuranceBatch:
    return prepare_batch(
        actor=request.actor,
        plan=plans_for(request.actor).get(pk=UUID(given["plan"])),
        union=find_union(request.actor, given["union"], Permission.INSURE),
        name=given["name"],
        on=given["on"],
        cover_from=given["cover_from"],
        checks=Checks(
            states=tuple(given["states"]),
            groups=tuple(given["groups"]),
            least_age=given["least_age"],
            most_age=given["most_age"],
            uninsured=given["uninsured"],
            welcome=given["welcome"],
        ),
        most=given["most"],
        now=request.now,
    )


@require_safe
def batch(request: DeskRequest, number: str) -> HttpResponse:
    """Show a batch: where it stands, its figures, what came back and what differs."""
    request.actor.require(Permission.INSURE)
    return shown(request, get_batch(request.actor, number), PoliciesForm())


def shown(request: DeskRequest, found: InsuranceBatch, form: PoliciesForm, *, status: int = 200) -> HttpResponse:
    """Return the page of a batch, with the form that takes the insurer's file."""
    balance = balance_of(found) if found.frozen_at else None
    at_work = is_at_work(found)
    context = {
        "page_title": found.name,
        "back_url": reverse("desk:insurance:batches"),
        "batch": found,
        "state": state_of(found),
        "flow": flow_of(found),
        "checks": checks_of(found),
        "at_work": at_work,
        "eligible": count_eligible(found) if found.state == BatchState.DRAFT else None,
        "nobody": found.state == BatchState.DRAFT and found.trouble == "nobody",
        "balance": balance,
        "cards": _cards(found, balance) if balance else [],
        "kinds": _kinds(found, balance.kinds) if balance else [],
        "returns": [{"back": each, "failure": failure_of(each.failure)} for each in returns_of(found)[:20]],
        "form": form if found.state in WITH_INSURER and not at_work else None,
        "digest": bytes(found.digest).hex(),
        "has_service": bool(found.plan.insurer.address),
        "roll": roll_file_of(found) if found.frozen_at else None,
        **_progress(found),
    }
    return render(request, "desk/insurance/batch.html", context, status=status)


@require_safe
def progress(request: DeskRequest, number: str) -> HttpResponse:
    """Answer how far the background is, each second; when it is done the page is loaded anew."""
    request.actor.require(Permission.INSURE)
    found = get_batch(request.actor, number)
    if not is_at_work(found):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "desk/insurance/progress.html", {"batch": found} | _progress(found))


def _progress(found: InsuranceBatch) -> dict[str, Any]:
    told: dict[str, Any] = {"progress_url": reverse("desk:insurance:progress", args=[found.number])}
    if found.state == BatchState.FREEZING:
        return told | {"doing": _("The list is being frozen"), "percent": None}
    if found.state == BatchState.SENDING:
        sent, parts = parts_sent(found)
        return told | {
            "doing": _("The roll is being sent to the insurer"),
            "percent": int(100 * sent / parts) if parts else 0,
            "trouble": found.trouble,
        }
    file = roll_file_of(found)
    if file is not None and not file[1]:
        return told | {"doing": _("The roll is being written"), "percent": int(100 * file[0] / found.people)}
    last = returns_of(found).first()
    if last is not None and last.state == "reading":
        rows = min(last.rows, found.people)
        return told | {
            "doing": _("The insurer's file is being read"),
            "percent": int(100 * rows / found.people) if found.people else 0,
        }
    return told | {"doing": _("List and policies are being compared"), "percent": None}


def _cards(found: InsuranceBatch, balance: Balance) -> list[dict[str, Any]]:
    differ = reverse("desk:insurance:differences", args=[found.number])
    return [
        {"label": _("On the frozen list"), "value": balance.people, "unit": _("people")},
        {"label": _("Policies issued"), "value": balance.issued, "unit": _("people")},
        {"label": _("Left out by the union"), "value": balance.dropped, "unit": _("people")},
        {"label": _("Still open"), "value": balance.open, "unit": _("people"), "late": balance.open > 0},
        {
            "label": _("Differences to settle"),
            "value": balance.open_differences,
            "unit": "",
            "late": balance.open_differences > 0,
            "url": differ,
        },
    ]


def _kinds(found: InsuranceBatch, kinds: dict[str, tuple[int, int, int]]) -> list[dict[str, Any]]:
    address = reverse("desk:insurance:differences", args=[found.number])
    return [
        {
            "label": kind.label,
            "url": f"{address}?kind={kind.value}",
            "open": kinds[kind][0],
            "settled": kinds[kind][1],
            "mended": kinds[kind][2],
        }
        for kind in DifferenceKind
        if kind in kinds
    ]
