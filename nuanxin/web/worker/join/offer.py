"""An application that was filled in from a qualification: the worker looks at it, agrees, and proves the phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.formation.actions.offers import confirm_offer, decline_offer, note_opened
from nuanxin.formation.queries.offers import offer_by_token, values_of, was_sent
from nuanxin.formation.states import OPEN_OFFERS
from nuanxin.kernel.clock import local_day
from nuanxin.members.actions.settle import limit
from nuanxin.members.queries.explain import explain_route
from nuanxin.members.rules.reasons import reasons_in_words
from nuanxin.organizations.queries.lists import open_groups, open_platforms
from nuanxin.organizations.queries.unions import public_union
from nuanxin.regions.queries import full_name
from nuanxin.web.kit.guards import answered, guard, guard_form
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name
from nuanxin.web.worker.join.forms import SendForm
from nuanxin.web.worker.join.memory import PLACE, Memory
from nuanxin.web.worker.wording import PLEDGE

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.formation.models import Offer
    from nuanxin.members.actions.apply import Sent
    from nuanxin.web.worker.requests import WorkerRequest

#: What goes along when the worker would rather fill in the form: the ID number is typed anew by whoever it belongs to.
_KEPT = ("name", "phone", *PLACE)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: WorkerRequest, token: str) -> HttpResponse:
    """Show what is filled in, masked; agreeing sends the application, and a code proves the phone as always."""
    found = offer_by_token(token)
    if found.state not in OPEN_OFFERS or found.lapses_at <= request.now or was_sent(found):
        return _over(request, found)
    if request.method != "POST":
        note_opened(offer=found, now=request.now)
        return _page(request, token, found, SendForm())
    form = SendForm(request.POST)
    done, sent = tried(form, lambda: _confirm(request, found, form))
    if done:
        return redirect("worker:application_code", token=sent.token)
    return _page(request, token, found, form)


def _confirm(request: WorkerRequest, found: Offer, form: SendForm) -> Sent:
    guard(
        request, "applications", "applications_browser", "applications_door", unproved="applications_unproved",
        door=found.door_id,
    )  # fmt: skip
    return confirm_offer(
        actor=request.actor,
        offer=found,
        consents=sorted(form.given()),
        consent_version=form.cleaned_data["consent_version"],
        now=request.now,
    )


def _page(request: WorkerRequest, token: str, found: Offer, form: SendForm) -> HttpResponse:
    values, day = values_of(found), local_day(request.now)
    route = explain_route({name: values[name] for name in PLACE}, now=request.now)
    union = public_union(route.union.code)
    context = {
        "page_title": _("Join the union"),
        "form": form,
        "offer": found,
        "values": values,
        "union": union,
        "due_at": limit(union, "members.accept_days", request.now),
        "reasons": reasons_in_words(route.as_rows()),
        "group": local_name(open_groups(day).get(values["occupation_group"])),
        "region": full_name(values["region_code"]),
        "platform": local_name(open_platforms(day).get(values["platform"])),
        "pledge": PLEDGE,
        "change_url": reverse("worker:offer_change", args=[token]),
        "decline_url": reverse("worker:offer_decline", args=[token]),
    }
    return answered(render(request, "worker/join/offer.html", context), form)


def _over(request: WorkerRequest, found: Offer) -> HttpResponse:
    context = {"page_title": _("Join the union"), "offer": found, "sent": was_sent(found)}
    return render(request, "worker/join/offer_over.html", context)


@require_POST
def change(request: WorkerRequest, token: str) -> HttpResponse:
    """Go to the form with what is known, without the ID number: whoever has the link now may be somebody else."""
    found = offer_by_token(token)
    guard_form(request)
    values = values_of(found)
    memory = Memory(request)
    return memory.keep(redirect("worker:join"), {name: values.get(name, "") for name in _KEPT})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: WorkerRequest, token: str) -> HttpResponse:
    """Ask once more, then let the offer go and forget what it held."""
    found = offer_by_token(token)
    if found.state not in OPEN_OFFERS:
        return redirect("worker:prefilled", token=token)
    if request.method == "POST":
        guard_form(request)
        decline_offer(actor=request.actor, offer=found, now=request.now)
        return redirect("worker:prefilled", token=token)
    context = {
        "face": "kit/phone.html",
        "page_title": _("Not now"),
        "question": _("Shall we delete what was filled in?"),
        "consequences": [
            _("Nothing is sent, and nobody asks you again because of this qualification."),
            _("What the licensing office told us of you is deleted here at once."),
            _("You may still join at any time; it takes about a minute."),
        ],
        "action_url": request.path,
        "action_label": _("Yes, delete it"),
        "back_url": reverse("worker:prefilled", args=[token]),
        "danger": True,
        "proof": True,
    }
    return render(request, "kit/confirm.html", context)
